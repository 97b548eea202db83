"""Microsoft Graph."""

from connectors.emulator.microsoft365.graph.seed import seed
from connectors.emulator.microsoft365.graph.service import Graph

__all__ = ["SERVICE", "seed"]

SERVICE = Graph()
