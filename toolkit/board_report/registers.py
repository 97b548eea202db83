"""Build the school's registers for governors: exceptions, accepted findings, decisions, confirmations and approvals."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from toolkit.board_report.choice_text import choice_text
from toolkit.board_report.period import ReportPast
from toolkit.board_report.plain_language import capital, part_plainly, title_of
from toolkit.ledger.checklists import StartedChecklist
from toolkit.planning.checks.test_records import (
    months_between_tests,
    next_test_date,
    required_test_settings,
    tested_targets,
)
from toolkit.playbook.attestations import Attestation, Trial
from toolkit.playbook.checklists import all_checklists
from toolkit.playbook.choices import CHOICES
from toolkit.playbook.entries import Departure, Playbooks
from toolkit.playbook.registers import Acknowledgement, Approval, Attested
from toolkit.records import dataclass
from toolkit.render.values_text import count_text
from toolkit.school.schedule import DUE_EVERY
from toolkit.sdk.lending import without_person
from toolkit.sdk.reason import Share
from toolkit.yaml.node import plain

_NOT_ASKED = "not asked for"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionLine:
    """An exception or an accepted finding, with its reason, audience, dates and approval."""

    name: str
    about: str
    for_: str
    reason: str
    begins: date  # an exception begins at an instant
    ends: datetime
    by: str
    on: date
    assessment: str | None
    clauses: Sequence[str]
    state: str
    left: Sequence[str] | None  # clouds on which an ended exception is still in place
    removed: datetime | None
    late_minutes: int | None


def exception_lines(playbooks: Playbooks, past: ReportPast, now: datetime, *, objects: bool) -> list[ExceptionLine]:
    """Return every exception and accepted finding, with its reason, audience, dates and approval.

    If `objects` is set, the objects of the tenants are named.
    """
    schedule = playbooks.school.schedule
    often = schedule.minutes if schedule else DUE_EVERY
    departures = [_exception_line(departure, past, now, often) for departure in playbooks.departures]
    accepted = [
        ExceptionLine(
            name=str(without_person(acceptance.address)) if objects else "Accepted as it is",
            about=f"{acceptance.address.kind.replace('_', ' ')} on {title_of(acceptance.address.provider)}",
            for_="everyone concerned",
            reason=acceptance.reason,
            begins=acceptance.on,
            ends=acceptance.ends,
            by=acceptance.by,
            on=acceptance.on,
            assessment=None,
            clauses=[],
            state="active" if acceptance.live(now) else "ended",
            left=None,
            removed=None,
            late_minutes=None,
        )
        for acceptance in playbooks.acceptances
    ]
    return [*departures, *accepted]


def _exception_line(departure: Departure, past: ReportPast, now: datetime, often: int) -> ExceptionLine:
    """Return the line about an exception.

    An exception is not late if the first `toolkit due` run after its end removed it.
    """
    ended = [removal for removal in past.removed if removal.exception == departure.name]
    left = {*past.put_in_place.get(departure.name, ())} - {removal.provider for removal in ended}
    state = "active" if departure.live(now) else "not begun" if now < departure.begins else "ended"
    return ExceptionLine(
        name=departure.name,
        about=title_of(departure.entry.name),
        for_=departure.audience.replace("_", " "),
        reason=departure.reason,
        begins=departure.begins,
        ends=departure.ends,
        by=departure.by,
        on=departure.on,
        assessment=departure.dpia,
        clauses=departure.clauses,
        state=state,
        left=[title_of(cloud) for cloud in sorted(left)] if state == "ended" else [],
        removed=max((removal.at for removal in ended), default=None),
        late_minutes=max((removal.minutes if removal.minutes > often else 0 for removal in ended), default=None),
    )


@dataclass(frozen=True, slots=True)
class UndecidedChoice:
    """A choice that the policy leaves to the school and that no one has made yet."""

    question: str
    clauses: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeChoice:
    """A choice that the school made, with the person and the date."""

    question: str
    chosen: str
    by: str
    on: date
    minute: str | None
    review: date | None


@dataclass(frozen=True, slots=True)
class DecisionSection:
    """The choices that the policy leaves to the school."""

    open: Sequence[UndecidedChoice]
    made: Sequence[MadeChoice]


def decision_section(playbooks: Playbooks) -> DecisionSection:
    """Return the choices that the policy leaves to the school.

    A choice that was made has the person who made it and the date.
    """
    made = [
        MadeChoice(
            question=CHOICES[name].question if name in CHOICES else name,
            chosen=choice_text(plain(decision.value)),
            by=decision.by,
            on=decision.on,
            minute=decision.minute,
            review=decision.review,
        )
        for name, decision in playbooks.decisions.decided.items()
    ]
    return DecisionSection(
        [UndecidedChoice(choice.question, choice.clauses) for choice in playbooks.open_choices], made
    )


BY_OPERATOR = " (who runs the tool)"
"""The end of the name of a role that confirmed something and also runs toolkit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationLine:
    """A confirmation or test by a person, and the date until which it is valid."""

    what: str
    by: str
    on: date
    until: date | None  # None if a test failed
    state: str
    note: str


