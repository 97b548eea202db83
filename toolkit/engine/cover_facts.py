"""Collect the facts that decide whether people stop being covered by a control: exceptions, withdrawn controls,
roles and titles.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from toolkit.controls.control import controls
from toolkit.planning.audience.cover_changes import CoverFacts
from toolkit.planning.matching import LastApplied
from toolkit.planning.plan_details import ObservedState
from toolkit.playbook.entries import Playbooks
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.resource import Address, Mode


def collect_cover_facts(
    playbooks: Playbooks,
    kinds: Mapping[str, Kind[Connection]],
    last_applied: Mapping[Address, LastApplied],
    observed: ObservedState,
    now: datetime,
    *,
    removed_objects: Collection[Address] = (),
) -> CoverFacts:
    """Collect the facts that decide whether people stop being covered by a control.

    `removed_objects` are objects that the run created and that the rollback removes.
    """
    school = playbooks.school
    return CoverFacts(
        kinds=kinds,
        last_applied=last_applied,
        observed=observed,
        title_of=_control_title,
        roles={
            provider: {group: name for name, role in school.roles.items() if (group := role.on(provider))}
            for provider in school.tenants
        },
        exception_groups={provider: _exception_groups(playbooks, provider, now) for provider in school.tenants},
        withdrawn=_withdrawn_controls(playbooks),
        given_back=frozenset(removed_objects),
    )


def _control_title(control: str) -> str:
    return controls()[control].title if control in controls() else control


def _exception_groups(playbooks: Playbooks, provider: str, now: datetime) -> frozenset[str]:
    """Return the groups and units of current exceptions, and the group of protected accounts."""
    roles = playbooks.school.roles
    live = (roles.get(departure.audience) for departure in playbooks.departures if departure.live(now))
    groups = {role.on(provider) for role in live if role}
    return frozenset(group for group in (*groups, playbooks.school.protected.exclude_group) if group)


def _withdrawn_controls(playbooks: Playbooks) -> frozenset[str]:
    """Return the names of controls that a playbook withdraws and no other playbook entry uses."""
    entries = [entry for playbook in playbooks.playbooks for entry in playbook.controls]
    active = {entry.name for entry in entries if entry.mode is not Mode.OFF}
    return frozenset(entry.name for entry in entries if entry.mode is Mode.OFF and entry.settings.withdraw) - active
