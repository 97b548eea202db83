"""Build the two questions that boards ask first, and the trend from report to report."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from toolkit.board_report.export import Export
from toolkit.board_report.period import Course, whole_record_sentence
from toolkit.board_report.plain_language import about_plainly, governor_text
from toolkit.engine.policy import PolicyReport
from toolkit.planning.policy.page import UNCONFIRMED
from toolkit.planning.policy.statuses import ClauseStanding
from toolkit.records import dataclass
from toolkit.sdk.check import Status
from toolkit.sdk.dates import day

_QUESTIONS = (
    ("web.harmful_filter", "NET-01", "Are filtering and monitoring working, and who tested them?", ""),
    (
        "identity.mfa",
        "",
        "Does everybody need more than a password to sign in?",
        "Often called MFA or two-step verification. The second factor is a code or an app in addition to the password.",
    ),
)
_WORST_FIRST = (Status.FAIL, Status.UNKNOWN, Status.MANUAL, Status.UNAVAILABLE, Status.PASS)
_SAID = {
    Status.PASS: "yes",
    Status.FAIL: "no",
    Status.UNKNOWN: "not known",
    Status.MANUAL: "not confirmed",
    Status.UNAVAILABLE: "cannot be had",
}


@dataclass(frozen=True, slots=True)
class BoardAnswer:
    """The answer to a question of the board, about a part of a control on a cloud."""

    about: str
    answer: str
    detail: str


@dataclass(frozen=True, slots=True)
class BoardQuestion:
    """One of the two questions that boards ask first, with its answers."""

    question: str
    also: str
    answers: Sequence[BoardAnswer]


def board_questions(report: PolicyReport) -> list[BoardQuestion]:
    """Return the two questions that boards ask first, with their answers.

    If nothing is on record, the answer is "Not known".
    """
    return [
        BoardQuestion(question, also, list(_board_answers(control, clause, report)))
        for control, clause, question, also in _QUESTIONS
    ]


def _board_answers(control: str, clause: str, report: PolicyReport) -> Iterator[BoardAnswer]:
    """Yield the findings, worst first, then the confirmations.

    Without findings and confirmations, yield "Not known".
    """
    findings = [control_finding for control_finding in report.looked.findings if control_finding.control == control]
    for control_finding in sorted(
        findings, key=lambda control_finding: _WORST_FIRST.index(control_finding.finding.status)
    ):
        said = UNCONFIRMED if control_finding.finding.status is Status.MANUAL else control_finding.finding.reason
        where = about_plainly(report.looked.subject_of(control_finding.finding.subject, "", control_finding.provider))
        yield BoardAnswer(where, _SAID[control_finding.finding.status], governor_text(said))
    policy = report.playbooks.policy.clauses
    names = {clause} & {other.name for other in policy} or {other.name for other in policy if control in other.controls}
    confirmations = [entry for entry in report.playbooks.registers.attested if entry.clause in names]
    for confirmation in confirmations:
        counts = f"counts until {day(confirmation.until)}" if report.now.date() <= confirmation.until else "overdue"
        yield BoardAnswer(
            "", f"Confirmed by {confirmation.by} on {day(confirmation.on)}, {counts}", confirmation.note or ""
        )
    if not findings and not confirmations:
        yield BoardAnswer("", "Not known", "It is not checked yet, and no one has confirmed it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendReport(Course):
    """The status of the clauses in a report, and the findings that were put right before the report."""

    at: datetime
    all: Mapping[str, int]
    of_judged: Mapping[str, int]
    moved: Sequence[str] | None  # clauses whose status changed; None for the first report


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendInAll(Course):
    """The number of findings put right since the record began, and the number still open."""

    open: int
    told: str


@dataclass(frozen=True, slots=True)
class TrendSection:
    """The reports in order, and the totals of the whole record."""

    reports: Sequence[TrendReport]
    in_all: TrendInAll


def trend(export: Export, judged: Collection[str]) -> TrendSection:
    """Return a line for each released report, oldest first, and a last line for the new report.

    `judged` names the clauses that are checked automatically.
    """
    past, report = export.past, export.report
    now = {status.clause.name: str(status.status) for status in report.statuses}
    released = [(release.at, release.statuses, release.course) for release in reversed(past.released)]
    lines = [*released, (report.now, now, past.since_released)]
    befores = [None, *(statuses for _, statuses, _ in lines)]
    reports = [
        TrendReport(
            at=at,
            all=count_statuses(statuses),
            of_judged=count_statuses({name: word for name, word in statuses.items() if name in judged}),
            moved=_changed_clause_names(before, statuses),
            **asdict(course),
        )
        for (at, statuses, course), before in zip(lines, befores, strict=False)
    ]
    sentence = whole_record_sentence(past.in_all, past.open)
    return TrendSection(reports, TrendInAll(**asdict(past.in_all), open=past.open, told=sentence))


def count_statuses(statuses: Mapping[str, str]) -> Mapping[str, int]:
    """Return the number of clauses with each status."""
    numbers = Counter(statuses.values())
    return {str(standing): numbers[str(standing)] for standing in ClauseStanding}


def _changed_clause_names(before: Mapping[str, str] | None, now: Mapping[str, str]) -> list[str] | None:
    if before is None:
        return None
    return sorted(name for name, status in now.items() if before.get(name, status) != status)
