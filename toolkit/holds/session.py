"""A session in which holds are placed, read or released: the register, the tenants and the ledger's fingerprints."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from toolkit.engine.context import RunContext
from toolkit.engine.journal import Journal
from toolkit.engine.session import open_session
from toolkit.errors import RequestFailed, ServiceError, UsageError
from toolkit.holds.compare import Accounts, licence_fingerprints, lost_reasons
from toolkit.holds.model import NOT_HELD, Case, ChangedHold, Holds, LostCover, recorded_fingerprints
from toolkit.holds.reasons import LOST
from toolkit.holds.register import Register
from toolkit.ledger.act_kinds import CONSENT, HOLD, QUERY
from toolkit.ledger.entries import StepVerdict
from toolkit.ledger.fingerprints import Fingerprints
from toolkit.ledger.memory import LedgerMemory
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.dates import day
from toolkit.sdk.resource import Address
from toolkit.values import Settings, Value, entries, unique

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger

from toolkit.holds.model import CloudHold
from toolkit.sdk.endpoint import read_safely
from toolkit.sdk.legal_holds import HoldStatus, Service


@dataclass(frozen=True, slots=True)
class HoldSession:
    """The register, tenants and ledger that commands about holds use. Only the register has people's names."""

    register: Register
    holds: Holds
    connections: Mapping[str, Connection]
    unreachable: Mapping[str, RequestFailed]
    journal: Journal
    fingerprints: Fingerprints
    memory: Mapping[Address, Settings]
    now: datetime
    target: str
    playbooks: Playbooks

    @property
    def held_people(self) -> frozenset[str]:
        """Return the addresses of all people in the register."""
        return frozenset(address for case in self.holds.cases.values() for address in case.people)

    def save(self) -> None:
        self.register.write(self.holds)

    def address(self, provider: str, person: str) -> Address:
        """Return the ledger address of a person's holds, which does not reveal the person."""
        return Address(provider, HOLD, self.fingerprints.fingerprint("person", provider, person))

    def fingerprints_of(self, provider: str, person: str) -> tuple[str, ...]:
        """Return the ledger's fingerprints of a person's holds."""
        return recorded_fingerprints(self.memory.get(self.address(provider, person), {}))

    def case(self, name: str) -> Case:
        """Return a case that is not released. Raise UsageError if there is none."""
        case = self.holds.cases.get(name)
        if case is None:
            raise UsageError("the register has no such case. `toolkit hold list` shows all cases")
        if case.released:
            raise UsageError(f"this case was released on {day(case.released)}: use another case name for a new hold")
        return case


@contextmanager
def open_hold_session(
    context: RunContext, playbooks: Playbooks, ledger: "Ledger", register: Register, *, clouds: bool
) -> Iterator[HoldSession]:
    """Open the register and, with `clouds`, connect to the tenants. The ledger does not record a case or a person."""
    holds, memory = register.read(), LedgerMemory(ledger)
    with open_session(context, playbooks, ledger, clouds=clouds) as (tenants, journal):
        if not context.read_only:
            _close_interrupted(memory, journal)
        yield HoldSession(
            register,
            holds,
            tenants.connections,
            tenants.unreached,
            journal,
            Fingerprints(ledger.directory),
            {
                remembered.address: remembered.sent
                for remembered in memory.all().values()
                if remembered.address.kind == HOLD
            },
            context.now,
            context.target.name,
            playbooks,
        )


def _close_interrupted(memory: LedgerMemory, journal: Journal) -> None:
    """Close interrupted steps, with holds as not read back and sign-ins as not completed."""
    for unfinished in memory.unfinished_steps():
        if unfinished.step.address.kind == CONSENT:
            journal.record_step_reading(unfinished.run.run, unfinished.step.step, StepVerdict.NOT_APPLIED, None)
        if unfinished.step.address.kind == HOLD and QUERY not in (unfinished.step.sent or {}):
            journal.record_step_reading(unfinished.run.run, unfinished.step.step, StepVerdict.APPLIED, None)


def begin(session: HoldSession, provider: str, person: str, marks: Sequence[str], *, waiting: bool) -> int:
    """Record in the ledger that a person's holds are about to change, and return the step's number."""
    return session.journal.begin_act(session.address(provider, person), {"marks": tuple(marks), "waiting": waiting})


