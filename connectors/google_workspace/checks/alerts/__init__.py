"""Checks of alerts: whom the clouds warn."""
