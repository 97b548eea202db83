"""Checks of accounts and sign-in."""
