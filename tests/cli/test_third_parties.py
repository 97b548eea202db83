"""Files that leave the school, and apps that get in: what must be counted first, over the command line."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.door import CommandResult, Door
from tests.schools import with_people
from toolkit.controls.third_parties import reason_too_early

pytestmark = with_people(users=24, staff=10)

_ENTRY = """\
playbook: third-parties
title: Data goes to others only as agreed
owner: Data Protection Officer
clauses: [SYS-06]
mode: enforce
controls:
  - {control}:
      for: staff
"""
SHARING, REVIEWED = "data.external_sharing", "links_reviewed: {by: Data Protection Officer, on: 2026-11-02}"
LEVEL, GUESTS, DOMAINS = (f"microsoft365.sharing_setting[{name}]" for name in ("level", "guests", "domains"))
ALLOWLIST = "google_workspace.domain_allowlist[organisation without /Pupils]"


def _run(door: Door, command: str, control: str, *lines: str) -> CommandResult:
    entry = _ENTRY.format(control=control) + "".join(f"      {line}\n" for line in lines)
    door.write("third-parties.yaml", entry)
    return door.toolkit(command, "--json", *(["--yes"] if command == "apply" else []))


def _refused(answer: CommandResult) -> Mapping[str, str]:
    return {row["address"]: row["reason"] for row in answer.json["refused"]}


def _changed(answer: CommandResult) -> set[str]:
    return {row["address"] for row in answer.json["changes"]}


def _sharepoint(door: Door) -> Mapping[str, Any]:
    return door.tenant.objects("sharepoint.settings")["settings"]


def test_a_lower_level_of_sharing_waits_for_a_person_who_looked_at_the_links(bare_door: Door) -> None:
    asked = ("level: guests_who_sign_in", "partner_domains: [partner.example]", "pupils: pupils")

    refused = _run(bare_door, "apply", SHARING, *asked)
    before = _sharepoint(bare_door)
    done = _run(bare_door, "apply", SHARING, *asked, REVIEWED)
    after, again = _sharepoint(bare_door), bare_door.toolkit("drift")

    assert _refused(refused).keys() == {LEVEL, DOMAINS}
    assert all("links are not counted" in reason for reason in _refused(refused).values())
    assert (before["sharingCapability"], before["sharingDomainRestrictionMode"]) == (
        "externalUserAndGuestSharing",
        "none",
    )
    assert refused.exit == 5
    assert before["isResharingByExternalUsersEnabled"] is False  # what stops no link does not wait
    assert done.exit == 0
    assert (after["sharingCapability"], after["sharingAllowedDomainList"]) == (
        "externalUserSharingOnly",
        ["partner.example"],
    )
    assert again.exit == 0, again.out


def test_a_wider_level_waits_for_no_one_and_a_raw_entry_closes_nothing(bare_door: Door) -> None:
    bare_door.tenant.patch("sharepoint.settings", "settings", sharingCapability="disabled")

    wider = _run(bare_door, "plan", SHARING, "level: existing_guests")
    bare_door.tenant.patch("sharepoint.settings", "settings", sharingCapability="externalUserSharingOnly")
    bare_door.write(
        "third-parties.yaml",
        "playbook: raw\ntitle: Raw\nowner: IT\nclauses: [SYS-06]\nresources:\n"
        "  - microsoft365.sharing_setting: level\n    sharing_level: disabled\n",
    )
    raw = bare_door.toolkit("plan", "--json")

    assert LEVEL in _changed(wider)
    assert [change["remark"] for change in wider.json["changes"] if change["address"] == LEVEL] == [
        "this change allows more sharing. The tenant's present setting is stricter"
    ]
    assert not _refused(wider)
    assert _refused(raw).keys() == {LEVEL}


def _chosen(door: Door, place: str, setting: str, **value: str) -> None:
    """Let an administrator choose something for a unit, or for a group."""
    rows, of = ("google.orgunits", "orgUnit") if place.startswith("/") else ("google.groups", "group")
    key = next(
        key for key, row in door.tenant.objects(rows).items() if place in {row.get("orgUnitPath"), row.get("email")}
    )
    policy = {
        "name": "policies/chosen",
        "policyQuery": {of: f"{of}s/{key}", "sortOrder": 900},
        "setting": {"type": f"settings/{setting}", "value": value},
        "type": "ADMIN",
    }
    door.tenant.put("google.policies", "chosen", policy)


@pytest.mark.parametrize(
    "unit",
    [
        *(pytest.param(unit, marks=pytest.mark.soak) for unit in ("/Pupils", "/Pupils/Year 6")),
        "all-pupils@example-primary.example",
    ],
)
def test_a_trusted_domain_is_refused_while_it_would_open_to_pupils(google_door: Door, unit: str) -> None:
    asked = ("level: guests_who_sign_in", "partner_domains: [Partner.example]", "pupils: pupils")
    opens = ("drive_and_docs.external_sharing", {"externalSharingMode": "ALLOWLISTED_DOMAINS"})
    _chosen(google_door, unit, opens[0], **opens[1])

    refused = _run(google_door, "apply", SHARING, *asked)
    trusted = [row["domain"] for row in google_door.tenant.objects("google.allowlistedDomains").values()]
    google_door.tenant.delete("google.policies", "chosen")
    done = _run(google_door, "apply", SHARING, *asked)
    after = {row["domain"] for row in google_door.tenant.objects("google.allowlistedDomains").values()}

    assert unit in _refused(refused)[ALLOWLIST]
    assert trusted == ["trust.example"]
    assert done.exit == 0, done.out + done.err
    assert after == {"trust.example", "partner.example"}
    assert google_door.toolkit("drift").exit == 0
    _chosen(google_door, unit, opens[0], **opens[1])  # in the console, once the domain is on the list
    drift = google_door.toolkit("drift")
    assert (drift.exit, f"{unit} can share with every domain on the list" in drift.out) == (3, True), drift.out

    checked = google_door.toolkit("check")
    assert checked.exit == 3
    assert "1 of 2 domains on the list of trusted domains are not in the playbook: trust.example" in checked.out
    _run(google_door, "plan", SHARING, asked[0], "partner_domains: [partner.example, trust.example]", asked[2])
    assert "trust.example" not in google_door.toolkit("check").out


def test_a_list_of_domains_needs_the_unit_of_pupils(google_door: Door) -> None:
    unnamed = _run(google_door, "plan", SHARING, "partner_domains: [partner.example]")
    by_group = _run(google_door, "plan", SHARING, "partner_domains: [partner.example]", "pupils: leadership")
    (part,) = [part for part in by_group.json["controls"][0]["parts"] if part["part"] == "partner domains"]

    assert unnamed.exit == 2
    assert "needs `pupils`" in unnamed.err
    assert part["level"] == "manual"
    assert not _changed(by_group)


CONSENT, REVIEWERS = "data.app_consent", "reviewers: leadership"
USERS, REQUESTS = "microsoft365.consent_setting[user_consent]", "microsoft365.consent_setting[consent_requests]"
_GRANTS = "ManagePermissionGrantsForOwnedResource.microsoft-dynamically-managed-permissions-for-"


def _members(door: Door, group: str) -> tuple[str, list[Any]]:
    """Give the key of a group, and its members."""
    groups = door.tenant.objects("groups")
    (key,) = [key for key, row in groups.items() if str(row.get("mail") or "").startswith(f"{group}@")]
    return key, door.tenant.objects("members")[key]["members"]


def test_consent_closes_once_two_people_decide_and_keeps_what_owners_of_teams_allow(bare_door: Door) -> None:
    key, members = _members(bare_door, "leadership")
    bare_door.tenant.patch("members", key, members=members[:1])

    alone = _run(bare_door, "apply", CONSENT, REVIEWERS)
    before = bare_door.tenant.objects("entra.authorizationPolicy")["authorizationPolicy"]
    bare_door.tenant.patch("members", key, members=members)
    done = _run(bare_door, "apply", CONSENT, REVIEWERS)
    after = bare_door.tenant.objects("entra.authorizationPolicy")["authorizationPolicy"]
    (requests,) = bare_door.tenant.objects("entra.adminConsentRequestPolicy").values()
    again = bare_door.toolkit("apply", "--yes", "--json")

    assert _refused(alone).keys() == {USERS}
    assert "at least 2 are needed" in _refused(alone)[USERS]
    assert before["defaultUserRolePermissions"]["allowedToCreateApps"] is False  # what closes nothing does not wait
    assert before["defaultUserRolePermissions"]["permissionGrantPoliciesAssigned"] != [
        f"{_GRANTS}team",
        f"{_GRANTS}chat",
    ]
    assert done.exit == 0, done.out + done.err
    assert after["defaultUserRolePermissions"]["permissionGrantPoliciesAssigned"] == [
        f"{_GRANTS}team",
        f"{_GRANTS}chat",
    ]
    assert requests["isEnabled"] is True
    assert requests["reviewers"][0]["query"] == f"/v1.0/groups/{key}/transitiveMembers/microsoft.graph.user"
    assert (again.exit, _changed(again)) == (0, set())


def test_reviewers_without_a_mailbox_do_not_count(bare_door: Door) -> None:
    _, members = _members(bare_door, "leadership")
    for member in members[1:]:
        bare_door.tenant.patch("users", member, assignedPlans=[])

    refused = _run(bare_door, "plan", CONSENT, REVIEWERS)

    assert _refused(refused).keys() == {USERS}


def test_consent_waits_for_the_first_three_weeks_of_a_term_and_for_the_terms(bare_door: Door) -> None:
    school = bare_door.playbooks / "00-school.yaml"
    written = school.read_text()
    school.write_text(written.replace("from: 2026-09-03", "from: 2026-10-22"))
    early = _run(bare_door, "plan", CONSENT, REVIEWERS)

    assert "The first three weeks of Autumn term 2026 end on 12 November 2026" in _refused(early)[USERS]
    assert REQUESTS in _changed(early)
    assert "has no terms" in reason_too_early(None, datetime(2026, 11, 10, tzinfo=UTC))


def test_an_app_that_the_register_lacks_is_named_and_never_called_a_risk(bare_door: Door) -> None:
    services = bare_door.tenant.objects("expiring.servicePrincipals")
    quiz = {**services["filter"], "id": "quiz", "appId": "quiz", "displayName": "Quiz\u200b "}
    bare_door.tenant.put("expiring.servicePrincipals", "quiz", quiz)
    _run(bare_door, "plan", CONSENT, REVIEWERS)
    before = _apps(bare_door)
    row = "  - {app: quiz, for: homework, supplier: Quiz supplier, dpia: DPIA-2026-09, owner: Head Teacher}\n"
    school = bare_door.playbooks / "00-school.yaml"
    school.write_text(school.read_text().replace("known_apps:\n", f"known_apps:\n{row}"))
    after = _apps(bare_door)

    assert before["status"] == "fail"
    assert "not yet in the register: Quiz" in before["reason"]
    assert "the MIS sync, the web filter or the classroom monitor" in before["reason"]
    assert not {"risk", "remove", "delete", "revoke"} & set(before["reason"].lower().split())
    assert "Quiz" not in after["reason"]


def test_an_app_that_takes_the_name_of_a_known_one_is_not_known(bare_door: Door) -> None:
    services = bare_door.tenant.objects("expiring.servicePrincipals")
    theirs = {**services["filter"], "id": "other", "appId": "other", "appOwnerOrganizationId": None}
    _run(bare_door, "plan", CONSENT, REVIEWERS)
    before = _apps(bare_door)
    bare_door.tenant.put("expiring.servicePrincipals", "other", theirs)
    alike = _apps(bare_door)
    named, known = theirs["displayName"], str(services["filter"]["appId"])
    school = bare_door.playbooks / "00-school.yaml"
    school.write_text(school.read_text().replace(f"app: {named}", f"app: {known}"))
    by_id = _apps(bare_door)

    missing = [found["evidence"]["not_yet_in_register"] for found in (before, alike, by_id)]
    both = [f"{named} ({app}; several apps have this name)" for app in sorted([known, "other"])]
    assert missing[1] == sorted([*missing[0], *both])
    assert missing[2] == sorted([*missing[0], f"{named} (other; several apps have this name)"])


def _apps(door: Door) -> Any:
    found = door.toolkit("check", "--json").json
    (finding,) = [row for row in _rows(found) if row.get("subject") == "apps of other suppliers"]
    return finding


def _rows(found: Any) -> Iterator[Any]:
    """Give every object of an answer."""
    if isinstance(found, dict):
        yield found
    for inside in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        yield from _rows(inside)


@pytest.mark.parametrize(
    ("level", "status"),
    [("ALLOW_SIGN_IN_ONLY", "pass"), ("BLOCK_ALL_SCOPES", "pass"), ("ALLOW_ALL", "fail"), ("", "unknown")],
)
def test_apps_that_no_one_configured_are_read_on_google(google_door: Door, level: str, status: str) -> None:
    policies = google_door.tenant.objects("google.policies")
    (key,) = [key for key, row in policies.items() if "unconfigured_third_party_apps" in row["setting"]["type"]]
    if level:
        setting = {**policies[key]["setting"], "value": {"accessLevel": level}}
        google_door.tenant.patch("google.policies", key, setting=setting)
    else:
        google_door.tenant.delete("google.policies", key)
    _run(google_door, "plan", CONSENT, REVIEWERS)

    found = google_door.toolkit("check", "--json").json
    (finding,) = [row for row in _rows(found) if row.get("subject") == "apps that are not configured"]

    assert finding["status"] == status
    assert "Google's default" in finding["reason"]  # for people under 18, where no one chose anything


EDISCOVERY = "data.ediscovery"
EXPORTERS = "may_export: [Data Protection Officer, School Business Manager, Chair of Governors]"


@pytest.mark.parametrize(
    ("posts", "why"),
    [
        ("[School Business Manager]", "an export needs two people"),
        ("[Head Teacher, School Business Manager]", "about the Head"),
        ("[Data Protection Officer, IT technician]", "about the IT technician"),
    ],
)
def test_an_export_takes_two_people_whom_no_case_can_be_about(bare_door: Door, posts: str, why: str) -> None:
    refused = _run(bare_door, "validate", EDISCOVERY, "may_ask: [Head Teacher]", f"may_export: {posts}")

    assert refused.exit == 2
    assert why in refused.err


def test_a_run_searches_and_exports_nothing_and_says_where_two_people_do(wide_door: Door) -> None:
    asked = ("may_ask: [Head Teacher]", EXPORTERS)
    applied = _run(wide_door, "apply", EDISCOVERY, *asked)
    found = wide_door.toolkit("check", "--json").json
    findings = {(row["provider"], row["subject"]): row for row in _rows(found) if "subject" in row}

    assert applied.exit == 0
    assert not _changed(applied)
    operations = set(wide_door.tenant.operations())
    assert "vault.matters.list" in operations
    assert not {name for name in operations if "xport" in name or "earches" in name}
    assert findings["microsoft365", "eDiscovery"]["status"] == "pass"
    assert findings["google_workspace", "Vault"]["status"] == "pass"
    assert findings["microsoft365", "search and export by two people"]["status"] == "manual"


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("/Staff", {"accessLevel": "ALLOW_ALL"}),
        ("leadership@example-primary.example", {"accessLevel": "ALLOW_ALL"}),
        ("/", {"accessLevel": "BLOCK_ALL_SCOPES", "accessLevelUnder18": "ALLOW_ALL"}),
    ],
    ids=["a unit below", "a group", "under 18"],
)
def test_apps_that_some_people_let_in_are_not_closed(place: str, value: dict[str, str], google_door: Door) -> None:
    door = google_door
    _chosen(door, place, "api_controls.unconfigured_third_party_apps", **value)
    door.write(
        "third-parties.yaml", _ENTRY.format(control=CONSENT).replace("staff", "everyone") + f"      {REVIEWERS}\n"
    )

    found = door.toolkit("check", "--json").json
    (finding,) = [row for row in _rows(found) if row.get("subject") == "apps that are not configured"]

    assert (finding["status"], "ALLOW_ALL" in finding["reason"]) == ("fail", True)


@pytest.mark.parametrize(
    ("place", "mode"),
    [
        ("/Staff", "enforce"),
        ("all-staff@example-primary.example", "check"),
        pytest.param("/Staff", "check", marks=pytest.mark.soak),
        pytest.param("all-staff@example-primary.example", "enforce", marks=pytest.mark.soak),
    ],
)
def test_a_setting_of_the_console_that_some_people_have_otherwise_holds_in_part(
    place: str, mode: str, google_door: Door
) -> None:
    head = "playbook: console\ntitle: Console\nowner: IT\nclauses: [GEN-12]\n"
    google_door.write("third-parties.yaml", f"{head}mode: {mode}\ncontrols:\n  - data.encrypt_mail: {{}}\n")
    before = google_door.toolkit("drift")
    _chosen(google_door, place, "gmail.confidential_mode", enableConfidentialMode="")
    google_door.tenant.patch(
        "google.policies",
        "chosen",
        setting={"type": "settings/gmail.confidential_mode", "value": {"enableConfidentialMode": False}},
    )

    drift, plan = google_door.toolkit("drift"), google_door.toolkit("plan", "--json")
    outcomes = {part["part"]: part["outcome"] for part in plan.json["controls"][0]["parts"]}

    assert (before.exit, drift.exit) == (0, 3), before.out + drift.out
    assert "enable_confidential_mode differs for the " in drift.out
    assert outcomes["confidential mode"] == "in part"
