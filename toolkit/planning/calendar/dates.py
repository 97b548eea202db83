"""Dates in the playbooks that are over or soon over, and absences listed for people who have left."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from toolkit.planning.names import PEOPLE, ExpiryState, Tenancy, Turn
from toolkit.playbook.absences import WrittenAbsence
from toolkit.playbook.attestations import Attestation
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.school.calendar import Calendar
from toolkit.sdk.dates import day
from toolkit.sdk.resource import Origin
from toolkit.yaml.node import MappingNode, Scalar, Source, line_of


@dataclass(frozen=True, slots=True)
class Horizon:
    """From which day it is looked, and until which."""

    today: date
    by: date

    def state(self, last: date) -> ExpiryState | None:
        """Return the expiry state for a last day, or None if it is far off."""
        if last < self.today:
            return ExpiryState.OVER
        return ExpiryState.ENDING if last <= self.by else None


def ended(playbooks: Playbooks, school_file: Source, horizon: Horizon, now: datetime) -> Iterator[Turn]:
    """Yield everything with an end date that has passed or is near: exceptions, tests, reviews, terms."""
    yield from _departures(playbooks, horizon, now)
    yield from _pilots(playbooks, horizon)
    yield from _acceptances(playbooks, horizon, now)
    yield from _attestations(playbooks, horizon)
    yield from _trials(playbooks, horizon)
    yield from _reviews(playbooks, horizon)
    if playbooks.school.calendar:
        yield from _calendar(playbooks.school.calendar, school_file, horizon)
    for place, freeze in enumerate(playbooks.school.windows.freezes if playbooks.school.windows else ()):
        if freeze.days.last < horizon.today:
            origin = _origin(school_file, "freezes", place)
            yield _turn(
                origin, f"freeze {freeze.why}", ExpiryState.OVER, freeze.days.last, "delete it, or write next year's"
            )


def _turn(origin: Origin, name: str, state: ExpiryState, last: date, advice: str) -> Turn:
    found = f"it ended on {day(last)}" if state is ExpiryState.OVER else f"it ends on {day(last)}"
    return Turn(origin=origin, name=name, state=state, found=found, advice=advice)


def _departures(playbooks: Playbooks, horizon: Horizon, now: datetime) -> Iterator[Turn]:
    zone = ZoneInfo(playbooks.school.time_zone)
    for one in playbooks.departures:
        last, name = one.ends.astimezone(zone).date(), f"exception {one.name}"
        origin = Origin(one.origin.path, one.lines["ends"])
        if one.ends <= now:
            advice = "delete it once a run has taken back what it changed"
            yield _turn(origin, name, ExpiryState.OVER, last, advice)
        elif last <= horizon.by:
            advice = f"nothing, where that is meant; otherwise have a later end approved by {one.by}"
            yield _turn(origin, name, ExpiryState.ENDING, last, advice)


def _pilots(playbooks: Playbooks, horizon: Horizon) -> Iterator[Turn]:
    for one in playbooks.pilots:
        if one.until <= horizon.today:
            found, advice = f"everybody has it since {day(one.until)}", "delete `pilot:` once a run has done so"
            yield Turn(origin=one.origin, name=one.name, state=ExpiryState.OVER, found=found, advice=advice)
        elif one.until <= horizon.by:
            found, advice = (
                f"everybody gets it on {day(one.until)}",
                "nothing, where that is meant; else a later `until`",
            )
            yield Turn(origin=one.origin, name=one.name, state=ExpiryState.ENDING, found=found, advice=advice)


def _acceptances(playbooks: Playbooks, horizon: Horizon, now: datetime) -> Iterator[Turn]:
    zone = ZoneInfo(playbooks.school.time_zone)
    for one in playbooks.acceptances:
        last, name = one.ends.astimezone(zone).date(), f"accepted finding of {one.address.told}"
        if one.ends <= now:
            yield _turn(one.origin, name, ExpiryState.OVER, last, "delete it: drift reports it again")
        elif last <= horizon.by:
            advice = f"put it right until then, or let {one.by} accept it again"
            yield _turn(one.origin, name, ExpiryState.ENDING, last, advice)


def _attestations(playbooks: Playbooks, horizon: Horizon) -> Iterator[Turn]:
    latest: dict[tuple[str, str, str], Attestation] = {}
    for one in (one for one in playbooks.attestations if one.control in playbooks.control_names):
        key = (one.control, one.provider, one.part)
        if key not in latest or latest[key].until < one.until:
            latest[key] = one
    for one in latest.values():
        if state := horizon.state(one.until):
            origin = Origin(one.origin.path, one.lines.get("until", one.lines["on"]))
            name = f"attestation of {one.control} on {one.provider}: {one.part}"
            yield _turn(origin, name, state, one.until, f"let {one.by} look again, and write the new dates")


def _trials(playbooks: Playbooks, horizon: Horizon) -> Iterator[Turn]:
    """Yield the tests that are due by a date in the playbooks."""
    latest = {(one.control, one.part): one for one in sorted(playbooks.trials, key=lambda one: one.on)}
    for one in latest.values():
        if one.control in playbooks.control_names and one.next_due and (state := horizon.state(one.next_due)):
            origin = Origin(one.origin.path, one.lines["next_due"])
            due = (
                f"it was due on {day(one.next_due)}"
                if state is ExpiryState.OVER
                else f"it is due on {day(one.next_due)}"
            )
            advice = f"let {one.by} test again, and write what came of it"
            yield Turn(origin=origin, name=f"test of {one.control}: {one.part}", state=state, found=due, advice=advice)


def _reviews(playbooks: Playbooks, horizon: Horizon) -> Iterator[Turn]:
    for one in playbooks.decisions.decided.values():
        if one.review and (state := horizon.state(one.review)):
            origin = Origin(one.origin.path, one.lines["review"])
            found = f"its review was due on {day(one.review)}" if state is ExpiryState.OVER else _due(one.review)
            advice = f"let {one.by} look at it again, and write the new dates"
            yield Turn(origin=origin, name=f"decision {one.name}", state=state, found=found, advice=advice)
        due = one.value.entries.get("review_due") if isinstance(one.value, MappingNode) else None
        written = due.node.value if due and isinstance(due.node, Scalar) else None
        if due and isinstance(written, str) and (state := horizon.state(date.fromisoformat(written))):
            origin, last = Origin(one.origin.path, due.line), date.fromisoformat(written)
            found = f"it was due on {day(last)}" if state is ExpiryState.OVER else _due(last)
            advice = "let the governors ratify the policy again, and write what they minuted"
            yield Turn(origin=origin, name="review of the policy", state=state, found=found, advice=advice)


def _due(last: date) -> str:
    return f"its review is due on {day(last)}"


def _calendar(calendar: Calendar, file: Source, horizon: Horizon) -> Iterator[Turn]:
    last = max(calendar.terms, key=lambda term: term.days.last)
    if state := horizon.state(last.days.last):
        found = (
            f"the last term, {last.name}, {'ended' if state is ExpiryState.OVER else 'ends'} on {day(last.days.last)}"
        )
        advice = "add the terms of the next school year: without them absences cannot be judged"
        yield Turn(origin=_origin(file, "calendar", "terms"), name="terms", state=state, found=found, advice=advice)
    if calendar.inset_days and (state := horizon.state(max(calendar.inset_days))) is ExpiryState.OVER:
        origin = _origin(file, "calendar", "inset_days")
        advice = "add those of the next school year"
        yield _turn(origin, "training days", ExpiryState.OVER, max(calendar.inset_days), advice)
    for place, closure in enumerate(calendar.closed):
        if horizon.state(closure.days.last) is ExpiryState.OVER:
            origin = _origin(file, "calendar", "closures", place)
            yield _turn(origin, f"closure {closure.name}", ExpiryState.OVER, closure.days.last, "delete it")


def _origin(file: Source, *path: str | int) -> Origin:
    return file.origin(line_of(file.root, path, otherwise=file.root.line))


_DELETE = "delete the line, or export the file again"


def listed(
    path: str,
    absences: Sequence[WrittenAbsence],
    tenancies: Mapping[str, Tenancy],
    *,
    now: datetime,
    until: date | None,
) -> Iterator[Turn]:
    """Yield each line about a person who has left, and the file itself if all of its absences are over.

    `until` is the last day of the last term. An absence that ends later is permanent.
    """
    if absences and all(one.ends <= now for one in absences):
        found = "every absence in it is over"
        yield Turn(
            origin=Origin(path, 1), name="absences", state=ExpiryState.OVER, found=found, advice="export it again"
        )
        return
    unread = [tenancy for tenancy in tenancies.values() if PEOPLE in tenancy.directory.unknown]
    for one in absences:
        people = [person for tenancy in tenancies.values() for person in tenancy.people(one.address)]
        origin, name = Origin(path, one.line), f"person of line {one.line}"
        if not people and not unread:
            found = "no account of the school has this address"
            yield Turn(origin=origin, name=name, state=ExpiryState.GONE, found=found, advice=_DELETE)
        elif people and not any(person.enabled for person in people):
            found = "the account is disabled: the person has left"
            yield Turn(origin=origin, name=name, state=ExpiryState.LEFT, found=found, advice=_DELETE)
        elif until and one.ends.date() > until:
            found = "away for longer than the calendar has terms"
            advice = "where it is for good, take the person out of groups and patterns, and delete the line"
            yield Turn(origin=origin, name=name, state=ExpiryState.LEFT, found=found, advice=advice)
