"""Gambling and file sharing, closed as every block of apps and sites is."""

from connectors.google_workspace.controls.blocking import realise

__all__ = ["realise"]
