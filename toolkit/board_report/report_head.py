"""Build the head of a report: the school, the policy, the run, the ledger, and the counts of clauses by status."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime

import toolkit
from toolkit.board_report.export import Export
from toolkit.board_report.pack import FORMAT, Pack
from toolkit.board_report.plain_language import governor_text
from toolkit.board_report.reviewed_text import fixed_sentences
from toolkit.board_report.summary import SummarySection, summary_section
from toolkit.engine.policy import PolicyReport
from toolkit.records import dataclass
from toolkit.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDates:
    """The important dates of the policy document, and the number of days by which its review is overdue."""

    title: str
    version: str | None
    ratified: date | None
    review_due: date | None
    overdue_days: int
    dates_from: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPolicy(PolicyDates):
    """The policy document as the board sees it, with its faults and the people who signed it."""

    first: Sequence[str]
    committee: str | None
    signed_by: str | None
    signed: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """The run from which a report was made."""

    id: str
    at: datetime
    toolkit: str
    evidence_since: datetime | None
    last_export: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFacts:
    """The state of the ledger and the playbooks when a report was made."""

    entries: int
    head: str
    playbooks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportHead:
    """The first section, which every pack has."""

    format: int
    pack: Pack
    practice_run: bool
    notice: str
    target: str
    school: str
    policy: PolicyDates
    run: RunFacts
    record: RecordFacts
    method: Json
    summary: SummarySection


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportComparison:
    """The time that a report is compared with: the last report, a date, or the file of an earlier report."""

    with_: str
    day: date | None
    in_record: bool | None


def report_head(export: Export, pack: Pack) -> ReportHead:
    """Return the head of a report. Only the packs for the board name the people who signed the policy."""
    report = export.report
    practice = report.context.target.name != "live"
    return ReportHead(
        format=FORMAT,
        pack=pack,
        practice_run=practice,
        notice=" ".join(_page_notices(report, practice=practice)),
        target=report.context.target.name,
        school=report.playbooks.school.name,
        policy=_signed_policy(report) if pack in {Pack.GOVERNORS, Pack.EVIDENCE} else _policy_dates(report),
        run=RunFacts(
            id=report.context.run,
            at=report.now,
            toolkit=toolkit.__version__,
            evidence_since=report.evidence_since,
            last_export=export.past.exports[0].at if export.past.exports else None,
        ),
        record=RecordFacts(entries=export.head.count, head=export.head.hash, playbooks=report.playbooks.digest),
        method=fixed_sentences()["method"],
        summary=summary_section(export),
    )


def _page_notices(report: PolicyReport, *, practice: bool) -> Iterator[str]:
    """Yield the notices that every page shows if the run was only practice, or if the policy is not adopted."""
    if practice:
        yield fixed_sentences()["practice"]
    if report.page and report.page.is_unratified(report.now.date()):
        yield fixed_sentences()["unratified"]


def _policy_dates(report: PolicyReport) -> PolicyDates:
    page = report.page
    return PolicyDates(
        title=page.document.title if page else "",
        version=page.version if page else None,
        ratified=page.ratified_on if page else None,
        review_due=page.review_due if page else None,
        overdue_days=page.overdue_days(report.now.date()) if page else 0,
        dates_from=governor_text(page.says) if page else None,
    )


def _signed_policy(report: PolicyReport) -> SignedPolicy:
    page = report.page
    return SignedPolicy(
        **asdict(_policy_dates(report)),
        first=list(map(governor_text, report.first)),
        committee=page.document.committee if page else None,
        signed_by=page.signed_by if page else None,
        signed=page.document.signed if page else None,
    )


def report_comparison(export: Export) -> ReportComparison:
    """Return the time that a report is compared with."""
    beginning = export.beginning
    return ReportComparison(
        with_="a file" if beginning.earlier else "a day" if beginning.day else "the last report",
        day=beginning.day.date() if beginning.day else None,
        in_record=beginning.after is not None if beginning.earlier else None,
    )
