"""Holds from the command line: placed at once, read back later, and known to nobody who has not the key."""

import io
import re
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cases import playbook, resource
from tests.door import GOOGLE, MICROSOFT, Checkpoint, CommandResult, Door, open_door
from tests.emulated import HANG, SIGN_IN, Emulator, Tenant
from tests.schools import with_people
from toolkit.cli.shared.printable_stream import underlying_stream
from toolkit.holds.model import HoldState
from toolkit.holds.reasons import LICENCE_ENDED, LOST, LOST_OF_OTHERS, NO_KEY, NOT_CONFIRMED, NOT_RECORDED, NOWHERE
from toolkit.holds.register import new_key
from toolkit.ledger.fingerprints import HOLDS_KEY
from toolkit.sdk.providers import cloud_title
from toolkit.sdk.reason import ReasonCode, admin_text

pytestmark = with_people(users=24, staff=10)

CASE = "2026-B"
PERSON = "callum.copperfield"
SET, GET = "Set-Mailbox", "Get-Mailbox"
_NONE_OPEN = (0, "holds: none from `toolkit hold`")
USED_BY_MICROSOFT = ("graph", "exchange")


def critical(code: ReasonCode = LOST, cloud: str = MICROSOFT) -> tuple[int, str]:
    """Give the exit code and the line of holds that are not in place, with one reason."""
    reason = admin_text(code(cloud=cloud_title(cloud)))
    return 3, f"holds: not all in place (critical), see `toolkit hold list`; {reason}"


@dataclass(frozen=True)
class Office:
    """A school with both clouds, and somebody who has the key of its register."""

    door: Door
    key: str

    @property
    def tenant(self) -> Tenant:
        return self.door.tenant

    def address(self, name: str) -> str:
        return f"{name}@{self.tenant.domain}"

    def hold(
        self, command: str, *words: str, says: str | None = None, group: str = "hold", **variables: str
    ) -> CommandResult:
        """Run `toolkit hold COMMAND`, or one of another group, with the key."""
        more = {"TOOLKIT_HOLDS_KEY": self.key, **variables}
        return self.door(group, command, *words, "--playbooks", str(self.door.playbooks), says=says, **more)

    def place(self, *names: str, **variables: str) -> CommandResult:
        addresses = "".join(f"{self.address(name)}\n" for name in names)
        return self.hold("place", CASE, "--person", "-", says=addresses, **variables)

    def later(self, *, hours: int) -> None:
        now = datetime.fromisoformat(self.tenant.control("GET", "/clock")["now"])
        self.tenant.control("PUT", "/clock", {"now": (now + timedelta(hours=hours)).isoformat()})

    def mailbox(self, name: str) -> dict[str, Any]:
        address = self.address(name)
        found = self.tenant.objects("exchange.mailboxes").values()
        return next(dict(row) for row in found if row["PrimarySmtpAddress"] == address)

    def drift(self) -> tuple[int, str]:
        """Run the night job, which has no key, and give its code and its line."""
        answered = self.door.toolkit("drift")
        assert "holds: " in answered.out, answered.err
        return answered.exit, next(line for line in answered.out.splitlines() if line.startswith("holds: "))

    def standings(self) -> dict[str, dict[str, str]]:
        (case,) = self.hold("list", "--json").json["cases"]
        (person,) = case["people"]
        return {
            cloud: {one["service"]: one["standing"] for one in held["holds"]}
            for cloud, held in person["clouds"].items()
        }


@pytest.fixture
def office(tenant: Tenant, tmp_path: Path) -> Office:
    door = open_door(tenant, tmp_path, samples=False)
    return Office(door, new_key())


@contextmanager
def keeping(emulator: Emulator, directory: Path, *, confirm: bool) -> Iterator[Callable[[], Office]]:
    """Hold a person once, until all of it is confirmed if need be, and yield what puts the school back to that."""
    tenant = emulator.open_tenant(users=24, staff=10)
    school = directory / "school"
    school.mkdir()
    office = Office(open_door(tenant, school, samples=False), new_key())
    placed = office.place(PERSON)
    assert placed.exit == 0, placed.out + placed.err
    if confirm:
        office.later(hours=25)
        confirmed = office.hold("confirm")
        assert confirmed.exit == 0, confirmed.out
    checkpoint = Checkpoint.take(office.door, directory / "kept")
    yield lambda: replace(office, door=checkpoint.restore())
    tenant.close()


