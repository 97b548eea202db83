"""Controls about the school's records, realised in Google Workspace."""
