"""Read the ledger's records that a run needs before it reads a tenant: the last applied state, pilots and the ids of
groups.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from functools import partial

from toolkit.engine.extension import Extension
from toolkit.engine.read_tenants import read_directories
from toolkit.ledger.change_history import read_acts, read_applied_changes
from toolkit.ledger.entries import PilotRecord
from toolkit.ledger.last_applied import last_known_id, ledger_objects, read_group_ids_of_last_writes, read_pilots
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.memory import LedgerMemory, UnfinishedStep
from toolkit.planning.applied_change import AppliedChange
from toolkit.planning.audience.pilot_parts import InPilot
from toolkit.planning.change import Change
from toolkit.planning.flapping import REPAIRS, PastChange
from toolkit.planning.matching import LastApplied, LedgerObjects
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import RealisedControl
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import Directory
from toolkit.sdk.kind import Kind
from toolkit.sdk.resource import Address, Reach

GroupIdLookup = Callable[[str, str], str | None]
"""A function that returns the last known id of a group or unit, by provider and name."""


def find_renamed_groups(
    directories: Mapping[str, Directory], connections: Mapping[str, Connection], group_id: GroupIdLookup
) -> Mapping[str, Directory]:
    """Find renamed groups and units by the ids that the ledger has.

    Return the directories with these groups under their former names.
    """
    return {
        name: _find_renamed_groups_of_provider(name, directory, connections[name], group_id)
        for name, directory in directories.items()
    }


def _find_renamed_groups_of_provider(
    provider: str, directory: Directory, connection: Connection, group_id: GroupIdLookup
) -> Directory:
    ids = {name: identifier for name in sorted(directory.gone) if (identifier := group_id(provider, name))}
    if not ids:
        return directory
    by_id = read_directories({provider: connection}, {provider: [*ids.values()]}, people=False)[provider]
    renamed = {name: by_id.groups[identifier] for name, identifier in ids.items() if identifier in by_id.groups}
    unread = {
        name: f"{directory.unknown[name]}, and its last known id could not be read: {by_id.unknown[identifier]}"
        for name, identifier in ids.items()
        if identifier in by_id.unknown and identifier not in by_id.gone
    }
    unknown = {**directory.unknown, **unread}
    return replace(
        directory,
        groups={**directory.groups, **renamed},
        unknown={name: reason for name, reason in unknown.items() if name not in renamed},
        gone=directory.gone - renamed.keys() - unread.keys(),
        former=ids,
    )


Added = Callable[[Collection[str]], Mapping[Address, Mapping[str, frozenset[str]]]]
"""A function that returns the list entries that we added to objects of some kinds, by object and setting."""


def _no_added_entries(_kinds: Collection[str]) -> Mapping[Address, Mapping[str, frozenset[str]]]:
    return {}


Deeds = Callable[[Collection[Address]], Sequence[AppliedChange]]
"""A function that returns our changes to some objects, the earliest first."""


def _no_applied_changes(_addresses: Collection[Address]) -> Sequence[AppliedChange]:
    return ()


Acts = Callable[[Collection[Address]], Mapping[Address, Sequence[PastChange]]]
"""A function that returns our acts on some objects, by object."""


def _no_acts(_addresses: Collection[Address]) -> Mapping[Address, Sequence[PastChange]]:
    return {}


GroupsThen = Callable[[Collection[Address]], Mapping[Address, Mapping[str, str]]]
"""A function that returns the group ids (by provider:name) of the run that last wrote each object."""


def _no_earlier_groups(_addresses: Collection[Address]) -> Mapping[Address, Mapping[str, str]]:
    return {}


def _no_group_id(_provider: str, _name: str) -> None:
    return None


def _no_pilots(_provider: str) -> Sequence[PilotRecord]:
    return ()


@dataclass(frozen=True, slots=True)
class LedgerState:
    """The ledger's records that a run needs before it reads a tenant."""

    known_objects: Mapping[Address, LastApplied] = field(default_factory=dict)
    unfinished_steps: Sequence[UnfinishedStep] = ()
    inventory: Mapping[str, frozenset[str]] = field(default_factory=dict)  # ids of unmanaged objects by kind
    added: Added = _no_added_entries
    own_objects: LedgerObjects = field(
        default_factory=LedgerObjects
    )  # objects that this ledger has ever written or adopted
    deeds: Deeds = _no_applied_changes
    acts: Acts = _no_acts
    group_id: GroupIdLookup = _no_group_id
    groups_then: GroupsThen = _no_earlier_groups
    pilots: Callable[[str], Sequence[PilotRecord]] = _no_pilots  # of the last apply, by provider
    extensions: Sequence[Extension] = ()

    def contestable_acts(
        self, changes: Sequence[Change], kinds: Mapping[str, Kind[Connection]]
    ) -> Mapping[Address, Sequence[PastChange]]:
        """Return toolkit's earlier changes to the objects of these changes, because other people may have reversed
        them. Objects with temporary settings are left out, because people may turn these settings off.
        """
        named = [change.address for change in changes if not kinds[change.address.kind_path].temporary]
        return self.acts(named) if named else {}


