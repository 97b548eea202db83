"""A file of attestations says who confirmed what, when, and until when; what is wrong is told with its line."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.playbook.conftest import SCHOOL
from toolkit.errors import PlaybookError
from toolkit.playbook.attestations import Attestation, last_day
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.load import load
from toolkit.playbook.vocabulary import Vocabulary
from toolkit.sdk.resource import Origin

Files = Mapping[str, str | bytes]
Loaded = Callable[[Files], Playbooks]
Refused = Callable[[Files], list[str]]
Write = Callable[[Files], Path]

LABEL = "playbook: x\ncontrols:\n  - mail.label: {for: staff}\n"
WHOLE = """\
attestations: mail-on-microsoft
confirmed:
  - control: mail.label
    provider: microsoft365
    part: mail without the label
    by: Head Teacher
    on: 2026-09-07
    until: 2027-01-31
    note: Seen in the admin console.
    operator: true
"""


def _entry(more: str = "", *, on: str = "2026-09-07", part: str = "unlabelled") -> str:
    return f"  - {{control: mail.label, provider: microsoft365, part: {part}, by: Head, on: {on}{more}}}\n"


def _file(*entries: str) -> str:
    return f"attestations: mail\nconfirmed:\n{''.join(entries)}"


def test_an_attestation_is_loaded_as_written(load_files: Loaded) -> None:
    playbooks = load_files({"10-x.yaml": LABEL, "90-attestations.yaml": WHOLE})

    assert playbooks.attestations == (
        Attestation(
            control="mail.label",
            provider="microsoft365",
            part="mail without the label",
            by="Head Teacher",
            on=date(2026, 9, 7),
            until=date(2027, 1, 31),
            note="Seen in the admin console.",
            operator=True,
        ).place(
            Origin("playbooks/90-attestations.yaml", 3),
            {"control": 3, "provider": 4, "part": 5, "by": 6, "on": 7, "until": 8, "note": 9, "operator": 10},
        ),
    )
    assert "attestations" not in playbooks.others


def test_what_can_be_left_out_is_left_out(load_files: Loaded) -> None:
    (one,) = load_files({"10-x.yaml": LABEL, "90-a.yaml": _file(_entry())}).attestations

    assert (one.until, one.note, one.operator) == (date(2027, 9, 6), None, False)


@pytest.mark.parametrize("text", ["attestations: mail", "attestations: mail\nconfirmed:", _file("  []")])
def test_a_file_in_which_nothing_is_confirmed_yet_is_one(load_files: Loaded, text: str) -> None:
    assert load_files({"90-a.yaml": text}).attestations == ()


@pytest.mark.parametrize(
    ("on", "until"),
    [
        (date(2026, 9, 7), date(2027, 9, 6)),
        (date(2027, 3, 1), date(2028, 2, 29)),
        (date(2028, 2, 29), date(2029, 2, 28)),
        (date(2026, 1, 1), date(2026, 12, 31)),
        (date.max, date.max),
    ],
)
def test_without_until_an_attestation_counts_for_a_year(on: date, until: date) -> None:
    assert last_day(on) == until


def test_the_same_part_may_be_confirmed_again_after_the_first_time_ended(load_files: Loaded) -> None:
    text = _file(_entry(", until: 2026-12-31"), _entry(on="2027-01-01"), _entry(part="other"))

    assert [one.on.year for one in load_files({"10-x.yaml": LABEL, "90-a.yaml": text}).attestations] == [
        2026,
        2027,
        2026,
    ]


def test_a_playbook_that_is_loaded_by_itself_comes_with_what_was_confirmed_of_it(
    write: Write, vocabulary: Vocabulary
) -> None:
    audit = _entry().replace("mail.label", "web.audit")
    root = write({"10-x.yaml": LABEL, "90-a.yaml": _file(_entry(), audit), "91-b.yaml": "["})

    assert [one.control for one in load(root / "10-x.yaml", vocabulary).attestations] == ["mail.label"]
    assert len(load(root / "90-a.yaml", vocabulary).attestations) == 2


BAD = {
    "an unknown key": ("attestations: x\nconfirm: []", 2, "unknown key `confirm`: did you mean `confirmed`?"),
    "a short name that is none": ("attestations: [x]", 1, "`attestations` must be text"),
    "entries that are no list": ("attestations: x\nconfirmed: {}", 2, "`confirmed` must be a list"),
    "an entry that is a word": (
        _file("  - mail.label\n"),
        3,
        "entry 1 of `confirmed` must be a table of settings, not",
    ),
    "a missing word": (_file(_entry().replace("by: Head, ", "")), 3, "entry 1 of `confirmed` needs `by`"),
    "a misspelt word": (_file(_entry(", untill: 2027-01-01")), 3, "unknown key `untill`: did you mean `until`?"),
    "an unknown control": (
        WHOLE.replace("mail.label", "mail.lable"),
        3,
        "unknown control `mail.lable`: did you mean `mail.label`?",
    ),
    "an unknown provider": (
        WHOLE.replace("microsoft365", "microsoft_365"),
        4,
        "unknown provider `microsoft_365`: did you mean `microsoft365`?",
    ),
    "another school's provider": (
        WHOLE.replace("microsoft365", "google_workspace"),
        4,
        "playbooks/00-school.yaml does not have a tenant of google_workspace. Delete the entry, or add the tenant",
    ),
    "an empty part": (WHOLE.replace("mail without the label", '""'), 5, "`part` of entry 1 of `confirmed`: must be"),
    "nobody": (WHOLE.replace("Head Teacher", ""), 6, "`by` of entry 1 of `confirmed` must be text, not nothing"),
    "a day that is none": (
        WHOLE.replace("2026-09-07", "2026-09-31"),
        7,
        "`on` of entry 1 of `confirmed`: the calendar has no 2026-09-31: did you mean `2026-09-30`?",
    ),
    "a day as people say it": (
        WHOLE.replace("2026-09-07", "7.9.2026"),
        7,
        '`on` of entry 1 of `confirmed` must be a date such as 2026-11-25, not "7.9.2026": did you mean `2026-09-07`?',
    ),
    "a moment": (
        WHOLE.replace("2026-09-07", "2026-09-07T00:00:00"),
        7,
        "`on` of entry 1 of `confirmed` must be a date",
    ),
    "a year": (WHOLE.replace("2026-09-07", "2026"), 7, "`on` of entry 1 of `confirmed` must be a date such as"),
    "an end before the beginning": (
        WHOLE.replace("2027-01-31", "2026-09-06"),
        8,
        "`until` of entry 1 of `confirmed`: 2026-09-06 comes before 2026-09-07, the day in `on`",
    ),
    "an empty note": (
        WHOLE.replace("Seen in the admin console.", "''"),
        9,
        "`note` of entry 1 of `confirmed` must not",
    ),
    "a word for true": (WHOLE.replace("true", "yes"), 10, "`operator` of entry 1 of `confirmed` must be true or false"),
    "the same part twice": (
        _file(_entry(), _entry(part="other"), _entry(on="2027-09-06")),
        5,
        "`unlabelled` of mail.label on microsoft365 is confirmed twice for the same days, first at playbooks/90-a.y",
    ),
}


@pytest.mark.parametrize(("text", "line", "message"), BAD.values(), ids=BAD)
def test_a_file_of_attestations_that_cannot_be_used_is_refused(
    refused: Refused, text: str, line: int, message: str
) -> None:
    problems = refused({"10-x.yaml": LABEL, "90-a.yaml": text})

    assert len(problems) == 1
    assert problems[0].startswith(f"playbooks/90-a.yaml:{line}: {message}")


def test_all_that_is_wrong_is_told_at_once(refused: Refused) -> None:
    first = _entry(on="2026-13-01").replace("mail.label", "mail.lable")
    second = _entry(", until: 2020-01-01").replace("microsoft365", "google_workspace")

    problems = refused({"10-x.yaml": "playbook: x\nmode: no\n", "90-a.yaml": _file(first, second)})

    assert [problem.split(" ")[0] for problem in problems] == [
        "playbooks/10-x.yaml:2:",
        "playbooks/90-a.yaml:3:",
        "playbooks/90-a.yaml:3:",
        "playbooks/90-a.yaml:4:",
        "playbooks/90-a.yaml:4:",
    ]


def test_the_same_part_in_two_files_names_both(refused: Refused) -> None:
    problems = refused({"10-x.yaml": LABEL, "90-a.yaml": _file(_entry()), "91-b.yaml": _file(_entry())})

    assert problems[0].startswith(
        "playbooks/91-b.yaml:3: `unlabelled` of mail.label on microsoft365 is confirmed twice"
    )
    assert "first at playbooks/90-a.yaml:3" in problems[0]


WORDS = ["control", "provider", "part", "by", "on", "until", "note", "operator", "attestations"]
VALUES: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.dates().map(str)
    | st.sampled_from(["mail.label", "microsoft365", "2026-09-07", "2026-02-30", "9999-12-31"]),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(WORDS), below, max_size=9),
    max_leaves=12,
)  # fmt: skip


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(written=st.lists(st.dictionaries(st.sampled_from(WORDS), VALUES, max_size=9) | VALUES, max_size=3) | VALUES)
def test_any_values_give_attestations_or_problems(vocabulary: Vocabulary, written: object) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / "00-school.yaml").write_text(SCHOOL)
        (Path(folder) / "90-a.yaml").write_text(json.dumps({"attestations": "x", "confirmed": written}))
        problems = _problems(Path(folder), vocabulary)

    assert all(problem.isprintable() for problem in problems)


def _problems(folder: Path, vocabulary: Vocabulary) -> list[str]:
    try:
        load(folder, vocabulary)
    except PlaybookError as error:
        return [str(problem) for problem in error.problems]
    return []
