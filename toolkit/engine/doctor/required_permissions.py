"""What the playbooks of a school need of each of its tenants, for each identity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from toolkit.controls.control import controls
from toolkit.engine.desired_state import trades
from toolkit.planning.expand_control import Trade
from toolkit.planning.needs import PermissionNeed, Sources, needs, starting_needs
from toolkit.playbook.entries import Playbooks
from toolkit.sdk.connector import Identity
from toolkit.sdk.permission import Permission, Permissions, SetupStep, Use, least
from toolkit.sdk.providers import check_needs, providers

HOLD, START = "toolkit hold", "toolkit retention start"


@dataclass(frozen=True, slots=True)
class Needed:
    """What one identity needs of one tenant, and how it is given."""

    provider: str
    identity: Identity | None  # None: one that does both
    needs: tuple[PermissionNeed, ...]
    steps: tuple[SetupStep, ...]
    besides: Mapping[str, tuple[Permission, ...]] = field(default_factory=dict)
    """What commands need that no playbook asks for, by the command; without what is needed anyway."""

    @property
    def permissions(self) -> tuple[Permission, ...]:
        return tuple(need.permission for need in self.needs)


def needed_by(playbooks: Playbooks, identities: Sequence[Identity]) -> tuple[Needed, ...]:
    """List it for every tenant of the school; PlaybookError as `validate` has it."""
    found: list[Needed] = []
    for name, trade in trades(list(playbooks.school.tenants)).items():
        provider = providers()[name]
        sources = Sources(provider.uses(), check_needs(name))
        for identity in identities:
            listed = needs(playbooks, trade, sources, controls(), identity)
            there = [need.permission for need in listed]
            commands = _of_commands(playbooks, trade, sources.uses.get(Use.HOLDS, Permissions()), identity)
            besides = {command: _lacking(wanted, there) for command, wanted in commands.items()}
            steps = provider.granting(there, identity)
            found.append(
                Needed(name, identity, listed, tuple(steps), {key: some for key, some in besides.items() if some})
            )
    return tuple(found)


def needed_of_one(needed: Sequence[Needed]) -> Needed:
    """Put together what one identity needs that both reads and writes on one tenant."""
    reasons = {need.permission: need.reasons for one in needed for need in one.needs}
    permissions = least(reasons)
    commands = {command: some for one in needed for command, some in one.besides.items()}
    besides = {command: _lacking(some, permissions) for command, some in commands.items()}
    listed = tuple(PermissionNeed(one, reasons.get(one, ())) for one in permissions)
    return Needed(needed[0].provider, None, listed, (), besides)


def _of_commands(
    playbooks: Playbooks, trade: Trade, holds: Permissions, identity: Identity
) -> Mapping[str, tuple[Permission, ...]]:
    """Say what commands need that are about no playbook, or do what no run does.

    What keeps less is started only where nobody is on hold whom it reaches, so that holds are read as well.
    """
    if identity is Identity.READ:
        return {HOLD: least(holds.read)}
    counted = starting_needs(playbooks, trade, controls())
    return {HOLD: least((*holds.read, *holds.write)), START: least((*counted, *holds.read)) if counted else ()}


def _lacking(wanted: Sequence[Permission], there: Sequence[Permission]) -> tuple[Permission, ...]:
    parts = {part for one in there for part in one.instead}
    return tuple(
        one for one in wanted if not any(have.gives(one) for have in there) or not parts.issuperset(one.instead)
    )
