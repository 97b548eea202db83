"""Checks about the school's records."""