@pytest.fixture(scope="module")
def keep_placed(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Office]]:
    with keeping(emulator, tmp_path_factory.mktemp("placed"), confirm=False) as back:
        yield back


@pytest.fixture(scope="module")
def keep_held(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Office]]:
    with keeping(emulator, tmp_path_factory.mktemp("held"), confirm=True) as back:
        yield back


@pytest.fixture
def placed(keep_placed: Callable[[], Office]) -> Office:
    """Open a school in which a person was placed on hold."""
    return keep_placed()


@pytest.fixture
def held(keep_held: Callable[[], Office]) -> Office:
    """Open a school in which a person was held and all of it confirmed."""
    return keep_held()


def _sent(tenant: Tenant, after: int) -> dict[str, list[dict[str, Any]]]:
    """List what was sent to each cloud, sign-in left out."""
    sent: dict[str, list[dict[str, Any]]] = {"microsoft": [], "google": []}
    for request in tenant.requests(after):
        if request["service"] not in SIGN_IN:
            cloud = "microsoft" if request["service"] in USED_BY_MICROSOFT else "google"
            sent[cloud].append(request)
    return sent


def test_the_mailbox_is_held_by_the_second_request_and_all_of_it_by_few_whatever_waits(office: Office) -> None:
    school = office.door.playbooks / "00-school.yaml"
    school.write_text(f"{school.read_text()}freezes: [{{from: 2026-01-01, to: 2026-12-31, why: everything waits}}]\n")
    before = office.tenant.last_request()

    placed = office.place("edwin.elmsworth")

    sent = _sent(office.tenant, before)
    assert placed.exit == 0, placed.out + placed.err
    assert [one["name"] for request in sent["microsoft"][:3] for one in request["operations"]][1:] == [SET, GET]
    assert len(sent["microsoft"]) <= 8
    assert len(sent["google"]) <= 4 + 5
    mailbox = office.mailbox("edwin.elmsworth")
    assert (mailbox["LitigationHoldEnabled"], mailbox["LitigationHoldDuration"]) == (True, "Unlimited")
    assert not mailbox.get("RetentionComment")
    assert not mailbox.get("RetentionUrl")
    assert set(office.standings()["google_workspace"].values()) == {"confirmed"}
    assert set(office.standings()["microsoft365"].values()) == {"requested"}


def test_placing_a_hold_has_no_deadline(office: Office) -> None:
    over = {"TOOLKIT_RUN_SECONDS": "0.001"}

    assert office.door.toolkit("plan", **over).exit == 4
    placed = office.place("edwin.elmsworth", **over)

    assert placed.exit == 0, placed.out + placed.err
    assert office.mailbox("edwin.elmsworth")["LitigationHoldEnabled"] is True


def _names(tenant: Tenant) -> Iterator[str]:
    for collection in ("graph.ediscoveryCases", "graph.legalHolds", "google.vaultMatters", "google.vaultHolds"):
        for row in tenant.objects(collection).values():
            yield from (str(row.get(word) or "") for word in ("displayName", "description", "name"))


def test_nobody_without_the_key_learns_who_is_held_or_for_what(held: Office) -> None:
    office, person = held, held.mailbox(PERSON)["ExternalDirectoryObjectId"]
    told = [
        office.door.toolkit("plan"),
        office.door.toolkit("drift"),
        office.door.toolkit("drift", "--json"),
        office.door.toolkit("check"),
        office.door("audit", "log"),
        office.door("audit", "log", "--json"),
        office.door("audit", "verify"),
    ]

    said = "".join(one.out + one.err for one in told)
    kept = b"".join(path.read_bytes() for path in [*office.door.state.rglob("*"), *office.door.playbooks.rglob("*")]
                    if path.is_file() and path.name not in {"serve.json", "00-school.yaml"})  # fmt: skip
    secret = (*PERSON.split("."), person, CASE, "litigation", "mailbox")
    assert [word for word in secret if word.lower() in said.lower()] == []
    assert [word for word in ("callum", person, CASE) if word.encode().lower() in kept.lower()] == []
    assert not [name for name in _names(office.tenant) if CASE in name or "allum" in name]
    assert "holds: all in place" in said


