"""Controls about e-mail, realised in Google Workspace."""
