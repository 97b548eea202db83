"""Security & Compliance, where retention lives: Exchange's protocol at the host of a region. Experimental."""

from connectors.microsoft365.compliance.client import Compliance

__all__ = ["Compliance"]
