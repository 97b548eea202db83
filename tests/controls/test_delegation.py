"""Rights to other mailboxes: what is declared, what nobody declared, and what deleted accounts left behind."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.cases import newest, writes
from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

SENDING, OPENING = "exchange.recipientPermissions", "exchange.mailboxPermissions"
SEND, OPEN, BEHALF = "rights to send as another mailbox", "rights to open another mailbox", "rights to send on behalf"
LEFT, SIGN_IN = "rights of deleted accounts", "sign-in of shared mailboxes"
HEAD = "{mailbox: head@example-primary.example, send_as: [leadership@example-primary.example]}"
SAFEGUARDING = (
    "{mailbox: safeguarding@example-primary.example, send_as: [dsl@example-primary.example], "
    "full_access: [dsl@example-primary.example]}"
)


def _delegation_findings(door: Door, *declared: str, names: str = "none") -> Mapping[str, Mapping[str, Any]]:
    entry = f"  - mail.sendas_delegation: {{for: staff, names: {names}, declared: [{', '.join(declared)}]}}\n"
    head = "playbook: rights\ntitle: Rights\nowner: Head Teacher\nclauses: [GEN-11]\n\ncontrols:\n"
    door.write("38-rights.yaml", head + entry)
    answer = door.toolkit("check", "--json")
    return {found["subject"]: found for found in answer.json["findings"]}


def _send_as(door: Door, key: str, mailbox: str, trustee: str, **more: object) -> None:
    right = {"Identity": mailbox, "Trustee": trustee, "AccessRights": ["SendAs"], "AccessControlType": "Allow"}
    door.tenant.put(SENDING, key, {**right, "IsInherited": False, "InheritanceType": "None", **more})


def test_what_is_declared_passes_and_the_owners_own_and_inherited_rights_are_none(bare_door: Door) -> None:
    _send_as(bare_door, "inherited", "office", "it-admins", IsInherited=True)
    _send_as(bare_door, "denied", "office", "amara.ashdown", AccessControlType="Deny")
    before = newest(bare_door)

    found = _delegation_findings(bare_door, HEAD, SAFEGUARDING)

    assert {subject: one["status"] for subject, one in found.items()} == dict.fromkeys(
        (SEND, OPEN, BEHALF, LEFT, SIGN_IN), "pass"
    )
    assert writes(bare_door, before) == []
    assert bare_door.tenant.operations(before).count("Get-RecipientPermission") == 1


def test_what_is_not_declared_and_what_is_not_there_is_counted_without_names_unless_asked(bare_door: Door) -> None:
    _send_as(bare_door, "new", "office", "Beth Birchall")  # a display name, as Exchange shows some trustees
    safeguarding = next(key for key, one in bare_door.tenant.objects(OPENING).items())
    bare_door.tenant.delete(OPENING, safeguarding)

    found = _delegation_findings(bare_door, HEAD, SAFEGUARDING)
    listed = _delegation_findings(bare_door, HEAD, SAFEGUARDING, names="listed")

    assert (found[SEND]["status"], found[OPEN]["status"]) == ("fail", "fail")
    assert "1 of 3 rights are not declared" in found[SEND]["reason"]
    assert "1 of 1 declared rights are missing" in found[OPEN]["reason"]
    assert "beth" not in str(found).lower()
    assert "beth.birchall@example-primary.example to office@example-primary.example" in listed[SEND]["reason"]


def test_rights_of_deleted_accounts_are_left_over_and_not_undeclared(bare_door: Door) -> None:
    _send_as(bare_door, "gone", "office", "S-1-5-21-1004336348-1177238915-682003330-512")

    found = _delegation_findings(bare_door, HEAD, SAFEGUARDING)

    assert found[SEND]["status"] == "pass"
    assert (found[LEFT]["status"], found[LEFT]["reason"][:20]) == ("fail", "1 rights are left ov")


@pytest.mark.parametrize("also_wrong", [False, True])
def test_a_mailbox_that_cannot_be_read_never_passes_and_a_known_fault_is_told_first(
    *, also_wrong: bool, bare_door: Door
) -> None:
    if also_wrong:
        right = {"Identity": "office", "User": "amara.ashdown", "AccessRights": ["FullAccess"], "Deny": False}
        bare_door.tenant.put(OPENING, "new", {**right, "IsInherited": False, "InheritanceType": "All"})
    like = next(one for one in bare_door.tenant.objects("exchange.recipients").values() if one["Name"] == "head")
    bare_door.tenant.put("exchange.recipients", "twin", {**like, "PrimarySmtpAddress": "h2@x.example", "Guid": "twin"})

    every = _delegation_findings(bare_door, SAFEGUARDING, HEAD)
    found, left = every[OPEN], every[LEFT]

    assert left["status"] == "unknown"
    assert found["status"] == ("fail" if also_wrong else "unknown")
    assert "may be any of 2 recipients" in found["reason"]


def test_a_shared_mailbox_that_can_be_signed_in_to_is_counted(bare_door: Door) -> None:
    users = bare_door.tenant.objects("users")
    office = next(key for key, user in users.items() if user.get("mail") == "office@example-primary.example")
    bare_door.tenant.patch("users", office, accountEnabled=True)

    found = _delegation_findings(bare_door, HEAD, SAFEGUARDING)[SIGN_IN]

    assert (found["status"], "1 of 5 shared mailboxes allow direct sign-in" in found["reason"]) == ("fail", True)


def test_no_mailbox_of_google_is_opened_and_the_switches_are_compared(google_door: Door) -> None:
    before = newest(google_door)
    _delegation_findings(google_door)

    coverage = google_door.toolkit("plan", "--json").json["controls"]

    parts = {part["part"]: part["level"] for control in coverage for part in control["parts"]}
    assert parts == {"sending through outside servers": "checked", "delegation of mailboxes": "checked"}
    assert not [name for name in google_door.tenant.operations(before) if name.startswith("gmail.")]


def test_a_right_of_everyone_who_signs_in_is_not_the_owners_own(bare_door: Door) -> None:
    everyone = "NT AUTHORITY\\Authenticated Users"
    right = {"Identity": "office", "User": everyone, "AccessRights": ["FullAccess"], "Deny": False}
    bare_door.tenant.put(OPENING, "wide", {**right, "IsInherited": False, "InheritanceType": "All"})
    _send_as(bare_door, "wide", "office", everyone)

    found = _delegation_findings(bare_door, HEAD, SAFEGUARDING)

    assert (found[SEND]["status"], found[OPEN]["status"]) == ("fail", "fail")
    assert "1 of 2 rights are not declared" in found[OPEN]["reason"]
