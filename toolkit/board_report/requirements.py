"""Collect the school's evidence for the requirements of external standards: controls, confirmations and records."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from toolkit.board_report.mfa_accounts import IN_ORDER, AccountsState, administrators_state, every_account_state
from toolkit.board_report.plain_language import capital, gap_text, governor_text, title_of
from toolkit.board_report.reviewed_text import Requirement, standards
from toolkit.engine.policy import PolicyReport
from toolkit.messages import one_of
from toolkit.planning.checks.test_records import FAILED_BEFORE, FAILED_BEFORE_ALONE, TESTED
from toolkit.planning.policy.page import NOBODY
from toolkit.planning.policy.statuses import ClauseStanding
from toolkit.playbook.records import RECORDS, Record, RecordKind
from toolkit.records import dataclass
from toolkit.sdk.check import Status
from toolkit.sdk.dates import day
from toolkit.sdk.reason import Reason, Share, Things
from toolkit.sdk.verdict import FactVerdict

_NAMED = 3
"""How many gaps a line of evidence names. The others are counted."""
RECORDED = "gov."
"""The prefix of subjects that the school's own registers show."""
NOT_RECORDED, NOT_LOOKED_AT = "not recorded", "not looked at"
WORST_FIRST = ("not in order", "partly", "overdue", "not known", "not confirmed", NOT_RECORDED, NOT_LOOKED_AT, IN_ORDER)
"""The states of a line of evidence and of its requirement, the worst first."""
_OF_FACTS = {
    FactVerdict.FAILS: "not in order",
    FactVerdict.IN_PART: "partly",
    FactVerdict.UNREAD: "not known",
    FactVerdict.OPEN: "not confirmed",
}
_OF_FINDINGS = {
    Status.PASS: FactVerdict.HOLDS,
    Status.FAIL: FactVerdict.FAILS,
    Status.UNKNOWN: FactVerdict.UNREAD,
    Status.MANUAL: FactVerdict.OPEN,
    Status.UNAVAILABLE: FactVerdict.OPEN,
}
_OF_CLAUSES = {
    ClauseStanding.NOT_MET: "not in order",
    ClauseStanding.PARTLY: "partly",
    ClauseStanding.MET: IN_ORDER,
    ClauseStanding.ON_FILE: IN_ORDER,
    ClauseStanding.EXCEPTED: IN_ORDER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLine:
    """The school's evidence about a subject of a requirement."""

    what: str
    state: str
    told: str
    source: str | None
    read_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLine(ShownLine):
    """An entry of the school's registers that external standards ask for."""

    record: str
    by: str | None
    on: date | None
    until: date | None
    reference: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementLine:
    """A requirement of a standard, with the school's evidence."""

    id: str
    asks: str
    covers: str
    state: str
    shown: Sequence[ShownLine]


@dataclass(frozen=True, slots=True)
class StandardSection:
    """A standard and its requirements."""

    standard: str
    edition: str
    rows: Sequence[RequirementLine]


def requirement_sections(report: PolicyReport) -> list[StandardSection]:
    """Return every standard that applies to the school, with its requirements and the school's evidence."""
    records = {line.record: line for line in record_lines(report.playbooks.registers.records, report.now.date())}
    sections: list[StandardSection] = []
    for standard in standards().standards.values():
        if not standard.members or report.playbooks.school.rpa:
            rows = [row for row in standards().requirements if row.id.startswith(standard.ids)]
            lines = [_requirement_line(row, report, records) for row in rows]
            sections.append(StandardSection(standard.title, standard.edition, lines))
    return sections


def _requirement_line(row: Requirement, report: PolicyReport, records: Mapping[str, RecordLine]) -> RequirementLine:
    shown = (
        [_accounts_line(row, report)]
        if row.accounts
        else [*(_subject_line(name, report) for name in row.controls), *(records[name] for name in row.records)]
    )
    return RequirementLine(
        id=row.id,
        asks=row.asks,
        covers="covers the same topic" if row.topic else "evidence for it",
        state=min((line.state for line in shown), key=WORST_FIRST.index),
        shown=shown,
    )


_ACCOUNTS: Mapping[str, tuple[str, Callable[[PolicyReport], list[AccountsState]]]] = {
    "administrators": ("Accounts of administrators", administrators_state),
    "all": ("All accounts except pupils’", every_account_state),
}
"""The accounts that a requirement is about: their title and the function that judges them."""


def _accounts_line(row: Requirement, report: PolicyReport) -> ShownLine:
    """Return the evidence from the accounts that were read on each cloud. No confirmation by a person counts here."""
    what, judge_accounts = _ACCOUNTS[row.accounts]
    states = judge_accounts(report)
    sentence = "; ".join(f"{state.cloud}: {state.text}" for state in states)
    source = f"Read from {one_of([state.cloud for state in states], 'and')}" if states else ""
    return _shown_line(what, [state.state for state in states], sentence, source, report.now if states else None)


def certificate_questions(report: PolicyReport) -> str | None:
    """Return the sentence about Cyber Essentials, or None if the school does not apply for a certificate."""
    if not report.playbooks.school.cyber_essentials:
        return None
    rows = [row for row in standards().requirements if row.short]
    states = "; ".join(
        f"{row.id.partition(':')[2]} {row.short}: {_requirement_line(row, report, {}).state}" for row in rows
    )
    return f"Cyber Essentials, for which the school applies. On the same topics this report shows: {states}."


def record_lines(entries: Sequence[Record], today: date) -> list[RecordLine]:
    """Return the latest entry of each register that standards ask for. A missing entry is "not recorded"."""
    latest = {entry.record: entry for entry in sorted(entries, key=lambda entry: entry.on) if entry.on <= today}
    return [_record_line(name, latest.get(name), today) for name in RECORDS]


def _record_line(name: str, entry: Record | None, today: date) -> RecordLine:
    kind = RECORDS[name]
    if entry is None:
        sentence, state = "No entry in the school's registers", NOT_RECORDED
    else:
        counted = f"{_count_text(kind, entry)} {kind.count_phrase}; " if kind.count_phrase else ""
        result = f"{entry.result}; " if entry.result else ""
        sentence = f"{counted}{result}{day(entry.on)}, counts until {day(entry.until)}"
        lacking = entry.result == "failed" or entry.number != entry.of
        state = "overdue" if entry.until < today else IN_ORDER
        state = ("not in order" if entry.result == "failed" else "partly") if lacking else state
    return RecordLine(
        record=name,
        what=kind.title,
        state=state,
        told=capital(sentence),
        source=f"Stated by {entry.by}" if entry else None,
        read_at=None,
        by=entry.by if entry else None,
        on=entry.on if entry else None,
        until=entry.until if entry else None,
        reference=entry.reference if entry else None,
    )


def _count_text(kind: RecordKind, entry: Record) -> str:
    """Return a count and its total as text. The count is left out for a small group of people."""
    number, of = entry.number or 0, entry.of or 0
    return Share(number, of).for_governors if kind.counts_people else str(Things(number, of))


def _subject_line(name: str, report: PolicyReport) -> ShownLine:
    """Return the evidence about a control, or about a subject that does not have a control."""
    entry = standards().entry(name)
    if name.startswith(RECORDED):
        policy = [status.clause for status in report.statuses]
        statuses = {
            status.clause.name: status.status for status in report.statuses if entry.is_about(status.clause, policy)
        }
        states = [_OF_CLAUSES.get(status, NOT_RECORDED) for status in statuses.values()]
        sentence = "; ".join(f"{clause} {status}" for clause, status in statuses.items())
        return _shown_line(entry.title, states, sentence, "The school's registers, by clause")
    points = list(dict.fromkeys(_facts_about(name, report)))
    reasons = list(dict.fromkeys(gap_text(reason) for verdict, reason, _, _ in points if verdict in _OF_FACTS))
    holds = sum(verdict not in _OF_FACTS for verdict, _, _, _ in points)
    more = [f"{len(reasons) - _NAMED} more"] if len(reasons) > _NAMED else []
    recorded_parts = (part for _, reason, _, _ in points for inner in reason.nested_reasons for part in inner.more)
    before = dict.fromkeys(
        governor_text(replace(part, code=FAILED_BEFORE_ALONE)) for part in recorded_parts if part.code == FAILED_BEFORE
    )
    counted = f"{holds} of {len(points)} points are in order"
    sentence = "; ".join([counted, *reasons[:_NAMED], *more, *before]) if points else ""
    states = [_OF_FACTS.get(verdict, IN_ORDER) for verdict, _, _, _ in points]
    if holds and "not in order" in states:
        states = [state if state != "not in order" else "partly" for state in states]
    source = "; ".join(dict.fromkeys(capital(says) for _, _, says, _ in points if says))
    seen = max((at for _, _, _, at in points if at), default=None)
    return _shown_line(
        entry.title or title_of(name), states, sentence, source, seen.astimezone(report.now.tzinfo) if seen else None
    )


def _shown_line(
    what: str, states: Sequence[str], sentence: str, source: str, read_at: datetime | None = None
) -> ShownLine:
    state = min(states, key=WORST_FIRST.index, default=NOT_LOOKED_AT)
    return ShownLine(
        what=what,
        state=state,
        told=sentence or "toolkit does not check this, or the agreed set-up does not include it",
        source=source if sentence else None,
        read_at=read_at,
    )


def _source_of(says: Reason) -> str:
    """Return the source of a fact, or "". The source of a test is the person who made it and the date."""
    if says == NOBODY:
        return ""
    return governor_text(next((part for part in says.nested_reasons if part.code in TESTED), says))


def _facts_about(name: str, report: PolicyReport) -> Iterator[tuple[FactVerdict, Reason, str, datetime | None]]:
    """Yield the facts about a control: the verdict, the reason, the source, and the time when the tenant was read."""
    for status in report.statuses:
        for fact in status.evidence:
            if fact.control == name:
                yield fact.verdict, fact.reason, _source_of(fact.says), fact.read_at
    mentioned = {control for status in report.statuses for control in status.clause.controls}
    for control_finding in report.looked.findings if name not in mentioned else ():
        if control_finding.control == name:
            says = f"read from {title_of(control_finding.provider)}" if control_finding.measured else "people"
            seen = report.now if control_finding.measured else None
            yield _OF_FINDINGS[control_finding.finding.status], control_finding.finding.reason, says, seen
