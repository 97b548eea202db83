"""Checks of the web and of monitoring alerts."""
