"""How Google Workspace brings settings together that reach one person: a module for each mechanism."""
