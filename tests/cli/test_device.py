"""A lost device from the command line: locked at once, never twice, read back, given back, and never wiped by us."""

import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.door import CommandResult, Door, open_door
from tests.emulated import SIGN_IN, Tenant
from tests.registered import toolkit_waiting
from tests.schools import with_people
from toolkit.lost.model import ActOutcome, Wipe, recorded_wipe
from toolkit.lost.text import wipe_text

pytestmark = with_people(users=24, staff=10)

PLAYBOOK = """\
playbook: lost-devices
title: A lost device is locked at once
owner: School Business Manager
clauses: [SEC-15]
controls:
  - device.lost_wipe:
      register_file: devices.csv
      may_wipe: [School Business Manager, Data Protection Officer]
"""
REGISTER = """\
serial,tag,kind,holder,place,bought,disposed
EX000009,IT-010,tablet,{holder},,,
EX000000,IT-001,laptop,,,,
CB000001,CB-001,chromebook,,Library,,
GONE1,IT-099,laptop,,,,
"""
IPAD, LAPTOP, PHONE, CHROMEBOOK = "EX000009", "EX000000", "EX000012", "CB000001"
HOLDER, SHOP = "callum.copperfield", "shop.example"
DEVICES, CHROMEBOOKS, USERS = "intune.managedDevices", "google.chromeosDevices", "users"
_DEVICE = "POST /deviceManagement/managedDevices/{id}"
LOST_MODE, END_LOST_MODE = f"{_DEVICE}/enableLostMode", f"{_DEVICE}/disableLostMode"
REVOKE, PASSWORD = "POST /users/{id}/revokeSignInSessions", "PATCH /users/{id}"
SIGN_OUT, DISABLE = "directory.users.signOut", "admin.customer.devices.chromeos.batchChangeStatus"
EVERYTHING = [LOST_MODE, REVOKE, PASSWORD, SIGN_OUT]


@dataclass(frozen=True)
class LostSchool:
    """A school with both clouds, and the rules for lost devices."""

    door: Door

    @property
    def tenant(self) -> Tenant:
        return self.door.tenant

    def run(self, *words: str) -> CommandResult:
        return self.door("device", *words, "--playbooks", str(self.door.playbooks))

    def lost(self, serial: str, *words: str) -> CommandResult:
        return self.run("lost", serial, "--yes", *words)

    def writes(self, after: int = 0) -> list[str]:
        """List what was sent that changes something."""
        return [
            operation["name"]
            for request in self.tenant.requests(after)
            if request["service"] not in SIGN_IN
            for operation in request["operations"]
            if operation["write"]
        ]

    def device(self, serial: str) -> tuple[str, dict[str, Any]]:
        return next((key, one) for key, one in self.tenant.objects(DEVICES).items() if one["serialNumber"] == serial)

    def user(self) -> tuple[str, dict[str, Any]]:
        address = f"{HOLDER}@{self.tenant.domain}"
        return next((key, one) for key, one in self.tenant.objects(USERS).items() if one["mail"] == address)

    def finish(self, serial: str, state: str) -> None:
        """Let a device answer the actions that were sent to it."""
        key, device = self.device(serial)
        results = [{**one, "actionState": state} for one in device["deviceActionResults"]]
        self.tenant.patch(DEVICES, key, deviceActionResults=results)

    def later(self, **time: int) -> None:
        now = datetime.fromisoformat(self.tenant.control("GET", "/clock")["now"])
        self.tenant.set_now((now + timedelta(**time)).isoformat())

    def chromebook(self) -> str:
        found = self.tenant.objects(CHROMEBOOKS).values()
        return next(str(one["status"]) for one in found if one["serialNumber"] == CHROMEBOOK)


@pytest.fixture
def school(tenant: Tenant, tmp_path: Path) -> LostSchool:
    """Open a school whose iPad is assigned to someone whose password the school keeps in Entra."""
    found = LostSchool(open_door(tenant, tmp_path, samples=False))
    found.door.write("20-lost.yaml", PLAYBOOK)
    found.door.write("devices.csv", REGISTER.format(holder=f"{HOLDER}@{tenant.domain}"))
    key, _ = found.user()
    tenant.patch(USERS, key, onPremisesSyncEnabled=None)
    return found


