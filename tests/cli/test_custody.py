"""Copies of evidence from the command line: recorded once, handed over by two people, and every change is found."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import md5, sha256
from pathlib import Path
from typing import Any

import bagit  # type: ignore[import-untyped]
import pytest

from tests.cli.test_hold import CASE, Office, signed_by
from tests.cli.test_hold import keep_placed as keep_placed  # noqa: PLC0414 - the fixture
from tests.cli.test_hold_search import EDISCOVERY, EXPORTS, QUERY
from tests.door import GOOGLE, CommandResult
from toolkit.holds.register import Register
from toolkit.ledger.entries import StepBegan
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.redact import Redactor

CUSTODY = """\
playbook: custody
title: Copies of evidence are handed over by two people
owner: Governors
clauses: [MIS-15]
controls:
  - gov.custody:
      may_hand_over: [School Business Manager, Deputy Head Teacher, Chair of Governors]
      review_after_days: 180
"""
DETAILS = ("--media", "stick 3, in the safe", "--what", "mail of May", "--source", "Purview")
POLICE = "PC 4127, county police"


@pytest.fixture
def office(keep_placed: Callable[[], Office]) -> Office:
    """Open a school in which a person of a case is on hold."""
    found = keep_placed()
    found.door.write("61-ediscovery.yaml", EDISCOVERY)
    found.door.write("62-custody.yaml", CUSTODY)
    return found


def _custody(office: Office, command: str, *words: str | Path, says: str | None = None) -> CommandResult:
    return office.hold(command, *map(str, words), says=says, group="custody")


def _file(office: Office, name: str = "mail.pst", content: bytes = b"evidence") -> Path:
    path = office.door.playbooks.parent / "stick" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def _added(office: Office, *more: str) -> Path:
    path = _file(office)
    added = _custody(office, "add", CASE, path, *DETAILS, *more)
    assert added.exit == 0, added.out + added.err
    return path


def _hand_over(office: Office, name: str, *words: str, says: str = f"{POLICE}\n") -> CommandResult:
    return signed_by(office, name, "hand-over", CASE, "1", *words, says=says, group="custody")


def _handed_over(office: Office) -> None:
    assert _hand_over(office, "edwin.elmsworth", "--to", "-").exit == 5
    assert _hand_over(office, "beth.birchall").exit == 0


def _acts(office: Office) -> list[dict[str, object]]:
    with Ledger(office.door.state / "emulator", redactor=Redactor()) as ledger:
        found = [entry.sent for _, entry in ledger.entries() if isinstance(entry, StepBegan)]
    return [dict(sent) for sent in found if sent and "sha256" in sent]


def test_an_export_brings_its_query_who_asked_and_the_hash_of_the_vendor(office: Office) -> None:
    assert signed_by(office, "edwin.elmsworth", "search", CASE, "--in", GOOGLE, says=f"{QUERY}\n").exit == 0
    assert signed_by(office, "edwin.elmsworth", "export", CASE).exit == 5
    assert signed_by(office, "beth.birchall", "export", CASE).exit == 0
    (export,) = office.tenant.objects(EXPORTS).values()
    name = export["cloudStorageSink"]["files"][0]["objectName"].rpartition("/")[2]
    content = f"{export['name']}\n".encode()

    changed = _custody(office, "add", CASE, _file(office, name, content + b"x"), "--media", "stick 3")
    nothing = _custody(office, "list")
    renamed = _file(office, "as downloaded.zip", content)
    added = _custody(office, "add", CASE, renamed, "--media", "stick 3", "--json")
    again = _custody(office, "add", CASE, renamed, "--media", "stick 4", "--json")

    assert changed.exit == 1
    assert f"its md5 is {md5(content + b'x').hexdigest()}" in changed.err
    assert nothing.out == "No copy of evidence is on record.\n"
    (copy,) = added.json["copies"]
    assert (copy["number"], copy["source"], copy["query"]) == (1, "Google Vault", QUERY)
    assert copy["sha256"] == sha256(content).hexdigest()
    assert copy["vendor_hash"] == f"md5:{md5(content).hexdigest()}"
    assert [one["verified"] for one in (*copy["asked"], *copy["exported_by"])] == ["microsoft365"] * 3
    assert again.json["copies"] == added.json["copies"]
    assert [act["state"] for act in _acts(office)] == ["held"]


def test_of_several_files_all_are_recorded_or_none(office: Office) -> None:
    fine, other = _file(office, "a.pst", b"a"), _file(office, "b.pst", b"b")
    unprintable = _file(office, "c\x07.pst", b"c")

    refused = _custody(office, "add", CASE, fine, unprintable, *DETAILS)
    nothing = _custody(office, "list")
    added = _custody(office, "add", CASE, fine, other, fine, *DETAILS, "--json")

    assert (refused.exit, nothing.out) == (2, "No copy of evidence is on record.\n")
    assert [copy["number"] for copy in added.json["copies"]] == [1, 2, 1]
    assert _custody(office, "verify").exit == 0


def test_two_people_hand_over_and_one_records_the_return_and_the_destruction(office: Office) -> None:
    _added(office)
    named = _custody(office, "hand-over", CASE, "1", "--to", POLICE, "--by", "Beth Birchall and Edwin Elmsworth")
    first = _hand_over(office, "edwin.elmsworth", "--to", "-")
    same = _hand_over(office, "edwin.elmsworth")
    title = office.tenant.objects("users")
    (beth,) = [key for key, one in title.items() if office.address("beth.birchall") in str(one)]
    office.tenant.patch("users", beth, jobTitle="Head Teacher")
    head = _hand_over(office, "beth.birchall")
    office.tenant.patch("users", beth, jobTitle="Deputy Head Teacher")
    early = _custody(office, "return", CASE, "1", "--by", "Clerk")
    second = _hand_over(office, "beth.birchall")
    again = _hand_over(office, "beth.birchall", "--to", "-")
    returned = _custody(office, "return", CASE, "1", "--by", "-", says="The clerk\n")
    destroyed = signed_by(office, "beth.birchall", "destroy", CASE, "1", "--how", "stick shredded", group="custody")
    ended = _custody(office, "hand-over", CASE, "1", "--to", POLICE, "--by", "Clerk")

    codes = [one.exit for one in (named, first, same, head, early, second, again, returned, destroyed, ended)]
    assert codes == [5, 5, 5, 5, 2, 0, 2, 0, 0, 2], second.out + second.err
    assert "Beth Birchall and Edwin Elmsworth, named by the operator, not verified" in named.out
    assert "you have asked already" in same.err
    assert "the Head neither approves nor releases" in head.err
    assert "copy 1 is held, so it cannot be returned" in early.err
    line = f"handed over on 10 November 2026 to {POLICE}: edwin.elmsworth"
    assert line in second.out.replace(office.tenant.domain, "")
    assert "returned on 10 November 2026: The clerk, named by the operator, not verified" in returned.out
    assert "destroyed on 10 November 2026, stick shredded: beth.birchall" in destroyed.out
    acts = _acts(office)
    assert [act["state"] for act in acts] == ["held", "held", "held", "handed over", "returned", "destroyed"]
    posts = [acts[3][f"released_{number}_post"] for number in (1, 2)]
    assert posts == ["School Business Manager", "Deputy Head Teacher"]
    secrets = (CASE, "police", "callum", "edwin", "beth", "clerk", "mail.pst", "stick")
    assert [word for word in secrets if word in str(acts).lower()] == []


def test_a_person_of_the_case_has_no_part_and_consent_to_one_recipient_is_none_to_another(office: Office) -> None:
    _added(office)
    assert office.place("beth.birchall").exit == 0
    subject = _hand_over(office, "beth.birchall", "--to", "-")
    first = _hand_over(office, "edwin.elmsworth", "--to", "-")
    other = _hand_over(office, "edwin.elmsworth", "--to", "-", says="A solicitor\n")

    assert [one.exit for one in (subject, first, other)] == [5, 5, 5]
    assert "a person has no part in a case about themselves" in subject.err
    assert "to be handed over to A solicitor" in other.out
    assert POLICE not in other.out


def test_a_changed_file_register_ledger_or_bag_is_found(office: Office, tmp_path: Path) -> None:
    path = _added(office)
    target = tmp_path / "for the police"
    bag = _custody(office, "bag", CASE, target)
    twice = _custody(office, "bag", CASE, target)
    sound = _custody(office, "verify", "--from", target)
    assert [one.exit for one in (bag, twice, sound)] == [0, 2, 0], bag.err + sound.out
    assert bagit.Bag(str(target)).is_valid()
    assert (target / "data" / "1-mail.pst").read_bytes() == b"evidence"
    assert "SHA-256 " + sha256(b"evidence").hexdigest() in (target / "data" / "custody.txt").read_text()
    assert json.loads((target / "data" / "custody.json").read_text())["copies"][0]["state"] == "held"

    manifest = target / "manifest-sha256.txt"
    written = manifest.read_text()
    manifest.write_text(written.replace(sha256(b"evidence").hexdigest(), sha256(b"other").hexdigest()))
    assert not bagit.Bag(str(target)).is_valid()
    tampered = _custody(office, "verify", "--from", target)
    (target / "data" / "1-mail.pst").write_bytes(b"other")  # so that the manifest agrees, and the register does not
    both = _custody(office, "verify", "--from", target)
    path.write_bytes(b"other")
    refused = _custody(office, "bag", CASE, tmp_path / "second")
    file = _custody(office, "verify")
    path.unlink()
    missing = _custody(office, "verify", "--json")

    assert [one.exit for one in (tampered, both, refused, file, missing)] == [1, 1, 1, 1, 4]
    assert "data/1-mail.pst differs from manifest-sha256.txt" in tampered.out
    assert f"its SHA-256 is {sha256(b'other').hexdigest()}" in both.out
    assert "differs from the file that was added as copy 1" in refused.err
    assert [one.name for one in tmp_path.iterdir() if "second" in one.name] == []
    assert missing.json["compared"][-1]["result"] == "not compared"


def test_a_register_that_does_not_agree_with_the_ledger_is_found(office: Office) -> None:
    _added(office)
    register = Register(office.door.playbooks, office.key)
    holds = register.read()
    copy = holds.cases[CASE].copies[0]
    copy.media = "another stick"
    register.write(holds)
    changed = _custody(office, "verify")
    holds.cases[CASE].copies = []
    register.write(holds)
    removed = _custody(office, "verify")

    assert (changed.exit, removed.exit) == (1, 1)
    assert "the register differs from the ledger" in changed.out
    assert "the ledger has a copy that is missing from the register" in removed.out


@pytest.mark.parametrize("after", [pytest.param("begin_act", marks=pytest.mark.soak), "save"])
def test_a_run_that_is_killed_is_found_and_the_next_one_records_the_copy_once(office: Office, after: str) -> None:
    path = _file(office)
    kill = f"""
