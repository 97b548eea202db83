"""Find dates in the playbooks that have passed or will soon pass, and absences of people who have left the school."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from toolkit.planning.names import PEOPLE, ExpiryState, OutdatedEntry, Tenancy
from toolkit.playbook.absences import WrittenAbsence
from toolkit.playbook.attestations import Attestation
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.school.calendar import Calendar
from toolkit.sdk.dates import day
from toolkit.sdk.resource import Origin
from toolkit.yaml.node import MappingNode, Scalar, Source, line_of


@dataclass(frozen=True, slots=True)
class ExpiryHorizon:
    """The period in which an end date counts as near: from today until a later date."""

    today: date
    by: date

    def state_of(self, last_day: date) -> ExpiryState | None:
        """Return whether an end date has passed or is near. Return None if the date is later than the horizon."""
        if last_day < self.today:
            return ExpiryState.OVER
        return ExpiryState.ENDING if last_day <= self.by else None


def find_ended_entries(
    playbooks: Playbooks, school_file: Source, horizon: ExpiryHorizon, now: datetime
) -> Iterator[OutdatedEntry]:
    """Yield the playbook entries with an end date that has passed or is near.

    Examples are exceptions, tests, reviews and terms.
    """
    yield from _ending_exceptions(playbooks, horizon, now)
    yield from _ending_pilots(playbooks, horizon)
    yield from _ending_acceptances(playbooks, horizon, now)
    yield from _due_confirmations(playbooks, horizon)
    yield from _due_tests(playbooks, horizon)
    yield from _due_reviews(playbooks, horizon)
    if playbooks.school.calendar:
        yield from _ending_terms(playbooks.school.calendar, school_file, horizon)
    for place, freeze in enumerate(playbooks.school.windows.freezes if playbooks.school.windows else ()):
        if freeze.days.last < horizon.today:
            origin = _origin_in_file(school_file, "freezes", place)
            yield _outdated_entry(
                origin,
                f"freeze {freeze.why}",
                ExpiryState.OVER,
                freeze.days.last,
                "delete the entry, or write next year's dates",
            )


def _outdated_entry(origin: Origin, name: str, state: ExpiryState, last_day: date, advice: str) -> OutdatedEntry:
    fact = f"it ended on {day(last_day)}" if state is ExpiryState.OVER else f"it ends on {day(last_day)}"
    return OutdatedEntry(origin=origin, name=name, state=state, fact=fact, advice=advice)


def _ending_exceptions(playbooks: Playbooks, horizon: ExpiryHorizon, now: datetime) -> Iterator[OutdatedEntry]:
    zone = ZoneInfo(playbooks.school.time_zone)
    for exception in playbooks.departures:
        last, name = exception.ends.astimezone(zone).date(), f"exception {exception.name}"
        origin = Origin(exception.origin.path, exception.lines["ends"])
        if exception.ends <= now:
            advice = "delete the exception once a run has undone its changes"
            yield _outdated_entry(origin, name, ExpiryState.OVER, last, advice)
        elif last <= horizon.by:
            advice = f"do nothing if this date is right, otherwise ask {exception.by} to approve a later end"
            yield _outdated_entry(origin, name, ExpiryState.ENDING, last, advice)


def _ending_pilots(playbooks: Playbooks, horizon: ExpiryHorizon) -> Iterator[OutdatedEntry]:
    for pilot in playbooks.pilots:
        if pilot.until <= horizon.today:
            fact, advice = (
                f"applies to everyone since {day(pilot.until)}",
                "delete `pilot:` once a run has applied the change",
            )
            yield OutdatedEntry(origin=pilot.origin, name=pilot.name, state=ExpiryState.OVER, fact=fact, advice=advice)
        elif pilot.until <= horizon.by:
            fact, advice = (
                f"will apply to everyone on {day(pilot.until)}",
                "do nothing if this date is right, otherwise write a later `until`",
            )
            yield OutdatedEntry(
                origin=pilot.origin, name=pilot.name, state=ExpiryState.ENDING, fact=fact, advice=advice
            )


def _ending_acceptances(playbooks: Playbooks, horizon: ExpiryHorizon, now: datetime) -> Iterator[OutdatedEntry]:
    zone = ZoneInfo(playbooks.school.time_zone)
    for acceptance in playbooks.acceptances:
        last, name = acceptance.ends.astimezone(zone).date(), f"accepted finding of {acceptance.address.display_text}"
        if acceptance.ends <= now:
            yield _outdated_entry(
                acceptance.origin,
                name,
                ExpiryState.OVER,
                last,
                "delete the entry. Drift then reports the finding again",
            )
        elif last <= horizon.by:
            advice = f"correct the difference by then, or ask {acceptance.by} to accept it again"
            yield _outdated_entry(acceptance.origin, name, ExpiryState.ENDING, last, advice)


def _due_confirmations(playbooks: Playbooks, horizon: ExpiryHorizon) -> Iterator[OutdatedEntry]:
    latest: dict[tuple[str, str, str], Attestation] = {}
    for attestation in (
        attestation for attestation in playbooks.attestations if attestation.control in playbooks.control_names
    ):
        key = (attestation.control, attestation.provider, attestation.part)
        if key not in latest or latest[key].until < attestation.until:
            latest[key] = attestation
    for attestation in latest.values():
        if state := horizon.state_of(attestation.until):
            origin = Origin(attestation.origin.path, attestation.lines.get("until", attestation.lines["on"]))
            name = f"attestation of {attestation.control} on {attestation.provider}: {attestation.part}"
            yield _outdated_entry(
                origin, name, state, attestation.until, f"ask {attestation.by} to check again, and record the new dates"
            )


def _due_tests(playbooks: Playbooks, horizon: ExpiryHorizon) -> Iterator[OutdatedEntry]:
    """Yield the tests in the playbooks that are due soon or overdue."""
    latest = {(trial.control, trial.part): trial for trial in sorted(playbooks.trials, key=lambda trial: trial.on)}
    for trial in latest.values():
        if trial.control in playbooks.control_names and trial.next_due and (state := horizon.state_of(trial.next_due)):
            origin = Origin(trial.origin.path, trial.lines["next_due"])
            due = (
                f"it was due on {day(trial.next_due)}"
                if state is ExpiryState.OVER
                else f"it is due on {day(trial.next_due)}"
            )
            advice = f"ask {trial.by} to repeat the test, and record the result"
            yield OutdatedEntry(
                origin=origin, name=f"test of {trial.control}: {trial.part}", state=state, fact=due, advice=advice
            )


def _due_reviews(playbooks: Playbooks, horizon: ExpiryHorizon) -> Iterator[OutdatedEntry]:
    for decision in playbooks.decisions.decided.values():
        if decision.review and (state := horizon.state_of(decision.review)):
            origin = Origin(decision.origin.path, decision.lines["review"])
            fact = (
                f"its review was due on {day(decision.review)}"
                if state is ExpiryState.OVER
                else _describe_due_date(decision.review)
            )
            advice = f"ask {decision.by} to review it, and record the new dates"
            yield OutdatedEntry(origin=origin, name=f"decision {decision.name}", state=state, fact=fact, advice=advice)
        due = decision.value.entries.get("review_due") if isinstance(decision.value, MappingNode) else None
        written = due.node.value if due and isinstance(due.node, Scalar) else None
        if due and isinstance(written, str) and (state := horizon.state_of(date.fromisoformat(written))):
            origin, last = Origin(decision.origin.path, due.line), date.fromisoformat(written)
            fact = f"it was due on {day(last)}" if state is ExpiryState.OVER else _describe_due_date(last)
            advice = "ask the governors to ratify the policy again, and write the minuted decision"
            yield OutdatedEntry(origin=origin, name="review of the policy", state=state, fact=fact, advice=advice)


def _describe_due_date(due_date: date) -> str:
    return f"its review is due on {day(due_date)}"


def _ending_terms(calendar: Calendar, file: Source, horizon: ExpiryHorizon) -> Iterator[OutdatedEntry]:
    last = max(calendar.terms, key=lambda term: term.days.last)
    if state := horizon.state_of(last.days.last):
        fact = (
            f"the last term, {last.name}, {'ended' if state is ExpiryState.OVER else 'ends'} on {day(last.days.last)}"
        )
        advice = "add the terms of the next school year, because absences cannot be judged without them"
        yield OutdatedEntry(
            origin=_origin_in_file(file, "calendar", "terms"), name="terms", state=state, fact=fact, advice=advice
        )
    if calendar.inset_days and (state := horizon.state_of(max(calendar.inset_days))) is ExpiryState.OVER:
        origin = _origin_in_file(file, "calendar", "inset_days")
        advice = "add the training days of the next school year"
        yield _outdated_entry(origin, "training days", ExpiryState.OVER, max(calendar.inset_days), advice)
    for place, closure in enumerate(calendar.closed):
        if horizon.state_of(closure.days.last) is ExpiryState.OVER:
            origin = _origin_in_file(file, "calendar", "closures", place)
            yield _outdated_entry(origin, f"closure {closure.name}", ExpiryState.OVER, closure.days.last, "delete it")


def _origin_in_file(file: Source, *path: str | int) -> Origin:
    return file.origin(line_of(file.root, path, otherwise=file.root.line))


_DELETE = "delete the line, or export the file again"


def find_ended_absences(
    path: str,
    absences: Sequence[WrittenAbsence],
    tenancies: Mapping[str, Tenancy],
    *,
    now: datetime,
    end_of_terms: date | None,
) -> Iterator[OutdatedEntry]:
    """Yield the lines of an absence file about people who have left the school.

    If every absence is over, also yield the file itself. `end_of_terms` is the last day of the last term. An absence
    that ends later than this day counts as permanent.
    """
    if absences and all(absence.ends <= now for absence in absences):
        fact = "every absence in the file is over"
        yield OutdatedEntry(
            origin=Origin(path, 1), name="absences", state=ExpiryState.OVER, fact=fact, advice="export it again"
        )
        return
    unread = [tenancy for tenancy in tenancies.values() if PEOPLE in tenancy.directory.unknown]
    for absence in absences:
        people = [
            person for tenancy in tenancies.values() for person in tenancy.find_people_by_address(absence.address)
        ]
        origin, name = Origin(path, absence.line), f"person in line {absence.line}"
        if not people and not unread:
            fact = "no account of the school has this address"
            yield OutdatedEntry(origin=origin, name=name, state=ExpiryState.GONE, fact=fact, advice=_DELETE)
        elif people and not any(person.enabled for person in people):
            fact = "the account is disabled: the person has left"
            yield OutdatedEntry(origin=origin, name=name, state=ExpiryState.LEFT, fact=fact, advice=_DELETE)
        elif end_of_terms and absence.ends.date() > end_of_terms:
            fact = "away until after the last term in the calendar"
            advice = "if the person has left for good, remove them from groups and patterns, and delete the line"
            yield OutdatedEntry(origin=origin, name=name, state=ExpiryState.LEFT, fact=fact, advice=advice)
