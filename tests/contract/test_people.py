"""Objects that belong to people: named by who they are, and left alone where one person has no mailbox."""

import pytest

from tests.cases import newest, playbook, resource, writes
from tests.contract.rules import apply
from tests.door import Door
from tests.emulated import FEW_PUPILS
from tests.google_workspace.connected import SCOPE, delegate
from tests.schools import few_people

pytestmark = few_people

KIND = "google_workspace.signature"
TEXT = {"text": "<p>Sent from Example Primary School.</p>"}
AMARA, BETH = (f"{name}@example-primary.example" for name in ("amara.ashdown", "beth.birchall"))
STAFF = """\
playbook: staff
title: Staff
owner: Head Teacher
controls:
  - mail.disclaimer:
      for: staff
      scope: outgoing
      text_file: disclaimer.html
      phrase: Sent from Example Primary School
"""


@pytest.fixture
def two(google_door: Door) -> Door:
    """Open a school that wants the same in two people's signatures."""
    google_door.write("10-two.yaml", playbook(*(resource(KIND, person, TEXT) for person in (AMARA, BETH))))
    return google_door


@pytest.fixture
def staff(google_door: Door) -> Door:
    """Open a school that wants the disclaimer in the signatures of all staff."""
    google_door.write("disclaimer.html", TEXT["text"])
    google_door.write("10-staff.yaml", STAFF)
    return google_door


def _user(door: Door, address: str) -> str:
    users = door.tenant.objects("google.users")
    return next(key for key, user in users.items() if user["primaryEmail"] == address)


def _signature(door: Door, address: str) -> str:
    sent_as = door.tenant.objects("gmail.sendAs").values()
    return next(str(one["signature"]) for one in sent_as if one["sendAsEmail"] == address)


def test_an_object_is_named_by_the_person_s_id_and_shown_by_the_address(two: Door) -> None:
    plan = two.toolkit("plan", "--json")

    changes = {one["address"]: one["of"] for one in plan.json["changes"]}
    assert changes == {f"{KIND}[{_user(two, person)}]": person for person in (AMARA, BETH)}
    assert f"~ {AMARA}" in two.toolkit("plan").out


def test_whoever_is_renamed_keeps_what_was_applied(two: Door) -> None:
    apply(two)
    renamed = "amara.smith@example-primary.example"
    two.tenant.patch("google.users", _user(two, AMARA), primaryEmail=renamed)
    path = two.playbooks / "10-two.yaml"
    path.write_text(path.read_text().replace(AMARA, renamed))

    assert two.toolkit("plan").exit == 0


def test_an_address_of_nobody_is_refused_at_its_line_and_holds_nobody_else_up(two: Door) -> None:
    two.write("11-nobody.yaml", playbook(resource(KIND, "nobody@example-primary.example", TEXT), slug="nobody"))

    answer = two.toolkit("apply", "--yes")

    assert answer.exit == 5
    assert "nobody@example-primary.example is not an account of this tenant" in answer.out
    assert "11-nobody.yaml:6" in answer.out
    assert "Sent from" in _signature(two, AMARA)


@pytest.mark.parametrize(
    ("collection", "change", "reason"),
    [
        ("google.users", {"suspended": True}, "is suspended"),
        ("google.users", {"archived": True}, "is archived"),
        ("google.users", {"isMailboxSetup": False}, "has no Gmail"),
    ],
)
def test_a_person_whose_mailbox_cannot_be_opened_is_left_alone_and_the_others_are_written(
    two: Door, collection: str, change: dict[str, object], reason: str
) -> None:
    two.tenant.patch(collection, _user(two, AMARA), **change)

    answer = two.toolkit("apply", "--yes")

    assert answer.exit == 0
    assert f"= {KIND}[{AMARA}]: nothing to do: " in answer.out
    assert reason in answer.out
    assert "Sent from" not in _signature(two, AMARA)
    assert "Sent from" in _signature(two, BETH)


def test_those_of_a_control_without_gmail_are_left_out_and_counted(staff: Door) -> None:
    staff.tenant.patch("google.users", _user(staff, AMARA), isMailboxSetup=False)

    plan = staff.toolkit("plan", "--json")

    (control,) = plan.json["controls"]
    (signatures,) = (part for part in control["parts"] if part["part"] == "signatures")
    assert plan.exit == 3
    assert "1 of the accounts have no Gmail and are left out" in signatures["limits"]
    assert AMARA not in [one.get("of") for one in plan.json["changes"]]


def test_those_whom_the_school_file_protects_are_never_written_to(two: Door) -> None:
    school = two.playbooks / "00-school.yaml"
    school.write_text(school.read_text().replace("accounts: [", f"accounts: [{AMARA}, "))

    answer = two.toolkit("apply", "--yes")

    assert answer.exit == 5
    assert f"{KIND}[{AMARA}]: refused: the school file protects this account" in answer.out
    assert "Sent from" not in _signature(two, AMARA)


def test_a_scope_that_is_not_delegated_makes_the_kind_unknown_and_names_it(staff: Door) -> None:
    for account in ("reader", "writer"):
        delegate(staff.tenant, account, without="gmail.settings.basic")
    before = newest(staff)

    answer = staff.toolkit("apply", "--yes")

    assert answer.exit == 4
    assert f"? {KIND}: could not be read" in answer.out
    assert SCOPE + "gmail.settings.basic" in answer.out
    assert writes(staff, before) == []


def test_a_unit_that_is_gone_makes_its_control_unknown(staff: Door) -> None:
    units = staff.tenant.objects("google.orgunits")
    (staff_unit,) = [key for key, unit in units.items() if unit["orgUnitPath"] == "/Staff"]
    staff.tenant.delete("google.orgunits", staff_unit)
    before = newest(staff)

    answer = staff.toolkit("apply", "--yes")

    assert answer.exit == 4
    assert "there is no organisational unit /Staff" in answer.out
    assert writes(staff, before) == []


def test_enforcing_what_only_people_can_set_is_answered_before_anything_is_asked(staff: Door) -> None:
    path = staff.playbooks / "10-staff.yaml"
    path.write_text(path.read_text() + "      require: enforced\n")

    answer = staff.toolkit("validate")

    assert answer.exit == 2
    assert "10-staff.yaml:10: mail.disclaimer cannot be enforced on Google Workspace: its level there is manual" in (
        answer.err
    )
    assert "Parts that can be enforced: signatures" in answer.err


@pytest.mark.parametrize("tenant", [FEW_PUPILS], indirect=True, ids=["more staff than a run changes"])
def test_own_signatures_are_back_byte_for_byte_once_the_control_is_withdrawn(staff: Door) -> None:
    before = staff.tenant.objects("gmail.sendAs")
    apply(staff)
    applied = staff.tenant.objects("gmail.sendAs")
    path = staff.playbooks / "10-staff.yaml"
    path.write_text(path.read_text().replace("      for:", "      mode: off\n      withdraw: true\n      for:"))

    refused = staff.toolkit("apply", "--yes")
    apply(staff, "--allow-changes", KIND)

    own = [key for key, one in before.items() if one["signature"]]
    assert len(own) > 3
    assert all(str(applied[key]["signature"]).startswith(str(before[key]["signature"])) for key in own)
    assert applied != before
    assert refused.exit == 5
    assert staff.tenant.objects("gmail.sendAs") == before
    assert staff.toolkit("plan").exit == 0
