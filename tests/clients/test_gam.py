"""GAM, unmodified, against the emulated tenant: it signs in, reads and writes as it does at Google."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from tests.clients.gam import Gam
from tests.emulated import Tenant

pytestmark = pytest.mark.clients

TEACHER = "amara.ashdown@example-primary.example"
OFFICE = "office@example-primary.example"
_DETECTOR = {
    "setting": {
        "type": "settings/detector.word_list",
        "value": {"displayName": "Code names", "description": "", "wordList": {"words": ["kingfisher", "heron"]}},
    }
}


def test_the_administrator_signs_in_and_the_token_that_says_who_it_is_proves_genuine(gam: Gam, tenant: Tenant) -> None:
    (domain,) = gam.table("print domains")

    signed_in = json.loads((gam.directory / "oauth2.txt").read_text())["decoded_id_token"]
    assert (domain["domainName"], domain["type"], domain["verified"]) == (tenant.domain, "primary", "True")
    assert signed_in["email"] == tenant.description["google_workspace"]["administrator"]
    assert signed_in["hd"] == tenant.domain


def test_everybody_is_listed_page_by_page_with_the_columns_asked_for_and_no_others(gam: Gam, tenant: Tenant) -> None:
    rows = gam.table("config user_max_results 50 print users fields primaryemail,id,ou")

    accounts = tenant.objects("google.users").values()
    columns = ("primaryEmail", "id", "orgUnitPath")
    assert _sorted(rows, *columns) == _sorted(accounts, *columns)
    assert set(rows[0]) == set(columns)
    assert tenant.operations().count("directory.users.list") == (len(accounts) + 49) // 50


def test_people_are_found_by_where_they_are(gam: Gam, tenant: Tenant) -> None:
    rows = gam.table("print users query", "orgUnitPath='/Staff'")

    accounts = tenant.objects("google.users").values()
    staff = [one for one in accounts if one["orgUnitPath"] == "/Staff"]
    assert _sorted(rows, "primaryEmail") == _sorted(staff, "primaryEmail")
    assert 0 < len(staff) < len(accounts)


def test_groups_are_listed_with_who_is_in_them(gam: Gam, tenant: Tenant) -> None:
    groups = gam.table("print groups fields email,name")
    leadership = gam.table("print group-members group leadership@example-primary.example fields email")

    stored = tenant.objects("google.groups").values()
    assert _sorted(groups, "email", "name") == _sorted(stored, "email", "name")
    assert TEACHER in [row["email"] for row in leadership]
    assert len(leadership) == 3


def test_organisational_units_are_listed_each_below_its_parent(gam: Gam, tenant: Tenant) -> None:
    rows = gam.table("print ous fields orgunitpath,parent showparent")

    parents = {row["orgUnitPath"]: row["parentOrgUnitPath"] for row in rows}
    stored = {one["orgUnitPath"] for one in tenant.objects("google.orgunits").values()}
    assert {*parents, "/"} == stored
    assert (parents["/Staff"], parents["/Pupils/Year 6"]) == ("/", "/Pupils")


def test_all_policies_are_listed_and_those_of_one_setting_found(gam: Gam, tenant: Tenant) -> None:
    everything = gam.table("print policies formatjson")
    passwords = gam.table("print policies formatjson filter", "setting.type.matches('security.password')")

    stored = {f"policies/{key}": one["setting"]["type"] for key, one in tenant.objects("google.policies").items()}
    assert {row["name"]: _policy(row)["setting"]["type"] for row in everything} == stored
    lengths = {_policy(row)["policyQuery"]["orgUnitPath"]: _minimum_length(row) for row in passwords}
    assert lengths == {"/": 8, "/Staff": 12}


def test_a_vacation_reply_is_turned_on_shown_and_turned_off(gam: Gam) -> None:
    before = gam(f"user {TEACHER} show vacation")
    gam(
        f"user {TEACHER} vacation on startdate 2027-02-15 enddate 2027-02-20 contactsonly true",
        *("subject", "Half term", "message", "Back on Monday: ring the office."),
    )
    during = gam(f"user {TEACHER} show vacation")
    gam(f"user {TEACHER} vacation off")
    (after,) = gam.table(f"user {TEACHER} print vacation")

    assert before.splitlines()[1] == "  Enabled: False"
    assert during == (
        f"User: {TEACHER}, Vacation:\n"
        "  Enabled: True\n"
        "  Contacts Only: True\n"
        "  Domain Only: False\n"
        "  Start Date: 2027-02-15\n"
        "  End Date: 2027-02-20\n"
        "  Subject: Half term\n"
        "  Message:\n"
        "    Back on Monday: ring the office.\n"
    )
    assert (after["enabled"], after["subject"]) == ("False", "Half term")


def test_the_vacation_replies_of_a_group_are_read_each_as_that_person(gam: Gam) -> None:
    gam(f"user {TEACHER} vacation on subject Away")

    rows = gam.table("group leadership@example-primary.example print vacation")

    assert len(rows) == 3
    assert [row["User"] for row in rows if row["enabled"] == "True"] == [TEACHER]


def test_a_signature_is_changed_and_comes_back_as_gmail_keeps_it(gam: Gam) -> None:
    before = gam.signature(TEACHER)
    gam(f"user {TEACHER} signature", "<DIV>Ms Ashdown &amp; team<br/>Head</DIV><script>x()</script>", "html")

    assert "Head Teacher" in before
    assert gam.signature(TEACHER) == "<div>Ms Ashdown &amp; team<br>Head</div>"


def test_forwarding_is_turned_off_for_one_person(gam: Gam) -> None:
    gam(f"user {TEACHER} add forwardingaddress {OFFICE}")
    gam(f"user {TEACHER} forward on keep {OFFICE}")
    before = gam(f"user {TEACHER} show forward")
    gam(f"user {TEACHER} forward off")

    assert f"Forward Enabled: True, Forwarding Address: {OFFICE}" in before
    assert "Forward Enabled: False" in gam(f"user {TEACHER} show forward")


def test_a_group_is_given_a_footer(gam: Gam) -> None:
    gam(f"update group {OFFICE} include_custom_footer true custom_footer_text", "Only for whom it is meant.")

    shown = gam(f"info group {OFFICE}")
    assert "    includeCustomFooter: true\n" in shown
    assert "    customFooterText: Only for whom it is meant.\n" in shown


def test_a_detector_is_made_and_taken_away(gam: Gam) -> None:
    ours = "setting.type.matches('detector.word_list')"
    before = {row["name"] for row in gam.table("print policies filter", ours)}
    gam("create policy json", json.dumps(_DETECTOR), "ou", "/Staff")
    (made,) = [row for row in gam.table("print policies formatjson filter", ours) if row["name"] not in before]
    gam("delete policies", made["name"])

    policy = _policy(made)
    assert policy["setting"]["value"]["displayName"] == "Code names"
    assert policy["policyQuery"]["orgUnitPath"] == "/Staff"
    assert {row["name"] for row in gam.table("print policies filter", ours)} == before


def test_a_setting_that_nobody_may_write_is_refused_in_words(gam: Gam) -> None:
    passwords = {"setting": {"type": "settings/security.password", "value": {"minimumLength": 14}}}

    said = gam.refused("create policy json", json.dumps(passwords), "ou", "/Staff")

    assert "Policy: New Policy, Create Failed:" in said


def test_a_sign_in_that_is_refused_is_understood(gam: Gam, tenant: Tenant) -> None:
    account = str(tenant.description["google_workspace"]["service_accounts"]["writer"]["client_id"])
    unknown = gam.refused("user nobody@example-primary.example show vacation")
    tenant.patch("google.delegation", account, scopes=[])
    undelegated = gam.refused(f"user {TEACHER} show vacation")

    assert "User Show Failed: invalid_grant: Invalid email or User ID" in unknown
    assert "Gmail API Service/App not enabled" in undelegated  # its words for Google's own text of unauthorized_client


def _sorted(rows: Iterable[Mapping[str, Any]], *columns: str) -> list[list[str]]:
    return sorted([str(row[column]) for column in columns] for row in rows)


def _policy(row: dict[str, str]) -> dict[str, Any]:
    return dict(json.loads(row["JSON"]))


def _minimum_length(row: dict[str, str]) -> int:
    return int(_policy(row)["setting"]["value"]["minimumLength"])
