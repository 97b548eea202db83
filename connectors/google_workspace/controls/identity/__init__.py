"""Controls about accounts and sign-in, realised in Google Workspace."""