def _outcomes(answered: CommandResult) -> dict[tuple[str, str], str]:
    (device,) = answered.json["devices"]
    return {(act["provider"], act["name"]): act["outcome"] for act in device["acts"]}


def test_one_person_locks_an_ipad_and_signs_its_holder_out_and_a_second_run_sends_nothing(school: LostSchool) -> None:
    answered = school.lost(IPAD, "--theft-reference", "CR/12")
    sent = school.writes()
    before = school.tenant.last_request()
    again = school.lost(IPAD)

    assert (answered.exit, again.exit) == (0, 0), answered.out + answered.err
    assert sent == EVERYTHING
    assert school.writes(before) == []
    assert "lost mode with the school's message: requested" in again.out
    assert "when it was reported lost: encrypted, last contact 2026-11-10 00:00, read 2026-11-10 09:00" in again.out
    assert "theft reference CR/12" in again.out
    _, user = school.user()
    assert user["signInSessionsValidFromDateTime"] == user["lastPasswordChangeDateTime"] == "2026-11-10T09:00:00Z"
    _names_no_one(school, answered.out + again.out)


def _names_no_one(school: LostSchool, said: str) -> None:
    """Neither an answer nor the ledger names the holder, and no password is anywhere."""
    log = school.door("audit", "log", "--json").out
    assert "microsoft365.lost_device[EX000009 lock]" in log
    assert [word for word in (HOLDER, 'password":', "aA1-") if word in said + log] == []


def test_what_the_device_answered_and_a_wipe_in_the_console_are_read_back_and_recorded(school: LostSchool) -> None:
    school.lost(IPAD)
    waiting = school.run("check", "--json")
    school.finish(IPAD, "done")
    locked = school.run("check", "--json")
    school.finish(IPAD, "failed")
    failed = school.run("check", IPAD.lower())
    key, device = school.device(IPAD)
    wipe = {"actionName": "factoryReset", "actionState": "done", "startDateTime": "2026-11-10T10:00:00Z"}
    school.tenant.patch(DEVICES, key, deviceActionResults=[*device["deviceActionResults"], wipe])
    wiped = school.run("check")

    assert _outcomes(waiting)["microsoft365", "lock"] == "requested"
    assert _outcomes(locked)["microsoft365", "lock"] == "done"
    assert waiting.json["devices"][0]["wipes"] == {"microsoft365": "not wiped"}
    assert (failed.exit, wiped.exit) == (1, 1)
    assert "lost mode with the school's message: failed" in failed.out
    assert "wipe: done at 2026-11-10 10:00" in wiped.out
    shown = school.door("audit", "log", "--address", "microsoft365.lost_device[EX000009 result]").out
    assert ("wipe: done\n" in shown, "wiped_at: 2026-11-10 10:00" in shown) == (True, True)

    school.tenant.delete(DEVICES, key)  # a wiped device is not managed any more
    gone, found = school.run("check"), school.run("found", IPAD)
    assert (gone.exit, found.exit) == (0, 0), gone.out
    assert "wipe: done at 2026-11-10 10:00; it has not been managed there since" in gone.out
    assert "cannot be locked from here" not in gone.out


@pytest.mark.parametrize(
    ("earlier", "wipe"),
    [
        ("done at 2026-11-10 10:00", Wipe(ActOutcome.DONE, "2026-11-10 10:00")),
        ("requested at soon", Wipe(ActOutcome.REQUESTED, "soon")),
        ("failed at 2026-11-10 10:00", Wipe(ActOutcome.FAILED, "2026-11-10 10:00")),
        ("not wiped", Wipe(ActOutcome.NOT_DONE)),
        ("unknown: GET /devices: done at noon", Wipe(ActOutcome.UNKNOWN, reason="GET /devices: done at noon")),
    ],
)
def test_a_wipe_that_an_earlier_version_recorded_in_words_is_read_as_one_of_today(earlier: str, wipe: Wipe) -> None:
    assert recorded_wipe({"wipe": earlier}) == wipe == recorded_wipe(wipe.fact)
    assert wipe_text(wipe) == earlier


def test_a_device_that_disappears_without_a_wipe_stays_open(school: LostSchool) -> None:
    school.lost(IPAD)
    assert school.run("check").exit == 0
    school.tenant.delete(DEVICES, school.device(IPAD)[0])
    gone = school.run("check")

    assert gone.exit == 3
    assert "wipe: not wiped; it has not been managed there since" in gone.out


