"""Microsoft Intune in Graph: policies and apps with their assignments, and the devices they reach."""

from collections.abc import Sequence

from connectors.emulator.microsoft365.graph.actions import Action
from connectors.emulator.microsoft365.graph.intune import apps, devices, families, read_only, settings
from connectors.emulator.microsoft365.graph.intune.seed import seed

__all__ = ["actions", "seed"]


def actions() -> Sequence[Action]:
    """List what Intune answers."""
    return [action for part in (families, apps, devices, settings, read_only) for action in part.actions()]