def test_a_broken_hold_outranks_a_kind_and_a_cloud_that_cannot_be_read(held: Office) -> None:
    tag = resource("microsoft365.external_in_outlook", "organisation", {"enabled": True})
    held.door.write("10-tag.yaml", playbook(tag, mode="check"))
    held.tenant.fault("refused", "Get-ExternalInOutlook", times=99)
    unread = held.drift()
    held.tenant.patch("exchange.mailboxes", held.mailbox(PERSON)["Guid"], LitigationHoldEnabled=False)

    broken = held.drift()
    held.tenant.fault("refused", "vault.matters.list", times=99)
    drift = held.door.toolkit("drift", "--json")

    assert unread == (4, "holds: all in place")
    assert broken == critical()
    assert drift.exit == 3
    assert drift.json["summary"]["unknown"] == 1
    assert drift.json["holds"] == str(HoldState.NOT_AS_WANTED)
    assert any(reason.startswith("Google Workspace could not be read") for reason in drift.json["holds_reasons"])


def test_what_is_taken_off_by_hand_is_critical_without_a_name(placed: Office) -> None:
    office = placed
    assert office.hold("confirm").exit == 3
    assert office.drift() == (3, f"holds: pending; {admin_text(NOT_CONFIRMED())}")
    office.later(hours=25)
    assert office.hold("confirm").exit == 0
    assert office.drift() == (0, "holds: all in place")

    guid = office.mailbox(PERSON)["Guid"]
    for change, back, why in (
        ({"LitigationHoldDuration": "365.00:00:00"}, {"LitigationHoldDuration": "Unlimited"}, LOST),
        ({"PersistedCapabilities": []}, {"PersistedCapabilities": ["BPOS_S_Enterprise"]}, LICENCE_ENDED),
    ):
        office.tenant.patch("exchange.mailboxes", guid, **change)
        assert office.drift() == critical(why), change
        office.tenant.patch("exchange.mailboxes", guid, **back)
    assert office.drift() == (0, "holds: all in place")

    key = next(
        key
        for key in office.tenant.objects("google.vaultHolds")
        if "DRIVE" in str(office.tenant.objects("google.vaultHolds")[key])
    )
    office.tenant.delete("google.vaultHolds", key)
    assert office.drift() == critical(LOST, GOOGLE)
    assert office.standings()["google_workspace"]["files"] == "absent"

    assert office.hold("confirm").exit == 0
    assert office.drift() == (0, "holds: all in place")


@pytest.mark.parametrize(
    ("fault", "operation", "why"),
    [
        ("refused", "Get-Mailbox", "Microsoft 365 could not be read: a permission is missing (Global Reader "),
        ("truncated", "vault.matters.list", "Google Workspace could not be read: its response could not be read"),
        pytest.param(
            "unavailable",
            "GET /security/cases/ediscoveryCases",
            "Microsoft 365 could not be read: its response could not be read",
            marks=pytest.mark.soak,
        ),
        pytest.param(
            "refused",
            "vault.matters.holds.list",
            "Google Workspace could not be read: a permission is missing",
            marks=pytest.mark.soak,
        ),
    ],
)
def test_a_read_that_fails_is_unknown_and_nothing_is_written(
    held: Office, fault: str, operation: str, why: str
) -> None:
    office = held
    office.tenant.fault(fault, operation, times=99)
    before = office.tenant.last_request()

    drift, listed, confirmed = office.drift(), office.hold("list"), office.hold("confirm")

    assert (drift[0], drift[1].startswith(f"holds: unknown; {why}")) == (4, True), drift
    assert (listed.exit, confirmed.exit) == (4, 4)
    assert "absent" not in listed.out + confirmed.out
    assert [one["name"] for request in office.tenant.requests(before) for one in request["operations"] if one["write"]
            and request["service"] not in SIGN_IN] == []  # fmt: skip


def test_placing_again_writes_nothing_and_says_so(held: Office) -> None:
    before = held.tenant.last_request()

    again = held.place(PERSON)

    writes = [one["name"] for request in held.tenant.requests(before) for one in request["operations"]
              if one["write"] and request["service"] not in SIGN_IN]  # fmt: skip
    assert (again.exit, writes) == (0, [])
    assert "confirmed" in again.out


