"""Security & Compliance: the same cmdlets' protocol as Exchange, at a host of each region."""

from connectors.emulator.microsoft365.compliance.seed import seed
from connectors.emulator.microsoft365.compliance.service import Compliance

__all__ = ["SERVICE", "seed"]

SERVICE = Compliance()
