"""The rules by which Google Workspace combines several settings for one person. A module covers one type of setting."""
