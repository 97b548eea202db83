"""Reading whether steps of checklists are done: accounts, findings of controls, the expiry board, records."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from toolkit.checklists.model import ReadingState, StepReading
from toolkit.controls.control import controls
from toolkit.engine.check import found_out, measures, read_board
from toolkit.engine.context import RunContext
from toolkit.engine.desired_state import directories_for, for_provider, trades
from toolkit.engine.runs import recall
from toolkit.engine.tenants import Tenants, opened
from toolkit.errors import ServiceError
from toolkit.planning.checks.expiry import BoardState
from toolkit.planning.checks.findings import ControlFinding, Inquiry, inquiries
from toolkit.planning.expand import expand
from toolkit.playbook.checklists import VerifiedBy
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.sdk.check import Finding, Status
from toolkit.sdk.directory import Directory, Person, Scope
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.providers import checks, providers
from toolkit.sdk.reason import admin_text

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger

_STATES = {Status.PASS: ReadingState.VERIFIED, Status.FAIL: ReadingState.NOT_YET}
_WORST = (ReadingState.NOT_YET, ReadingState.UNKNOWN, ReadingState.VERIFIED)
_NO_ACCOUNT = StepReading(ReadingState.UNKNOWN, "no account has this address")
_FORGOTTEN = StepReading(ReadingState.UNKNOWN, "the person's address is no longer known")


@dataclass(frozen=True, slots=True)
class AskedStep:
    """A step to be read: by what, for whom, and since when a record counts."""

    by: VerifiedBy
    person: str | None  # "" where the address was forgotten, None where the checklist is about no one
    since: date


@dataclass(slots=True)
class _Reader:
    """What was read of the school, for all steps at once."""

    playbooks: Playbooks
    today: date
    people: Mapping[str, Directory] = field(default_factory=dict)
    unreached: Mapping[str, str] = field(default_factory=dict)
    found: Sequence[ControlFinding] = ()
    of_people: Mapping[str, Mapping[str, Sequence[ControlFinding]]] = field(default_factory=dict)
    covered: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    expired: StepReading | None = None

    def read(self, asked: AskedStep) -> StepReading:
        """Combine all that a step asks for: the worst of it counts."""
        readings = list(self._all(asked))
        state = min((one.state for one in readings), key=_WORST.index)
        told = [one.told for one in readings if one.state is state]
        return StepReading(state, "; ".join(dict.fromkeys(told)))

    def _all(self, asked: AskedStep) -> Iterator[StepReading]:
        by = asked.by
        if asked.person == "" and (by.account or by.control):
            yield _FORGOTTEN
            return
        if by.account and asked.person:
            yield from self._account(asked.person, blocked=by.account == "blocked")
        if by.control:
            yield from self._of_person(by, asked.person) if asked.person else self._of_school(by)
        if by.expiry and self.expired:
            yield self.expired
        if by.record:
            yield self._recorded(by.record, asked.since)

    def _account(self, address: str, *, blocked: bool) -> Iterator[StepReading]:
        yield from (StepReading(ReadingState.UNKNOWN, f"{_title(name)}: {why}") for name, why in self.unreached.items())
        for name, directory in self.people.items():
            if why := directory.unknown.get("people"):
                yield StepReading(ReadingState.UNKNOWN, f"{_title(name)}: {why}")
            elif person := _account_of(address, directory):
                word = "enabled" if person.enabled else "blocked"
                state = ReadingState.NOT_YET if person.enabled is blocked else ReadingState.VERIFIED
                yield StepReading(state, f"the account is {word} on {_title(name)}")
        if not any(_account_of(address, directory) for directory in self.people.values()):
            yield _NO_ACCOUNT

    def _of_school(self, by: VerifiedBy) -> Iterator[StepReading]:
        found = [one for one in self.found if one.control == by.control and _is_about(one, by.subject)]
        for one in found:
            state = _STATES.get(one.finding.status, ReadingState.UNKNOWN)
            what = f"{one.finding.subject} on {_title(one.provider)}"
            yield StepReading(state, f"{what}: {admin_text(one.finding.reason)}")
        if not found:
            yield self._nothing(by)

    def _of_person(self, by: VerifiedBy, address: str) -> Iterator[StepReading]:
        """Say what was found of one person; others are not named."""
        control, answered = by.control or "", False
        yield from (StepReading(ReadingState.UNKNOWN, f"{_title(name)}: {why}") for name, why in self.unreached.items())
        for name, found in self.of_people.get(control, {}).items():
            if address not in self.covered[control][name]:
                continue
            for one in (one for one in found if _is_about(one, by.subject)):
                answered = True
                state = _STATES.get(one.finding.status, ReadingState.UNKNOWN)
                if state is ReadingState.NOT_YET and not _may_be_about(address, one.finding):
                    state = ReadingState.VERIFIED
                yield StepReading(state, f"{one.finding.subject} on {_title(name)}: {_SAYS[state]}")
        if not answered:
            yield self._nothing(by)

    def _nothing(self, by: VerifiedBy) -> StepReading:
        asked = by.control in self.playbooks.control_names
        why = "nothing was found of it" if asked else "no playbook asks for it"
        return StepReading(ReadingState.UNKNOWN, f"{by.control}{f', {by.subject}' if by.subject else ''}: {why}")

    def _recorded(self, name: str, since: date) -> StepReading:
        for record in self.playbooks.registers.records:
            counts = since <= record.on <= self.today <= record.until
            if record.record == name and counts and record.result != "failed":
                return StepReading(ReadingState.VERIFIED, f"{name} is recorded by {record.by} on {record.on}")
        return StepReading(ReadingState.NOT_YET, f"{name}: no record since {since} that counts today")


def _title(provider: str) -> str:
    return providers()[provider].title if provider in providers() else "the school"


_SAYS = {
    ReadingState.VERIFIED: "nothing is left for this person",
    ReadingState.NOT_YET: "something is left for this person",
    ReadingState.UNKNOWN: "could not be read",
}


def read_steps(
    context: RunContext, playbooks: Playbooks, ledger: "Ledger", asked: Sequence[AskedStep]
) -> tuple[Sequence[StepReading], Mapping[str, str]]:
    """Return what is read of each step, and the ids of the tenants; nothing is asked of a tenant without a step."""
    reader = _Reader(playbooks, context.now.astimezone(ZoneInfo(playbooks.school.time_zone)).date())
    if not any(one.by.account or one.by.control or one.by.expiry for one in asked):
        return [reader.read(one) for one in asked], {}
    with opened(
        playbooks.school, providers(), context.target, identity=context.identity, read_only=context.read_only
    ) as reached:
        reader.unreached = {name: str(error) for name, error in reached.unreached.items()}
        _read_school(context, ledger, reached, asked, reader)
        _read_people(context, ledger, reached, asked, reader)
        if any(one.by.expiry for one in asked):
            reader.expired = _board(context, playbooks, reached)
        return [reader.read(one) for one in asked], reached.tenants


def _read_school(
    context: RunContext, ledger: "Ledger", reached: Tenants, asked: Sequence[AskedStep], reader: _Reader
) -> None:
    names = {one.by.control for one in asked if one.by.control and one.person is None}
    known = reader.playbooks.control_names
    if only := tuple(sorted(name for name in names if name in known)):
        narrowed = replace(context, only=only)
        reader.found, _ = found_out(narrowed, reader.playbooks, reached, reader.today, recall(narrowed, ledger))


def _read_people(
    context: RunContext, ledger: "Ledger", reached: Tenants, asked: Sequence[AskedStep], reader: _Reader
) -> None:
    """Read the accounts of everyone asked for, and what the controls find about them."""
    addresses = {one.person for one in asked if one.person}
    if not addresses:
        return
    people = {name: _directory(connection) for name, connection in reached.connections.items()}
    reader.people = people
    wanted = {control for one in asked if (control := one.by.control) and one.person}
    if not wanted:
        return
    found: dict[str, dict[str, Sequence[ControlFinding]]] = {name: {} for name in wanted}
    covered: dict[str, dict[str, frozenset[str]]] = {name: {} for name in wanted}
    directories = directories_for(reader.playbooks, reached.connections, recall(context, ledger), context.progress)
    for name, directory in directories.items():
        of_one = for_provider(reader.playbooks, name)
        expansion = expand(of_one, trades([name]), controls(), {name: directory}, now=context.now)
        for inquiry in inquiries(name, of_one, expansion, directory, wanted & checks(name).keys()):
            if inquiry.scope is None:
                continue
            narrowed, whom = _narrowed(inquiry, inquiry.scope, addresses, people[name])
            answers = list(measures(name, reader.playbooks.school, [narrowed], reached.connections[name], context))
            found[inquiry.control][name] = [*found[inquiry.control].get(name, ()), *answers]
            covered[inquiry.control][name] = covered[inquiry.control].get(name, frozenset()) | whom
    reader.of_people, reader.covered = found, covered


def _directory(connection: Any) -> Directory:
    directory: Directory | ServiceError = attempt("directory", lambda: connection.directory(people=True, groups=()))
    return Directory(unknown={"people": str(directory)}) if isinstance(directory, ServiceError) else directory


def _narrowed(
    inquiry: Inquiry, asked: Scope, addresses: Collection[str], directory: Directory
) -> tuple[Inquiry, frozenset[str]]:
    """Ask for some people alone, by name; and say for whom the answer counts.

    A closed account is in no audience, and what is left open of leavers is counted among closed accounts alone.
    """
    audience = asked.audience
    people = tuple(one for one in audience.people if one.address.casefold() in addresses)
    closed = {one.address.casefold() for one in directory.people.values() if not one.enabled}
    settings = inquiry.settings
    if "names" in type(settings).model_fields:
        settings = settings.model_copy(update={"names": "listed"})
    scope = replace(asked, audience=replace(audience, people=people), pilot=None)
    of_leavers = inquiry.control == _LEAVERS
    whom = closed & {*addresses} if of_leavers else {one.address.casefold() for one in people}
    return replace(inquiry, settings=settings, scope=scope), frozenset(whom)


_LEAVERS = "data.leaver_handover"


def _account_of(address: str, directory: Directory) -> Person | None:
    return next((one for one in directory.people.values() if one.address.casefold() == address), None)


def _is_about(found: ControlFinding, subject: str | None) -> bool:
    return subject in {None, found.finding.subject, found.part.name if found.part else None}


def _may_be_about(address: str, finding: Finding) -> bool:
    """Return whether a finding names a person; a finding without names may be about everyone."""
    return finding.who is None or address in {name.casefold() for name in finding.who}


def _board(context: RunContext, playbooks: Playbooks, reached: Tenants) -> StepReading:
    board = read_board(context, playbooks, reached)
    ended = [entry.what for entry in board if entry.state is BoardState.ENDED]
    unread = [entry.what for entry in board if entry.state is BoardState.UNKNOWN]
    if ended:
        return StepReading(ReadingState.NOT_YET, f"expired: {', '.join(ended)}")
    if unread or not board:
        return StepReading(ReadingState.UNKNOWN, f"not read: {', '.join(unread) or 'no file of registers asks for it'}")
    return StepReading(ReadingState.VERIFIED, "nothing has expired")
