"""Checks of administrators and groups."""
