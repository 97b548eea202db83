"""Checklists: what can be read is verified by reading, the rest is stated by a role, and no name is in the ledger."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.door import CommandResult, Door
from tests.schools import Schools
from toolkit.holds.register import new_key

MICROSOFT, GOOGLE = "users", "google.users"
DPO = ("--by", "Data Protection Officer")
OWN = """\
checklists: school
lists:
  - name: visit
    title: When an author visits
    steps:
      - {step: stick, text: Lend a stick., owner: IT support, due: -1}
      - step: restore
        text: Restore something.
        owner: IT support
        verified_by: {record: backup_restore_test}
"""
CHANNELS = """
notifications:
  channels:
    office: {by: mail, from: office@example-primary.example, to: it@example-primary.example}
"""


@pytest.fixture
def school(schools: Schools) -> Door:
    """Open the door of a school of few people with the sample's accounts and leavers."""
    door = schools.build({"users": 24, "staff": 14}, samples=True)
    for path in door.playbooks.glob("*.yaml"):
        if path.name[:2] not in {"00", "05", "10", "61", "64", "91"}:
            path.unlink()
    return door


def _ask(door: Door, *words: str, says: str | None = None, **variables: str) -> CommandResult:
    return door("checklist", *words, "--playbooks", str(door.playbooks), says=says, **variables)


def _steps(answered: CommandResult) -> Mapping[str, Any]:
    (one,) = answered.json["checklists"]
    return {step["step"]: step for step in one["steps"]}


def _ledger(door: Door, table: str = "entry", column: str = "text") -> str:
    with closing(sqlite3.connect(door.state / "emulator" / "ledger.db")) as ledger:
        return "".join(text for (text,) in ledger.execute(f"SELECT {column} FROM {table}"))


def _address(door: Door) -> str:
    return f"edwin.elmsworth@{door.tenant.domain}"


def _leaver(door: Door) -> CommandResult:
    return _ask(door, "start", "leaver", "--person", "-", "--json", says=f"{_address(door).upper()}\n")


def _block(door: Door, *clouds: str) -> None:
    for collection, changes in ((MICROSOFT, {"accountEnabled": False}), (GOOGLE, {"suspended": True})):
        if collection in clouds:
            named = door.tenant.objects(collection).items()
            (key,) = (k for k, one in named if _address(door) in {one.get("mail"), one.get("primaryEmail")})
            door.tenant.patch(collection, key, **changes)


def test_no_step_of_a_leaver_is_done_before_the_question_about_holds(school: Door) -> None:
    assert _leaver(school).exit == 0

    early = _ask(school, "done", "leaver-1/reply", "--by", "School Business Manager")
    assert early.exit == 2
    assert "leaver-1/hold-question comes first: Ask whether" in early.err

    assert _ask(school, "done", "leaver-1/hold-question", *DPO).exit == 0
    later = _ask(school, "done", "leaver-1/reply", "--by", "School Business Manager", "--json")
    assert _steps(later)["reply"]["by"] == "School Business Manager"
    assert "done already" in _ask(school, "done", "leaver-1/reply", *DPO).err


def test_the_question_about_holds_shows_what_the_register_says_and_records_none_of_it(school: Door) -> None:
    def read_question(key: str) -> tuple[int, Mapping[str, Any]]:
        read = _ask(school, "status", "--json", TOOLKIT_HOLDS_KEY=key)
        return read.exit, _steps(read)["hold-question"]

    def hold(command: str, *words: str, says: str | None = None) -> CommandResult:
        more = ("2026-B", *words, "--playbooks", str(school.playbooks))
        return school("hold", command, *more, says=says, TOOLKIT_HOLDS_KEY=key)

    key = new_key()
    _leaver(school)
    without, none = read_question("")[1]["reading"], read_question(key)[1]["reading"]
    other = f"callum.copperfield@{school.tenant.domain}"
    assert hold("place", "--person", "-", says=f"{other}\n").exit == 0
    unnamed = read_question(key)[1]["reading"]
    assert hold("place", "--person", "-", says=f"{_address(school)}\n").exit == 0
    held = read_question(key)
    assert _ask(school, "done", "leaver-1/hold-question", *DPO).exit == 0
    stated = read_question(key)
    wrong = read_question(new_key())

    states = {one["state"] for one in (without, none, unnamed, held[1]["reading"], stated[1]["reading"])}
    assert states == {"for your decision"}
    assert "TOOLKIT_HOLDS_KEY is not set here" in without["told"]
    assert "have no register of holds" in none["told"]
    assert "no open case of the register of holds names this address" in unnamed["told"]
    assert held[1]["reading"]["told"].startswith("an open case names this person: do not delete any of their data")
    assert "2026-B" not in held[1]["reading"]["told"]
    assert (held[1]["state"], stated[1]["state"]) == ("open", "stated")
    assert (wrong[0], wrong[1]["reading"]["state"]) == (4, "unknown")
    assert "open case" not in _ledger(school)
    assert _address(school) not in _ledger(school)


