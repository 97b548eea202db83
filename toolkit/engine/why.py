"""Explain an object: the entries that ask for it, and its history in the ledger."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from toolkit.controls.control import controls
from toolkit.engine.desired_state import trades
from toolkit.errors import UsageError
from toolkit.ledger.history import RunHistory, runs_about
from toolkit.messages import closest
from toolkit.planning.expand import Expansion, expand
from toolkit.playbook.entries import Playbook, Playbooks
from toolkit.records import dataclass
from toolkit.sdk.part import Level
from toolkit.sdk.resource import EVERY, Address, Desired, Mode, Origin, parse_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One entry of the playbooks that asks for the object."""

    by: str  # the control, or the kind of a single object
    origin: Origin
    title: str  # of the playbook
    clauses: tuple[str, ...]
    mode: Mode
    part: str = ""  # of the control
    level: Level = Level.ENFORCED
    every: bool = False  # it speaks for all objects of the kind


@dataclass(frozen=True, slots=True)
class Why:
    """Everything that is known of an object without asking its tenant."""

    address: Address
    asking: Sequence[Asking]
    wanted: Sequence[Desired]  # one for each mode, and for the entry that speaks for all
    acts: Sequence[RunHistory]  # the runs that touched it, the last first


def explain(asked: str, playbooks: Playbooks, runs: Sequence[RunHistory]) -> Why:
    """Explain one object, by its address or by a name that only one has; UsageError with a suggestion for neither."""
    expansion = expand(playbooks, trades(list(playbooks.school.tenants)), controls())
    address = _address(asked, expansion, runs)
    asked_for = [one for one in expansion.wanted if isinstance(one, Desired)]
    wanted = [desired for desired in asked_for if _speaks_of(desired.address, address)]
    return Why(address, list(_asking(address, playbooks, expansion)), wanted, runs_about(runs, address))


def _speaks_of(named: Address, address: Address) -> bool:
    return named == address or (named.of_kind == address.of_kind and named.name == EVERY)


def _address(asked: str, expansion: Expansion, runs: Sequence[RunHistory]) -> Address:
    known = _known_addresses(expansion, runs)
    if asked in known:
        return known[asked]
    if spoken_of := _spoken_of(asked, expansion):
        return spoken_of
    called = [address for address in known.values() if address.name.casefold() == asked.casefold()]
    if len(called) == 1:
        return called[0]
    if called:
        raise UsageError(f"{asked} is the name of several: {', '.join(sorted(map(str, called)))}")
    if asked in controls():
        lists = f"`toolkit plan --only {asked} -v` lists its objects"
        raise UsageError(f"{asked} is a control: `toolkit kinds {asked}` explains it, and {lists}")
    meant = closest(asked, known) or closest(asked, {address.name for address in known.values()})
    advice = f"did you mean `{meant}`?" if meant else "`toolkit plan` lists them"
    raise UsageError(f"no playbook asks for {asked}, and the ledger does not know it: {advice}")


def _spoken_of(asked: str, expansion: Expansion) -> Address | None:
    """Return the object's address if an entry for all objects of its kind covers it."""
    for named in (one.address for one in expansion.wanted if one.address.name == EVERY):
        with suppress(ValueError):
            address = parse_address(asked)
            if address.of_kind == named.of_kind:
                return address
    return None


def _known_addresses(expansion: Expansion, runs: Sequence[RunHistory]) -> Mapping[str, Address]:
    remembered = [step.began.address for told in runs for step in told.steps.values()]
    return {str(address): address for address in (*(one.address for one in expansion.wanted), *remembered)}


def _asking(address: Address, playbooks: Playbooks, expansion: Expansion) -> Iterator[Asking]:
    for playbook in playbooks.playbooks:
        yield from _controls(address, playbook, expansion)
        for entry in playbook.resources:
            if _speaks_of(entry.address, address):
                yield Asking(
                    by=entry.address.of_kind,
                    origin=entry.origin,
                    title=playbook.title,
                    clauses=playbook.clauses,
                    mode=entry.mode,
                    every=entry.name == EVERY,
                )


def _controls(address: Address, playbook: Playbook, expansion: Expansion) -> Iterator[Asking]:
    realised = [one for one in expansion.controls if one.provider == address.provider]
    for entry in playbook.controls:
        parts = [
            (part.name, part.level, one.clauses, resource.name == EVERY)
            for one in realised
            if one.control == entry.name
            for part in one.realisation.parts
            for resource in part.resources
            if _speaks_of(Address(address.provider, resource.kind, resource.name), address)
        ]
        for name, level, clauses, every in dict.fromkeys(parts):
            yield Asking(
                by=entry.name,
                origin=entry.origin,
                title=playbook.title,
                clauses=clauses,
                mode=entry.mode,
                part=name,
                level=level,
                every=every,
            )
