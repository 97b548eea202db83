"""Checks of administrators, groups and other access rights."""