_DONE = frozenset({HoldStatus.CONFIRMED, HoldStatus.UNAVAILABLE})


@dataclass(frozen=True, slots=True)
class HoldsRead:
    """The holds read from the clouds, the read errors, and the holds by others that no longer cover an account."""

    there: Mapping[str, Mapping[str, Settings]] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    lost_covers: Mapping[str, LostCover] = field(default_factory=dict)
    changed: Sequence[ChangedHold] = ()

    def count_others(self, session: HoldSession) -> Mapping[str, int]:
        """Return, for each cloud, the number of accounts on which others have holds and toolkit has none."""
        return {
            name: len(session.fingerprints.accounts_without(name, there, _own_fingerprints(session, name)))
            for name, there in self.there.items()
        }


def read_holds(session: HoldSession) -> HoldsRead:
    """Read all holds in the clouds, and compare the holds that others placed with the ledger."""
    there: dict[str, Mapping[str, Settings]] = {}
    failed: dict[str, str] = {}
    lost: dict[str, LostCover] = {}
    for provider, connection in session.connections.items():
        try:
            there[provider] = read_safely("holds", connection.holding.read_held_accounts)
            before = frozenset(
                recorded_fingerprints(session.memory.get(session.fingerprints.others_address(provider), {}))
            )
            if gone := before - session.fingerprints.preservation_fingerprints(provider, there[provider]):
                lost[provider] = LostCover(
                    len(gone), _people_no_longer_covered(session, provider, there[provider], gone)
                )
        except ServiceError as error:
            failed[provider] = str(error)
    people = sorted(session.held_people)
    pairs = [(name, person) for name in there for person in people]
    changed = [
        change for name, person in pairs for change in _confirmed_holds_that_ended(session, name, person, there[name])
    ]
    return HoldsRead(there, failed, lost, changed)


def _confirmed_holds_that_ended(
    session: HoldSession, provider: str, address: str, there: Accounts
) -> Iterator[ChangedHold]:
    """Yield the confirmed facts about a person's holds that have ended since the ledger recorded them."""
    gone = frozenset(session.fingerprints_of(provider, address)) - session.fingerprints.cloud_fingerprints(
        provider, there
    )
    parts = [part for _, held in _open_holds_of(session, provider, address) for part in held.parts.values()]
    for reason in lost_reasons(session.fingerprints, provider, there, gone, LOST) if parts else ():
        if reason.code is not LOST or not any(part.lost or part.standing in NOT_HELD for part in parts):
            yield ChangedHold(address, provider, reason)


def _people_no_longer_covered(
    session: HoldSession, provider: str, there: Mapping[str, Settings], gone: frozenset[str]
) -> tuple[str, ...]:
    """Return the addresses of people whom a hold covered and no longer covers, or none if the whole hold ended."""
    entries_of = {name for settings in there.values() for name, value in settings.items() if isinstance(value, tuple)}
    possible: dict[str, Value] = {
        name: unique(entry for settings in there.values() for entry in entries(settings.get(name)))
        for name in entries_of
    }
    possible |= {"litigation_hold": True, "duration": "unlimited", "capable": True}
    people = read_safely("directory", lambda: session.connections[provider].directory(people=True, groups=())).people
    left = (
        person
        for person in people.values()
        if session.fingerprints.preservation_fingerprints(provider, {person.id: possible}) & gone
    )
    return tuple(sorted(person.address for person in left))


def record_holds(session: HoldSession, *, settles: bool, learns: bool = True) -> HoldsRead:
    """Record the fingerprints of holds that must stay in place, and return the holds that were read.

    `settles` means that a person sees the output, so lost holds that others placed are forgotten. `learns` records new
    holds by others. It is off for a release, because a service may still list the hold that was just released.
    """
    read = read_holds(session)
    failed = dict(read.failed)
    for provider, there in read.there.items():
        if provider in failed:
            continue
        try:
            marks_by_address = {
                address: _fingerprints_to_keep(session, provider, address, there)
                for address in sorted(session.held_people)
            }
        except ServiceError as error:
            failed[provider] = str(error)
            continue
        for address, marks in marks_by_address.items():
            _record_person(session, provider, address, marks, there, settles=settles)
        _record_others(session, provider, there, settles=settles, learns=learns)
    return replace(read, failed=failed)


