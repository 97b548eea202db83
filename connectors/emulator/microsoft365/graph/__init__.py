"""Microsoft Graph: the emulated service, and the objects of a new tenant that it reads."""

from connectors.emulator.data_files import seed_of
from connectors.emulator.microsoft365.graph.seed import seed as seed_directory
from connectors.emulator.microsoft365.graph.service import Graph, parts
from connectors.emulator.school import School
from connectors.emulator.service import Seed

SERVICE = Graph()


def seed(school: School) -> Seed:
    """Return the objects of a new tenant: the directory, and the objects of each part of Graph."""
    return {
        **seed_directory(school),
        **{name: kept for part in parts() for name, kept in seed_of(part)(school).items()},
    }
