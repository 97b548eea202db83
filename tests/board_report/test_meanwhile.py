"""What an export tells of the time before, read from a ledger once: from the last export, a day, or a file on."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from toolkit.board_report.period import Beginning, Course, EarlierStatuses, ReportPast
from toolkit.board_report.period_scan import _PeriodScan, read_past
from toolkit.drift.run import EXPORT_COMMAND
from toolkit.ledger.act_kinds import HOLD
from toolkit.ledger.entries import (
    Action,
    Entry,
    ReportReleased,
    RunBegan,
    RunEnded,
    StepBegan,
    StepEnded,
    StepFailed,
    StepVerdict,
    StepVerified,
)
from toolkit.ledger.findings import DriftSeen, Fixed, Sighting
from toolkit.ledger.lease import Lease
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.redact import Redactor
from toolkit.planning.finding_state import Ending, FindingState
from toolkit.sdk.resource import Address

FIRST = datetime(2026, 9, 1, 2, 30, tzinfo=UTC)
RULE = Address("microsoft365", "transport_rule", "A")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Fill a ledger: a policy run, an export, a night that finds two things, an apply, a night after, an export."""
    with Ledger(tmp_path, redactor=Redactor()) as ledger:
        with Lease(ledger, run="apply"):
            for entry in _entries():
                ledger.append(entry)
        yield ledger


def test_without_a_day_it_is_told_what_happened_since_the_last_export(ledger: Ledger) -> None:
    past = read_past([ledger], Beginning())

    assert [(one.at, one.statuses["EML-18"]) for one in past.exports] == [(_on(5), "met"), (_on(1), "partly")]
    assert past.before == past.exports[0]
    assert (past.writes, past.last_writes, past.findings, past.released) == ([], {}, [], [])
    assert (past.in_all, past.open) == (Course(found=2, put_right=1, minutes=1440), 0)
    assert (past.looks, past.longest, past.last_look) == (0, timedelta(), _on(5))


def test_what_was_found_is_counted_from_one_released_report_to_the_next(ledger: Ledger) -> None:
    second = next(run.began.run for run in ledger.recorded_runs() if run.began.command == EXPORT_COMMAND)
    for entry in _run("release", 6, "report release", _released("release", second)):
        ledger.append(entry)

    past = read_past([ledger], Beginning())

    assert [(one.at, one.course) for one in past.released] == [
        (_on(5), Course(found=2, put_right=1, minutes=1440)),
    ]
    assert past.since_released == Course()


def test_since_a_day_the_last_look_before_it_counts_and_what_is_secret_or_a_message_is_not_told(ledger: Ledger) -> None:
    past = read_past([ledger], Beginning(day=_on(2)))

    assert (past.before and past.before.at, past.before and past.before.statuses) == (_on(1), {"EML-18": "partly"})
    assert [(one.command, one.counts) for one in past.writes] == [("apply", {RULE.kind_path: 2})]
    assert past.last_writes == {RULE: _on(3), Address("microsoft365", "transport_rule", "C"): _on(3)}
    assert _ends(past) == [(RULE, "person-1", Ending.REPAIRED), (Address(*RULE_B), None, Ending.ACCEPTED)]
    assert past.course == Course(found=2, put_right=1, minutes=1440)

    assert (past.looks, past.longest, past.last_look) == (3, timedelta(days=2), _on(5))

    early = read_past([ledger], Beginning(day=FIRST - timedelta(days=9)))
    assert early.before
    assert early.before.at == _on(0)  # nothing is older: the first look counts


def test_what_is_changed_again_after_each_repair_is_told_each_time_until_the_run_that_put_it_right() -> None:
    def night(number: int, *fixed: Fixed) -> list[Entry]:
        at = FIRST + timedelta(days=number)
        one = Sighting("A", str(RULE), "", "different", FindingState.OPEN, at, "not known")
        return _run(
            f"n{number}", number, "drift", DriftSeen(run="n", at=at, found=() if fixed else (one,), fixed=fixed)
        )

    telling = _PeriodScan(Beginning())
    entries = [
        *_run("a0", 0, "apply", *_step(0, RULE, Action.CREATE, "a0", hours=1)),
        *night(1),
        *_run("a1", 1, "apply", *_step(0, RULE, Action.UPDATE, "a1", hours=24 + 5)),
        *night(2),
        *_run("a2", 2, "apply", *_step(0, RULE, Action.UPDATE, "a2", hours=48 + 7)),
        *night(3, Fixed("A", Ending.REPAIRED)),
    ]
    for n, entry in enumerate(entries, start=1):
        telling.add(n, entry)
    past = telling.past()

    assert [(one.since, one.ended) for one in past.findings] == [
        (_on(1), _on(1) + timedelta(hours=5)),
        (_on(2), _on(2) + timedelta(hours=7)),
    ]
    assert past.course == Course(found=2, put_right=2, minutes=6 * 60)
    assert past.open == 0


