"""Microsoft Intune in Graph: policies and apps with their assignments, and the devices that they reach."""

from collections.abc import Sequence

from connectors.emulator.microsoft365.graph.actions import Action
from connectors.emulator.microsoft365.graph.intune import devices, families, family
from connectors.emulator.microsoft365.graph.intune.seed import seed

__all__ = ["actions", "seed"]


def actions() -> Sequence[Action]:
    return [
        *families.actions(),
        *families.app_actions(),
        *devices.actions(),
        *family.settings_actions(),
        *devices.read_only_actions(),
    ]
