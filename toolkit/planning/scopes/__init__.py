"""Whom a control is for: audiences, pilots and exceptions."""
