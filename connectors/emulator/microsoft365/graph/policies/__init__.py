"""Policies of the tenant in Graph: sign-in, passwords, idle sessions and sharing."""

from collections.abc import Sequence

from connectors.emulator.microsoft365.graph.actions import Action
from connectors.emulator.microsoft365.graph.policies import group_settings, objects
from connectors.emulator.microsoft365.graph.policies.seed import seed

__all__ = ["actions", "seed"]


def actions() -> Sequence[Action]:
    """List what can be asked of policies."""
    return [action for part in (objects, group_settings) for action in part.actions()]
