"""Render the reference of kinds and controls, for the terminal and as pages."""