def test_placing_again_says_since_when_each_hold_exists_and_whether_teams_chat_is_covered(office: Office) -> None:
    first = office.place(PERSON)
    office.later(hours=25)
    again = office.place(PERSON)

    assert (first.exit, again.exit) == (0, 0)
    assert "on hold since" not in first.out
    assert again.out.count(", on hold since 10 November 2026\n") == 3 + 5
    assert "~ Teams chat is covered once the mailbox is" in first.out
    assert "= Teams chat is covered with the mailbox, but standard and shared channels are not" in again.out


def test_a_service_that_cannot_hold_ends_with_4(office: Office) -> None:
    office.tenant.patch("exchange.mailboxes", office.mailbox(PERSON)["Guid"], PersistedCapabilities=[])

    placed = office.place(PERSON)
    whole = office.place("edwin.elmsworth")

    assert (placed.exit, whole.exit) == (4, 4)  # the case still has the person
    assert "* mailbox  unavailable (the licence of this mailbox does not include litigation hold" in placed.out
    assert "~ Teams chat is covered once the mailbox is" in placed.out  # by the case
    assert office.hold("place", "2026-D", "--person", office.address("beth.birchall")).exit == 0


def test_a_person_whom_no_cloud_has_is_not_taken_for_held(office: Office) -> None:
    placed = office.place("edwin.elmsworht")

    assert placed.exit == 3
    assert "! no cloud has this account, so nothing is on hold: check the address" in placed.out
    due = office.door.toolkit("due", "--yes", TOOLKIT_HOLDS_KEY=office.key)
    assert (due.exit, due.out.splitlines()[-1]) == (0, f"holds: none from `toolkit hold`; {admin_text(NOWHERE())}")
    assert office.drift() == _NONE_OPEN
    assert office.place(PERSON).exit == 3
    office.later(hours=25)
    due = office.door.toolkit("due", "--yes", TOOLKIT_HOLDS_KEY=office.key)
    assert (due.exit, due.out.splitlines()[-1]) == (0, f"holds: all in place; {admin_text(NOWHERE())}")


def test_due_follows_up_where_it_has_the_key_and_names_nobody(placed: Office) -> None:
    office = placed
    without = office.door.toolkit("due", "--yes")
    early = office.door.toolkit("due", "--yes", TOOLKIT_HOLDS_KEY=office.key)
    office.later(hours=25)
    late = office.door.toolkit("due", "--yes", TOOLKIT_HOLDS_KEY=office.key)

    assert "holds:" not in without.out
    assert (early.exit, early.out.splitlines()[-1]) == (3, f"holds: pending; {admin_text(NOT_CONFIRMED())}")
    assert (late.exit, late.out.splitlines()[-1]) == (0, "holds: all in place")
    assert "callum" not in early.out + early.err + late.out + late.err
    assert office.drift() == (0, "holds: all in place")


@pytest.mark.soak
def test_many_people_are_held_in_few_requests(office: Office) -> None:
    staff: Sequence[str] = [row["PrimarySmtpAddress"].partition("@")[0]
                            for row in office.tenant.objects("exchange.mailboxes").values()
                            if row["RecipientTypeDetails"] == "UserMailbox"][:30]  # fmt: skip
    before = office.tenant.last_request()

    placed = office.place(*staff)

    sent = _sent(office.tenant, before)
    assert placed.exit == 0, placed.out
    # The tenant, the directory, three times ten mailboxes read and written; a case, and for each of its two holds
    # itself, two times twenty sources and a look at them.
    assert len(sent["microsoft"]) <= 2 + 2 * 3 + 1 + 2 * (1 + 1 + 2 + 1)
    assert len(sent["google"]) <= 4 + 2 * 4 + 31


def test_wrong_words_are_refused_before_anything_is_sent(office: Office) -> None:
    before = office.tenant.last_request()

    nobody = office.hold("place", CASE, "--person", "-", says="\n")
    no_address = office.hold("place", CASE, "--person", "-", says="edwin\n")
    no_register = office.door("hold", "list", "--playbooks", office.door.playbooks)
    no_key = office.door("hold", "confirm", "--playbooks", office.door.playbooks)
    wrong_key = office.door("hold", "list", "--playbooks", office.door.playbooks, TOOLKIT_HOLDS_KEY="secret")

    assert [one.exit for one in (nobody, no_address, no_key, wrong_key)] == [2, 2, 2, 2]
    assert (no_register.exit, no_register.out.startswith("none, because there is no register of holds (")) == (0, True)
    assert "entry 1 is not an address such as name@school.example, and nothing was sent" in no_address.err
    assert "toolkit hold key" in no_key.err
    assert "edwin" not in no_address.err
    assert office.tenant.last_request() == before


