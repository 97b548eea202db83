"""Intune. A collection is read once, with everything that belongs to its objects. Objects are written one by one."""

from connectors.microsoft365.intune.client import SETTLES, Groups, Intune, Via

__all__ = ["SETTLES", "Groups", "Intune", "Via"]
