"""Controls about apps, sites and the web, realised in Microsoft 365."""
