"""Checks of alerts and their recipients."""
