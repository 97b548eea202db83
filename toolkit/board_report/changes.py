"""What changed since an earlier report, where it came from, and what moved the status of a clause."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from toolkit.board_report.change_lines import (
    ChangedClause,
    ChangeSection,
    EarlierChanges,
    FindingLine,
    NamedFindingLine,
    RunLine,
)
from toolkit.board_report.change_origin import (
    INSIDE,
    OUTSIDE,
    UNKNOWN,
    WHERE,
    PeriodRecord,
    StatusCause,
    origin_of,
    rank,
)
from toolkit.board_report.export import Export
from toolkit.board_report.period import EarlierStatuses, FoundChange, ReportPast, RunWrite, meanwhile
from toolkit.board_report.plain_language import about_plainly, named
from toolkit.board_report.reviewed_text import standards
from toolkit.drift.model import What
from toolkit.planning.finding_state import Ending
from toolkit.planning.policy.page import Fact
from toolkit.planning.policy.statuses import ClauseStanding, ClauseStatus
from toolkit.render.values_text import counted
from toolkit.sdk.dates import day
from toolkit.sdk.lending import without_person
from toolkit.sdk.providers import kinds
from toolkit.sdk.reason import About, admin_text
from toolkit.sdk.resource import Address
from toolkit.sdk.verdict import FactVerdict

_COMMANDS = {
    "apply": "put in place as the playbooks say",
    "due": "done because the calendar made it due",
    "rollback": "brought back to an earlier state",
}
_OUTSIDE_HOURS = "outside the hours that the school keeps for changes"
_OTHERWISE = "was not as the playbooks say"
_WAS: Mapping[str, str] = {
    What.MISSING: "was missing",
    What.DIFFERENT: _OTHERWISE,
    What.UNWANTED: "was there and should not have been",
    What.MOVED: "stood in another place",
    What.LOOK_ALIKE: "had a look-alike",
    What.DEFEATED: "was kept from working by something else",
    What.REFUSED: "could not be put in place",
}
_ENDED = {
    Ending.REPAIRED: "a run of the tool put it right on {day}",
    Ending.TENANT: "it was right again on {day}, without the tool",
    Ending.OTHERWISE: "it was otherwise on {day}, and not right yet",
    Ending.AS_WANTED: "it was right again on {day}",
    Ending.ACCEPTED: "it was accepted as it is on {day}",
    Ending.PLAYBOOK: "the playbooks did not ask for it any more on {day}",
}


def changes(export: Export, *, objects: bool) -> ChangeSection:
    """Give the clauses that moved, what runs wrote, and what was found otherwise than the playbooks say.

    `objects` says whether objects and settings are named, as in the evidence.
    """
    past, playbooks = export.past, export.report.playbooks.digest
    statuses = {one.clause.name for one in export.report.statuses}

    def on(moment: datetime) -> str:
        return day(moment.astimezone(export.report.now.tzinfo).date())

    before = past.before
    return ChangeSection(
        since=before.at if before else None,
        playbooks_changed=None if before is None else before.playbooks != playbooks,
        clauses=changed_clauses(export),
        new=sorted(statuses - set(before.statuses)) if before else [],
        gone=sorted(set(before.statuses) - statuses) if before else [],
        runs=[_run(one, on) for one in past.wrote],
        found=[_describe_finding(one, export, on, objects=objects) for one in past.found],
        earlier=_earlier(past),
        put_right=past.course.put_right,
        minutes=past.course.minutes,
        looks=past.looks,
        told=meanwhile(past, export.report.now),
    )


def _earlier(past: ReportPast) -> EarlierChanges:
    """Say how much is counted and not listed, since only the latest is."""
    runs, found = past.wrote_earlier, past.found_earlier
    words = f"The latest are listed. {counted(runs, 'run')} and {counted(found, 'finding')} before them are counted, "
    words += "and stand one by one in the school's own record."
    return EarlierChanges(runs, found, words if runs or found else "")


def _run(one: RunWrite, on: Callable[[datetime], str]) -> RunLine:
    clouds: Counter[str] = Counter()
    for kind, number in one.done.items():
        clouds[kind.partition(".")[0]] += number
    done = ", ".join(f"{number} on {named(provider)}" for provider, number in clouds.items())
    things = counted(sum(one.done.values()), "thing")
    how = _COMMANDS.get(one.command, f"done by `toolkit {one.command}`")
    return RunLine(
        at=one.at,
        what=f"{things} {how}",
        detail=f"{done}; {_OUTSIDE_HOURS}, since: {one.override}" if one.override else done,
        where=INSIDE,
        sentence=f"On {on(one.at)} a run of the tool changed {things} ({done}): a change {INSIDE}"
        f"{f', {_OUTSIDE_HOURS}' if one.override else ''}.",
    )


def _describe_finding(one: FoundChange, export: Export, on: Callable[[datetime], str], *, objects: bool) -> FindingLine:
    """Tell what a drift found; what a run of ours put right and the playbooks did not bring came from outside."""
    where = WHERE.get(one.cause, UNKNOWN)
    if where == UNKNOWN and one.how is Ending.REPAIRED:
        where = OUTSIDE
    by = export.differences.roles.get(one.actor or "", "")
    what = f"{_thing(one.address)} {_WAS.get(one.what, _OTHERWISE)}"
    minutes = round((one.ended - one.since).total_seconds() / 60) if one.ended else None
    line = FindingLine(
        at=one.since,
        what=what,
        detail=_end(one, on),
        where=where,
        by=by or None,
        ended=one.ended,
        how=str(one.how) if one.how else None,
        minutes=minutes,
        sentence=f"{what} on {on(one.since)}, {_say_origin(where, by)}; {_end(one, on)}.",
    )
    if not objects:
        return line
    return NamedFindingLine(**asdict(line), object=str(without_person(one.address)), setting=one.path)


def _say_origin(where: str, by: str) -> str:
    if where == UNKNOWN:
        return "and nothing on record says why"
    if where == OUTSIDE:
        return f"a change {where}" + (f" by {by}" if by else "")
    return f"a change {where}" if where == INSIDE else f"a matter of {where}"


def _end(one: FoundChange, on: Callable[[datetime], str]) -> str:
    if one.ended is None or one.how is None:
        return "it is so still"
    return _ENDED[one.how].format(day=on(one.ended))


def _thing(address: Address) -> str:
    """Name one of a kind as governors do."""
    known = kinds(address.provider).get(address.kind)
    title = known.title if known else address.kind.replace("_", " ")
    return f"{'An' if title[:1] in 'aeiouAEIOU' else 'A'} {title} on {named(address.provider)}"


def changed_clauses(export: Export) -> list[ChangedClause]:
    """Give each clause that stands otherwise than before, or of which less holds, with one sentence.

    What got worse comes first, and of that what is most serious.
    """
    before = export.past.before
    if before is None:
        return []
    found = sorted(_rank_changed_clauses(export, before), key=lambda pair: pair[0])
    return [told for _, told in found]


def _rank_changed_clauses(export: Export, before: EarlierStatuses) -> Iterator[tuple[tuple[bool, int], ChangedClause]]:
    grounds = PeriodRecord(export, before)
    for one in export.report.statuses:
        was = before.statuses.get(one.clause.name)
        if was is None:
            continue
        serious = max((standards().entry(name).serious for name in one.clause.controls), default=1)
        if was != one.status:
            known = ClauseStanding(was) if was in set(ClauseStanding) else None
            better = known is not None and rank(one.status) >= rank(known)
            source = origin_of(one, known, grounds)
            yield (better, -serious), _describe_change(one, was, source, f"was “{was}” and is “{one.status}” now")
        elif fewer := _fewer(one, before):
            less, how = _less(one, fewer)
            yield (
                (False, -serious),
                _describe_change(one, was, origin_of(less, None, grounds), f"is “{was}” as before, and {how}"),
            )


def _describe_change(one: ClauseStatus, was: str, source: StatusCause, how: str) -> ChangedClause:
    change = f"{how}: {source.why.rstrip('.')}."
    return ChangedClause(
        clause=one.clause.name,
        before=was,
        now=str(one.status),
        where=source.where,
        change=change,
        sentence=f"{one.clause.name} {change}",
    )


def _fewer(one: ClauseStatus, before: EarlierStatuses) -> tuple[Fact, ...]:
    """Give what held before and does not now, or held for some and holds for no one, of a clause in the same status."""
    if before.lacking is None:
        return ()
    lacked = before.lacking.get(one.clause.name, {})
    worse = {about for about, verdict in one.lacking_of.items() if _worse(_verdict_of(about, lacked), verdict)}
    return tuple(fact for fact in one.evidence if fact.about in worse)


def _verdict_of(about: About, lacked: Mapping[str, str]) -> str | None:
    """Return how it was with something, as the ledger or the file of an earlier report recorded it."""
    return lacked.get(admin_text(about)) or lacked.get(about_plainly(about))


def _less(one: ClauseStatus, fewer: Sequence[Fact]) -> tuple[ClauseStatus, str]:
    """Give a clause by what is newly missing of it: what fails before what no one could look at or has confirmed."""
    for verdicts, status, how in _HOW:
        if found := tuple(fact for fact in fewer if fact.verdict in verdicts):
            because = tuple(fact.reason for fact in found)
            return replace(one, status=status or one.status, evidence=found, because=because), how
    return one, "less of it holds"


_HOW = (
    ((FactVerdict.FAILS, FactVerdict.IN_PART), None, "less of it holds"),
    ((FactVerdict.UNREAD,), ClauseStanding.NOT_CHECKED, "less of it could be looked at"),
    ((FactVerdict.OPEN,), None, "less of it is confirmed"),
)


def _worse(was: str | None, now: str) -> bool:
    return was is None or (was == FactVerdict.IN_PART and now == FactVerdict.FAILS)
