"""Looks who is away, and does what the calendar makes due."""
