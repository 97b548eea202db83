"""Build the section about filtering and monitoring: the last tests, who leads, and who reads the alerts."""

from collections.abc import Iterator, Sequence
from datetime import date

from toolkit.board_report.plain_language import capital, governor_text
from toolkit.engine.policy import PolicyReport
from toolkit.messages import one_of
from toolkit.planning.checks.findings import ControlFinding
from toolkit.planning.checks.test_records import AskedTests, FailedTest, RecordedTest
from toolkit.playbook.registers import FilteringDuties
from toolkit.records import dataclass
from toolkit.sdk.check import Status
from toolkit.sdk.dates import day
from toolkit.sdk.statement import Confirmation, Statement
from toolkit.sdk.stored_fields import StoredFields

FILTER = "web.harmful_filter"


class FilterTest(StoredFields):
    """The last test of filtering or of monitoring. If no test is on record, only the sentence is set."""

    part: str
    told: str
    by: str | None = None
    on: date | None = None
    until: date | None = None
    result: str | None = None
    users: Sequence[str] | None = None
    devices: Sequence[str] | None = None
    networks: Sequence[str] | None = None
    failed_before: Sequence[FailedTest] | None = None
    failed_told: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterDuties:
    """The people who lead on filtering and monitoring and who read the alerts, and the annual review."""

    lead: str | None
    governor: str | None
    reviewed: date | None
    review_due: date | None
    alerts: Sequence[str]
    alerts_in_holidays: Sequence[str]


@dataclass(frozen=True, slots=True)
class FilteringSection:
    """The tests of filtering and monitoring, and the people who lead on them, also as sentences."""

    tests: Sequence[FilterTest]
    duties: FilterDuties
    told: Sequence[str]


def filtering_section(report: PolicyReport) -> FilteringSection:
    """Return the last tests of filtering and monitoring, the annual review, and the people who lead and are alerted."""
    tests = [_filter_test(finding) for finding in report.looked.findings if finding.control == FILTER]
    sentences = [text for test in tests for text in (test.told, *test.failed_told)] or [
        "Not known: no one has recorded a test."
    ]
    duties, today = report.playbooks.registers.filtering, report.now.date()
    passed = [test for test in tests if test.failed_before is not None]
    unnamed = passed and not all(test.users for test in passed)
    recorded = list(duty_sentences(duties, today))
    missing = [*_missing_duties(duties, today), *(["as which users it was tested"] if unnamed else [])]
    if missing:
        recorded.append(f"Not recorded: {one_of(missing, 'and')}.")
    return FilteringSection(tests, _duties_section(duties), [*sentences, " ".join(recorded)] if recorded else sentences)


def filtering_requests(report: PolicyReport, untested: str) -> Iterator[str]:
    """Yield requests to the board about tests of filtering and monitoring that were failed or are missing.

    The names of the parts come from the control's findings. Without findings, both parts are missing. `untested` names
    the rules that wait for a test.
    """
    findings = [line.finding for line in report.looked.findings if line.control == FILTER]
    lead = report.playbooks.registers.filtering.lead or "Designated Safeguarding Lead"
    failed = list(dict.fromkeys(finding.subject for finding in findings if finding.has_failed))
    passed = {finding.subject for finding in findings if finding.status is Status.PASS}
    missing = [finding.subject for finding in findings if finding.subject not in {*failed, *passed}]
    if failed:
        tests = f"test{'' if len(failed) == 1 else 's'} of {one_of(failed, 'and')}"
        again = "it will be tested again" if len(failed) == 1 else "they will be tested again"
        yield f"Ask the {lead} which action followed the failed {tests}, and when {again}."
    if missing or not findings:
        parts = one_of(list(dict.fromkeys(missing)) or ["filtering", "monitoring"], "and")
        yield f"Have {parts} tested{f', for {untested}' if untested else ''}."


