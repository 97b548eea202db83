"""How Google Workspace combines several settings for one person. Each module covers one type of setting."""
