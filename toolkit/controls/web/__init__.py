"""Controls about apps, sites and the web."""
