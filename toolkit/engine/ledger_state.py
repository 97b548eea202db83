"""The ledger's memory for a run, read before any tenant: last applied state, pilots, group ids."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from functools import partial

from toolkit.engine.extension import Extension
from toolkit.engine.read_tenants import read_directories
from toolkit.ledger.change_history import acts_on, deeds_on
from toolkit.ledger.entries import PilotRecord
from toolkit.ledger.last_applied import groups_then, last_known_id, ledger_objects, pilots
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.memory import LedgerMemory, UnfinishedStep
from toolkit.planning.applied_change import AppliedChange
from toolkit.planning.audience.pilot_parts import InPilot
from toolkit.planning.change import Change
from toolkit.planning.flapping import REPAIRS, Act
from toolkit.planning.matching import Known, Own
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import RealisedControl
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import Directory
from toolkit.sdk.kind import Kind
from toolkit.sdk.resource import Address, Reach

Bound = Callable[[str, str], str | None]
"""Gives, for a provider and the name of a group or unit, the id under which a run found it last."""


def rebound(
    directories: Mapping[str, Directory], connections: Mapping[str, Connection], bound: Bound
) -> Mapping[str, Directory]:
    """Find a renamed group or unit by its id, and add it under its former name."""
    return {name: _rebound(name, one, connections[name], bound) for name, one in directories.items()}


def _rebound(provider: str, directory: Directory, connection: Connection, bound: Bound) -> Directory:
    ids = {name: found for name in sorted(directory.gone) if (found := bound(provider, name))}
    if not ids:
        return directory
    by_id = read_directories({provider: connection}, {provider: [*ids.values()]}, people=False)[provider]
    there = {name: by_id.groups[found] for name, found in ids.items() if found in by_id.groups}
    unread = {
        name: f"{directory.unknown[name]}, and what was called so could not be read: {by_id.unknown[found]}"
        for name, found in ids.items()
        if found in by_id.unknown and found not in by_id.gone
    }
    unknown = {**directory.unknown, **unread}
    return replace(
        directory,
        groups={**directory.groups, **there},
        unknown={name: reason for name, reason in unknown.items() if name not in there},
        gone=directory.gone - there.keys() - unread.keys(),
        former=ids,
    )


Added = Callable[[Collection[str]], Mapping[Address, Mapping[str, frozenset[str]]]]
"""Gives, for some kinds, the entries of lists that are there through us, by object and setting."""


def _nothing_added(_kinds: Collection[str]) -> Mapping[Address, Mapping[str, frozenset[str]]]:
    return {}


Deeds = Callable[[Collection[Address]], Sequence[AppliedChange]]
"""Gives what was done to some objects, the first first."""


def _no_deeds(_addresses: Collection[Address]) -> Sequence[AppliedChange]:
    return ()


Acts = Callable[[Collection[Address]], Mapping[Address, Sequence[Act]]]
"""Gives, for some objects, what we did to them."""


def _no_acts(_addresses: Collection[Address]) -> Mapping[Address, Sequence[Act]]:
    return {}


GroupsThen = Callable[[Collection[Address]], Mapping[Address, Mapping[str, str]]]
"""Gives, for some objects, the ids by provider:name under which groups were found by the run that wrote each last."""


def _no_groups_then(_addresses: Collection[Address]) -> Mapping[Address, Mapping[str, str]]:
    return {}


def _never_bound(_provider: str, _name: str) -> None:
    return None


def _no_pilots(_provider: str) -> Sequence[PilotRecord]:
    return ()


@dataclass(frozen=True, slots=True)
class LedgerState:
    """The ledger's memory for a run."""

    known: Mapping[Address, Known] = field(default_factory=dict)
    unfinished: Sequence[UnfinishedStep] = ()
    inventory: Mapping[str, frozenset[str]] = field(default_factory=dict)  # ids of unmanaged objects by kind
    added: Added = _nothing_added
    own: Own = field(default_factory=Own)  # objects that this ledger has ever written or adopted
    deeds: Deeds = _no_deeds
    acts: Acts = _no_acts
    bound: Bound = _never_bound
    groups_then: GroupsThen = _no_groups_then
    pilots: Callable[[str], Sequence[PilotRecord]] = _no_pilots  # that the last apply knew, by provider
    extensions: Sequence[Extension] = ()

    def disputable(
        self, changes: Sequence[Change], kinds: Mapping[str, Kind[Connection]]
    ) -> Mapping[Address, Sequence[Act]]:
        """Return our past acts on the objects of some changes, without temporary settings that people may turn off."""
        named = [change.address for change in changes if not kinds[change.address.of_kind].temporary]
        return self.acts(named) if named else {}


def remembered(ledger: Ledger, extensions: Sequence[Extension]) -> LedgerState:
    """Read the memory that every run needs. The rest is read on demand."""
    memory = LedgerMemory(ledger)
    apart = frozenset[str]().union(*(extension.apart for extension in extensions))
    return LedgerState(
        known={
            address: Known(one.remote_id, one.sent, one.returned, one.reach, at=one.at, run=one.run)
            for address, one in memory.all().items()
            if address.kind not in apart
        },
        unfinished=[one for one in memory.unfinished_steps() if one.step.address.kind not in apart],
        inventory={kind: frozenset(one.id for one in objects) for kind, objects in memory.inventory().items()},
        added=memory.added,
        own=ledger_objects(ledger),
        deeds=partial(deeds_on, ledger),
        acts=partial(acts_on, ledger, least=REPAIRS + 1),
        bound=partial(last_known_id, ledger),
        groups_then=partial(groups_then, ledger),
        pilots=partial(pilots, memory),
        extensions=extensions,
    )


def piloted(plan: Plan) -> Sequence[PilotRecord]:
    """List the controls of a plan that only a pilot has."""
    return [
        PilotRecord(
            control=one.control,
            provider=one.provider,
            audience=one.audience,
            role=one.pilot.role,
            until=one.pilot.until,
            people=one.pilot.reach.people,
            devices=one.pilot.reach.devices,
        )
        for one in plan.controls
        if one.pilot and not one.pilot.over
    ]


def cut_short(plan: Plan, recalled: LedgerState, today: date) -> Plan:
    """Mark the controls that are for everyone before the date that the last apply recorded for their pilot."""
    providers = {one.provider for one in plan.controls}
    known = {
        (one.control, one.provider, one.audience): one
        for provider in providers
        for one in recalled.pilots(provider)
        if one.until > today
    }
    return replace(plan, controls=tuple(_cut_short(one, known) for one in plan.controls)) if known else plan


def _cut_short(control: RealisedControl, known: dict[tuple[str, str, str], PilotRecord]) -> RealisedControl:
    before = known.get((control.control, control.provider, control.audience))
    if before is None or control.exception or (control.pilot and not control.pilot.over):
        return control
    reach = Reach(before.people, before.devices)
    return replace(control, pilot=InPilot(before.role, before.until, reach, over=True, early=True))
