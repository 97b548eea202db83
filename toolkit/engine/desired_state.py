"""Work out the desired state: the objects that the playbooks ask for in the school's tenants."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from toolkit.controls.control import controls
from toolkit.engine.count_devices import add_device_counts
from toolkit.errors import UsageError
from toolkit.messages import closest
from toolkit.planning.audience.resolve import find_needed_groups, has_entries_for_single_people, must_count_people
from toolkit.planning.desired.control_request import CloudCatalogue
from toolkit.planning.expand import Expansion, expand
from toolkit.planning.misplaced import refuse_misplaced_confirmations, refuse_unknown_parts
from toolkit.playbook.asked import refuse_early_reviews, refuse_unanswered
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.load import load
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import Directory
from toolkit.sdk.providers import kinds, providers, realisations

if TYPE_CHECKING:  # `validate` does not need them
    from toolkit.engine.extension import Expand, TenantSignals
    from toolkit.engine.ledger_state import LedgerState
    from toolkit.engine.read_tenants import Progress


def cloud_catalogues(names: Sequence[str]) -> Mapping[str, CloudCatalogue]:
    """Return, for each provider, its kinds of objects and the controls that it can realise."""
    return {name: CloudCatalogue(name, providers()[name].title, kinds(name), realisations(name)) for name in names}


def refuse_unreviewed_settings(playbooks: Playbooks, now: datetime, *, live: bool) -> None:
    """Raise PlaybookError if a playbook has a setting that a person must review first.

    On live tenants, also raise it if questions about a control are unanswered.
    """
    today = now.astimezone(ZoneInfo(playbooks.school.time_zone)).date()
    refuse_early_reviews(playbooks, today)
    if live:
        refuse_unanswered(playbooks, controls(), today)


def validate(path: Path) -> tuple[Playbooks, Expansion]:
    """Load playbooks and work out their objects without reading a tenant. Raise PlaybookError with every problem."""
    playbooks = load(path)
    return playbooks, expand_without_tenant(playbooks)


def expand_without_tenant(playbooks: Playbooks) -> Expansion:
    """Expand playbooks without reading a tenant. Raise PlaybookError with every problem."""
    expansion = expand(playbooks, cloud_catalogues(list(playbooks.school.tenants)), controls())
    refuse_misplaced_confirmations(playbooks, expansion.controls)
    refuse_unknown_parts(playbooks, expansion.controls)
    return expansion


def limit_to_provider(playbooks: Playbooks, provider: str | None) -> Playbooks:
    """Return the playbooks, limited to one cloud. Raise UsageError if the school does not use this cloud."""
    if provider is None:
        return playbooks
    tenants = playbooks.school.tenants
    if provider not in tenants:
        meant = closest(provider, tenants)
        suggestion = f"; did you mean `{meant}`?" if meant else ""
        raise UsageError(f"--provider {provider}: the school file names {', '.join(sorted(tenants))}{suggestion}")
    others = frozenset(tenants) - {provider}
    return replace(playbooks, school=replace(playbooks.school, tenants={provider: tenants[provider]}, left_out=others))


def limit_to_schools(playbooks: Playbooks) -> Playbooks:
    """Return the playbooks, limited to the selected schools of a trust. Without a selection, nothing changes.

    Only a run that compares no objects may leave schools out, because schools share objects.
    """
    selected = playbooks.slices.selection
    if not selected:
        return playbooks
    narrowed = [
        replace(
            playbook,
            controls=tuple(entry for entry in playbook.controls if entry.school in selected),
            resources=(),
            waiting=(),
        )
        for playbook in playbooks.playbooks
    ]
    return leave_out_words_of_others(replace(playbooks, playbooks=tuple(narrowed)))


def leave_out_words_of_others(playbooks: Playbooks) -> Playbooks:
    """Return the playbooks without the confirmations and accepted differences in the folders of other schools."""
    slices = playbooks.slices
    return replace(
        playbooks,
        attestations=tuple(entry for entry in playbooks.attestations if not slices.is_of_others(entry.origin.path)),
        acceptances=tuple(entry for entry in playbooks.acceptances if not slices.is_of_others(entry.origin.path)),
    )


@dataclass(frozen=True, slots=True)
class DesiredState:
    """The desired objects in the connected tenants, and the directories and signals about people from which they
    were worked out.
    """

    expansion: Expansion
    directories: Mapping[str, Directory]
    signals: "Mapping[str, TenantSignals]"
    at: "Expand"


def expand_for_tenants(
    playbooks: Playbooks,
    connections: Mapping[str, Connection],
    ledger_state: "LedgerState",
    *,
    now: datetime,
    only: Collection[str],
    progress: "Progress",
) -> DesiredState:
    """Work out the desired state of the connected tenants.

    Raise PlaybookError if a playbook names an unknown group, unit or role. Devices are counted only for the controls in
    `only`, or for all controls if `only` is empty.
    """
    directories = read_needed_directories(playbooks, connections, ledger_state, progress)
    signals = read_signals(playbooks, directories, connections, ledger_state, now=now, progress=progress)
    at = partial(expand, playbooks, cloud_catalogues(list(connections)), controls(), directories, signals=signals)
    expansion = at(now=now)
    refuse_misplaced_confirmations(playbooks, expansion.controls)
    used = add_device_counts(expansion.controls, playbooks.school, connections, directories, only=only)
    return DesiredState(replace(expansion, controls=used), directories, signals, at)


def add_split_objects(playbooks: Playbooks, ledger_state: "LedgerState", clouds: Collection[str]) -> Playbooks:
    """Return a trust's playbooks with the applied objects that have a name in brackets, such as `Disclaimer (OAK)`."""
    if not playbooks.slices.schools:
        return playbooks
    kinds_of = {cloud: kinds(cloud) for cloud in clouds}
    split_objects = {
        address: frozenset(group.casefold() for group in kind.reaches(address.name, settings).groups)
        for address, record in ledger_state.known_objects.items()
        if address.name.endswith(")") and (kind := kinds_of.get(address.provider, {}).get(address.kind))
        for settings in [{**record.returned, **record.sent}]
    }
    return replace(playbooks, slices=replace(playbooks.slices, split_objects=split_objects))