def test_an_account_is_verified_once_it_is_blocked_on_both_clouds(school: Door) -> None:
    _leaver(school)
    assert _ask(school, "done", "leaver-1/hold-question", *DPO).exit == 0
    _block(school, MICROSOFT)

    half = _steps(_ask(school, "status", "--json"))["block"]
    assert half["state"] == "open"
    assert half["reading"] == {"state": "not yet", "told": "the account is enabled on Google Workspace"}

    stated = _ask(school, "done", "leaver-1/block", "--by", "IT support", "--json")
    assert _steps(stated)["block"]["state"] == "stated"
    contradicted = _ask(school, "status", "--json")
    assert (contradicted.exit, _steps(contradicted)["block"]["state"]) == (3, "contradicted")

    _block(school, GOOGLE)
    whole = _ask(school, "status", "--json")
    assert (whole.exit, _steps(whole)["block"]["state"]) == (0, "verified")
    assert _steps(whole)["lists"]["reading"]["state"] == "not yet", "the person is still in the groups of staff"
    assert '"read":"account: blocked"' in _ledger(school)


def test_a_cloud_that_cannot_be_read_verifies_nothing(school: Door) -> None:
    _leaver(school)
    _block(school, MICROSOFT, GOOGLE)
    school.tenant.fault("refused", "GET /users")

    unread = _ask(school, "status", "--json")

    assert unread.exit == 4
    assert _steps(unread)["block"]["state"] == "open"
    assert _steps(unread)["block"]["reading"]["state"] == "unknown"


def test_mfa_is_read_of_the_one_person(school: Door) -> None:
    (key,) = (key for key, one in school.tenant.objects(MICROSOFT).items() if one.get("mail") == _address(school))
    before = school.tenant.read_object("entra.registrations", key)
    school.tenant.patch("entra.registrations", key, allowed=False)
    assert _ask(school, "start", "starter", "--person", "-", says=_address(school)).exit == 0

    without = _steps(_ask(school, "status", "--json"))["second-factor"]
    assert without["state"] == "open"
    assert without["reading"]["state"] == "not yet"
    assert "on Microsoft 365: not done yet for this person" in without["reading"]["told"]

    school.tenant.put("entra.registrations", key, before)
    assert _steps(_ask(school, "status", "--json"))["second-factor"]["state"] == "verified"


def test_a_school_adds_a_checklist_and_a_record_of_before_its_start_verifies_nothing(school: Door) -> None:
    school.write("70-checklists.yaml", OWN)
    old = (
        "registers: old\nrecords:\n  - {record: backup_restore_test, by: IT support, on: 2026-11-09, result: passed}\n"
    )
    school.write("92-old.yaml", old)
    assert _ask(school, "start", "visit", "--on", "2026-11-20").exit == 0

    steps = _steps(_ask(school, "status", "--json"))
    assert steps["stick"]["due"] == "2026-11-19"
    assert steps["restore"]["reading"]["state"] == "not yet"

    school.write("92-old.yaml", old.replace("11-09", "11-10"))
    assert _steps(_ask(school, "status", "--json"))["restore"]["state"] == "verified"


def test_names_are_outside_the_entries_and_go_once_the_checklist_is_finished(school: Door) -> None:
    _leaver(school)
    assert _address(school) in _ask(school, "status").out
    assert _address(school) not in _ledger(school)
    assert _address(school) in _ledger(school, "person", "address")
    assert _ask(school, "done", "leaver-1/hold-question", *DPO).exit == 0  # its step has a name and no number
    school.tenant.set_now("2027-03-01T09:00:00Z")
    before = ("forget", "--before", "2027-01-01", *DPO)

    assert school.toolkit(*before, "--json").json["left"] == 1
    assert _address(school) in _ledger(school, "person", "address"), "an open checklist still needs it"

    assert _ask(school, "stop", "leaver-1", "--by", "School Business Manager").exit == 0
    assert school.toolkit(*before, "--json").json["people"] == 1
    assert _address(school) not in _ledger(school, "person", "address")
    (kept,) = _ask(school, "status", "leaver-1", "--json").json["checklists"]
    assert kept["person"] == "[forgotten]"
    assert school("audit", "verify").exit == 0


