"""Checks of managed devices."""
