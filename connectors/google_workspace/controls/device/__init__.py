"""Controls about devices, realised in Google Workspace."""
