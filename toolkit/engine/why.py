"""Explain why toolkit manages an object: the playbook entries that ask for it, and its history in the ledger."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from toolkit.controls.control import controls
from toolkit.engine.desired_state import cloud_catalogues
from toolkit.errors import UsageError
from toolkit.ledger.history import RunHistory, runs_that_changed
from toolkit.messages import closest
from toolkit.planning.expand import Expansion, expand
from toolkit.playbook.entries import Playbook, Playbooks
from toolkit.records import dataclass
from toolkit.sdk.part import Level
from toolkit.sdk.resource import EVERY, Address, Desired, Mode, Origin, parse_address


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestingEntry:
    """A playbook entry that asks for an object."""

    by: str  # the control, or the kind of a single object
    origin: Origin
    title: str  # of the playbook
    clauses: tuple[str, ...]
    mode: Mode
    part: str = ""  # of the control
    level: Level = Level.ENFORCED
    every: bool = False  # the entry covers all objects of the kind


@dataclass(frozen=True, slots=True)
class ObjectExplanation:
    """The explanation of an object: its entries in the playbooks and its history in the ledger."""

    address: Address
    asking: Sequence[RequestingEntry]
    desired: Sequence[Desired]  # for each mode, and for an entry that covers the whole kind
    acts: Sequence[RunHistory]  # the runs that touched the object, the latest first


def explain_object(object_name: str, playbooks: Playbooks, runs: Sequence[RunHistory]) -> ObjectExplanation:
    """Return an explanation of an object, given by its address or by a unique name.

    Raise UsageError, with a suggestion, if there is no such object.
    """
    expansion = expand(playbooks, cloud_catalogues(list(playbooks.school.tenants)), controls())
    address = _find_address(object_name, expansion, runs)
    asked_for = [desired for desired in expansion.wanted if isinstance(desired, Desired)]
    concerned = [desired for desired in asked_for if _is_in_named_kind(desired.address, address)]
    return ObjectExplanation(
        address, list(_requesting_entries(address, playbooks, expansion)), concerned, runs_that_changed(runs, address)
    )


def _is_in_named_kind(named_address: Address, address: Address) -> bool:
    return named_address == address or (named_address.kind_path == address.kind_path and named_address.name == EVERY)


def _find_address(name: str, expansion: Expansion, runs: Sequence[RunHistory]) -> Address:
    known_addresses = _known_addresses(expansion, runs)
    if name in known_addresses:
        return known_addresses[name]
    if covered := _address_in_entry_for_all(name, expansion):
        return covered
    called = [address for address in known_addresses.values() if address.name.casefold() == name.casefold()]
    if len(called) == 1:
        return called[0]
    if called:
        raise UsageError(f"several objects are called {name}: {', '.join(sorted(map(str, called)))}")
    if name in controls():
        lists = f"`toolkit plan --only {name} -v` lists its objects"
        raise UsageError(f"{name} is a control: `toolkit kinds {name}` explains it, and {lists}")
    meant = closest(name, known_addresses) or closest(name, {address.name for address in known_addresses.values()})
    advice = f"did you mean `{meant}`?" if meant else "`toolkit plan` lists the objects"
    raise UsageError(f"no playbook asks for {name}, and the ledger has no record of it: {advice}")


def _address_in_entry_for_all(name: str, expansion: Expansion) -> Address | None:
    """Return the address of an object that a playbook entry for all objects of a kind includes, or None if no
    such entry includes it.
    """
    for named in (desired.address for desired in expansion.wanted if desired.address.name == EVERY):
        with suppress(ValueError):
            address = parse_address(name)
            if address.kind_path == named.kind_path:
                return address
    return None


def _known_addresses(expansion: Expansion, runs: Sequence[RunHistory]) -> Mapping[str, Address]:
    remembered = [step.began.address for run in runs for step in run.steps.values()]
    return {str(address): address for address in (*(desired.address for desired in expansion.wanted), *remembered)}


def _requesting_entries(address: Address, playbooks: Playbooks, expansion: Expansion) -> Iterator[RequestingEntry]:
    for playbook in playbooks.playbooks:
        yield from _control_entries(address, playbook, expansion)
        for entry in playbook.resources:
            if _is_in_named_kind(entry.address, address):
                yield RequestingEntry(
                    by=entry.address.kind_path,
                    origin=entry.origin,
                    title=playbook.title,
                    clauses=playbook.clauses,
                    mode=entry.mode,
                    every=entry.name == EVERY,
                )


def _control_entries(address: Address, playbook: Playbook, expansion: Expansion) -> Iterator[RequestingEntry]:
    realised = [control for control in expansion.controls if control.provider == address.provider]
    for entry in playbook.controls:
        parts = [
            (part.name, part.level, control.clauses, resource.name == EVERY)
            for control in realised
            if control.control == entry.name
            for part in control.realisation.parts
            for resource in part.resources
            if _is_in_named_kind(Address(address.provider, resource.kind, resource.name), address)
        ]
        for name, level, clauses, every in dict.fromkeys(parts):
            yield RequestingEntry(
                by=entry.name,
                origin=entry.origin,
                title=playbook.title,
                clauses=clauses,
                mode=entry.mode,
                part=name,
                level=level,
                every=every,
            )
