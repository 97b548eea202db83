"""What the playbooks of a school need of each of its tenants, for each identity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from toolkit.controls.control import controls
from toolkit.planning.needs import Need, Sources, needs
from toolkit.playbook.entries import Playbooks
from toolkit.running.expanded import trades
from toolkit.tenant.connector import Identity
from toolkit.tenant.permission import Permission, Permissions, Step, Use
from toolkit.tenant.providers import check_needs, providers


@dataclass(frozen=True, slots=True)
class Needed:
    """What one identity needs of one tenant, and how it is given."""

    provider: str
    identity: Identity
    needs: tuple[Need, ...]
    steps: tuple[Step, ...]

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
            steps = provider.granting([need.permission for need in listed], identity)
            found.append(Needed(name, identity, listed, tuple(steps)))
    return tuple(found)


def for_holds(playbooks: Playbooks) -> Mapping[str, Permissions]:
    """Say for each tenant what holds need besides: no playbook asks for them."""
    return {name: providers()[name].uses().get(Use.HOLDS, Permissions()) for name in playbooks.school.tenants}
