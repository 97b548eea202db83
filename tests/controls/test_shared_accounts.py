"""Accounts that several people may use: listed through the command line, and never blocked."""

import pytest

from tests.door import Door
from tests.schools import few_people
from toolkit.controls.shared_accounts import is_named_after_place_or_job

pytestmark = few_people

NAMED = "accounts named after a place or a job"
OFFICE = "office@example-primary.example"
SCANNER = "known: {scanner@example-primary.example: the copier}"


def _check(door: Door, settings: str, *, mode: str = "enforce") -> dict[tuple[str, str], dict[str, object]]:
    entry = f"identity.no_shared_accounts: {{{settings}}}"
    door.write("10-accounts.yaml", f"playbook: accounts\nmode: {mode}\nclauses: [SEC-02]\ncontrols:\n  - {entry}\n")
    answered = door.toolkit("check", "--only", "identity.no_shared_accounts", "--json")
    assert answered.exit in {0, 3, 4}, answered.err
    return {(found["provider"], found["subject"]): found for found in answered.json["findings"]}


def test_a_shared_mailbox_that_can_sign_in_is_listed_and_stays_as_it_is(bare_door: Door) -> None:
    mailbox = ("microsoft365", "shared mailboxes that can sign in")
    assert _check(bare_door, SCANNER)[mailbox]["status"] == "pass"
    users = bare_door.tenant.objects("users")
    (key,) = [key for key, user in users.items() if user["mail"] == OFFICE]
    bare_door.tenant.patch("users", key, accountEnabled=True, onPremisesSyncEnabled=True)

    found = _check(bare_door, SCANNER)[mailbox]

    assert found["status"] == "fail"
    assert "the accounts of 1 of 7 shared mailboxes" in str(found["reason"])
    assert (
        "1 of these accounts must be blocked in the school's own directory, which Microsoft 365 follows; "
        f"these are {OFFICE}" in str(found["reason"])
    )
    assert bare_door.toolkit("apply", "--yes", "--json").json["changes"] == []
    assert bare_door.tenant.objects("users")[key]["accountEnabled"] is True


def test_accounts_named_after_a_place_are_listed_on_both_clouds_until_the_school_knows_them(wide_door: Door) -> None:
    found = _check(wide_door, "")
    listed = {provider: str(row["reason"]) for (provider, subject), row in found.items() if subject == NAMED}
    assert set(listed) == {"microsoft365", "google_workspace"}
    assert "1 of" in listed["microsoft365"]
    assert "scanner@example-primary.example" in listed["microsoft365"]
    assert "breakglass" not in listed["microsoft365"]  # protected

    known = _check(wide_door, "known: {'SCAN*@example-primary.example': the copier}")

    assert {row["status"] for (_, subject), row in known.items() if subject == NAMED} == {"pass"}
    silent = _check(wide_door, "names: none")
    assert "scanner@" not in str(silent["microsoft365", NAMED]["reason"])


@pytest.mark.parametrize(
    ("name", "is_place"),
    [
        ("office", True),
        ("supply1", True),
        ("class-3b", True),
        ("year4.pupil01", True),
        ("ks2", True),
        ("breakfast", True),
        ("amara.ashdown", False),
        ("sarah.hall", False),
        ("j.k", False),
        ("12345678", False),
        ("officer.dibble", False),
    ],
)
def test_a_name_is_a_place_only_where_every_word_of_it_is(name: str, is_place: bool) -> None:  # noqa: FBT001
    assert is_named_after_place_or_job(f"{name}@example.org", ["breakfast"]) is is_place
