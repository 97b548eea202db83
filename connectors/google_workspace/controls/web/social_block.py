"""Social networks, closed as every block of apps and sites is."""

from connectors.google_workspace.controls.blocking import EXCEPTS, realise

__all__ = ["EXCEPTS", "realise"]
