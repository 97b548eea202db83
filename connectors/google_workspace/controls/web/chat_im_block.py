"""Chat apps, closed as every block of apps and sites is."""

from connectors.google_workspace.controls.blocking import EXCEPTS, PILOTS, realise

__all__ = ["EXCEPTS", "PILOTS", "realise"]
