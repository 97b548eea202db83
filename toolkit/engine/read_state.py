"""Read the objects that a run needs, and find out the outcome of an earlier run's unfinished steps."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from toolkit.engine.ledger_state import LedgerState
from toolkit.engine.list_check import ListCheck
from toolkit.engine.read_tenants import Progress, ignore_message, observe_kinds
from toolkit.engine.tenants import Tenants
from toolkit.engine.unfinished_steps import JudgedStep, judge_unfinished_steps
from toolkit.planning.ownership import Ownership
from toolkit.planning.plan_details import ObservedState, Unknown
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.providers import broken_kind, kinds
from toolkit.sdk.reason import COULD_NOT_BE_READ, reason_of
from toolkit.sdk.resource import Address


@dataclass(frozen=True, slots=True)
class ReadState:
    """The state of the tenants that a run has read."""

    kinds: Mapping[str, Kind[Connection]]
    observed: ObservedState
    judged_steps: Sequence[JudgedStep]


def read_tenant_state(
    addresses: Sequence[Address],
    tenants: Tenants,
    ledger_state: LedgerState,
    *,
    marked_kinds: Sequence[Address] = (),
    look_alike_kinds: Collection[str] = (),
    ownership: Ownership,
    longest_settling_time: float | None,
    progress: Progress,
) -> ReadState:
    """Read the objects at the given addresses, the objects of unfinished steps, and all objects of `marked_kinds`.

    The `look_alike_kinds` are kinds that no playbook uses. Their objects are read to find look-alikes, and the run
    continues if they cannot be read. `ownership` decides which objects are toolkit's, as in the plan. The objects of a
    tenant that could not be reached are unknown.
    """
    every = [*addresses, *(step.step.address for step in ledger_state.unfinished_steps)]
    broken = _objects_of_broken_kinds(every)
    wanted_kinds = {**_find_kinds(marked_kinds, longest_settling_time), **_find_kinds(every, longest_settling_time)}
    of_rivals = {
        name: kind
        for name in look_alike_kinds
        if name not in wanted_kinds
        and (kind := _find_kind(name, longest_settling_time)).whole
        and name.partition(".")[0] in tenants.connections
    }
    named = _object_names_by_kind(every)
    every_kind = {**of_rivals, **wanted_kinds}
    rival_state = observe_kinds(tenants.connections, of_rivals, ignore_message, {})
    unread = frozenset(unknown.kind for unknown in rival_state.unknown)
    lists = ListCheck(tenants.connections, every_kind, ledger_state.known_objects, named, ownership)

    def read_now() -> ObservedState:
        observed = observe_kinds(tenants.connections, wanted_kinds, progress, named)
        return lists.check(replace(observed, rivals=rival_state.objects, unread_rivals=unread))

    judged, observed = judge_unfinished_steps(ledger_state.unfinished_steps, every_kind, ownership, read_now)
    unreached = (Unknown(name, reason_of(error)) for name, error in tenants.unreached.items())
    return ReadState(every_kind, replace(observed, unknown=(*unreached, *broken, *observed.unknown)), judged)


def leave_out_other_tenants(ledger_state: LedgerState, connections: Mapping[str, Connection]) -> LedgerState:
    """Return the ledger's records without the unfinished steps in tenants to which the run is not connected."""
    unfinished = [step for step in ledger_state.unfinished_steps if step.step.address.provider in connections]
    return replace(ledger_state, unfinished_steps=unfinished)


def _find_kinds(addresses: Sequence[Address], longest_settling_time: float | None) -> Mapping[str, Kind[Connection]]:
    return {
        a.kind_path: _limit_settling_time(kinds(a.provider)[a.kind], longest_settling_time)
        for a in addresses
        if a.kind in kinds(a.provider) and not broken_kind(a.provider, a.kind)
    }


def _objects_of_broken_kinds(addresses: Sequence[Address]) -> Sequence[Unknown]:
    return [
        Unknown(address.kind_path, COULD_NOT_BE_READ(text=str(broken)), address)
        for address in dict.fromkeys(addresses)
        if (broken := broken_kind(address.provider, address.kind))
    ]


def _find_kind(name: str, longest_settling_time: float | None) -> Kind[Connection]:
    provider, _, kind = name.partition(".")
    return _limit_settling_time(kinds(provider)[kind], longest_settling_time)


def _limit_settling_time(kind: Kind[Connection], longest_settling_time: float | None) -> Kind[Connection]:
    return kind if longest_settling_time is None else replace(kind, settles=min(kind.settles, longest_settling_time))


def _object_names_by_kind(addresses: Sequence[Address]) -> Mapping[str, frozenset[str]]:
    names: dict[str, set[str]] = {}
    for address in addresses:
        names.setdefault(address.kind_path, set()).add(address.name)
    return {kind: frozenset(kind_names) for kind, kind_names in names.items()}
