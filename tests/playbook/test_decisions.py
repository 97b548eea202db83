"""Files of decisions: what the policy leaves open, what was decided, and what waits while it was not."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from toolkit.errors import PlaybookError
from toolkit.playbook.choices import CHOICES
from toolkit.playbook.json_schema import schema
from toolkit.playbook.load import load

SAMPLES = Path(__file__).parent.parent.parent / "playbooks"
SCHOOL = """\
school: Example Primary School
short_name: EPS
domains: [example-primary.example]
time_zone: Europe/London
tenants:
  microsoft365: {tenant_id: emulated, domain: example-primary.example}
roles:
  staff: {microsoft365: all-staff@example-primary.example}
"""
ACCOUNTS = """\
playbook: accounts
clauses: [SEC-03, SEC-08]
controls:
  - identity.idle_lock:
      for: staff
      minutes: {decision: C16.lock_minutes}
  - mail.personal_label: {for: staff, rests_on: [C1, C20], labels: [personal]}
  - data.retention: {schedule_ref: Schedule, mail: {decision: C12.mail}, files: {decision: C12.files}}
"""
SCREENS = """\
  - decision: C16
    value: {lock_minutes: 7, signout_minutes: 60, lock_counts_as_logoff: true}
    by: Head Teacher
    on: 2026-10-15
"""
USE = "  - {decision: C1, value: incidental_labelled, by: Governors, on: 2026-10-14}\n"
FULL = "  - {decision: C20, value: full, by: Governors, on: 2026-10-14}\n"
PERIODS = """\
  - decision: C12
    value: {mail: 7 years, files: undecided, chat: undecided, schedule_ref: Schedule}
    by: Governors
    on: 2026-10-14
