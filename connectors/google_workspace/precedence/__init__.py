"""How Google Workspace combines settings for one person. There is a module for each mechanism."""
