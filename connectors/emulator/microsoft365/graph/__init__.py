"""Microsoft Graph."""

from connectors.emulator.cloud import Seed
from connectors.emulator.microsoft365.graph.parts import parts
from connectors.emulator.microsoft365.graph.seed import seed as seed_directory
from connectors.emulator.microsoft365.graph.service import Graph
from connectors.emulator.school import School

__all__ = ["SERVICE", "seed"]

SERVICE = Graph()


def seed(school: School) -> Seed:
    """Make what a new tenant holds: the directory, and what each part adds."""
    return {**seed_directory(school), **{name: kept for part in parts() for name, kept in part.seed(school).items()}}
