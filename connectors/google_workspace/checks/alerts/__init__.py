"""Checks of the people whom the clouds warn."""
