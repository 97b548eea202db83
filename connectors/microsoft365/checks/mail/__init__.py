"""Checks about mail."""
