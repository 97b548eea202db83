"""What boards ask first of filtering and monitoring: the last tests, who leads on them, and who reads the alerts."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from toolkit.board_report.plain_language import capital, plainly
from toolkit.engine.policy import PolicyReport
from toolkit.planning.checks.findings import ControlFinding
from toolkit.playbook.registers import FilteringDuties
from toolkit.sdk.check import Status
from toolkit.sdk.dates import day
from toolkit.values import Body, Json
from toolkit.yaml.messages import one_of

FILTER = "web.harmful_filter"


def filtering(report: PolicyReport) -> Body:
    """Return the last test of filtering and of monitoring, who leads on them, the annual review, and who is alerted."""
    tests = [_test(found) for found in report.looked.findings if found.control == FILTER]
    told: list[Json] = [str(test["told"]) for test in tests] or ["Not known: no one has recorded a test."]
    duties, today = report.playbooks.registers.filtering, report.now.date()
    passed = [test for test in tests if "failed_before" in test]
    recorded = list(duties_told(duties, today))
    missing = [*_missing(duties, today), *(["as which users it was tested"] if passed and not _users(passed) else [])]
    if missing:
        recorded.append(f"Not recorded: {one_of(missing, 'and')}.")
    return {"tests": [*tests], "duties": _duties(duties), "told": [*told, " ".join(recorded)] if recorded else told}


def duties_told(duties: FilteringDuties, today: date) -> Iterator[str]:
    """Return in sentences what the school recorded of filtering and monitoring; what it did not is left out."""
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


def _missing(duties: FilteringDuties, today: date) -> Iterator[str]:
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


def _duties(duties: FilteringDuties) -> dict[str, Json]:
    return {
        "lead": duties.lead,
        "governor": duties.governor,
        "reviewed": duties.reviewed.isoformat() if duties.reviewed else None,
        "review_due": duties.review_due.isoformat() if duties.review_due else None,
        "alerts": [*duties.alerts],
        "alerts_in_holidays": [*duties.alerts_in_holidays],
    }


def _users(tests: Sequence[Mapping[str, Json]]) -> bool:
    return all(_words(test, "users") for test in tests)


def _test(found: ControlFinding) -> dict[str, Json]:
    finding = found.finding
    known = finding.evidence
    part = capital(finding.subject)
    if finding.status is not Status.PASS or "by" not in known:
        reason = "no one has confirmed it yet" if finding.status is Status.MANUAL else plainly(finding.reason)
        told = f"{part}: not shown to be working: {reason}."
    else:
        places = one_of([*_words(known, "devices"), *_words(known, "networks")], "and")
        told = (
            f"{part}: tested by {_tester(known)} on {_day(known, 'on')}{_as_users(known)}, passed on {places}; "
            f"{''.join(_failures(known))}next due by {_day(known, 'until')}."
        )
    kept = ("by", "on", "until", "result", "users", "devices", "networks", "failed_before")
    return {"part": finding.subject, "told": told, **{name: known[name] for name in kept if name in known}}


def _tester(known: Mapping[str, Json]) -> str:
    return f"{known['by']}{', who runs this tool (the operator’s word),' if known.get('operator') else ''}"


def _as_users(known: Mapping[str, Json]) -> str:
    users = _words(known, "users")
    return f" as {one_of(users, 'and')}" if users else ""


def _failures(known: Mapping[str, Json]) -> Iterator[str]:
    before = known.get("failed_before")
    for failure in before if isinstance(before, Sequence) and not isinstance(before, str) else ():
        if isinstance(failure, Mapping):
            places = one_of(_words(failure, "networks"), "and") or "some devices"
            again = _day(known, "on")
            yield f"failed on {places} on {_day(failure, 'on')}, passed when tested again on {again}; "


def _words(known: Mapping[str, Json], name: str) -> list[str]:
    value = known.get(name)
    return [str(each) for each in value] if isinstance(value, Sequence) and not isinstance(value, str) else []


def _day(known: Mapping[str, Json], name: str) -> str:
    return day(date.fromisoformat(str(known[name])))