def test_since_a_file_only_what_came_after_its_entries_is_told(ledger: Ledger) -> None:
    file = EarlierStatuses(at=_on(9), playbooks="d0", statuses={"EML-18": "not met"})

    by_entry, by_time = (read_past([ledger], Beginning(earlier=file, after=after)) for after in (9, None))

    assert (by_entry.before, by_time.before) == (file, file)
    assert (len(by_entry.writes), len(by_time.writes)) == (1, 0)


RULE_B = ("microsoft365", "transport_rule", "B")


def _on(days: int) -> datetime:
    return FIRST + timedelta(days=days)


def _ends(past: ReportPast) -> list[tuple[Address, str | None, Ending | None]]:
    return [(one.address, one.actor, one.how) for one in past.findings]


def _released(run: str, report: str) -> ReportReleased:
    return ReportReleased(run=run, at=_on(6), report=report, by="Head Teacher")


def _run(run: str, days: int, command: str, *entries: Entry, status: str = "") -> list[Entry]:
    statuses = {"EML-18": status} if status else {}
    began = RunBegan(run=run, at=_on(days), command=command, target="live", tenants={}, version="1", playbooks="d1")
    return [began, *entries, RunEnded(run=run, at=_on(days), exit=0, summary={}, statuses=statuses)]


def _step(step: int, address: Address, action: Action, run: str = "apply", hours: int = 72) -> list[Entry]:
    at = FIRST + timedelta(hours=hours)
    began = StepBegan(run=run, step=step, at=at, address=address, action=action, before=None, sent={})
    ended = StepEnded(run=run, step=step, at=at, remote_id=None, name=None, returned=None)
    return [began, ended]


def _entries() -> list[Entry]:
    rule, other = (
        Sighting(
            key, str(Address("microsoft365", "transport_rule", key)), "", "missing", FindingState.OPEN, _on(2), why
        )
        for key, why in (("A", "tenant"), ("B", "both"))
    )
    told_by_nobody = (
        Sighting("E", str(RULE), "x", "different", FindingState.OPEN, _on(2), "time"),
        Sighting("F", str(Address(*RULE_B)), "y", "different", FindingState.OPEN, _on(2), "not known"),
    )
    who = Sighting("A", rule.address, "", "missing", FindingState.OPEN, _on(2), "tenant", "person-1", person=True)
    fixed = (Fixed("A", Ending.REPAIRED), Fixed("B", Ending.ACCEPTED))
    refused = Address("microsoft365", "transport_rule", "D")
    looked_for = Address("microsoft365", "transport_rule", "C")
    steps: list[Entry] = [
        *_step(0, RULE, Action.CREATE),
        *_step(1, Address("microsoft365", HOLD, "secret"), Action.CREATE),
        *_step(2, Address("toolkit", "digest", "office"), Action.SEND),
        _step(3, refused, Action.UPDATE)[0],
        StepFailed(run="apply", step=3, at=_on(3), error="no"),
        _step(4, looked_for, Action.CREATE)[0],
        StepVerified(run="apply", step=4, at=_on(3), by="apply", verdict=StepVerdict.APPLIED),
    ]
    return [
        *_run("policy", 0, "policy", status="not met"),
        *_run("first", 1, EXPORT_COMMAND, status="partly"),
        *_run("night", 2, "drift", DriftSeen(run="night", at=_on(2), found=(rule, other, *told_by_nobody))),
        *_run("hours", 2, "drift", DriftSeen(run="hours", at=_on(2), found=(who,))),
        *_run("apply", 3, "apply", *steps),
        *_run("after", 4, "drift", DriftSeen(run="after", at=_on(4), fixed=fixed)),
        *_run("last", 5, EXPORT_COMMAND, status="met"),
    ]