def duty_sentences(duties: FilteringDuties, today: date) -> Iterator[str]:
    """Yield sentences about the recorded duties for filtering and monitoring.

    A duty that is not recorded has no sentence.
    """
    leads = [
        *([f"senior lead: {duties.lead}"] if duties.lead else []),
        *([f"link governor: {duties.governor}"] if duties.governor else []),
    ]
    if leads:
        yield f"{capital('; '.join(leads))}."
    if duties.reviewed and duties.review_due and duties.reviewed <= today:
        due = "overdue since" if duties.review_due < today else "next due by"
        yield f"Annual review: {day(duties.reviewed)}, {due} {day(duties.review_due)}."
    readers = [
        *([one_of(duties.alerts, "and")] if duties.alerts else []),
        *([f"in the holidays {one_of(duties.alerts_in_holidays, 'and')}"] if duties.alerts_in_holidays else []),
    ]
    if readers:
        yield f"Alerts are read by: {'; '.join(readers)}."


def _missing_duties(duties: FilteringDuties, today: date) -> Iterator[str]:
    if not duties.lead:
        yield "the senior lead"
    if not duties.governor:
        yield "the link governor"
    if not duties.reviewed or duties.reviewed > today:
        yield "the annual review"
    if not duties.alerts:
        yield "who reads the alerts"
    if not duties.alerts_in_holidays:
        yield "who reads the alerts in the holidays"


def _duties_section(duties: FilteringDuties) -> FilterDuties:
    return FilterDuties(
        lead=duties.lead,
        governor=duties.governor,
        reviewed=duties.reviewed,
        review_due=duties.review_due,
        alerts=duties.alerts,
        alerts_in_holidays=duties.alerts_in_holidays,
    )


def _filter_test(control_finding: ControlFinding) -> FilterTest:
    finding = control_finding.finding
    asked_tests = finding.measurement if isinstance(finding.measurement, AskedTests) else None
    word, part = finding.statement, capital(finding.subject)
    if finding.has_failed:
        sentence = f"{part} did not pass its test: {governor_text(finding.reason).rstrip('.')}."
    elif finding.status is not Status.PASS or word is None:
        reason = "no one has confirmed it yet" if finding.status is Status.MANUAL else governor_text(finding.reason)
        sentence = f"{part}: not shown to be working: {reason.rstrip('.')}."
    else:
        places = one_of([*asked_tests.devices, *asked_tests.networks] if asked_tests else [], "and")
        sentence = (
            f"{part}: tested by {_tester_text(word)} on {day(word.on)}{_test_users_text(word)}, passed on {places}; "
            f"next due by {day(word.until)}."
        )
    test = word if isinstance(word, RecordedTest) else None
    return FilterTest(
        part=finding.subject,
        told=sentence,
        by=word.by if word else None,
        on=word.on if word else None,
        until=word.until if word else None,
        result="failed" if finding.has_failed else test.result if test else None,
        users=test.users if test else None,
        devices=asked_tests.devices if asked_tests else None,
        networks=asked_tests.networks if asked_tests else None,
        failed_before=test.failed_before if test else None,
        failed_told=tuple(_failure_sentences(part, word)) if word else (),
    )


def _tester_text(word: Statement) -> str:
    operator = isinstance(word, Confirmation | RecordedTest) and word.operator
    return f"{word.by}{', who runs this tool (the operator’s word),' if operator else ''}"


def _test_users_text(word: Statement) -> str:
    users = word.users if isinstance(word, RecordedTest) else None
    return f" as {one_of(users, 'and')}" if users else ""


def _failure_sentences(part: str, word: Statement) -> Iterator[str]:
    """Yield a sentence about each test that failed before the latest one was passed."""
    failures = word.failed_before if isinstance(word, RecordedTest) else None
    for failure in failures or ():
        places = one_of(failure.networks, "and") or "some devices"
        tested = f"on {day(failure.on)}, tested by {failure.by}"
        yield f"{part} passed on {day(word.on)}, after it failed on {places} {tested}."