def test_a_chromebook_is_disabled_and_enabled_again_and_one_that_was_is_left_alone(school: LostSchool) -> None:
    answered = school.lost(CHROMEBOOK)
    disabled, before = school.chromebook(), school.tenant.last_request()
    again = school.lost(CHROMEBOOK)
    unsent = school.writes(before)
    found = school.run("found", CHROMEBOOK)
    unknown = school.run("found", CHROMEBOOK)

    assert [one.exit for one in (answered, again, found, unknown)] == [0, 0, 0, 2], answered.out + found.err
    assert (disabled, school.chromebook(), unsent) == ("DISABLED", "ACTIVE", [])
    assert "is not recorded as lost" in unknown.err
    other = school.lost("CB000002")  # the console disabled it before
    checked, left = school.run("check"), school.run("found", "CB000002")
    assert "disable the Chromebook: done: it had already been done" in other.out
    assert (checked.exit, left.exit) == (0, 0), checked.out
    assert "disable the Chromebook: done: it had already been done" in checked.out
    assert "by hand: it was locked before it was reported lost, and is still locked" in left.out
    assert school.run("check").out == "No device is recorded as lost.\n"


def test_an_ipad_that_was_found_leaves_lost_mode_and_may_be_lost_again(school: LostSchool) -> None:
    school.lost(IPAD)
    found = school.run("found", IPAD)
    school.later(days=1)
    before = school.tenant.last_request()
    again = school.lost(IPAD)

    assert (found.exit, again.exit) == (0, 0)
    assert "end lost mode: requested" in found.out
    assert school.writes(before) == EVERYTHING


def test_what_cannot_be_sent_says_what_a_person_does(school: LostSchool) -> None:
    key, _ = school.user()
    school.tenant.patch(USERS, key, onPremisesSyncEnabled=True)
    laptop, ipad = school.lost(LAPTOP), school.lost(IPAD)
    nowhere, unknown = school.lost("GONE1"), school.lost("EX00009X")

    assert "Intune cannot lock Windows computers" in laptop.out
    assert "set a random password that no one knows: by hand: the account is synchronised" in ipad.out
    assert PASSWORD not in school.writes()
    assert (nowhere.exit, unknown.exit) == (3, 2)
    assert "it cannot be locked from here" in nowhere.out
    assert "has a device with the serial EX00009X: did you mean `EX000009`?" in unknown.err


def test_a_federated_domain_and_a_protected_account_keep_their_passwords(school: LostSchool) -> None:
    domains = school.tenant.objects("domains")
    key = next(key for key, one in domains.items() if one["id"] == school.tenant.domain)
    school.tenant.patch("domains", key, authenticationType="Federated")
    federated = school.lost(IPAD)
    path = school.door.playbooks / "00-school.yaml"
    path.write_text(path.read_text().replace("accounts: [", f"accounts: [{HOLDER}@{school.tenant.domain}, ", 1))
    before = school.tenant.last_request()
    protected = school.lost(IPAD)

    assert "1 protected account left as it is" in protected.out
    assert school.writes(before) == []
    assert "another service manages the passwords of this domain" in federated.out
    assert PASSWORD not in school.writes()


def test_other_records_of_the_serial_are_named_and_left_to_a_person(school: LostSchool) -> None:
    _, device = school.device(IPAD)
    older = {**device, "id": "older", "lastSyncDateTime": "2025-01-09T18:00:00Z", "managedDeviceOwnerType": "personal"}
    school.tenant.put(DEVICES, "older", {**older, "userPrincipalName": f"amara.ashdown@{school.tenant.domain}"})
    chromebook = next(one for one in school.tenant.objects(CHROMEBOOKS).values() if one["serialNumber"] == CHROMEBOOK)
    for key, status in (("again", "ACTIVE"), ("gone", "DEPROVISIONED")):
        other = {**chromebook, "deviceId": key, "status": status, "lastSync": "2025-01-09T18:00:00Z"}
        school.tenant.put(CHROMEBOOKS, key, other)

    ipad, book = school.lost(IPAD), school.lost(CHROMEBOOK)

    said = "another record of this serial, last contact 9 January 2025: by hand: only the most recently seen record is "
    said += "locked"
    assert [ipad.exit, book.exit] == [0, 0], ipad.out + book.out
    assert f"  * Microsoft 365, {said}" in ipad.out
    assert book.out.count(said) == 1  # a record that is deprovisioned is in no one's hands
    assert school.writes() == [*EVERYTHING, DISABLE]
    assert "amara" not in ipad.out + school.door("audit", "log", "--json").out


