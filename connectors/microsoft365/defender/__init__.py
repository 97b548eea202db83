"""Microsoft Defender for Endpoint, asked and answered in plain JSON."""

from connectors.microsoft365.defender.client import Defender

__all__ = ["Defender"]
