"""Checks of monitoring alerts."""
