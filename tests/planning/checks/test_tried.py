"""What people test stands by the latest test on each device and network: passed, failed, overdue, or never."""

from collections.abc import Sequence
from datetime import date

import pytest

from toolkit.controls.testing import PeriodicTestSettings
from toolkit.planning.checks.test_records import judge_test_records
from toolkit.playbook.attestations import Trial
from toolkit.sdk.check import Status
from toolkit.sdk.part import Level, Part
from toolkit.sdk.reason import admin_text
from toolkit.sdk.resource import Origin

TODAY = date(2026, 11, 10)
FILTER = Part(name="filtering", level=Level.MANUAL, covers="harm", reason="open each address", tested=True)
WANTED = PeriodicTestSettings(devices=["iPad", "laptop"], networks=["class", "guest"], every_months=12)
KEYS = ("control", "part", "by", "on", "devices", "networks", "result")


def _trial(
    on: str = "2026-10-13",
    devices: Sequence[str] = ("iPad", "laptop"),
    networks: Sequence[str] = ("class", "guest"),
    *,
    passed: bool = True,
    due: str | None = None,
    line: int = 3,
    operator: bool = False,
) -> Trial:
    return Trial(
        control="web.harmful_filter",
        part="filtering",
        by="DSL",
        on=date.fromisoformat(on),
        devices=[*devices],
        networks=[*networks],
        result="passed" if passed else "failed",
        next_due=date.fromisoformat(due) if due else None,
        note=None if passed else "the guest Wi-Fi is open",
        operator=operator,
    ).place(Origin("a.yaml", line), {key: line + number for number, key in enumerate(KEYS)})


LAST = "last tested by DSL on 13 October 2026"
CASES: dict[str, tuple[list[Trial], Status, str]] = {
    "whole": (
        [_trial()],
        Status.PASS,
        f"passed on iPad, laptop, class and guest: {LAST}; next due by 12 October 2027",
    ),
    "sooner": ([_trial(due="2027-01-15")], Status.PASS, "next due by 15 January 2027"),
    "later than the playbook lets it": ([_trial(due="2029-01-15")], Status.PASS, "next due by 12 October 2027"),
    "piece by piece": (
        [_trial("2026-09-08", ["iPad"], ["class"]), _trial("2026-10-13", ["laptop"], ["guest"])],
        Status.PASS,
        f"{LAST}; next due by 7 September 2027",
    ),
    "on its last day": ([_trial("2025-11-11")], Status.PASS, "next due by 10 November 2026"),
    "the day after": ([_trial("2025-11-10")], Status.FAIL, "overdue by 1 day on iPad, laptop, class and guest: last"),
    "overdue in one place": (
        [_trial("2024-10-13"), _trial(networks=["class"])],
        Status.FAIL,
        f"overdue by 394 days on guest: {LAST}",
    ),
    "overdue by its own word": ([_trial(due="2026-10-30")], Status.FAIL, "overdue by 11 days"),
    "never there": ([_trial(networks=["class"])], Status.FAIL, f"never tested on guest; otherwise {LAST}"),
    "never": ([], Status.FAIL, "no one has tested it yet"),
    "failed": (
        [_trial("2026-09-08"), _trial(networks=["guest"], passed=False)],
        Status.FAIL,
        "failed on iPad, laptop and guest: tested by DSL on 13 October 2026: the guest Wi-Fi is open",
    ),
    "failed and mended": (
        [_trial(passed=False), _trial("2026-10-20", line=20)],
        Status.PASS,
        "; failed on class and guest on 13 October 2026, passed when tested again on 20 October 2026",
    ),
    "failed and mended, and never tested elsewhere": (
        [_trial(passed=False, networks=["guest"]), _trial("2026-10-20", line=20, networks=["guest"])],
        Status.FAIL,
        "; failed on guest on 13 October 2026, passed when tested again on 20 October 2026",
    ),
    "failed and mended, and overdue": (
        [_trial("2025-10-13", passed=False), _trial("2025-10-20", line=20)],
        Status.FAIL,
        "; failed on class and guest on 13 October 2025, passed when tested again on 20 October 2025",
    ),
    "failed long ago": ([_trial("2025-10-13", passed=False), _trial()], Status.PASS, "next due by 12 October 2027"),
    "mended on the same day": ([_trial(passed=False), _trial(line=20)], Status.PASS, "passed on iPad"),
    "worse later": ([_trial(), _trial("2026-10-20", passed=False)], Status.FAIL, "failed on iPad, laptop"),
    "tomorrow": ([_trial("2026-11-11")], Status.FAIL, "tested by DSL on 11 November 2026, but this date"),
    "the operator": ([_trial(operator=True)], Status.PASS, "DSL, who also runs toolkit, on 13"),
}


@pytest.mark.parametrize(("trials", "status", "reason"), CASES.values(), ids=CASES)
def test_a_part_stands_as_it_was_last_tested(trials: list[Trial], status: Status, reason: str) -> None:
    finding, advice = judge_test_records(FILTER, [WANTED], trials, TODAY)

    assert (finding.subject, finding.status) == ("filtering", status)
    assert reason in admin_text(finding.reason)
    assert bool(advice) is (status is Status.FAIL)


@pytest.mark.parametrize(
    ("on", "months", "due"),
    [
        ("2026-08-31", 6, "27 February 2027"),
        ("2026-12-31", 1, "27 January 2027"),
        ("2028-02-29", 12, "27 February 2029"),
        ("2026-10-13", 3, "12 January 2027"),
    ],
)
def test_months_are_counted_by_the_calendar_and_never_too_long(on: str, months: int, due: str) -> None:
    wanted = WANTED.model_copy(update={"every_months": months})

    finding, _ = judge_test_records(FILTER, [wanted], [_trial(on)], date.fromisoformat(on))

    assert admin_text(finding.reason).endswith(f"next due by {due}")


def test_advice_names_the_place_and_evidence_what_it_rests_on() -> None:
    finding, advice = judge_test_records(FILTER, [WANTED], [_trial(passed=False)], TODAY)

    assert advice == "correct the cause, repeat the test and add the result below a.yaml:3"
    assert finding.evidence == {
        "devices": ["iPad", "laptop"],
        "networks": ["class", "guest"],
        "probes": 0,
        "by": "DSL",
        "on": "2026-10-13",
        "until": "2027-10-12",
        "result": "failed",
        "operator": False,
        "note": "the guest Wi-Fi is open",
        "origin": "a.yaml:3",
    }


def test_of_several_playbooks_the_strictest_counts_and_all_they_name() -> None:
    other = PeriodicTestSettings(devices=["Chromebook"], networks=["class"], every_months=1)

    finding, _ = judge_test_records(FILTER, [WANTED, other], [_trial(devices=["iPad", "laptop", "Chromebook"])], TODAY)

    assert admin_text(finding.reason).endswith("next due by 12 November 2026")
    assert admin_text(judge_test_records(FILTER, [WANTED, other], [_trial()], TODAY)[0].reason).startswith(
        "never tested on Chromebook"
    )