def test_a_refusal_stops_nothing_else_and_is_tried_again(school: LostSchool) -> None:
    school.tenant.fault("refused", LOST_MODE, times=1)
    refused = school.lost(IPAD, "--json")
    before = school.tenant.last_request()
    again = school.lost(IPAD, "--json")

    assert (refused.exit, again.exit) == (1, 0), refused.out
    assert _outcomes(refused)["microsoft365", "lock"] == "failed"
    assert _outcomes(refused)["google_workspace", "sign out"] == "done"
    assert school.writes(before) == [LOST_MODE]


@pytest.mark.parametrize(
    "operation", [LOST_MODE, SIGN_OUT, *(pytest.param(one, marks=pytest.mark.soak) for one in (REVOKE, PASSWORD))]
)
def test_an_act_without_an_answer_is_unknown_until_it_is_read(school: LostSchool, operation: str) -> None:
    school.tenant.fault("unavailable", operation, times=50)
    unknown = school.lost(IPAD, "--json")
    school.tenant.disarm()
    school.later(minutes=5)
    before = school.tenant.last_request()
    again = school.lost(IPAD, "--json")
    sent = school.writes(before)
    before = school.tenant.last_request()
    third = school.lost(IPAD)

    assert "unknown" in _outcomes(unknown).values()
    assert (unknown.exit, again.exit, third.exit) == (4, 0, 0), again.out
    assert sent == [operation]
    assert school.writes(before) == []


@pytest.mark.parametrize(
    ("operation", "sent_again"),
    [
        (LOST_MODE, []),
        *(pytest.param(operation, [], marks=pytest.mark.soak) for operation in (REVOKE, PASSWORD)),
        pytest.param(SIGN_OUT, [SIGN_OUT], marks=pytest.mark.soak),
    ],
)
def test_a_run_killed_behind_an_act_is_finished_and_sends_again_only_what_no_service_shows(
    school: LostSchool, operation: str, sent_again: Sequence[str]
) -> None:
    command = ["device", "lost", IPAD, "--yes", "--playbooks", str(school.door.playbooks)]
    with toolkit_waiting(school.door, *command) as client:
        school.tenant.fault("kill_after", operation, pid=client.pid)
        client.communicate("go\n")
    assert client.returncode == -signal.SIGKILL
    school.tenant.disarm()
    school.later(minutes=5)
    before = school.tenant.last_request()
    checked = school.run("check", "--json")
    assert school.writes(before) == []
    again = school.lost(IPAD, "--json")
    rest = EVERYTHING[EVERYTHING.index(operation) + 1 :]

    assert checked.exit == (4 if sent_again else 3 if rest else 0), checked.out
    assert again.exit == 0, again.out
    assert school.writes(before) == [*sent_again, *rest]
    before = school.tenant.last_request()
    assert school.lost(IPAD).exit == 0
    assert school.writes(before) == []
    assert school.door("audit", "verify").exit == 0


def test_a_sign_out_that_was_sent_again_once_is_not_sent_by_each_later_run_of_the_same_minute(
    school: LostSchool,
) -> None:
    command = ["device", "lost", IPAD, "--yes", "--playbooks", str(school.door.playbooks)]
    with toolkit_waiting(school.door, *command) as client:
        school.tenant.fault("kill_after", SIGN_OUT, pid=client.pid)
        client.communicate("go\n")
    assert client.returncode == -signal.SIGKILL
    school.tenant.disarm()
    before = school.tenant.last_request()

    runs = [school.lost(IPAD) for _ in range(3)]

    assert [run.exit for run in runs] == [0, 0, 0]
    assert school.writes(before).count(SIGN_OUT) == 1


