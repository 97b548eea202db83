"""Whom a control applies to: audiences, pilots and exceptions."""
