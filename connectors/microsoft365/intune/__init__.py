"""The client and the shared settings of Intune.

A collection of objects is read once, and objects are written one by one.
"""

from connectors.microsoft365.intune.client import SETTLES, Groups, Intune, Via

__all__ = ["SETTLES", "Groups", "Intune", "Via"]
