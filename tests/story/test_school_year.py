"""A school year through the command line on both clouds, from September to the report for the board in July.

Each chapter begins at a date of its own on a tenant that keeps what the chapters before it did.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_device import CHROMEBOOK, DEVICES, IPAD, LostSchool
from tests.cli.test_hold import Office, signed_by
from tests.cli.test_hold_search import EXPORTS
from tests.door import GOOGLE, CommandResult, Door
from tests.schools import Schools
from toolkit.holds.register import new_key

LEAVER, STARTER, SUBJECT = "harun.hazelwood", "dilys.dewhurst", "callum.copperfield"
DISABLED, RECIPIENT = "CB000002", "A solicitor of the county"
DPO, SBM, IT = "Data Protection Officer", "School Business Manager", "IT support"
CLOSED = "Example Primary School is closed for"
NEXT_YEAR = """\
    - name: Autumn term 2027
      from: 2027-09-02
      to: 2027-12-17
"""
BEFORE = (
    ("20-devices.yaml", "audit_from: 2026-09-07", "audit_from: 2026-06-08"),
    ("20-devices.yaml", "on: 2026-10-09", "on: 2026-07-20"),
    ("36-pupils-mail.yaml", "from: 2026-09-07, until: 2026-10-23", "from: 2026-06-08, until: 2026-07-20"),
    ("62-third-parties.yaml", "on: 2026-11-02", "on: 2026-07-20"),
)
"""What people look at before the year begins, instead of in its autumn: a review that is to come is refused."""

REQUESTS = """\
registers: requests
records:
  - {record: subject_access_requests, by: Data Protection Officer, on: 2027-02-26, number: 1, of: 1}
"""


@dataclass(frozen=True)
class School:
    """A school that lives through a year."""

    office: Office
    reports: Path

    @property
    def door(self) -> Door:
        return self.office.door

    def at(self, instant: str) -> None:
        """Let it be another time, in UTC."""
        self.door.tenant.set_now(f"{instant}:00Z")

    def run(self, command: str, *options: str, code: int = 0) -> CommandResult:
        """Run a command over the playbooks, which ends with a code."""
        answered = self.door.toolkit(command, *options)
        assert answered.exit == code, answered.out + answered.err
        return answered

    def checklist(self, *words: str, says: str | None = None, code: int = 0) -> Any:
        """Run `toolkit checklist`, and return the one checklist of its answer with its steps by name."""
        path = str(self.door.playbooks)
        answered = self.door("checklist", *words, "--json", "--playbooks", path, says=says)
        assert answered.exit == code, answered.out + answered.err
        (one,) = answered.json["checklists"]
        return {**one, "steps": {step["step"]: step["state"] for step in one["steps"]}}

    def done(self, checklist: str, *steps: str, by: str) -> None:
        for step in steps:
            self.checklist("done", f"{checklist}/{step}", "--by", by)

    def patch(self, name: str, collection: str, **changes: object) -> None:
        """Change a person's account in one cloud."""
        address = self.office.address(name)
        named = self.door.tenant.objects(collection).items()
        (key,) = (key for key, one in named if address in {one.get("mail"), one.get("primaryEmail")})
        self.door.tenant.patch(collection, key, **changes)

    def edit(self, name: str, old: str, new: str) -> None:
        """Change some words of a playbook."""
        path = self.door.playbooks / name
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new, 1))

    def replies(self) -> list[str]:
        """List the settings of mailboxes that answer for a holiday now."""
        settings = map(json.dumps, self.door.tenant.objects("outlook.mailboxSettings").values())
        return [text for text in settings if CLOSED in text and '"scheduled"' in text]


@pytest.fixture
def school(schools: Schools, tmp_path: Path) -> School:
    """Open the sample school on both clouds, before its year begins."""
    school = School(Office(schools.build(samples=True), new_key()), tmp_path / "reports")
    for edit in BEFORE:
        school.edit(*edit)
    return school


@pytest.mark.soak
def test_a_school_year_from_september_to_the_report_for_the_board(school: School) -> None:
    _september(school)
    _somebody_leaves(school)
    _a_trip(school)
    _a_friday_night(school)
    _christmas(school)
    _somebody_asks_for_their_data(school)
    _the_copy_is_handed_over(school)
    _an_inspection(school)
    _summer(school)
    _report(school)