def test_another_key_a_lost_key_of_fingerprints_and_a_lost_ledger_are_said(held: Office) -> None:
    other = held.door("hold", "list", "--playbooks", held.door.playbooks, TOOLKIT_HOLDS_KEY=new_key())
    key = held.door.state / "emulator" / HOLDS_KEY
    away = key.rename(held.door.state / HOLDS_KEY)
    without_key = held.drift()
    away.rename(key)
    held.door.forget()

    assert (other.exit, "cannot be read with the key" in other.err) == (2, True)
    assert without_key == (4, f"holds: unknown; {admin_text(NO_KEY(file=HOLDS_KEY))}")
    assert held.drift() == (4, f"holds: unknown; {admin_text(NOT_RECORDED())}")


_BETWEEN_LOOKS = 0.02  # seconds between two looks at a screen; no deadline
_SHOWN = re.compile(r"https://\S+client_id=\S+")

DATA_HOLD = """\
playbook: holds
title: Evidence is held
owner: Governors
clauses: [EML-14]
controls:
  - data.hold:
      for: everyone
      may_place: [Chair of Governors]
      may_release: [School Business Manager, Deputy Head Teacher, Chair of Governors]
"""


def _release(office: Office, name: str, *words: str) -> CommandResult:
    return signed_by(office, name, "release", CASE, *words)


def signed_by(
    office: Office,
    name: str,
    *words: str,
    says: str | None = None,
    group: str = "hold",
    change: Callable[[str], str] = str,
) -> CommandResult:
    """Run `toolkit hold ...`, or another group, while a person opens the address that is shown.

    They are named by their address, or by what is in front of the @. `change` spoils where the provider sends them.
    """
    over, login = threading.Event(), name if "@" in name else office.address(name)
    http = office.tenant.emulator.http

    def person() -> None:
        while not over.wait(_BETWEEN_LOOKS):
            shown = getattr(underlying_stream(sys.stderr), "buffer", None)  # the screen of the command that runs
            if isinstance(shown, io.BytesIO) and (found := _SHOWN.search(shown.getvalue().decode())):
                answer = http.get(f"{found[0]}&login_hint={login}", allow_redirects=False, timeout=HANG)
                if "Location" in answer.headers:
                    http.get(change(answer.headers["Location"]), timeout=HANG)
                return

    thread = threading.Thread(target=person)
    thread.start()
    try:
        return office.hold(*words, says=says, group=group)
    finally:
        over.set()
        thread.join()


def test_a_case_is_released_by_two_people_and_by_nobody_alone(held: Office) -> None:
    office = held
    office.door.write("61-holds.yaml", DATA_HOLD)

    named = office.hold("release", CASE, "--by", "The Chair")
    first = _release(office, "edwin.elmsworth")
    same = _release(office, "edwin.elmsworth")
    still = office.mailbox(PERSON)["LitigationHoldEnabled"]
    second = _release(office, "beth.birchall")

    assert [one.exit for one in (named, first, same)] == [5, 5, 5]
    assert "named by the operator, not verified" in named.out
    assert "\n  not released: 0 of 2 people have signed in with `toolkit hold release`\n" in named.out
    assert "\n  not released: 1 of 2 people have signed in with `toolkit hold release`\n" in first.out
    assert "not released" not in second.out
    log = office.door("audit", "log").out
    assert "hold    exit 5, refused" in log  # the same person twice: a refusal, and no run that was interrupted
    assert "interrupted" not in log
    assert "a release needs two different people" in same.err
    assert (still, second.exit) == (True, 0), second.out + second.err
    assert office.mailbox(PERSON)["LitigationHoldEnabled"] is False
    assert set(office.standings()["google_workspace"].values()) == {"absent"}
    before = office.drift()
    _move(office, "gethin.leaver", "/Staff")  # out of a unit that others hold, which is watched beside our cases
    seen = office.drift()
    office.hold("confirm")

    assert (before, seen) == (_NONE_OPEN, critical(LOST_OF_OTHERS, GOOGLE))
    assert office.drift() == _NONE_OPEN


