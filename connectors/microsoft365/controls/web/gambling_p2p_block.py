"""Gambling and file sharing, closed as every block of apps and sites is."""

from connectors.microsoft365.controls.blocking import EXCEPTS, PILOTS, realise

__all__ = ["EXCEPTS", "PILOTS", "realise"]
