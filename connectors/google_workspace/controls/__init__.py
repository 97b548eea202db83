"""Controls, realised in Google Workspace."""
