"""Write the ledger's records about a past moment as text and as JSON."""

from collections.abc import Iterator, Mapping, Sequence

from toolkit.drift.model import DifferenceType
from toolkit.drift.text import CAUSES, WHAT, ending_phrase
from toolkit.ledger.findings import Sighting
from toolkit.ledger.past_state import PastClause, PastEvent, PastObject, PastReading, PastState
from toolkit.render.audit_text import format_minute, step_json, step_lines
from toolkit.render.line import FORMAT, Line, Tone
from toolkit.render.values_text import count_text, format_value
from toolkit.sdk.lending import is_temporary_setting, object_name, without_person
from toolkit.sdk.resource import parse_address
from toolkit.values import Body, Json, plain

FORGOTTEN = "a person whose name was removed"
_FEW = 5
"""Up to so many objects are shown with their settings. More are only listed."""
_MOST = 40

Names = Mapping[str, str]
"""The names behind the pseudonyms of people, except forgotten names."""


def past_answer(state: PastState, target: str, names: Names) -> Body:
    """Return the ledger's records about a moment as JSON."""
    return {
        "format": FORMAT,
        "target": target,
        "moment": state.moment.isoformat(),
        "before": _reading_answer(state.before),
        "after": _reading_answer(state.after),
        "objects": [_object_answer(past) for past in state.objects.values()],
        "findings": [
            {**_sighting_answer(finding.sighting, names), "seen": finding.seen.isoformat()}
            for finding in state.findings
        ],
        "clauses": [_clause_answer(past) for past in state.clauses.values()],
        "since": [_event_answer(event, names) for event in state.events],
        "not_known": _gap_text(state.before, state.after),
    }


def _reading_answer(reading: PastReading | None) -> Body | None:
    if reading is None:
        return None
    return {
        "run": reading.run,
        "command": reading.command,
        "at": reading.at.isoformat(),
        "complete": reading.is_complete,
    }


def _object_answer(past: PastObject) -> Body:
    hidden = is_temporary_setting(past.address)
    settings: Json = None
    if past.settings is not None and not hidden:
        settings = {name: plain(value) for name, value in past.settings.items()}
    return {
        "address": str(without_person(past.address)),
        "deleted": past.settings is None,
        "settings": settings,
        "at": past.at.isoformat(),
        "run": past.run,
    }


def _sighting_answer(sighting: Sighting, names: Names) -> Body:
    return {
        "id": sighting.id,
        "address": str(without_person(parse_address(sighting.address))),
        "path": sighting.path,
        "what": sighting.what,
        "since": sighting.since.isoformat(),
        "cause": sighting.cause,
        "actor": _actor(sighting, names) or None,
    }


def _clause_answer(past: PastClause) -> Body:
    return {
        "clause": past.clause,
        "status": past.status,
        "lacking": dict(past.lacking),
        "report": _reading_answer(past.report),
        "later": [{"report": _reading_answer(report), "status": status} for report, status in past.later],
    }


def _event_answer(event: PastEvent, names: Names) -> Body:
    operator = event.run.began.operator if event.run and event.step else ""
    return {
        "at": event.at.isoformat(),
        "address": str(without_person(event.address)),
        "operator": operator or None,
        "operator_name": names.get(operator),
        "step": step_json(event.step) if event.step else None,
        "finding": _sighting_answer(event.sighting, names) if event.sighting else None,
        "ended": event.ending,
    }


def past_lines(state: PastState, names: Names, *, whole: bool) -> Iterator[Line]:
    """Show the ledger's records about a moment. With `whole`, nothing was selected, so only numbers are shown."""
    yield Line(f"On {format_minute(state.moment)} (UTC), from only the ledger", Tone.HEADING)
    if state.clauses and not whole:
        yield from _clause_lines(state)
        return
    yield from _reading_lines("Last reading before", state.before)
    if whole:
        yield from _whole_lines(state)
    else:
        yield from _object_lines(state)
    yield from _finding_lines(state, names, _FEW if whole else _MOST)
    yield from _event_lines(state, names, _FEW if whole else _MOST)
    yield from _reading_lines("Next reading", state.after)
    yield Line(f"Not known: {_gap_text(state.before, state.after)}", Tone.QUIET)


def _reading_lines(title: str, reading: PastReading | None) -> Iterator[Line]:
    if reading is None:
        yield Line(f"{title}: none by `toolkit drift`")
        return
    part = "" if reading.is_complete else ", which did not read everything"
    yield Line(f"{title}: {format_minute(reading.at)}, run {reading.run}{part}")


def _whole_lines(state: PastState) -> Iterator[Line]:
    objects = sum(past.settings is not None for past in state.objects.values())
    yield Line(f"  {count_text(objects, 'object')} that toolkit had written")
    counts: dict[str, int] = {}
    for past in state.clauses.values():
        counts[past.status] = counts.get(past.status, 0) + 1
    if counts:
        report = state.reports[0]
        made = f" of {format_minute(report.at)}" if report else ""
        yield Line(f"  clauses in the report{made}: {', '.join(f'{number} {word}' for word, number in counts.items())}")


