"""Checks of mail settings and mailboxes."""