def test_whom_a_case_is_about_has_no_say_in_it(office: Office) -> None:
    office.door.write("61-holds.yaml", DATA_HOLD)
    assert office.place("edwin.elmsworth").exit == 0

    subject = _release(office, "edwin.elmsworth")
    users = office.tenant.objects("users")
    beth = next(key for key, row in users.items() if row["userPrincipalName"] == office.address("beth.birchall"))
    office.tenant.patch("users", beth, jobTitle="Head Teacher")
    head = _release(office, "beth.birchall")
    office.tenant.patch("users", beth, jobTitle="Caretaker")
    other = _release(office, "beth.birchall")

    assert [one.exit for one in (subject, head, other)] == [5, 5, 5]
    assert "a person must not release their own hold" in subject.err
    assert "the Head neither approves nor releases" in head.err
    assert "the post is Caretaker" in other.err
    assert office.mailbox("edwin.elmsworth")["LitigationHoldEnabled"] is True


@pytest.mark.soak
def test_whoever_leaves_a_unit_on_hold_is_held_no_longer(office: Office) -> None:
    people = office.tenant.objects("google.users")
    leaver = next(key for key, row in people.items() if row["primaryEmail"] == office.address("gethin.leaver"))
    guid = office.mailbox("gethin.leaver")["Guid"]
    assert office.place("gethin.leaver").exit == 0  # whose unit somebody holds in the console
    office.later(hours=25)
    assert "Outlook shows a comment about it to the person" in office.hold("confirm").out
    assert office.drift()[0] == 3  # until that is gone
    office.tenant.patch("exchange.mailboxes", guid, RetentionComment=None)
    assert office.hold("confirm").exit == 0
    assert office.drift() == (0, "holds: all in place")

    office.tenant.patch("google.users", leaver, orgUnitPath="/Pupils")

    assert office.drift() == critical(LOST, GOOGLE)


def _unit_of(office: Office, name: str) -> str:
    people = office.tenant.objects("google.users").values()
    return str(next(row["orgUnitPath"] for row in people if row["primaryEmail"] == office.address(name)))


def _move(office: Office, name: str, unit: str) -> None:
    people = office.tenant.objects("google.users")
    key = next(key for key, row in people.items() if row["primaryEmail"] == office.address(name))
    office.tenant.patch("google.users", key, orgUnitPath=unit)


def test_a_teacher_who_leaves_a_unit_on_hold_is_found_and_stays_found_until_a_person_confirms(held: Office) -> None:
    office = held  # of another person, in no unit on hold
    leaver, unit = "gethin.leaver", _unit_of(office, "gethin.leaver")
    lost = critical(LOST_OF_OTHERS, GOOGLE)
    assert office.drift() == (0, "holds: all in place")

    _move(office, leaver, "/Staff")
    seen = office.drift()
    job = office.door.toolkit("due", "--yes", TOOLKIT_HOLDS_KEY=office.key)  # which forgets nothing
    again = office.drift()
    listed, confirmed = office.hold("list"), office.hold("confirm", "--json")

    assert seen == lost
    assert (job.exit, job.out.splitlines()[-1], again) == (3, lost[1], lost)
    assert listed.exit == 3
    moved = f"that others placed no longer there: moved out of the unit on hold, or taken off: {office.address(leaver)}"
    assert moved in listed.out
    assert (confirmed.exit, confirmed.json["lost_with_units"][GOOGLE]["people"]) == (3, [office.address(leaver)])
    assert office.drift() == (0, "holds: all in place")

    _move(office, leaver, unit)
    assert office.door.toolkit("due", "--yes", TOOLKIT_HOLDS_KEY=office.key).exit == 0  # which remembers who came
    _move(office, leaver, "/Staff")
    told = office.door.toolkit("drift", "--json")
    assert (told.exit, told.json["holds"]) == (3, str(HoldState.NOT_AS_WANTED))
    assert office.address(leaver) not in told.out


