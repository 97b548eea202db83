"""Chat apps, closed as every block of apps and sites is."""

from connectors.microsoft365.controls.blocking import EXCEPTS, realise

__all__ = ["EXCEPTS", "realise"]
