"""Intune. Its collections are read once with everything that belongs to an object, and written object by object."""

from connectors.microsoft365.intune.client import SETTLES, Groups, Intune, Via

__all__ = ["SETTLES", "Groups", "Intune", "Via"]
