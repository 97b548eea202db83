"""Checks of controls about whom the clouds warn."""
