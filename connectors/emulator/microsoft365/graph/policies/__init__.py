"""Policies of the tenant in Graph: sign-in, passwords, idle sessions and sharing."""

from collections.abc import Sequence

from connectors.emulator.data_files import seeded
from connectors.emulator.microsoft365.graph.actions import Action
from connectors.emulator.microsoft365.graph.policies import objects
from connectors.emulator.school import School
from connectors.emulator.service import Seed


def actions() -> Sequence[Action]:
    """List what can be asked of policies."""
    return [*objects.actions(), *objects.group_setting_actions()]


def seed(school: School) -> Seed:
    """Make three policies of Conditional Access that were made by hand, and defaults for the rest."""
    return seeded(__file__, school)
