"""Administrators and restricted groups: compared with what is declared on both clouds, and never changed."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.cases import newest, writes
from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

DOMAIN = "example-primary.example"
ALL, SOME = "administrators with all rights", "administrators with some rights"
OUTSIDE, MEMBERS = "administrators of other organisations", "members of restricted groups"
OWNERS = "guests who own groups"
MICROSOFT, GOOGLE = "microsoft365", "google_workspace"
HEAD, TECHNICIAN, SETUP = (f"{name}@{DOMAIN}" for name in ("amara.ashdown", "farah.fernley", "workspace-admin"))
DEPUTY = f"beth.birchall@{DOMAIN}"
DECLARED = f"all_rights: [{TECHNICIAN}, {SETUP}]"
SAFEGUARDING = f"groups: [{{group: dsl@{DOMAIN}, members: [{HEAD}, {DEPUTY}]}}]"
PARTNERS, GOOGLE_MEMBERS = "entra.crossTenantPartners", "google.members"
AUTHORITY, SUPPLIER = (f"6a1ac4a2-1d2f-4c1e-9c3c-0d5a1fd0f00{number}" for number in (1, 2))
Found = Mapping[tuple[str, str], Mapping[str, Any]]


def _write(door: Door, settings: tuple[str, ...], *, more: str = "") -> None:
    entry = f"  - access.groups_and_roles: {{{', '.join(settings)}}}\n"
    door.write("64-access.yaml", f"playbook: access\nmode: check\nclauses: [SYS-21]\ncontrols:\n{entry}{more}")


def _check_findings(door: Door, *settings: str) -> Found:
    _write(door, settings)
    answered = door.toolkit("check", "--json")
    assert answered.exit in {0, 3, 4}, answered.err
    return {(found["provider"], found["subject"]): found for found in answered.json["findings"]}


def _amiss(found: Found) -> Mapping[tuple[str, str], str]:
    return {key: str(one["status"]) for key, one in found.items() if one["status"] != "pass"}


def _key(door: Door, collection: str, name: str, value: str) -> str:
    return next(key for key, one in door.tenant.objects(collection).items() if one.get(name) == value)


def test_declared_accounts_pass_and_other_checks_share_the_list_of_roles(wide_door: Door) -> None:
    before = newest(wide_door)
    _write(wide_door, (DECLARED, SAFEGUARDING), more="  - identity.mfa: {for: everyone}\n")

    found = wide_door.toolkit("check", "--json").json["findings"]

    mine = [one for one in found if one["control"] == "access.groups_and_roles"]
    assert [(one["subject"], one["status"]) for one in mine] == [
        (subject, "pass") for subject in (ALL, SOME, OUTSIDE, MEMBERS, OWNERS, ALL, SOME, MEMBERS)
    ]
    assert mine[0]["evidence"] == {
        "administrators": 2,
        "undeclared": 0,
        "closed": 0,
    }  # the protected account is one of them
    assert wide_door.tenant.operations(before).count("GET /directoryRoles") <= 2  # special accounts ask for theirs
    assert writes(wide_door, before) == []


def test_a_declared_address_may_be_written_in_capitals(wide_door: Door) -> None:
    assert _amiss(_check_findings(wide_door, DECLARED, SAFEGUARDING.replace("amara.ashdown", "Amara.Ashdown"))) == {}


def test_a_role_that_a_group_has_makes_administrators_of_its_members(bare_door: Door) -> None:
    tenant = bare_door.tenant
    role = _key(bare_door, "directoryRoles", "displayName", "Global Administrator")
    leaders = _key(bare_door, "groups", "displayName", "Senior leadership")
    held = tenant.objects("members")[role]["members"]
    tenant.patch("members", role, members=[*held, leaders])

    found = _check_findings(bare_door, DECLARED, "names: listed")[MICROSOFT, ALL]

    assert found["status"] == "fail"
    assert "3 of 5 are not declared" in found["reason"]
    assert "5 accounts have all rights. The playbook asks for 2 to 4" in found["reason"]
    assert HEAD in found["reason"]
    assert TECHNICIAN not in found["reason"]
    assert HEAD not in str(_check_findings(bare_door, DECLARED))


def test_a_closed_account_that_keeps_the_role_is_listed_and_is_no_administrator_in_the_count(wide_door: Door) -> None:
    tenant = wide_door.tenant
    role = _key(wide_door, "directoryRoles", "displayName", "Global Administrator")
    head = _key(wide_door, "users", "mail", HEAD)
    tenant.patch("members", role, members=[*tenant.objects("members")[role]["members"], head])
    tenant.patch("users", head, accountEnabled=False)
    own = _key(wide_door, "google.users", "primaryEmail", DEPUTY)
    tenant.patch("google.users", own, isAdmin=True, suspended=True)

    found = _check_findings(wide_door, DECLARED, "most: 2", "names: listed")
    declared = _check_findings(wide_door, f"all_rights: [{TECHNICIAN}, {SETUP}, {HEAD}, {DEPUTY}]", "most: 2")

    assert _amiss(found) == {(MICROSOFT, ALL): "fail", (GOOGLE, ALL): "fail"}
    for cloud, address in ((MICROSOFT, HEAD), (GOOGLE, DEPUTY)):
        reason = found[cloud, ALL]["reason"]
        assert reason.startswith(
            "undeclared disabled accounts that still have an administrator's role: 1. Ask an administrator"
        )
        assert f"{address} (closed)" in reason
        assert found[cloud, ALL]["evidence"]["undeclared"] == 0
    assert _amiss(declared) == {}


def test_the_only_administrator_with_all_rights_and_other_organisations_are_shown(bare_door: Door) -> None:
    tenant = bare_door.tenant
    role = _key(bare_door, "directoryRoles", "displayName", "Global Administrator")
    tenant.patch("members", role, members=[_key(bare_door, "users", "mail", TECHNICIAN)])
    tenant.put(PARTNERS, SUPPLIER, {"tenantId": SUPPLIER, "isServiceProvider": False})  # shares files alone
    tenant.put(PARTNERS, AUTHORITY, {"tenantId": AUTHORITY, "isServiceProvider": True})

    found = _check_findings(bare_door, DECLARED)

    assert _amiss(found) == {(MICROSOFT, ALL): "fail", (MICROSOFT, OUTSIDE): "fail"}
    assert "1 account" in found[MICROSOFT, ALL]["reason"]
    assert f"1 of 1 other organisations that may administer the tenant are not declared ({AUTHORITY})" in str(
        found[MICROSOFT, OUTSIDE]["reason"]
    )
    declared = _check_findings(bare_door, DECLARED, f"partners: {{{AUTHORITY}: the local authority}}", "fewest: 1")
    assert _amiss(declared) == {}


def test_members_are_compared_through_groups_inside_and_closed_accounts_count_nothing(bare_door: Door) -> None:
    tenant = bare_door.tenant
    group = _key(bare_door, "groups", "mail", f"dsl@{DOMAIN}")
    inside = _key(bare_door, "groups", "displayName", "IT support")
    held = tenant.objects("members")[group]["members"]
    tenant.patch("members", group, members=[*held, inside])
    tenant.patch("users", _key(bare_door, "users", "mail", DEPUTY), accountEnabled=False)

    found = _check_findings(bare_door, DECLARED, SAFEGUARDING, "names: listed")[MICROSOFT, MEMBERS]

    assert found["status"] == "fail"
    assert f"these are {TECHNICIAN} in dsl@{DOMAIN}, {DEPUTY} not in dsl@{DOMAIN}" in found["reason"]
    assert (found["evidence"]["undeclared"], found["evidence"]["missing"]) == (1, 1)


def test_guests_groups_of_other_organisations_and_everyone_are_not_declared_members(google_door: Door) -> None:
    group = _key(google_door, "google.groups", "email", f"dsl@{DOMAIN}")
    for key, kind, email in (
        ("198", "USER", "guest@example.org"),
        ("199", "GROUP", "all@example.org"),
        ("200", "CUSTOMER", ""),
    ):
        member = {"id": key, "email": email, "type": kind, "role": "MEMBER", "status": "EXTERNAL"}
        google_door.tenant.put(GOOGLE_MEMBERS, f"{group}/{key}", member)

    found = _check_findings(google_door, DECLARED, f"some_rights: [{TECHNICIAN}]", SAFEGUARDING, "names: listed")

    assert _amiss(found) == {(GOOGLE, MEMBERS): "fail"}
    assert "3 of 5 are not declared" in found[GOOGLE, MEMBERS]["reason"]
    assert (
        f"these are all@example.org in dsl@{DOMAIN}, everyone in the school in dsl@{DOMAIN}, guest@"
        in found[GOOGLE, MEMBERS]["reason"]
    )


def test_what_cannot_be_read_never_passes_and_a_known_failure_outranks_it(wide_door: Door) -> None:
    unknown = (
        f"groups: [{{group: dsl@{DOMAIN}, members: [{HEAD}, {DEPUTY}]}}, {{group: no@{DOMAIN}, members: [{HEAD}]}}]"
    )
    found = _check_findings(wide_door, DECLARED, unknown)
    assert _amiss(found) == {(MICROSOFT, MEMBERS): "unknown", (GOOGLE, MEMBERS): "unknown"}
    failing = _check_findings(wide_door, DECLARED, unknown.replace(f"{HEAD}, {DEPUTY}", HEAD))
    assert _amiss(failing) == {(MICROSOFT, MEMBERS): "fail", (GOOGLE, MEMBERS): "fail"}

    for operation in ("GET /directoryRoles*", "GET /policies/crossTenantAccessPolicy/*", "directory.members.list"):
        wide_door.tenant.fault("refused", operation, times=99)
    blind = _amiss(_check_findings(wide_door, DECLARED, SAFEGUARDING))

    assert blind == dict.fromkeys(
        [*((MICROSOFT, subject) for subject in (ALL, SOME, OUTSIDE)), (GOOGLE, MEMBERS)], "unknown"
    )


def test_guests_who_own_groups_are_counted_named_where_asked_and_never_removed(bare_door: Door) -> None:
    tenant = bare_door.tenant
    guests = [_key(bare_door, "users", "mail", address) for address in (HEAD, DEPUTY, TECHNICIAN)]
    tenant.patch("users", guests[0], userType="Guest")
    tenant.patch("users", guests[1], userType="Guest", accountEnabled=False)
    groups = [_key(bare_door, "groups", "displayName", name) for name in ("IT support", "Senior leadership")]
    tenant.put("owners", groups[0], {"owners": guests})
    tenant.put("owners", groups[1], {"owners": guests[:2]})
    before = newest(bare_door)

    found = _check_findings(bare_door, DECLARED)[MICROSOFT, OWNERS]
    named = _check_findings(bare_door, DECLARED, "names: listed")[MICROSOFT, OWNERS]
    declared = _check_findings(bare_door, DECLARED, f"guest_owners: [{HEAD}]")[MICROSOFT, OWNERS]
    tenant.fault("refused", "GET /groups/{id}/owners", times=1)
    in_part = _check_findings(bare_door, DECLARED)[MICROSOFT, OWNERS]
    tenant.fault("refused", "GET /groups/{id}/owners", times=1)
    doubted = _check_findings(bare_door, DECLARED, f"guest_owners: [{HEAD}]")[MICROSOFT, OWNERS]

    assert found["status"] == "fail"
    assert found["reason"].startswith(
        f"2 of {found['evidence']['groups']} groups and teams are owned by an undeclared guest"
    )
    assert "@" not in found["reason"]
    assert named["reason"].endswith(f"these are {HEAD} of IT support, {HEAD} of leadership@{DOMAIN}")
    assert (declared["status"], declared["reason"]) == ("pass", "no group or team is owned by an undeclared guest")
    assert (in_part["status"], in_part["evidence"]["unread"]) == ("fail", 1)
    assert doubted["status"] == "unknown"
    assert writes(bare_door, before) == []


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (f"groups: [{{group: dsl@{DOMAIN}, members: []}}]", "members"),
        ("fewest: 5", "`fewest` is larger than `most`"),
        ("for: staff", "Delete `for`, or write `for: everyone`"),
    ],
)
def test_a_group_declared_without_members_and_contradictions_are_refused(
    bare_door: Door, settings: str, problem: str
) -> None:
    _write(bare_door, (DECLARED, settings))

    refused = bare_door.toolkit("validate")

    assert refused.exit == 2
    assert "64-access.yaml:5" in refused.err
    assert problem in refused.err