def confirmation_lines(playbooks: Playbooks, today: date) -> list[ConfirmationLine]:
    """Return every confirmation and test, with the date until which it is valid.

    A failed test has no such date.
    """
    confirmed = [
        ConfirmationLine(
            what=what,
            by=f"{word.by}{BY_OPERATOR}" if operator else word.by,
            on=word.on,
            until=word.until,
            state=_confirmation_state(playbooks, word, word.until, today),
            note=note or "",
        )
        for what, word, operator, note in _statements(playbooks)
    ]
    return [*confirmed, *(_test_line(trial, playbooks, today) for trial in playbooks.trials)]


def _test_line(trial: Trial, playbooks: Playbooks, today: date) -> ConfirmationLine:
    until = next_test_date(trial, months_between_tests(required_test_settings(trial.control, playbooks)))
    return ConfirmationLine(
        what=f"{title_of(trial.control)}: {trial.part}, tested on {tested_targets(trial)}",
        by=f"{trial.by}{BY_OPERATOR}" if trial.operator else trial.by,
        on=trial.on,
        until=until if trial.has_passed else None,
        state="failed" if not trial.has_passed else _confirmation_state(playbooks, trial, until, today),
        note=trial.note or "",
    )


def _confirmation_state(
    playbooks: Playbooks, word: Attestation | Trial | Attested | Approval, until: date, today: date
) -> str:
    """Return whether a confirmation is valid. It is not valid if no playbook asks for its control."""
    if isinstance(word, Attestation | Trial) and word.control not in playbooks.control_names:
        return _NOT_ASKED
    return "counts" if today <= until else "overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgementLine:
    """How many people in a role have confirmed that they know the policy.

    The number is left out if the group is small.
    """

    role: str
    on: date
    signed: int | None
    of: int | None
    told: str


def acknowledgement_lines(entries: Sequence[Acknowledgement]) -> list[AcknowledgementLine]:
    """Return how many people in each role have confirmed that they know the policy.

    The number is left out if the group is small.
    """
    return [_acknowledgement_line(entry, Share(entry.signed, entry.of)) for entry in entries]


def _acknowledgement_line(entry: Acknowledgement, share: Share) -> AcknowledgementLine:
    signed, of = (None, None) if share.is_small else (share.count, share.of)
    sentence = capital(f"{share.for_governors} {entry.role}")
    return AcknowledgementLine(role=entry.role, on=entry.on, signed=signed, of=of, told=sentence)


def _statements(playbooks: Playbooks) -> Iterator[tuple[str, Attestation | Attested | Approval, bool, str | None]]:
    for attestation in playbooks.attestations:
        yield (
            f"{title_of(attestation.control)}: {part_plainly(attestation.part)} ({title_of(attestation.provider)})",
            attestation,
            attestation.operator,
            attestation.note,
        )
    for confirmation in playbooks.registers.attested:
        yield confirmation.clause, confirmation, confirmation.operator, confirmation.note
    for approval in playbooks.registers.approvals:
        what = f"{approval.clause}: {approval.what}" + (f" ({approval.reference})" if approval.reference else "")
        yield what, approval, False, "approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistLine:
    """The number of checklists that were started for a purpose, and the number of their finished steps."""

    title: str
    started: int
    finished: int
    stopped: int
    open: int
    overdue: int  # steps
    verified: int  # steps
    stated: int  # steps
    told: str


def checklist_lines(playbooks: Playbooks, started: Sequence[StartedChecklist], today: date) -> list[ChecklistLine]:
    """Return the number of started checklists and of their steps for each purpose. No person is named."""
    titles = (
        {name: checklist.title for name, checklist in all_checklists(playbooks.checklists).items()} if started else {}
    )
    return [
        _checklist_line(titles.get(name, name), [checklist for checklist in started if checklist.name == name], today)
        for name in dict.fromkeys(checklist.name for checklist in started)
    ]


def _checklist_line(title: str, started: Sequence[StartedChecklist], today: date) -> ChecklistLine:
    going = [checklist for checklist in started if checklist.open]
    numbers = {
        "started": len(started),
        "finished": sum(checklist.stopped is None and not checklist.open_steps for checklist in started),
        "stopped": sum(checklist.stopped is not None for checklist in started),
        "open": len(going),
        "overdue": sum(len(checklist.overdue(today)) for checklist in going),
        "verified": sum(len(checklist.verified) for checklist in started),
        "stated": sum(len(checklist.stated.keys() - checklist.verified.keys()) for checklist in started),
    }
    sentence = ", ".join(f"{numbers[key]} {key}" for key in ("started", "finished", "stopped", "open") if numbers[key])
    late = f" {count_text(numbers['overdue'], 'step')} overdue." if numbers["overdue"] else ""
    done = f" Steps done: {numbers['verified']} verified by reading, {numbers['stated']} stated by a role."
    return ChecklistLine(title=title, **numbers, told=f"{sentence}.{late}{done}")
