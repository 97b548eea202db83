"""Controls about apps, sites and the web, realised in Google Workspace."""
