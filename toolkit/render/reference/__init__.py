"""The reference of kinds and controls, on the terminal and as pages."""
