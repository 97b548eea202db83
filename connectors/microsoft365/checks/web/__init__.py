"""Checks of website access and monitoring alerts."""
