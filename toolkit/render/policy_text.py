"""Render the status of each clause of the policy, as text and as JSON."""

from collections.abc import Iterator, Mapping, Sequence

from toolkit.engine.policy import PolicyReport
from toolkit.engine.run_report import worst
from toolkit.planning.policy.page import NOBODY, Page
from toolkit.planning.policy.statuses import ClauseStanding, ClauseStatus
from toolkit.playbook.policy_entries import ClauseClass
from toolkit.render.answer import run_conditions_json
from toolkit.render.coverage_text import verdicts_json
from toolkit.render.line import FORMAT, Line, Tone, row, rows
from toolkit.render.settings_text import run_heading
from toolkit.render.values_text import count_text
from toolkit.sdk.dates import day
from toolkit.sdk.reason import admin_text
from toolkit.values import Body, Json

_SHOWN: Mapping[ClauseStanding, tuple[str, Tone]] = {
    ClauseStanding.NOT_MET: ("!", Tone.REMOVED),
    ClauseStanding.UNDECIDED: (">", Tone.CHANGED),
    ClauseStanding.NOT_CHECKED: ("?", Tone.WARNING),
    ClauseStanding.PARTLY: ("~", Tone.CHANGED),
    ClauseStanding.EXCEPTED: ("x", Tone.CHANGED),
    ClauseStanding.ON_FILE: ("+", Tone.ADDED),
    ClauseStanding.MET: ("=", Tone.ADDED),
    ClauseStanding.NOT_TECHNICAL: ("-", Tone.QUIET),
}
_WITHOUT_REASONS = (ClauseStanding.ON_FILE, ClauseStanding.MET, ClauseStanding.NOT_TECHNICAL)
_WIDTH = max(len(standing) for standing in ClauseStanding)


def policy_lines(report: PolicyReport) -> Iterator[Line]:
    """Yield lines about the faults of the policy document, then the clauses by section, then the clauses that no
    control covers.
    """
    yield from run_heading(report.playbooks.school, report.context.target.name, report.context.sources, report.tenants)
    yield Line(f"  evidence since {day(report.evidence_since.date())}", Tone.QUIET)
    if report.page and report.page.is_unratified(report.now.date()):
        yield Line("! UNRATIFIED: the governors have not adopted this policy", Tone.REMOVED)
    unratified = sum(status.clause.of_class is ClauseClass.UNRATIFIED for status in report.statuses)
    if unratified:
        text = f"! UNRATIFIED: no one has accepted {count_text(unratified, 'clause')}. Run `toolkit policy review`"
        yield Line(text, Tone.REMOVED)
    yield from (Line(f"! the policy document: {admin_text(fault)}", Tone.REMOVED) for fault in report.first)
    section = ""
    for clause_status in report.statuses:
        if clause_status.clause.place.section != section:
            section = clause_status.clause.place.section
            yield Line()
            yield Line(section, Tone.HEADING)
        yield from _clause_lines(clause_status)
    yield from _uncovered_clause_lines(report)
    yield Line()
    numbers = [f"{number} {word}" for word, number in report.summary.items() if number]
    unread = report.failing_and_unread_counts["unread"]
    more = f"; {unread} could not be read completely" if unread else ""
    text = f"Policy: {count_text(len(report.statuses), 'clause')}: {', '.join(numbers)}{more}."
    yield Line(text, Tone.HEADING, essential=True)


def _clause_lines(clause_status: ClauseStatus) -> Iterator[Line]:
    sign, tone = _SHOWN[clause_status.status]
    is_unratified = clause_status.clause.of_class is ClauseClass.UNRATIFIED
    says = f"{'UNRATIFIED: ' if is_unratified else ''}{clause_status.clause.says}"
    yield Line(f"{sign} {clause_status.clause.name}  {clause_status.status:{_WIDTH}}  {says}", tone)
    if clause_status.status not in _WITHOUT_REASONS and not is_unratified:
        yield from (Line(f"    {admin_text(reason)}") for reason in clause_status.because)
    if said := [admin_text(word) for word in clause_status.says if word != NOBODY]:
        yield Line(f"    ({'; '.join(said)})", Tone.QUIET)


def _uncovered_clause_lines(report: PolicyReport) -> Iterator[Line]:
    if report.unmentioned:
        names = ", ".join(clause.name for clause in report.unmentioned)
        yield Line()
        yield Line(f"No playbook or register names {count_text(len(report.unmentioned), 'clause')}: {names}")


def policy_json(report: PolicyReport) -> Body:
    return {
        **run_conditions_json(report.context, report.playbooks, report.tenants, report.exit),
        **row(report, "now", "evidence_since", "first", "summary", "counts=failing_and_unread_counts"),
        "document": _document_json(report.page),
        "clauses": [_clause_json(clause_status) for clause_status in report.statuses],
        "verdicts": verdicts_json(report.looked.verdicts),
        "unmentioned": [clause.name for clause in report.unmentioned],
    }


def policies_json(reports: Sequence[PolicyReport]) -> Body:
    """Return the policy of several schools of a trust as JSON."""
    code = worst([report.exit for report in reports])
    return {"format": FORMAT, "exit": int(code), "schools": [report.to_dict() for report in reports]}


def _document_json(page: Page | None) -> Json:
    if page is None:
        return None
    return {
        **row(
            page,
            "title=document.title",
            "committee=document.committee",
            "version",
            "ratified=ratified_on",
            "review_due",
        ),
        **row(page, "dates_from=says", "signed_by", "signed=document.signed"),
        "versions": rows(page.document.versions, "version", "came", "on"),
    }


def _clause_json(clause_status: ClauseStatus) -> Body:
    return {
        **row(clause_status, "clause=clause.name", "says=clause.says", "class=clause.of_class", "owner=clause.owner"),
        **row(clause_status, "place=clause.place", "status", "because", "who_says=says", "since", "clouds=by_provider"),
        "evidence": rows(
            clause_status.evidence,
            "verdict",
            "reason",
            "who_says=says",
            "outcome",
            "provider",
            "control?",
            "seen=read_at",
        ),
    }