def read_signals(
    playbooks: Playbooks,
    directories: Mapping[str, Directory],
    connections: Mapping[str, Connection],
    ledger_state: "LedgerState",
    *,
    now: datetime,
    progress: "Progress",
) -> "Mapping[str, TenantSignals]":
    """Read signals about people, for example from their calendars, if a tenant's controls use them."""
    from toolkit.engine.extension import OpenTenant

    signals: dict[str, TenantSignals] = {}
    for name, directory in directories.items():
        tenant = OpenTenant(
            provider=name,
            playbooks=playbooks,
            directory=directory,
            connection=connections[name],
            known_objects=ledger_state.known_objects,
            now=now,
            progress=progress,
        )
        signals[name] = {
            origin: origin_signals
            for extension in ledger_state.extensions
            for origin, origin_signals in extension.signals(tenant).items()
        }
    return signals


def read_needed_directories(
    playbooks: Playbooks, connections: Mapping[str, Connection], ledger_state: "LedgerState", progress: "Progress"
) -> Mapping[str, Directory]:
    """Read the people and groups that the playbooks need, and return them by tenant.

    A renamed group is found by the id in the ledger.
    """
    from toolkit.engine.ledger_state import find_renamed_groups
    from toolkit.engine.read_tenants import read_directories

    groups = {name: find_needed_groups(playbooks, name) for name in connections}
    people = must_count_people(playbooks) or has_entries_for_single_people(
        playbooks, {name: kinds(name) for name in connections}
    )
    directories = read_directories(connections, groups, people=people, home_property=playbooks.slices.home_property)
    progress("read the directory")
    return find_renamed_groups(directories, connections, ledger_state.group_id)