def test_the_form_names_two_posts_and_what_to_do_and_nothing_is_sent(school: LostSchool) -> None:
    early = school.run("wipe-form", IPAD)
    school.lost(IPAD)
    school.lost(PHONE)
    before = school.tenant.last_request()
    form, personal = school.run("wipe-form", IPAD), school.run("wipe-form", PHONE)

    assert (early.exit, form.exit, personal.exit) == (2, 0, 0), form.err + personal.err
    assert "Serial: EX000009    Asset tag: IT-010" in form.out
    assert "Two different people, from these posts: School Business Manager, Data Protection Officer" in form.out
    assert "the device > Wipe" in form.out
    assert "Remove only the school's data" in personal.out
    assert "the device > Retire" in personal.out
    assert school.writes(before) == []


def test_no_form_while_a_theft_is_investigated(school: LostSchool) -> None:
    school.lost(CHROMEBOOK, "--theft-reference", "CR/7")
    refused = school.run("wipe-form", CHROMEBOOK)
    early = school.run("wipe-form", CHROMEBOOK, "--theft-closed", "2026-11-09")
    late = school.run("wipe-form", CHROMEBOOK, "--theft-closed", "2026-11-11")
    closed = school.run("wipe-form", CHROMEBOOK, "--theft-closed", "2026-11-10")
    school.lost(CHROMEBOOK, "--theft-reference", "CR/8")
    again = school.run("wipe-form", CHROMEBOOK)
    school.lost(PHONE)
    none = school.run("wipe-form", PHONE, "--theft-closed", "2026-11-10")

    assert [one.exit for one in (refused, early, late, closed, again, none)] == [5, 2, 2, 0, 5, 2]
    assert "reference CR/7" in refused.err
    assert "--theft-closed 2026-11-09 is before 2026-11-10, when it was reported lost" in early.err
    assert "--theft-closed 2026-11-11 is in the future" in late.err
    assert "the police agreed on 2026-11-10" in closed.out
    assert "reference CR/8" in again.err
    assert "no theft of EX000012 is on record" in none.err


def test_the_form_has_the_dates_of_the_school(school: LostSchool) -> None:
    school.tenant.set_now("2027-06-04T23:30:00Z")  # half past midnight on Saturday
    school.lost(IPAD)

    form = school.run("wipe-form", IPAD).out

    assert "Example Primary School, 2027-06-05" in form
    assert "Reported lost: 2027-06-05" in form
    assert _checked(school)["microsoft365", "practice with lost devices"][1].startswith("used on 5 June 2027")


def test_no_form_while_its_holder_is_or_may_be_on_hold_and_the_answer_is_the_same(school: LostSchool) -> None:
    school.lost(IPAD)
    school.tenant.fault("refused", "Get-Mailbox", times=50)
    unread = school.run("wipe-form", IPAD)
    school.tenant.disarm()
    address = f"{HOLDER}@{school.tenant.domain}"
    mailboxes = school.tenant.objects("exchange.mailboxes")
    key = next(key for key, one in mailboxes.items() if one["PrimarySmtpAddress"] == address)
    school.tenant.patch("exchange.mailboxes", key, LitigationHoldEnabled=True)
    held, other = school.run("wipe-form", IPAD), school.run("lost", CHROMEBOOK, "--yes")
    school.tenant.delete(USERS, school.user()[0])  # the mailbox stays for the hold
    left = school.run("wipe-form", IPAD)

    assert (unread.exit, held.exit, left.exit, other.exit) == (5, 5, 5, 0)
    assert held.err == unread.err == left.err
    assert "may be needed as evidence" in held.err
    assert school.run("wipe-form", CHROMEBOOK).exit == 0


def test_a_holder_who_signs_in_by_another_name_is_one_person_held_and_protected(school: LostSchool) -> None:
    """Intune shows the name to sign in with, while the register, the holds and the school file have the address."""
    key, user = school.user()
    name, address = f"c.copperfield@{school.tenant.domain}", str(user["mail"])
    accounts = school.tenant.objects("google.users")
    account = next(key for key, one in accounts.items() if one["primaryEmail"] == address)
    school.tenant.patch("google.users", account, primaryEmail=name)
    school.tenant.patch(USERS, key, userPrincipalName=name)
    school.tenant.patch(DEVICES, school.device(IPAD)[0], userPrincipalName=name)
    locked = school.lost(IPAD)
    sent = school.writes()
    mailboxes = school.tenant.objects("exchange.mailboxes")
    mailbox = next(key for key, one in mailboxes.items() if one["PrimarySmtpAddress"] == address)
    school.tenant.patch("exchange.mailboxes", mailbox, LitigationHoldEnabled=True)
    school.door.write("devices.csv", REGISTER.format(holder=""))
    held = school.run("wipe-form", IPAD)
    path = school.door.playbooks / "00-school.yaml"
    path.write_text(path.read_text().replace("accounts: [", f"accounts: [{address}, ", 1))
    school.run("found", IPAD)
    before = school.tenant.last_request()
    protected = school.lost(IPAD)

    assert (locked.exit, sent) == (0, EVERYTHING), locked.out + locked.err
    assert "assigned to 1 account" in locked.out
    assert held.exit == 5, held.out
    assert "1 protected account left as it is" in protected.out
    assert school.writes(before) == [LOST_MODE]