def read_ledger_state(ledger: Ledger, extensions: Sequence[Extension]) -> LedgerState:
    """Read the ledger's records that every run needs, and return them.

    Further records are read when a run needs them.
    """
    memory = LedgerMemory(ledger)
    ledger_only = frozenset[str]().union(*(extension.ledger_only_kinds for extension in extensions))
    return LedgerState(
        known_objects={
            address: LastApplied(
                record.remote_id, record.sent, record.returned, record.reach, at=record.at, run=record.run
            )
            for address, record in memory.all().items()
            if address.kind not in ledger_only
        },
        unfinished_steps=[
            open_step for open_step in memory.unfinished_steps() if open_step.step.address.kind not in ledger_only
        ],
        inventory={
            kind: frozenset(unmanaged.id for unmanaged in objects) for kind, objects in memory.inventory().items()
        },
        added=memory.added_entries,
        own_objects=ledger_objects(ledger),
        deeds=partial(read_applied_changes, ledger),
        acts=partial(read_acts, ledger, least=REPAIRS + 1),
        group_id=partial(last_known_id, ledger),
        groups_then=partial(read_group_ids_of_last_writes, ledger),
        pilots=partial(read_pilots, memory),
        extensions=extensions,
    )


def current_pilot_records(plan: Plan) -> Sequence[PilotRecord]:
    """Return the ledger's pilot records for the controls that apply only to their pilot group."""
    return [
        PilotRecord(
            control=control.control,
            provider=control.provider,
            audience=control.audience,
            role=control.pilot.role,
            until=control.pilot.until,
            people=control.pilot.reach.people,
            devices=control.pilot.reach.devices,
        )
        for control in plan.controls
        if control.pilot and not control.pilot.is_over
    ]


def mark_early_pilots(plan: Plan, ledger_state: LedgerState, today: date) -> Plan:
    """Return the plan with a mark on each control that applies to everyone although the pilot in its last apply
    has not ended yet.
    """
    providers = {control.provider for control in plan.controls}
    pilots_by_control = {
        (pilot.control, pilot.provider, pilot.audience): pilot
        for provider in providers
        for pilot in ledger_state.pilots(provider)
        if pilot.until > today
    }
    return (
        replace(plan, controls=tuple(_mark_early_pilot(control, pilots_by_control) for control in plan.controls))
        if pilots_by_control
        else plan
    )


def _mark_early_pilot(
    control: RealisedControl, pilots_by_control: dict[tuple[str, str, str], PilotRecord]
) -> RealisedControl:
    before = pilots_by_control.get((control.control, control.provider, control.audience))
    if before is None or control.exception or (control.pilot and not control.pilot.is_over):
        return control
    reach = Reach(before.people, before.devices)
    return replace(control, pilot=InPilot(before.role, before.until, reach, is_over=True, early=True))