def _september(school: School) -> None:
    """Names and dates are looked at, the playbooks are applied, and the checklist begins before the term."""
    school.at("2026-08-24T09:00")
    began = school.checklist("start", "september")
    overdue = [step for step, state in began["steps"].items() if state == "overdue"]
    assert overdue == ["rollover"], "it was due two weeks before the term"

    rollover = school.run("rollover", code=3)
    assert "review of the policy: over: it was due on 18 May 2024" in rollover.out
    school.done("september-1", "rollover", by=IT)
    school.edit("text/devices.csv", f"{IPAD},IT-010,tablet,", f"{IPAD},IT-010,tablet,{school.office.address(SUBJECT)}")
    assert "144 changes done" in school.run("apply", "--yes").out
    assert "nothing to do" in school.run("apply", "--yes").out

    school.at("2026-09-02T09:00")
    school.patch(STARTER, "google.users", isEnrolledIn2Sv=False)
    school.checklist("start", "starter", "--person", "-", says=school.office.address(STARTER))
    new = school.checklist("status", "starter-1", code=3)["steps"]
    assert (new["checks"], new["account"], new["second-factor"]) == ("overdue", "verified", "open")
    school.done("starter-1", "checks", "groups", "policy", "devices", "training", by=SBM)
    school.patch(STARTER, "google.users", isEnrolledIn2Sv=True)
    assert school.checklist("status", "starter-1")["finished"]

    school.at("2026-10-05T09:00")
    assert "no object differs" in school.run("drift").out
    late = school.checklist("status", "september-1", code=3)
    assert late["steps"]["second-factor"] == "overdue", "one member of staff has not registered"
    assert late["steps"]["shared-accounts"] == "verified"


def _somebody_leaves(school: School) -> None:
    """What must be kept is asked first and held; the account is closed on both clouds, and the hold stays."""
    school.at("2026-10-23T14:00")
    school.checklist("start", "leaver", "--person", "-", says=school.office.address(LEAVER))
    refused = school.door("checklist", "done", "leaver-1/files", "--by", SBM, "--playbooks", str(school.door.playbooks))
    assert refused.exit == 2
    assert "leaver-1/hold-question comes first" in refused.err

    assert school.office.hold("place", "2026-C", "--person", "-", says=school.office.address(LEAVER)).exit == 0
    school.done("leaver-1", "hold-question", by=DPO)
    school.patch(LEAVER, "users", accountEnabled=False)
    assert school.checklist("status", "leaver-1")["steps"]["block"] == "open", "one cloud is still open"
    school.patch(LEAVER, "google.users", suspended=True)
    assert school.checklist("status", "leaver-1")["steps"]["block"] == "verified"
    school.done("leaver-1", "sign-out", "reply", "assets", by=IT)

    school.at("2026-10-24T16:00")
    confirmed = school.office.hold("confirm")
    assert confirmed.exit == 0, confirmed.out + confirmed.err
    due = school.run("due", "--yes").out
    assert "left to `toolkit apply`: microsoft365.windows_configuration[School virus protection: staff]" in due
    drift = school.run("drift", code=3)
    assert "holds: all in place" in drift.out
    assert "new, because of the date" in drift.out
    assert "in the tenant" not in drift.out, "no one changed anything there"
    assert "2026-C" not in drift.out, "a case is named by its register alone"


def _a_trip(school: School) -> None:
    """WhatsApp is open for the leaders of a trip, for as long as it was approved."""
    school.at("2026-11-02T09:00")
    school.run("apply", "--yes")
    school.at("2026-11-25T07:15")
    began = school.run("due", "--yes").out
    assert "exception trip-november began on google_workspace, 15 minutes late" in began
    assert "no object differs" in school.run("drift").out
    school.at("2026-11-27T18:15")
    ended = school.run("due", "--yes").out
    assert "exception trip-november ended on microsoft365, 15 minutes late" in ended
    assert "no object differs" in school.run("drift").out