def _own_fingerprints(session: HoldSession, provider: str) -> frozenset[str]:
    return frozenset(mark for sent in _own_entries(session, provider) for mark in recorded_fingerprints(sent))


def _own_entries(session: HoldSession, provider: str) -> Sequence[Settings]:
    """Return the ledger's entries for the people whom toolkit holds in a cloud."""
    address, memory = session.fingerprints.others_address(provider), LedgerMemory(session.journal.ledger).all()
    ours = (
        remembered
        for key, remembered in memory.items()
        if key.kind == HOLD and key.provider == provider and key != address
    )
    return [remembered.sent for remembered in ours]


def _record_others(
    session: HoldSession, provider: str, there: Mapping[str, Settings], *, settles: bool, learns: bool
) -> None:
    """Record holds that others placed on accounts without a hold of toolkit, if all holds of toolkit are known."""
    address, ours = session.fingerprints.others_address(provider), _own_entries(session, provider)
    own, before = (
        _own_fingerprints(session, provider),
        frozenset(recorded_fingerprints(session.memory.get(address, {}))),
    )
    kept = (before & session.fingerprints.preservation_fingerprints(provider, there)) if settles else before
    is_clear = learns and not any(sent.get("waiting") is True for sent in ours)
    of_others = session.fingerprints.accounts_without(provider, there, own) if is_clear else {}
    marks = (kept | session.fingerprints.preservation_fingerprints(provider, of_others)) - own
    if marks != before:
        step = session.journal.begin_act(address, {"marks": tuple(sorted(marks)), "waiting": False})
        session.journal.record_step_end(step, None, None)


def _record_person(
    session: HoldSession, provider: str, address: str, marks: frozenset[str], there: Accounts, *, settles: bool
) -> None:
    """Record the fingerprints of a person's holds that must stay in place.

    The fingerprints of a missing hold are kept, so that the next drift run reports it. `settles` forgets holds that
    cannot be placed any more.
    """
    parts = [part for _, held in _open_holds_of(session, provider, address) for part in held.parts.values()]
    waiting = any(part.standing not in _DONE for part in parts)
    if any(part.standing in NOT_HELD or not (settles or part.is_held) for part in parts):
        marks |= frozenset(session.fingerprints_of(provider, address))
    if parts and not settles:  # ended facts stay, unless the hold was placed again
        gone = frozenset(session.fingerprints_of(provider, address)) - session.fingerprints.cloud_fingerprints(
            provider, there
        )
        is_placed_again = any(part.lost for part in parts)
        marks |= gone & licence_fingerprints(session.fingerprints, provider, there) if is_placed_again else gone
    last = LedgerMemory(session.journal.ledger).last_state(session.address(provider, address))
    ordered = tuple(sorted(marks))
    if last is None or last.sent != {"marks": ordered, "waiting": waiting}:
        session.journal.record_step_end(begin(session, provider, address, ordered, waiting=waiting), None, None)


def _fingerprints_to_keep(
    session: HoldSession, provider: str, address: str, there: Mapping[str, Settings]
) -> frozenset[str]:
    """Return the fingerprints that must stay in place, for all accounts of a person in our cases."""
    holding = session.connections[provider].holding
    accounts: set[str] = set()
    mailbox = is_informed = False
    for matter, held in _open_holds_of(session, provider, address):
        if held.id:
            accounts |= holding.accounts(matter, [held.person(address)])[held.id]
            mailbox |= held.parts.get(Service.MAILBOX) is not None and (
                held.parts[Service.MAILBOX].standing == HoldStatus.CONFIRMED
            )
        is_informed |= any(
            case.people[address].told for case in session.holds.open_cases().values() if address in case.people
        )
    return session.fingerprints.expected_fingerprints(
        provider, accounts, there, mailbox=mailbox, person_knows=is_informed
    )


def _open_holds_of(session: HoldSession, provider: str, address: str) -> Iterator[tuple[str, CloudHold]]:
    """Yield the case name in the clouds and the holds of a person, for each open case that includes the person."""
    for case in session.holds.open_cases().values():
        custodian = case.people.get(address)
        if custodian and provider in custodian.clouds:
            yield case.matter, custodian.clouds[provider]