import os, sys
from toolkit.engine.journal import Journal
from toolkit.holds.session import HoldSession
owner = Journal if {after!r} == "begin_act" else HoldSession
before = getattr(owner, {after!r})
def killed(*words):
    before(*words)
    os._exit(9)
setattr(owner, {after!r}, killed)
from toolkit.cli import main
main(sys.argv[1:])
"""
    words = ["custody", "add", CASE, str(path), *DETAILS, "--playbooks", str(office.door.playbooks)]
    others = {name: value for name, value in os.environ.items() if not name.startswith("TOOLKIT_")}
    variables = {**others, **office.door.variables, "TOOLKIT_HOLDS_KEY": office.key}
    ended = subprocess.run([sys.executable, "-c", kill, *words], env=variables, capture_output=True, check=False)
    assert ended.returncode == 9, ended.stderr.decode()

    found = _custody(office, "verify")
    again = _custody(office, "add", CASE, path, *DETAILS, "--json")
    then = _custody(office, "verify")

    assert found.exit == {"begin_act": 0, "save": 4}[after], found.out
    assert ("adding it was interrupted" in found.out) is (after == "save")
    assert (again.exit, [copy["number"] for copy in again.json["copies"]]) == (0, [1])
    assert then.exit == 0, then.out
    assert office.door("audit", "verify").exit == 0


WRONG = {
    "exported": (["--exported", "2027-01-01"], "--exported 2027-01-01 is in the future"),
    "review": (["--review", "2026-11-10"], "--review 2026-11-10 is not in the future"),
    "calendar": (["--exported", "2026-11-31"], "is not a date"),
    "hash": (["--vendor-hash", "md5:00"], "is not a valid md5 hash"),
    "method": (["--vendor-hash", "crc:00"], "must begin with md5:, sha1:, sha256:"),
    "name": (["--asked-by", "A\x1b[2JB"], "--asked-by takes at most 300 characters that can be printed"),
    "query": (["--query", "a\u202eb"], "--query takes at most 300 characters that can be printed"),
    "search": (["--search", "00"], "name a search of this case"),
}


def test_what_is_wrong_is_refused_and_nothing_is_recorded(office: Office) -> None:
    path = _file(office)
    for words, message in WRONG.values():
        refused = _custody(office, "add", CASE, path, *DETAILS, *words)
        assert (refused.exit, message in refused.err) == (2, True), (words, refused.err)
        assert "\x1b" not in refused.err
    control = _custody(office, "add", CASE, _file(office, "a\nb.pst"), *DETAILS)
    cloud = office.door.playbooks.parent / "OneDrive - School"
    cloud.mkdir()
    synced = _custody(office, "add", CASE, shutil.copy(path, cloud), *DETAILS)
    bare = _custody(office, "add", CASE, path, "--media", "stick 3")
    other = _custody(office, "add", CASE, path, *DETAILS, "--vendor-hash", f"sha1:{'0' * 40}")
    assert [one.exit for one in (control, synced, bare, other)] == [2, 2, 2, 1]
    assert "rename the file" in control.err
    assert "is in a folder of OneDrive" in synced.err
    assert _acts(office) == []

    _added(office, "--exported", "2026-11-02")
    into = _custody(office, "bag", CASE, cloud / "bag")
    _handed_over(office)
    late = _custody(office, "return", CASE, "1", "--by", "Clerk", "--on", "2026-11-11")
    early = _custody(office, "return", CASE, "1", "--by", "Clerk", "--on", "2026-11-09")
    unknown = _custody(office, "return", CASE, "2", "--by", "Clerk")
    assert [one.exit for one in (into, late, early, unknown)] == [2, 2, 2, 2]
    assert "--on 2026-11-11 is in the future" in late.err
    assert "--on 2026-11-09 is before 2026-11-10" in early.err
    assert list(cloud.iterdir()) == [cloud / path.name]


def test_a_file_that_grows_while_it_is_read_is_refused(office: Office) -> None:
    path = _file(office, "growing.pst", b"x")
    os.truncate(path, size := 256 << 20)  # read for so long that the writer gets its turn on a busy machine too
    grow = "import sys, time\nwhile True:\n with open(sys.argv[1], 'ab') as file: file.write(b'x')\n time.sleep(0.001)"
    writer = subprocess.Popen([sys.executable, "-c", grow, str(path)])
    try:
        while path.stat().st_size == size:
            assert writer.poll() is None
        refused = _custody(office, "add", CASE, path, *DETAILS)
    finally:
        writer.kill()
        writer.wait()

    assert refused.exit == 1
    assert "was changed while it was read" in refused.err
    assert _acts(office) == []


def test_on_a_live_target_no_name_is_written_on_the_command_line(office: Office) -> None:
    live = {"TOOLKIT_TARGET": "live", "TOOLKIT_HOLDS_KEY": office.key}
    words = ("custody", "hand-over", CASE, "1", "--to", POLICE, "--playbooks", office.door.playbooks)
    refused = office.door(*words, **live)

    assert (refused.exit, "write `--to -`" in refused.err) == (2, True)


def test_check_and_drift_show_what_is_recorded_and_name_nothing_of_it(office: Office) -> None:
    def read_status() -> tuple[str, str]:
        answered = office.door.toolkit("check", "--only", "gov.custody", "--json")
        rows = [one for one in answered.json["findings"] if one["subject"] == "copies of evidence"]
        (row,) = rows
        return row["status"], row["reason"]

    assert read_status() == ("pass", "no copy of evidence is on record")
    _added(office)
    _handed_over(office)
    posts = "School Business Manager and Deputy Head Teacher"
    recorded = "copies of evidence on record: 1, the latest added on 10 November 2026; handed over by two people who "
    assert read_status() == ("pass", f"{recorded}signed in: 1, the latest on 10 November 2026 by {posts}")

    now = datetime.fromisoformat(office.tenant.control("GET", "/clock")["now"])
    office.tenant.control("PUT", "/clock", {"now": (now + timedelta(days=181)).isoformat()})
    status, reason = read_status()
    drift, listed = office.door.toolkit("drift"), _custody(office, "list")
    assert status == "fail"
    assert reason.startswith("1 of 1 copies of evidence are past their review date, the earliest since 9 May 2027")
    assert "copies of evidence past their review date: 1, see `toolkit custody list`" in drift.out
    assert (listed.exit, "its review was due on 9 May 2027" in listed.out) == (3, True)
    told = office.door.toolkit("drift", "--json").out + office.door("audit", "log", "--json").out
    assert [word for word in (CASE, POLICE, "mail.pst") if word in told + drift.out + reason] == []


def test_names_are_not_forgotten_while_the_case_is_open(office: Office) -> None:
    _added(office)
    _handed_over(office)
    words = ("forget", office.door.playbooks, "--before", "2026-11-10", "--by", "Data Protection Officer")
    refused = office.door(*words, TOOLKIT_HOLDS_KEY=office.key)

    assert refused.exit == 5
    assert office.door("audit", "verify").exit == 0


def test_who_else_opened_a_case_is_read_from_vaults_log_and_nothing_of_it_is_recorded(office: Office) -> None:
    def opened() -> tuple[int, dict[str, dict[str, Any]]]:
        answered = _custody(office, "opened", CASE, "--json")
        return answered.exit, {one["provider"]: one for one in answered.json["clouds"]}

    def log(key: str, matter: str, name: str, *, hours: int = 1) -> None:
        at = (began + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")
        entry = {"time": at, "actor": {"email": office.address(name)}, "name": "view_exports", "matter": matter}
        office.tenant.put("reports.vault", key, entry)

    began = datetime.fromisoformat(office.tenant.control("GET", "/clock")["now"])
    called = office.hold("list", "--json").json["cases"][0]["matter"]
    (matter,) = (key for key, one in office.tenant.objects("google.vaultMatters").items() if one["name"] == called)
    office.later(hours=24)
    assert signed_by(office, "edwin.elmsworth", "search", CASE, "--in", GOOGLE, says=f"{QUERY}\n").exit == 0
    log("elsewhere", "another matter", "amara.ashdown")
    log("long before", matter, "amara.ashdown", hours=-5000)
    log("asked", matter, "edwin.elmsworth")
    alone = opened()
    log("first", matter, "farah.fernley")
    log("second", matter, "farah.fernley", hours=2)
    others = opened()
    said = _custody(office, "opened", CASE).out
    office.tenant.fault("refused", "reports.activities.list", times=9)
    unread = opened()

    assert alone[0] == 0
    assert [one["who"] for one in alone[1][GOOGLE]["known"]] == [office.address("edwin.elmsworth")]
    assert (others[0], len(others[1][GOOGLE]["known"])) == (3, 1)
    (other,) = others[1][GOOGLE]["others"]
    assert (other["who"], other["acts"]) == (office.address("farah.fernley"), 2)
    assert "has no part in this case" in said
    assert "Microsoft Purview portal" in others[1]["microsoft365"]["by_hand"]
    assert unread[0] == 4
    with Ledger(office.door.state / "emulator", redactor=Redactor()) as ledger:
        assert "farah" not in str([entry for _, entry in ledger.entries()])


def test_a_matter_that_was_closed_is_still_searched_for_and_one_that_is_gone_is_unknown(office: Office) -> None:
    matters, called = "google.vaultMatters", office.hold("list", "--json").json["cases"][0]["matter"]
    (matter,) = (key for key, one in office.tenant.objects(matters).items() if one["name"] == called)
    at = office.tenant.control("GET", "/clock")["now"]
    office.later(hours=1)
    actor = {"email": office.address("farah.fernley")}
    office.tenant.put("reports.vault", "closed", {"time": at, "actor": actor, "name": "close_matter", "matter": matter})
    office.tenant.patch(matters, matter, state="CLOSED")
    closed = _custody(office, "opened", CASE)
    office.tenant.patch(matters, matter, description="nothing to see")
    gone = _custody(office, "opened", CASE)

    assert (closed.exit, "farah.fernley" in closed.out) == (3, True), closed.out + closed.err
    assert (gone.exit, "no matter of this case" in gone.out) == (4, True), gone.out + gone.err
    assert "no one else" not in gone.out


def test_without_a_copy_there_is_nothing_to_judge(office: Office) -> None:
    shown = office.door.toolkit("check", "--only", "gov.custody")
    listed = office.door.toolkit("check", "--only", "gov.custody", "--csv")
    found = office.door.toolkit("check", "--only", "gov.custody", "--json").json["findings"]

    assert "- copies of evidence: no copy of evidence is on record" in shown.out.splitlines()
    assert "Check: 1 to confirm, 1 nothing to judge." in shown.out
    assert "copies of evidence,nothing to judge,no copy of evidence is on record" in listed.out
    assert {one["subject"]: one["outcome"] for one in found}["copies of evidence"] == "not used"