def test_a_holder_without_an_account_is_left_to_a_person(school: LostSchool) -> None:
    school.door.write("devices.csv", REGISTER.replace("CB-001,chromebook,", f"CB-001,chromebook,gone@{SHOP}"))

    assert "1 account not found in any cloud: end the holder's sessions by hand" in school.lost(CHROMEBOOK).out


def test_the_control_passes_only_with_practice_on_record_and_devices_within_reach(school: LostSchool) -> None:
    never = _checked(school)
    before = school.tenant.last_request()
    assert school.run("lost", IPAD, "--practise").exit == 0
    sent = school.writes(before)
    practised = _checked(school)
    school.tenant.fault("refused", "GET /deviceManagement/managedDevices", times=50)
    unread = school.run("lost", LAPTOP, "--practise")
    school.tenant.disarm()
    school.later(days=400)
    overdue = _checked(school)

    practice, reach = "practice with lost devices", "devices that can be locked"
    assert never["microsoft365", practice][0] == "manual"
    status, reason = never["microsoft365", reach]
    assert (status, reason.partition(" can")[0]) == ("fail", "2 of 3 devices")
    assert reason.endswith("1 can be locked; not managed here: 1; these are IT-099")
    assert never["google_workspace", reach][0] == "pass"
    assert (sent, unread.exit) == ([], 4)
    assert practised["microsoft365", practice] == ("pass", "practised on 10 November 2026")
    assert practised["google_workspace", practice][0] == "manual"
    assert overdue["microsoft365", practice][0] == "fail"


def _checked(school: LostSchool) -> dict[tuple[str, str], tuple[str, str]]:
    found = school.door.toolkit("check", "--only", "device.lost_wipe", "--json").json["findings"]
    return {(row["provider"], row["subject"]): (row["status"], row["reason"]) for row in found}


def test_apply_sets_what_a_disabled_chromebook_shows_and_locks_nothing(school: LostSchool) -> None:
    (change,) = school.door.toolkit("apply", "--yes", "--json").json["changes"]
    policies = school.tenant.objects("google.chromePolicies").items()
    shown = [row["value"] for key, row in policies if key.endswith("chrome.devices.DisabledDeviceReturnInstructions")]
    sent = school.writes()
    again = school.door.toolkit("drift", "--json")

    assert change["address"] == "google_workspace.chrome_policy[devices.DisabledDeviceReturnInstructions @ /]"
    told = "This device belongs to a school and is lost. Please call us. Telephone: 01632 960000"
    assert shown == [{"deviceDisabledMessage": told}]
    assert sent == ["chromepolicy.customers.policies.orgunits.batchModify"]
    assert again.exit == 0


def test_a_live_question_is_asked_first(school: LostSchool) -> None:
    asked = school.run("lost", IPAD)
    assert asked.exit == 5
    assert "needs confirmation" in asked.err
    assert school.writes() == []


def test_one_post_may_not_wipe_alone(school: LostSchool) -> None:
    one = PLAYBOOK.replace("Data Protection Officer", "school business  manager")
    path = school.door.write("20-lost.yaml", one)
    answered = school.door.toolkit("validate")

    assert answered.exit == 2
    assert f"{path}:6" in answered.out + answered.err
    assert "`may_wipe` names only one post, but a wipe needs two people" in answered.out + answered.err


def test_what_no_serial_can_be_is_refused_and_no_loss_is_recorded(school: LostSchool) -> None:
    answered = school.lost("AB\u001b[31m12")

    assert answered.exit == 2
    assert "this is not a serial number" in answered.err
    assert school.run("check").out == "No device is recorded as lost.\n"
    assert "device  exit 2, " in school.door("audit", "log").out
