"""Checks of access."""