def _a_friday_night(school: School) -> None:
    """One person locks an iPad and two Chromebooks at once; one is found on Monday, and two people wipe the iPad."""
    lost = LostSchool(school.door)
    school.patch(SUBJECT, "users", onPremisesSyncEnabled=None)
    school.at("2026-12-04T22:40")
    reports = [lost.lost(IPAD, "--theft-reference", "CR/12"), lost.lost(CHROMEBOOK), lost.lost(DISABLED)]
    assert [one.exit for one in reports] == [0, 0, 0], "".join(one.out + one.err for one in reports)
    assert "lost mode with the school's message: requested" in reports[0].out
    assert lost.chromebook() == "DISABLED"
    assert "disable the Chromebook: done: it had already been done" in reports[2].out
    school.at("2026-12-05T02:30")
    assert "no object differs" in school.run("drift").out
    assert lost.run("check").exit == 0

    school.at("2026-12-07T08:00")
    lost.finish(IPAD, "done")
    assert "lost mode with the school's message: done" in lost.run("check", IPAD).out
    assert "enable the Chromebook again: done" in lost.run("found", CHROMEBOOK).out
    assert lost.chromebook() == "ACTIVE"
    assert "it was locked before it was reported lost, and is still locked" in lost.run("found", DISABLED).out
    assert lost.run("wipe-form", IPAD).exit == 5, "a theft is being investigated"
    form = lost.run("wipe-form", IPAD, "--theft-closed", "2026-12-07")
    assert "Two different people, from these posts: School Business Manager, Data Protection Officer" in form.out
    key, device = lost.device(IPAD)
    wipe = {"actionName": "factoryReset", "actionState": "done", "startDateTime": "2026-12-07T10:00:00Z"}
    school.door.tenant.patch(DEVICES, key, deviceActionResults=[*device["deviceActionResults"], wipe])
    school.at("2026-12-07T16:00")
    assert "wipe: done at 2026-12-07 10:00" in lost.run("check").out
    school.door.tenant.delete(DEVICES, key)
    gone = lost.run("check")
    assert (gone.exit, "it has not been managed there since" in gone.out) == (0, True), gone.out
    school.edit("text/devices.csv", f"{school.office.address(SUBJECT)},,2025-09-01,,", ",,2025-09-01,2026-12-07,")
    school.run("apply", "--yes")


def _christmas(school: School) -> None:
    """A mailbox of the school answers for the holiday, and has its own words back after it."""
    school.at("2026-12-18T15:00")
    school.run("due", "--yes")
    replies = school.replies()
    assert len(replies) > 1
    assert all("01632 960555" in one for one in replies), "a reply says whom to call with a worry about a child"
    school.at("2027-01-04T09:00")
    school.run("due", "--yes")
    assert school.replies() == []


def _somebody_asks_for_their_data(school: School) -> None:
    """Mail of one person is held, searched by one person and exported by two, and the request is on record."""
    school.at("2027-02-08T09:00")
    office = school.office
    assert office.hold("place", "2027-A", "--person", "-", says=office.address(SUBJECT)).exit == 0
    school.at("2027-02-09T10:00")
    assert office.hold("confirm", "2027-A").exit == 0
    searched = signed_by(office, "edwin.elmsworth", "search", "2027-A", "--in", GOOGLE, says="subject:appraisal\n")
    assert searched.exit == 5, "only the roles of data.ediscovery may ask"
    school.edit("61-holds-and-leavers.yaml", "may_ask: [Head Teacher, ", "may_ask: [School Business Manager, ")
    school.edit("61-holds-and-leavers.yaml", "may_export: [", "may_export: [Deputy Head Teacher, ")
    searched = signed_by(office, "edwin.elmsworth", "search", "2027-A", "--in", GOOGLE, says="subject:appraisal\n")
    assert searched.exit == 0, searched.out + searched.err
    assert signed_by(office, "edwin.elmsworth", "export", "2027-A").exit == 5
    exported = signed_by(office, "beth.birchall", "export", "2027-A")
    assert exported.exit == 0, exported.out + exported.err
    school.door.write("92-requests.yaml", REQUESTS)


def _the_copy_is_handed_over(school: School) -> None:
    """The exported file is recorded with its hash, bagged, handed over by two people, and found unchanged."""
    office, folder = school.office, school.reports.parent / "stick"
    (export,) = office.tenant.objects(EXPORTS).values()
    file = folder / export["cloudStorageSink"]["files"][0]["objectName"].rpartition("/")[2]
    folder.mkdir()
    file.write_text(f"{export['name']}\n")
    school.at("2027-02-10T10:00")
    added = office.hold("add", "2027-A", str(file), "--media", "stick 3, in the safe", group="custody")
    assert added.exit == 0, added.out + added.err
    assert "query: subject:appraisal" in added.out
    assert office.hold("bag", "2027-A", str(folder / "bag"), group="custody").exit == 0

    school.at("2027-02-26T15:00")
    words = ("hand-over", "2027-A", "1")
    refused = signed_by(office, "beth.birchall", *words, "--to", "-", says=f"{RECIPIENT}\n", group="custody")
    assert refused.exit == 5, "only the roles of gov.custody may hand a copy over"
    assert "may not do this" in refused.err
    school.edit("61-holds-and-leavers.yaml", "may_hand_over: [", "may_hand_over: [Deputy Head Teacher, ")
    first = signed_by(office, "beth.birchall", *words, "--to", "-", says=f"{RECIPIENT}\n", group="custody")
    assert first.exit == 5, "a second person must sign in"
    second = signed_by(office, "edwin.elmsworth", *words, group="custody")
    assert second.exit == 0, second.out + second.err
    verified = office.hold("verify", "2027-A", "--from", str(folder / "bag"), group="custody")
    assert verified.exit == 0, verified.out + verified.err


