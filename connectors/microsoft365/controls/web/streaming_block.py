"""Streaming, closed as every block of apps and sites is."""

from connectors.microsoft365.controls.blocking import realise

__all__ = ["realise"]
