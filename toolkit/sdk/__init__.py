"""What the author of a connector or a control imports."""
