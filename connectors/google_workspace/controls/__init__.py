"""How controls are put into effect in Google Workspace."""