def _an_inspection(school: School) -> None:
    """One row of the school file keeps everything as it is while inspectors are in."""
    school.at("2027-03-02T08:00")
    file = school.door.playbooks / "00-school.yaml"
    before = file.read_text()
    file.write_text(f"{before}freezes: [{{from: 2027-03-02, to: 2027-03-03, why: inspection}}]\n")
    school.edit("30-mail-disclaimer.yaml", "till.example-primary", "library.example-primary")

    refused = school.run("apply", "--yes", code=5)
    assert "the freeze until 2027-03-03 (inspection); it will be written from Thursday 2027-03-04 00:00" in refused.out
    assert school.office.hold("confirm").exit == 0, "holds are never delayed"
    school.at("2027-03-04T08:00")
    assert "freeze" not in school.run("apply", "--yes").out
    file.write_text(before)


def _summer(school: School) -> None:
    """Without next year's terms the length of the closure is not known; with them the replies are set."""
    school.at("2027-07-14T15:00")
    rollover = school.run("rollover", code=3).out
    assert "the last term, Summer term 2027, ends on 16 July 2027" in rollover
    school.edit("00-school.yaml", "  inset_days:", f"{NEXT_YEAR}  inset_days:")
    school.run("apply", "--yes")
    school.at("2027-07-16T15:00")
    school.run("due", "--yes")
    assert school.replies()
    assert all(f"{CLOSED} the summer" in one for one in school.replies())


def _report(school: School) -> None:
    """The board reads what happened, and no name of a person."""
    school.at("2027-07-19T09:00")
    assert "no object differs" in school.run("drift").out
    made = school.door("audit", "export", school.door.playbooks, "-o", school.reports)
    assert made.exit == 4, "something could not be read"
    (file,) = school.reports.glob("*.json")
    told = json.loads(file.read_text())
    counts = {one["title"]: one for one in told["checklists"]}
    assert counts["When a member of staff starts"]["finished"] == 1
    leaver = counts["When a member of staff leaves"]
    assert (leaver["open"], leaver["verified"], leaver["stated"]) == (1, 1, 4)
    assert counts["A new school year"]["overdue"] > 0
    (trip,) = (one for one in told["exceptions"] if one["name"] == "trip-november")
    assert trip["state"] == "ended"
    assert trip["removed"].startswith("2026-11-27")
    (requests,) = (one for one in told["records"] if one["record"] == "subject_access_requests")
    assert requests["on"] == "2027-02-26"
    assert "overdue" in told["notice"] or told["policy"]["overdue_days"] > 0
    assert told["changes"]["runs"]
    counted = "devices reported lost: {}, found again: {}, wiped, as read: {}"
    ipads, chromebooks = (one["told"] for one in told["lost_devices"])
    assert ipads == f"Used on 4 December 2026; {counted.format(1, 0, 1)}."
    assert chromebooks == f"Used on 4 December 2026; {counted.format(2, 2, 0)}."
    (evidence,) = (one for one in told["clauses"] if one["clause"] == "MIS-15")
    assert evidence["controls"] == ["Chain of custody of exported evidence"]
    said = file.read_text() + next(school.reports.glob("*.html")).read_text()
    names = [name.partition(".")[2] for name in (LEAVER, STARTER, SUBJECT)]
    assert not re.search("|".join(names), said, re.IGNORECASE)
    assert not re.search(f"2026-C|2027-A|{RECIPIENT}|CR/12", said)
    assert "copies of evidence" not in said.replace("access to copies of evidence", ""), "whether there is a case"
    copies = school.run("check", "--only", "gov.custody").out
    assert "handed over by two people who signed in: 1, the latest on 26 February 2027" in " ".join(copies.split())
    assert school.door("audit", "verify").exit == 0
