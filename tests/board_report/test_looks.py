"""What a report says of the time before it: how often anybody looked, what was found, and where nobody knows."""

from datetime import UTC, datetime, timedelta

import pytest

from toolkit.board_report.period import Course, EarlierStatuses, ReportPast, period_sentences, whole_record_sentence

NOW = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
BEFORE = EarlierStatuses(at=NOW - timedelta(days=30), playbooks="d", statuses={})
ASKED = "outside the agreed set-up."
TWICE, NINE = (f"In this time it looked for changes {number} times." for number in (2, 9))
ONCE = "In this time it looked for changes once."

TIMES = {
    "a first report": (ReportPast(), ""),
    "nobody looked": (
        ReportPast(before=BEFORE),
        "The tool did not look for changes since then, so changes that were made and reversed are unknown.",
    ),
    "a quiet month": (
        ReportPast(before=BEFORE, looks=30, longest=timedelta(days=1), last_look=NOW - timedelta(hours=7)),
        f"In this time it looked for changes 30 times. Nothing was found changed {ASKED}",
    ),
    "one change, put right": (
        ReportPast(before=BEFORE, looks=1, course=Course(found=1, put_right=1, minutes=300)),
        f"{ONCE} 1 thing was found changed {ASKED} 1 was put right, after 5 hours.",
    ),
    "some changes of which none was put right": (
        ReportPast(before=BEFORE, looks=2, course=Course(found=3)),
        f"{TWICE} 3 things were found changed {ASKED} None was put right.",
    ),
    "what was found before and put right now": (
        ReportPast(before=BEFORE, looks=2, course=Course(put_right=2, minutes=4000)),
        (
            f"{TWICE} Nothing more was found changed {ASKED} 2 were put right, half of them"
            " within 3 days of being seen first."
        ),
    ),
    "a week in which nobody looked": (
        ReportPast(before=BEFORE, looks=9, longest=timedelta(days=7), last_look=NOW),
        (f"{NINE} Nothing was found changed {ASKED} The longest time without a check was 7 days."),
    ),
    "nobody has looked for a week": (
        ReportPast(before=BEFORE, looks=9, longest=timedelta(days=1), last_look=NOW - timedelta(days=6)),
        (f"{NINE} Nothing was found changed {ASKED} The longest time without a check was 6 days."),
    ),
}


@pytest.mark.parametrize(("past", "said"), TIMES.values(), ids=TIMES.keys())
def test_the_time_between_two_reports_is_told_in_whole_sentences(past: ReportPast, said: str) -> None:
    assert " ".join(period_sentences(past, NOW)) == f"No run of the tool changed anything. {said}".strip()


def test_all_the_time_is_told_in_whole_sentences() -> None:
    assert whole_record_sentence(Course(), 0) == f"As far as the record reaches, nothing was found changed {ASKED}"
    assert whole_record_sentence(Course(found=3, put_right=1, minutes=90), 2) == (
        f"As far as the record reaches: 3 things were found changed {ASKED} 1 was put right, after 90 minutes. "
        "2 are still open, as was seen last."
    )
