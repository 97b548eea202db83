"""Build the changes since an earlier report, their origin, and the clauses whose status changed."""

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
    find_origin,
    rank,
)
from toolkit.board_report.export import Export
from toolkit.board_report.period import EarlierStatuses, FoundChange, ReportPast, RunWrite, period_sentences
from toolkit.board_report.plain_language import about_plainly, title_of
from toolkit.board_report.reviewed_text import standards
from toolkit.drift.model import DifferenceType
from toolkit.planning.finding_state import Ending
from toolkit.planning.policy.page import Fact
from toolkit.planning.policy.statuses import ClauseStanding, ClauseStatus
from toolkit.render.values_text import count_text
from toolkit.sdk.dates import day
from toolkit.sdk.lending import without_person
from toolkit.sdk.providers import kinds
from toolkit.sdk.reason import About, admin_text
from toolkit.sdk.resource import Address
from toolkit.sdk.verdict import FactVerdict

_COMMANDS = {
    "apply": "put in place as agreed",
    "due": "done because it was due on this date",
    "rollback": "brought back to an earlier state",
}
_OUTSIDE_HOURS = "outside the hours that the school keeps for changes"
_OTHERWISE = "was different from the agreed set-up"
_WAS: Mapping[str, str] = {
    DifferenceType.MISSING: "was missing",
    DifferenceType.DIFFERENT: _OTHERWISE,
    DifferenceType.UNWANTED: "existed but should not have existed",
    DifferenceType.MOVED: "was in another place",
    DifferenceType.LOOK_ALIKE: "had a look-alike",
    DifferenceType.DEFEATED: "was overridden by something else",
    DifferenceType.REFUSED: "could not be put in place",
}
_ENDED = {
    Ending.REPAIRED: "a run of the tool put it right on {day}",
    Ending.TENANT: "it was right again on {day}, without the tool",
    Ending.OTHERWISE: "it was otherwise on {day}, and not right yet",
    Ending.AS_WANTED: "it was right again on {day}",
    Ending.ACCEPTED: "it was accepted as it is on {day}",
    Ending.PLAYBOOK: "the agreed set-up did not include it any more on {day}",
}


def changes(export: Export, *, objects: bool) -> ChangeSection:
    """Return the clauses whose status changed, the writes of runs, and the differences that drift checks found.

    If `objects` is set, objects and settings are named, as in the evidence pack.
    """
    past, playbooks = export.past, export.report.playbooks.digest
    statuses = {status.clause.name for status in export.report.statuses}

    def format_day(moment: datetime) -> str:
        return day(moment.astimezone(export.report.now.tzinfo).date())

    before = past.before
    return ChangeSection(
        since=before.at if before else None,
        playbooks_changed=None if before is None else before.playbooks != playbooks,
        clauses=changed_clauses(export),
        new=sorted(statuses - set(before.statuses)) if before else [],
        gone=sorted(set(before.statuses) - statuses) if before else [],
        runs=[_run_line(write, format_day) for write in past.writes],
        found=[_finding_line(finding, export, format_day, objects=objects) for finding in past.findings],
        earlier=_earlier_changes(past),
        put_right=past.course.put_right,
        minutes=past.course.minutes,
        looks=past.looks,
        told=period_sentences(past, export.report.now),
    )


def _earlier_changes(past: ReportPast) -> EarlierChanges:
    runs, findings = past.earlier_writes, past.earlier_findings
    counts = f"{count_text(runs, 'run')} and {count_text(findings, 'finding')}"
    words = f"The latest are listed. {counts} before them are counted, and the school's own record lists each of them."
    return EarlierChanges(runs, findings, words if runs or findings else "")


def _run_line(write: RunWrite, format_day: Callable[[datetime], str]) -> RunLine:
    clouds: Counter[str] = Counter()
    for kind, number in write.counts.items():
        clouds[kind.partition(".")[0]] += number
    done = ", ".join(f"{number} on {title_of(provider)}" for provider, number in clouds.items())
    number_text = count_text(sum(write.counts.values()), "thing")
    how = _COMMANDS.get(write.command, f"done by `toolkit {write.command}`")
    return RunLine(
        at=write.at,
        what=f"{number_text} {how}",
        detail=f"{done}; {_OUTSIDE_HOURS}, since: {write.override}" if write.override else done,
        where=INSIDE,
        sentence=f"On {format_day(write.at)} a run of the tool changed {number_text} ({done}): a change {INSIDE}"
        f"{f', {_OUTSIDE_HOURS}' if write.override else ''}.",
    )


def _finding_line(
    finding: FoundChange, export: Export, format_day: Callable[[datetime], str], *, objects: bool
) -> FindingLine:
    """Return a finding as a line of the report.

    If a run repaired the difference and its cause is not known, the line says that the change came from outside.
    """
    where = WHERE.get(finding.cause, UNKNOWN)
    if where == UNKNOWN and finding.how is Ending.REPAIRED:
        where = OUTSIDE
    by = export.differences.roles.get(finding.actor or "", "")
    what = f"{kind_title(finding.address)} {_WAS.get(finding.what, _OTHERWISE)}"
    minutes = round((finding.ended - finding.since).total_seconds() / 60) if finding.ended else None
    end = _ending_text(finding, format_day)
    line = FindingLine(
        at=finding.since,
        what=what,
        detail=end,
        where=where,
        by=by or None,
        ended=finding.ended,
        how=str(finding.how) if finding.how else None,
        minutes=minutes,
        sentence=f"{what} on {format_day(finding.since)}, {_origin_text(where, by)}; {end}.",
    )
    if not objects:
        return line
    return NamedFindingLine(**asdict(line), object=str(without_person(finding.address)), setting=finding.path)