"""
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_files(decided: str | None, accounts: str = ACCOUNTS) -> Path:
        (tmp_path / "00-school.yaml").write_text(SCHOOL)
        (tmp_path / "10-accounts.yaml").write_text(accounts)
        if decided is not None:
            (tmp_path / "05-decisions.yaml").write_text(f"decisions: policy\ndecided:\n{decided}")
        return tmp_path

    return write_files


def _settings(path: Path) -> Mapping[str, Any]:
    (playbook,) = load(path).playbooks
    return {one.name: one.settings for one in playbook.controls}


def _problems(path: Path) -> list[str]:
    with pytest.raises(PlaybookError) as caught:
        load(path)
    return [f"{Path(one.path).name}:{one.line}: {one.message}" for one in caught.value.problems]


def test_what_was_decided_stands_in_the_settings_that_refer_to_it(write: Write) -> None:
    path = write(SCREENS + USE + FULL + PERIODS)

    settings = _settings(path)

    assert settings["identity.idle_lock"].minutes == 7
    assert (settings["data.retention"].mail, settings["data.retention"].files) == ("7 years", "undecided")
    assert "mail.personal_label" in settings
    assert load(path).waiting == ()
    assert load(path / "10-accounts.yaml").decisions.decided.keys() == {"C1", "C12", "C16", "C20"}


def test_what_nobody_decided_holds_up_what_rests_on_it_and_nothing_else(write: Write) -> None:
    playbooks = load(write("  - {decision: C16, value: undecided}\n" + USE))

    assert [(one.name, one.decisions, one.origin.line) for one in playbooks.waiting] == [
        ("identity.idle_lock", ("C16",), 4),
        ("mail.personal_label", ("C20",), 7),
    ]
    (retention,) = playbooks.playbooks[0].controls
    assert retention.written["mail"] == "undecided"  # of it only the periods wait
    undecided = {one.name: [waiting.name for waiting in one.waiting] for one in playbooks.open_choices}
    assert undecided.keys() == CHOICES.keys() - {"C1"}
    assert (undecided["C16"], undecided["C12"]) == (["identity.idle_lock"], [])


def test_without_a_file_of_decisions_only_what_a_control_rests_on_is_open(write: Write) -> None:
    assert [one.name for one in load(write(None)).open_choices] == ["C1", "C12", "C16", "C20"]
    assert load(write(None, "playbook: accounts\n")).open_choices == ()


def test_a_period_that_is_left_open_leaves_its_decision_open(write: Write) -> None:
    undecided = [one.name for one in load(write(SCREENS + USE + FULL + PERIODS)).open_choices]

    assert "C12" in undecided
    assert "C16" not in undecided


@pytest.mark.parametrize(
    ("decided", "told"),
    [
        ("  - {decision: C61, value: 1}\n", ":3: unknown decision `C61`: did you mean `C6`?"),
        ("  - {decision: C1, value: sometimes, by: Head, on: 2026-10-14}\n", ":3: `value` must be "),
        ("  - {decision: C1, value: prohibited}\n", ":3: C1 does not say who decided it and when. Add `by` and `on`"),
        (USE + USE, ":4: C1 is decided twice. The first decision is at "),
        (USE + "  - {decision: C2, value: any, by: Head, on: 2026-10-14}\n", ":4: C2: `any` personal use can "),
        ("  - {decision: C7, value: {min_length: 6}, by: Head, on: 2026-10-14}\n", ":3: `value.min_length` "),
        ("  - {decision: C17, value: [exe], by: Head, on: 2026-10-14}\n", ":3: `value`: must contain cmd, vbe"),
        ("  - C1\n", ":3: an entry must begin with the name of a decision, such as `decision: C16`"),
        (
            "  - {decision: C4, value: [teams], by: Head, on: 2026-10-14, review: 2026-10-13}\n",
            ":3: `review`: 2026-10-13",
        ),
    ],
)
def test_what_is_wrong_in_a_file_of_decisions_is_told_with_its_line(write: Write, decided: str, told: str) -> None:
    found = [one for one in _problems(write(decided)) if one.startswith("05-decisions.yaml")]

    assert any(one.startswith(f"05-decisions.yaml{told}") for one in found), found


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("C16.lock_minutes", "C16.minutes", ":6: minutes: C16 does not decide `minutes`"),
        ("C16.lock_minutes", "C16", ":6: minutes: C16 decides several values. Write one of C16.lock_minutes"),
        ("C16.lock_minutes", "C99", ":6: minutes: unknown decision `C99`"),
        ("[C1, C20]", "[C1, D20]", ":7: unknown decision `D20`"),
        ("C16.lock_minutes", "C16.lock_counts_as_logoff", ":6: `minutes` must be a whole number"),
        ("      minutes:", "      minuets:", ":6: unknown setting `minuets`"),
    ],
)
def test_what_is_wrong_where_a_control_refers_to_a_decision_is_told_with_its_line(
    write: Write, old: str, new: str, told: str
) -> None:
    found = _problems(write(SCREENS + USE + FULL, ACCOUNTS.replace(old, new)))

    assert [one.startswith(f"10-accounts.yaml{told}") for one in found] == [True], found


def test_a_setting_is_known_although_nobody_decided_its_value(write: Write) -> None:
    found = _problems(write(None, ACCOUNTS.replace("for: staff\n", "fore: staff\n")))

    assert any(one.startswith("10-accounts.yaml:5: unknown setting `fore`") for one in found), found


def test_the_samples_decide_every_choice() -> None:
    samples = load(SAMPLES)

    assert samples.decisions.decided.keys() == CHOICES.keys()
    assert (samples.open_choices, samples.waiting) == ((), ())


def test_the_schema_offers_what_may_be_decided_and_where_it_may_be_referred_to() -> None:
    written = json.loads(json.dumps(schema()))["$defs"]

    entry = written["decisions"]["properties"]["decided"]["anyOf"][0]["items"]
    assert entry["properties"]["decision"]["enum"] == list(CHOICES)
    of_c1 = next(one["then"] for one in entry["allOf"] if one["if"]["properties"]["decision"] == {"const": "C1"})
    allowed = [value for one in of_c1["properties"]["value"]["anyOf"] for value in one.get("enum", [one.get("const")])]
    assert allowed == ["prohibited", "serious_only", "incidental_labelled", "undecided"]
    assert "EML-02" in of_c1["properties"]["value"]["description"]
    minutes = written["identity.idle_lock"]["properties"]["minutes"]
    assert {"$ref": "#/$defs/decided"} in minutes["anyOf"]
    assert "C16.lock_minutes" in written["decided"]["properties"]["decision"]["enum"]
    assert "anyOf" not in written["identity.idle_lock"]["properties"]["rests_on"]
