"""Signing in to Google."""

from connectors.emulator.google_workspace.oauth.service import OAuth

__all__ = ["SERVICE"]

SERVICE = OAuth()