def test_a_digest_names_an_overdue_checklist_once_and_says_when_it_is_over(school: Door) -> None:
    file = school.playbooks / "00-school.yaml"
    file.write_text(file.read_text() + CHANNELS)
    school.write("70-checklists.yaml", OWN)
    _ask(school, "start", "visit")

    def night(day: str) -> str:
        before = len(school.tenant.objects("outlook.sentMessages"))
        school.tenant.set_now(f"2026-11-{day}T02:30:00Z")
        school.toolkit("drift", "--notify")
        return "".join(str(one) for one in [*school.tenant.objects("outlook.sentMessages").values()][before:])

    first, second = night("12"), night("13")
    assert "checklist visit-1: 2 steps are overdue" in first
    assert "visit-1" not in second
    for step in ("stick", "restore"):
        assert _ask(school, "done", f"visit-1/{step}", "--by", "IT support").exit == 0
    assert "checklist visit-1: no longer has an overdue step" in night("14")


def test_the_report_counts_checklists_and_names_no_one(school: Door, tmp_path: Path) -> None:
    _leaver(school)
    _ask(school, "done", "leaver-1/hold-question", *DPO)
    _block(school, MICROSOFT, GOOGLE)
    _ask(school, "status")
    school.tenant.set_now("2026-11-16T09:00:00Z")

    assert school("audit", "export", school.playbooks, "-o", tmp_path / "out").exit in {0, 4}

    (page,) = (tmp_path / "out").glob("*.html")
    told = "1 started, 1 open. 3 steps overdue. Steps done: 1 verified by reading, 1 stated by a role."
    assert f"<strong>When a member of staff leaves:</strong> {told}" in page.read_text()
    assert "elmsworth" not in page.read_text().casefold()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("start", "lever"), "no checklist is called `lever`: did you mean `leaver`?"),
        (("start", "leaver"), "leaver is about one person: add `--person -`"),
        (("start", "term", "--on", "2029-01-01"), "`calendar:` has no term that ends on 2029-01-01 or later"),
        (("start", "leaver", "--on", "9999-12-31"), "has a year that is not between 1900 and 2999"),
        (("done", "leaver-1/reply", "--by", "x"), "no checklist `leaver-1` was started"),
        (("status", "term-9"), "no checklist `term-9` was started"),
    ],
)
def test_wrong_words_are_refused_and_nothing_is_recorded(school: Door, words: tuple[str, ...], told: str) -> None:
    refused = _ask(school, *words)

    assert refused.exit == 2
    assert told in refused.err
    assert not (school.state / "emulator" / "ledger.db").exists() or "checklist_" not in _ledger(school)


def test_a_role_is_recorded_and_no_address(school: Door) -> None:
    _leaver(school)

    refused = _ask(school, "done", "leaver-1/hold-question", "--by", _address(school))

    assert refused.exit == 2
    assert "--by: name the role" in refused.err


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("owner: IT support, due: -1", "owner: it@a.example, due: -1"), ":6: "),
        (("{record: backup_restore_test}", "{record: backups}"), "is not a type of record"),
        (("due: -1", "due: -1, hold: true"), "has `hold` at `stick`, which needs `person: true`"),
        (
            ("{record: backup_restore_test}", "{control: identity.mfaa}"),
            "is not a control: did you mean `identity.mfa`",
        ),
        (("{record: backup_restore_test}", "{account: blocked}"), "which needs `person: true`"),
        (("step: restore", "step: stick"), "has the step `stick` twice"),
        (("{record: backup_restore_test}", "{subject: filtering}"), "must have `account`, `control`"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(school: Door, change: tuple[str, str], told: str) -> None:
    school.write("70-checklists.yaml", OWN.replace(*change))

    refused = school.toolkit("validate")

    assert refused.exit == 2
    assert "70-checklists.yaml:" in refused.err
    assert told in refused.err