def _origin_text(where: str, by: str) -> str:
    if where == UNKNOWN:
        return "and nothing on record says why"
    if where == OUTSIDE:
        return f"a change {where}" + (f" by {by}" if by else "")
    return f"a change {where}" if where == INSIDE else f"a matter of {where}"


def _ending_text(finding: FoundChange, format_day: Callable[[datetime], str]) -> str:
    if finding.ended is None or finding.how is None:
        return "it has not been put right"
    return _ENDED[finding.how].format(day=format_day(finding.ended))


def kind_title(address: Address) -> str:
    """Return the title of an object's kind with its cloud, such as "A mail rule on Microsoft 365"."""
    kind = kinds(address.provider).get(address.kind)
    title = kind.title if kind else address.kind.replace("_", " ")
    return f"{'An' if title[:1] in 'aeiouAEIOU' else 'A'} {title} on {title_of(address.provider)}"


def changed_clauses(export: Export) -> list[ChangedClause]:
    """Return each clause whose status changed or that has more gaps, the clauses that got worse first.

    Of the clauses that got worse, the most serious come first.
    """
    before = export.past.before
    if before is None:
        return []
    ranked = sorted(_rank_changed_clauses(export, before), key=lambda pair: pair[0])
    return [line for _, line in ranked]


def _rank_changed_clauses(export: Export, before: EarlierStatuses) -> Iterator[tuple[tuple[bool, int], ChangedClause]]:
    grounds = PeriodRecord(export, before)
    for clause_status in export.report.statuses:
        was = before.statuses.get(clause_status.clause.name)
        if was is None:
            continue
        serious = max((standards().entry(name).serious for name in clause_status.clause.controls), default=1)
        if was != clause_status.status:
            standing = ClauseStanding(was) if was in set(ClauseStanding) else None
            better = standing is not None and rank(clause_status.status) >= rank(standing)
            source = find_origin(clause_status, standing, grounds)
            yield (
                (better, -serious),
                _changed_clause(clause_status, was, source, f"was “{was}” and is “{clause_status.status}” now"),
            )
        elif missing_facts := _newly_lacking_facts(clause_status, before):
            less, how = _limit_to_facts(clause_status, missing_facts)
            yield (
                (False, -serious),
                _changed_clause(
                    clause_status, was, find_origin(less, None, grounds), f"is “{was}” as before, and {how}"
                ),
            )


def _changed_clause(clause_status: ClauseStatus, was: str, source: StatusCause, how: str) -> ChangedClause:
    change = f"{how}: {source.why.rstrip('.')}."
    return ChangedClause(
        clause=clause_status.clause.name,
        before=was,
        now=str(clause_status.status),
        where=source.where,
        change=change,
        sentence=f"{clause_status.clause.name} {change}",
    )


def _newly_lacking_facts(clause_status: ClauseStatus, before: EarlierStatuses) -> tuple[Fact, ...]:
    """Return the facts of a clause that were fully or partly true before and are not now.

    The status of the clause is the same as before.
    """
    if before.lacking is None:
        return ()
    lacked = before.lacking.get(clause_status.clause.name, {})
    worse = {
        about
        for about, verdict in clause_status.failed_verdicts.items()
        if _is_worse(_earlier_verdict(about, lacked), verdict)
    }
    return tuple(fact for fact in clause_status.evidence if fact.subject in worse)


def _earlier_verdict(about: About, lacked: Mapping[str, str]) -> str | None:
    """Return the earlier verdict on a fact, as recorded in the ledger or in the file of an earlier report."""
    return lacked.get(admin_text(about)) or lacked.get(about_plainly(about))


def _limit_to_facts(clause_status: ClauseStatus, missing_facts: Sequence[Fact]) -> tuple[ClauseStatus, str]:
    """Return the status of a clause with only the facts that are newly missing, failures first."""
    for verdicts, status, how in _HOW:
        if facts := tuple(fact for fact in missing_facts if fact.verdict in verdicts):
            because = tuple(fact.reason for fact in facts)
            return replace(clause_status, status=status or clause_status.status, evidence=facts, because=because), how
    return clause_status, "less of it is in place"


_HOW = (
    ((FactVerdict.FAILS, FactVerdict.IN_PART), None, "less of it is in place"),
    ((FactVerdict.UNREAD,), ClauseStanding.NOT_CHECKED, "less of it could be checked"),
    ((FactVerdict.OPEN,), None, "less of it is confirmed"),
)


def _is_worse(was: str | None, now: str) -> bool:
    return was is None or (was == FactVerdict.IN_PART and now == FactVerdict.FAILS)
