"""Who may edit the website: the school's register against the website's own list, asked through the command line."""

import pytest

from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

ACCOUNTS, AUTHORISED = "accounts of the website", "register of website editors"
REGISTER = "account,role,authorised_by,authorised_on,until\noffice,Editor,Head Teacher,2026-09-01,\n"
TEMPORARY = "web.firm,Administrator,Head Teacher,2026-09-01,2026-09-30\n"
USERS = "\ufeffID,user_login,roles\n1, Office\u200b,editor\n"
EXPORTED = "2026-11-02"


def _write(door: Door, register: str, users: str, *, exported: str = EXPORTED, more: str = "") -> None:
    door.write("editors.csv", register)
    door.write("users.csv", users)
    settings = f"register_file: editors.csv, export_file: users.csv, exported_on: {exported}{more}"
    entry = f"site.web_editors: {{{settings}}}"
    door.write("45-website.yaml", f"playbook: website\nclauses: [NET-06]\ncontrols:\n  - {entry}\n")


def _check(
    door: Door, *, exported: str = EXPORTED, register: str = REGISTER, users: str = USERS, more: str = ""
) -> str:
    _write(door, register, users, exported=exported, more=more)
    answered = door.toolkit("check", "--only", "site.web_editors", "--json")
    assert answered.exit in {0, 3}, answered.err
    (found,) = [row for row in answered.json["findings"] if row["subject"] == ACCOUNTS]
    assert found["provider"] == "school"
    return f"{found['status']}: {found['reason']}"


def test_accounts_of_the_website_are_compared_with_the_register_once_for_both_clouds(wide_door: Door) -> None:
    fine = "1 of 1 accounts that can edit the website are authorised in the register (export of 2 November 2026)"
    assert _check(wide_door) == f"pass: {fine}"

    strange = _check(wide_door, users=USERS + "2,web.firm,administrator\n3,parent,subscriber\n")

    assert strange.startswith("fail: 1 of 3 accounts that can edit the website")
    assert strange.endswith("; not authorised: parent, web.firm")
    assert wide_door.toolkit("apply", "--yes", "--json").json["changes"] == []


def test_readers_are_left_out_and_a_permission_that_ended_counts_no_more(bare_door: Door) -> None:
    roles = ", role_column: roles, readers: [Subscriber]"
    users = USERS + "2,web.firm,administrator\n3,parent,subscriber\n"

    assert "1 of 2 accounts" in _check(bare_door, register=REGISTER + TEMPORARY, users=users, more=roles)
    ended = _check(bare_door, register=REGISTER + TEMPORARY, users=users, more=roles)
    assert ended.endswith("not authorised: web.firm")
    kept = REGISTER + TEMPORARY.replace("2026-09-30", "2999-09-30")
    assert _check(bare_door, register=kept, users=users, more=roles).startswith("pass: 2 of 2")
    assert _check(bare_door, register=kept).endswith("in the register without an account: 1")


@pytest.mark.parametrize(
    ("exported", "says"),
    [
        ("2026-01-02", "fail: the website's accounts were exported on 2 January 2026"),
        (
            "2999-01-02",
            "fail: the website's accounts were exported on 2 January 2999, which is in the future",
        ),
    ],
)
def test_an_export_that_is_old_or_not_made_yet_proves_nothing(exported: str, says: str, bare_door: Door) -> None:
    assert _check(bare_door, exported=exported).startswith(says)


@pytest.mark.parametrize("users", ["ID,user_login,roles", "ID,user_login,roles\n2,parent,subscriber\n"])
def test_an_export_without_anyone_who_can_change_the_website_proves_nothing(users: str, bare_door: Door) -> None:
    found = _check(bare_door, users=users, more=", role_column: roles, readers: [subscriber]")

    assert found.startswith("fail: the export has no account that can edit the website"), found


def test_google_sites_is_compared_where_it_should_be_off(google_door: Door) -> None:
    _write(google_door, REGISTER, USERS, more=", google_sites: off")
    rows = google_door.tenant.objects("google.policies").items()
    sites = {key: row for key, row in rows if row["setting"]["type"].endswith("sites.service_status")}
    (key, row) = next((key, row) for key, row in sites.items() if row["type"] == "ADMIN")

    fine = google_door.toolkit("drift", "--json")
    google_door.tenant.patch("google.policies", key, setting={**row["setting"], "value": {"serviceState": "ENABLED"}})
    found = google_door.toolkit("drift", "--json")

    assert (fine.exit, "sites.service_status" in fine.out) == (0, False), fine.err
    assert (found.exit, "sites.service_status" in found.out) == (3, True), found.err


@pytest.mark.parametrize(
    ("register", "users", "more", "says"),
    [
        (
            REGISTER + "office,,Head,2026-09-01,\n",
            USERS,
            "",
            "line 3 of the file: the account office is in the file twice",
        ),
        (REGISTER + "x,,,2026-09-01,\n", USERS, "", "line 3 of the file: `authorised_by` is empty"),
        (REGISTER + "x,,Head,2026-09-01,2026-08-01\n", USERS, "", "line 3 of the file: `until` is before"),
        (REGISTER, "login\nx\n", "", "line 1 of the file: the column `user_login` is missing"),
        (REGISTER, USERS + "2,,editor\n", "", "line 3 of the file: `user_login` is empty"),
        (REGISTER, USERS, ", readers: [subscriber]", "`readers` needs `role_column`"),
    ],
)
def test_files_that_cannot_be_read_are_refused(
    register: str, users: str, more: str, says: str, bare_door: Door
) -> None:
    _write(bare_door, register, users, more=more)

    ended = bare_door.toolkit("validate")

    assert (ended.exit, says in ended.err) == (2, True), ended.err