def test_holds_in_a_tenant_that_the_school_file_no_longer_names_are_unknown(held: Office) -> None:
    office = held
    office.door.write("61-holds.yaml", DATA_HOLD)
    one_cloud = office.door.toolkit("drift", "--provider", "microsoft365")
    school = office.door.playbooks / "00-school.yaml"
    both = school.read_text()
    school.write_text("".join(line for line in both.splitlines(keepends=True) if "google_workspace" not in line))

    drift, listed = office.drift(), office.hold("list")
    found = [one for one in office.door.toolkit("check", "--json").json["findings"] if one["control"] == "data.hold"]
    due = office.door.toolkit("due", "--yes", TOOLKIT_HOLDS_KEY=office.key)
    release = office.hold("release", CASE)  # no one signs in for what cannot be done
    still = office.mailbox(PERSON)["LitigationHoldEnabled"]
    school.write_text(both)

    assert (one_cloud.exit, "holds: all in place" in one_cloud.out) == (0, True)  # the other was not asked
    said = "toolkit placed holds in Google Workspace, which the school file no longer names"
    assert drift[0] == 4
    assert drift[1].startswith(f"holds: unknown; {said}")
    assert listed.exit == 4
    assert "Google Workspace: could not be read: the school file no longer names this tenant" in listed.out
    (finding,) = [one for one in found if one["provider"] == "school" and one["status"] == "unknown"]
    assert finding["reason"].startswith(said)
    assert (due.exit, "holds: unknown" in due.out) == (4, True)
    assert (release.exit, still) == (5, True)
    assert f"{school}: the case holds data in Google Workspace, which the school file no longer names" in release.err
    assert "write google_workspace under `tenants:` again until this has run again" in release.err
    assert office.drift() == (0, "holds: all in place")


@pytest.mark.soak
def test_a_tenant_that_has_no_account_of_the_person_delays_no_release(office: Office) -> None:
    office.door.write("61-holds.yaml", DATA_HOLD)
    people = office.tenant.objects("google.users")
    key = next(key for key, row in people.items() if row["primaryEmail"] == office.address(PERSON))
    office.tenant.delete("google.users", key)
    assert office.place(PERSON).exit == 0
    office.later(hours=25)
    assert office.hold("confirm").exit == 0
    school = office.door.playbooks / "00-school.yaml"
    school.write_text(
        "".join(line for line in school.read_text().splitlines(keepends=True) if "google_workspace" not in line)
    )

    first, second = _release(office, "edwin.elmsworth"), _release(office, "beth.birchall")

    assert (first.exit, second.exit) == (5, 0), second.out + second.err
    assert office.mailbox(PERSON)["LitigationHoldEnabled"] is False
    assert office.drift() == _NONE_OPEN


def test_a_tenant_that_is_closed_for_good_keeps_no_case_open_and_is_not_said_to_be_released(held: Office) -> None:
    office = held
    office.door.write("61-holds.yaml", DATA_HOLD)
    early = office.hold("release", CASE, "--closed", "google_workspace")
    unknown = office.hold("release", CASE, "--closed", "google")
    office.tenant.fault("refused", "directory.customers.get", times=1000)

    refused = office.hold("release", CASE)  # no one signs in for half a release
    kept = office.mailbox(PERSON)["LitigationHoldEnabled"]
    gone = ("--closed", "google_workspace")
    first, second = _release(office, "edwin.elmsworth", *gone), _release(office, "beth.birchall", *gone)
    school = office.door.playbooks / "00-school.yaml"
    both = school.read_text()
    school.write_text("".join(line for line in both.splitlines(keepends=True) if "google_workspace" not in line))

    assert (early.exit, refused.exit, kept, first.exit) == (2, 5, True, 5)
    assert "--closed `google` is not a cloud: there is `google_workspace` or `microsoft365`" in unknown.err
    assert "Google Workspace can be reached: release the case without --closed" in early.err
    assert "the case holds data in Google Workspace, which could not be reached (" in refused.err
    assert "run this command again when it can be reached" in refused.err
    assert "If the tenant is closed for good, add `--closed google_workspace`" in refused.err
    assert second.exit == 4, second.out + second.err  # the tenant is still in the school file, and was not read
    assert "released" in second.out
    said = "Google Workspace: nothing was read or released: the school says that this tenant is closed"
    assert f"! {office.address('callum.copperfield')}, {said}" in second.out
    assert office.mailbox(PERSON)["LitigationHoldEnabled"] is False
    assert said in office.hold("list").out
    assert office.drift() == _NONE_OPEN