def _object_lines(state: PastState) -> Iterator[Line]:
    pasts = list(state.objects.values())
    if not pasts:
        yield Line("  no write by toolkit before this moment, so the ledger has none of its settings")
    for past in pasts[:_MOST]:
        name = object_name(past.address)
        written = f"toolkit wrote it on {format_minute(past.at)}, run {past.run}"
        if past.settings is None:
            yield Line(f"  {name}: deleted on {format_minute(past.at)}, run {past.run}")
            continue
        yield Line(f"  {name}: {written}")
        if len(pasts) <= _FEW and is_temporary_setting(past.address):
            yield Line("      the text of a person is not shown", Tone.QUIET)
        elif len(pasts) <= _FEW:
            for setting, value in past.settings.items():
                yield Line(f"      {setting}: {format_value(value)}")
    if len(pasts) > _MOST:
        yield Line(f"  and {len(pasts) - _MOST} more. --json lists all", Tone.QUIET)


def _finding_lines(state: PastState, names: Names, most: int) -> Iterator[Line]:
    if state.before and not state.findings:
        yield Line("  no difference from the playbooks was recorded")
    for finding in state.findings[:most]:
        since = f"since {format_minute(finding.sighting.since)}, last seen on {format_minute(finding.seen)}"
        yield Line(f"  ! {_sighting_text(finding.sighting, names)}; {since}", Tone.WARNING)
    if state.findings:
        yield Line("    The ledger does not have the value of a setting that differed.", Tone.QUIET)
    if len(state.findings) > most:
        yield Line(f"  and {len(state.findings) - most} more differences. --json lists all", Tone.QUIET)


def _sighting_text(sighting: Sighting, names: Names) -> str:
    address = object_name(parse_address(sighting.address))
    what = WHAT[DifferenceType(sighting.what)]
    subject = f"{address}: {sighting.path} {what}" if sighting.path else f"{address}: {what}"
    actor = _actor(sighting, names)
    by = f", changed by {actor}" if actor else ""
    when = f" on {format_minute(sighting.changed)}" if sighting.changed and actor else ""
    cause = "" if actor else next((f", {text}" for name, text in CAUSES.items() if name == sighting.cause), "")
    return f"{subject}{by}{when}{cause}"


def _actor(sighting: Sighting, names: Names) -> str:
    if sighting.actor is None:
        return ""
    return names.get(sighting.actor, FORGOTTEN) if sighting.person else sighting.actor


def _event_lines(state: PastState, names: Names, most: int) -> Iterator[Line]:
    if not state.events:
        yield Line("Changed since: no change is recorded")
        return
    yield Line("Changed since:")
    for event in state.events[:most]:
        if event.step:
            yield from step_lines(event.step, shows_time=True)
            operator = event.run.began.operator if event.run else ""
            if operator:
                yield Line(f"      by the user {names.get(operator, operator)}", Tone.QUIET)
        elif event.sighting and event.ending:
            phrase = ending_phrase(event.sighting.what, event.ending)
            yield Line(f"  = {format_minute(event.at)}  {_sighting_text(event.sighting, names)}: {phrase}")
        elif event.sighting:
            yield Line(f"  ! {format_minute(event.at)}  {_sighting_text(event.sighting, names)}", Tone.WARNING)
    if len(state.events) > most:
        yield Line(f"  and {len(state.events) - most} more changes. --json lists all", Tone.QUIET)


def _clause_lines(state: PastState) -> Iterator[Line]:
    for past in state.clauses.values():
        yield Line(
            f"{past.clause}: {past.status}, in the report of {format_minute(past.report.at)}, run {past.report.run}"
        )
        yield from (Line(f"  {part}: {verdict}") for part, verdict in past.lacking.items())
        yield from _later_lines(past.later)
    before, after = state.reports
    if after:
        yield Line(f"Next report: {format_minute(after.at)}, run {after.run}")
    yield Line(f"Not known: {_gap_text(before, after)}", Tone.QUIET)


def _later_lines(later: Sequence[tuple[PastReading, str]]) -> Iterator[Line]:
    yield from (Line(f"  {status} from the report of {format_minute(report.at)}") for report, status in later)


def _gap_text(before: PastReading | None, after: PastReading | None) -> str:
    """Return the time of which the ledger has no reading."""
    undone = "A change that was undone before the next reading left no trace"
    if before is None and after is None:
        return "everything else, because no reading is recorded"
    if before is None and after:
        return f"everything before the first reading on {format_minute(after.at)}"
    if before and after is None:
        return f"everything after the last reading on {format_minute(before.at)}"
    assert before
    assert after
    return f"the time between the readings of {format_minute(before.at)} and {format_minute(after.at)}. {undone}"
