"""The Directory API: people, groups, units, roles, domains and the customer."""

from typing import Any

import pytest

from tests.emulator.google_workspace.asking import Google, refused


def _new(google: Google, name: str = "new", **more: object) -> dict[str, Any]:
    return {
        "primaryEmail": f"{name}@{google.told['domain']}",
        "name": {"givenName": "New", "familyName": "Person"},
        "password": "correct horse battery",
        **more,
    }


def test_a_person_is_made_changed_and_deleted(google: Google) -> None:
    users = google.directory.users()

    made = users.insert(body=_new(google, orgUnitPath="/staff")).execute()
    changed = users.patch(userKey=made["id"], body={"name": {"familyName": "Other"}, "suspended": True}).execute()
    users.delete(userKey=made["primaryEmail"]).execute()

    assert made["orgUnitPath"] == "/Staff"  # as the unit writes itself
    assert "password" not in made
    assert changed["name"] == {"givenName": "New", "familyName": "Other", "fullName": "New Other"}
    assert changed["suspended"] is True
    assert refused(users.get(userKey=made["id"])).message == "Resource Not Found: userKey"
    deleted = users.list(customer="my_customer", showDeleted="true").execute()["users"]
    assert [one["id"] for one in deleted] == [made["id"]]


def test_a_new_person_has_a_mailbox_and_a_deleted_one_has_none(google: Google) -> None:
    users = google.directory.users()
    made = users.insert(body=_new(google)).execute()
    addresses = google.settings(made["primaryEmail"]).sendAs().list(userId="me").execute()["sendAs"]
    users.delete(userKey=made["id"]).execute()

    assert [one["sendAsEmail"] for one in addresses] == [made["primaryEmail"]]
    assert not [key for key in google.tenant.objects("gmail.sendAs") if key.startswith(made["id"])]


def test_a_deleted_person_comes_back_with_the_same_id(google: Google) -> None:
    users, person = google.directory.users(), google.person(orgUnitPath="/Staff")
    users.delete(userKey=person["id"]).execute()

    users.undelete(userKey=person["id"], body={"orgUnitPath": "/Staff"}).execute()

    assert users.get(userKey=person["primaryEmail"]).execute()["id"] == person["id"]


def test_what_only_google_sets_is_ignored(google: Google) -> None:
    body = {"isAdmin": True, "isEnforcedIn2Sv": False, "nonEditableAliases": []}

    changed = google.directory.users().patch(userKey=google.teacher(), body=body).execute()

    assert changed["isAdmin"] is False
    assert changed["isEnforcedIn2Sv"] is True
    assert changed["nonEditableAliases"]


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({"primaryEmail": "office@example-primary.example"}, 409, "duplicate"),
        ({"primaryEmail": "new@elsewhere.example"}, 404, "notFound"),
        ({"orgUnitPath": "/Nowhere"}, 400, "invalid"),
    ],
)
def test_a_person_that_cannot_be_is_refused(google: Google, changes: dict[str, Any], status: int, reason: str) -> None:
    answer = refused(google.directory.users().insert(body=_new(google, **changes)))

    assert (answer.status, answer.reason) == (status, reason)


def test_archiving_without_a_licence_is_a_condition_that_is_not_met(google: Google) -> None:
    answer = refused(google.directory.users().patch(userKey=google.teacher(), body={"archived": True}))

    assert (answer.status, answer.reason) == (412, "conditionNotMet")
    assert answer.message == "Insufficient Archived User licenses"


def test_a_write_that_names_a_state_that_is_gone_is_refused(google: Google) -> None:
    users = google.directory.users()
    before = users.get(userKey=google.teacher()).execute()
    request = users.patch(userKey=google.teacher(), body={"name": {"givenName": "First"}})
    request.headers["If-Match"] = before["etag"]
    request.execute()

    again = users.patch(userKey=google.teacher(), body={"name": {"givenName": "Second"}})
    again.headers["If-Match"] = before["etag"]

    assert (refused(again).status, refused(again).reason) == (412, "conditionNotMet")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("orgUnitPath='/Staff'", 46),
        ("orgUnitPath=/Pupils", 14),
        ("orgUnitPath='/Pupils/Year 1'", 2),
        ("isAdmin=true", 2),
        ("isDelegatedAdmin=true", 1),
        ("isSuspended=true", 1),
        ("isSuspended=False", 64),
        ("email:amara.ashdown* isSuspended=false", 1),
        ("orgTitle='Head Teacher'", 1),
        ("givenName=amara familyName=ashdown", 1),
    ],
)
def test_people_are_found(google: Google, query: str, count: int) -> None:
    answer = google.directory.users().list(customer="my_customer", query=query, maxResults=500).execute()

    assert len(answer.get("users", [])) == count


def test_a_query_that_is_none_is_refused(google: Google) -> None:
    answer = refused(google.directory.users().list(customer="my_customer", query="shoeSize=7"))

    assert (answer.status, answer.message) == (400, "Invalid Input: query")


def test_people_are_sorted_either_way(google: Google) -> None:
    users = google.directory.users()
    up = users.list(customer="my_customer", orderBy="familyName", maxResults=2).execute()["users"]
    down = users.list(customer="my_customer", orderBy="familyName", sortOrder="DESCENDING", maxResults=2)

    assert up[0]["name"]["familyName"] < down.execute()["users"][0]["name"]["familyName"]


@pytest.mark.parametrize("customer", ["C01other00", "customers/my_customer"])
def test_another_customer_is_not_found(google: Google, customer: str) -> None:
    assert refused(google.directory.users().list(customer=customer)).status == 404


def test_a_pupil_is_no_administrator(google: Google) -> None:
    pupil = google.person(orgUnitPath="/Pupils/Year 1")["primaryEmail"]

    assert refused(google.service("admin", pupil).users().list(customer="my_customer")).reason == "forbidden"


def test_a_delegated_administrator_reads_and_does_not_write(google: Google) -> None:
    technician = google.person(isDelegatedAdmin=True)["primaryEmail"]
    users = google.service("admin", technician).users()

    assert users.get(userKey="me").execute()["primaryEmail"] == technician
    assert refused(users.patch(userKey="me", body={"suspended": False})).reason == "forbidden"


def test_a_group_is_made_filled_and_emptied(google: Google) -> None:
    directory, key = google.directory, f"clubs@{google.told['domain']}"
    directory.groups().insert(body={"email": key, "name": "Clubs"}).execute()
    members = directory.members()

    members.insert(groupKey=key, body={"email": google.teacher(), "role": "OWNER"}).execute()
    members.insert(groupKey=key, body={"email": "coach@elsewhere.example"}).execute()
    owners = members.list(groupKey=key, roles="OWNER").execute()["members"]
    count = directory.groups().get(groupKey=key).execute()["directMembersCount"]
    members.delete(groupKey=key, memberKey="coach@elsewhere.example").execute()

    assert [one["email"] for one in owners] == [google.teacher()]
    assert count == "2"
    assert refused(members.get(groupKey=key, memberKey="coach@elsewhere.example")).message == (
        "Resource Not Found: memberKey"
    )
    again = refused(members.insert(groupKey=key, body={"email": google.teacher()}))
    assert (again.status, again.message) == (409, "Member already exists.")


def test_members_of_groups_inside_count_as_derived(google: Google) -> None:
    members, key = google.directory.members(), f"leadership-and-it@{google.told['domain']}"

    direct = members.list(groupKey=key).execute()["members"]
    derived = members.list(groupKey=key, includeDerivedMembership=True).execute()["members"]

    assert {one["type"] for one in direct} == {"GROUP"}
    assert len([one for one in derived if one["type"] == "USER"]) == 4
    head = google.teacher()
    assert members.hasMember(groupKey=key, memberKey=head).execute() == {"isMember": True}


def test_a_group_inside_itself_is_refused(google: Google) -> None:
    members, domain = google.directory.members(), google.told["domain"]

    answer = refused(members.insert(groupKey=f"leadership@{domain}", body={"email": f"leadership-and-it@{domain}"}))

    assert (answer.status, answer.reason) == (400, "cyclicMembershipsNotAllowed")


def test_a_member_follows_the_person(google: Google) -> None:
    directory, key = google.directory, f"leadership@{google.told['domain']}"
    person = google.person(orgUnitPath="/Staff")
    renamed = f"head@{google.told['domain']}".replace("head@", "headteacher@")

    directory.users().patch(userKey=person["id"], body={"primaryEmail": renamed}).execute()
    emails = [one["email"] for one in directory.members().list(groupKey=key).execute()["members"]]
    directory.users().delete(userKey=renamed).execute()
    left = directory.members().list(groupKey=key).execute()["members"]

    assert renamed in emails
    assert len(left) == len(emails) - 1


def test_the_groups_of_a_person_are_listed(google: Google) -> None:
    groups = google.directory.groups().list(userKey=google.teacher()).execute()["groups"]

    assert {"all-staff", "leadership", "dsl"} <= {one["email"].partition("@")[0] for one in groups}


def test_units_are_listed_below_one_and_the_root_where_it_is_asked_for(google: Google) -> None:
    units = google.directory.orgunits()
    customer = google.told["customer_id"]

    children = units.list(customerId=customer).execute()["organizationUnits"]
    everything = units.list(customerId=customer, type="all").execute()["organizationUnits"]
    below = units.list(customerId=customer, orgUnitPath="/Pupils", type="all").execute()["organizationUnits"]
    whole = units.list(customerId=customer, type="allIncludingParent")
    with_root = whole.execute()["organizationUnits"]
    whole.uri = whole.uri.replace("allIncludingParent", "all_including_parent")

    assert {one["name"] for one in children} == {"Staff", "Pupils", "Shared devices", "Service accounts"}
    assert len(below) == 7
    assert len(with_root) == len(everything) + 1
    assert whole.execute()["organizationUnits"] == with_root
    root = units.get(customerId=customer, orgUnitPath=children[0]["parentOrgUnitId"]).execute()
    assert root["orgUnitPath"] == "/"


def test_a_unit_is_found_by_path_and_by_id(google: Google) -> None:
    units = google.directory.orgunits()

    by_path = units.get(customerId="my_customer", orgUnitPath="Shared devices/Presentation devices").execute()
    by_id = units.get(customerId="my_customer", orgUnitPath=by_path["orgUnitId"]).execute()

    assert by_id == by_path
    missing = refused(units.get(customerId="my_customer", orgUnitPath="Leavers"))
    assert (missing.status, missing.message) == (404, "Org unit not found")


def test_a_unit_that_moves_takes_everything_below_with_it(google: Google) -> None:
    units = google.directory.orgunits()
    units.insert(customerId="my_customer", body={"name": "Archive", "parentOrgUnitPath": "/"}).execute()

    moved = units.patch(
        customerId="my_customer", orgUnitPath="Pupils", body={"parentOrgUnitPath": "/Archive", "name": "Old pupils"}
    ).execute()

    assert moved["orgUnitPath"] == "/Archive/Old pupils"
    paths = {one["orgUnitPath"] for one in google.tenant.objects("google.users").values()}
    assert "/Archive/Old pupils/Year 1" in paths
    assert not any(path.startswith("/Pupils") for path in paths)


def test_a_unit_with_people_in_it_is_not_deleted(google: Google) -> None:
    units = google.directory.orgunits()

    answer = refused(units.delete(customerId="my_customer", orgUnitPath="Staff"))
    units.delete(customerId="my_customer", orgUnitPath="Shared devices/Presentation devices").execute()

    assert (answer.status, answer.reason) == (412, "conditionNotMet")
    again = refused(units.insert(customerId="my_customer", body={"name": "Staff", "parentOrgUnitPath": "/"}))
    assert (again.status, again.message) == (400, "Invalid Ou Id")


def test_a_role_that_is_given_makes_an_administrator(google: Google) -> None:
    directory, person = google.directory, google.person(orgUnitPath="/Staff", isDelegatedAdmin=False)
    roles = directory.roles().list(customer="my_customer").execute()["items"]
    helpers = next(one for one in roles if one["roleName"] == "_HELP_DESK_ADMIN_ROLE")
    assignments = directory.roleAssignments()
    body = {"roleId": helpers["roleId"], "assignedTo": person["id"], "scopeType": "CUSTOMER"}

    made = assignments.insert(customer="my_customer", body=body).execute()
    during = directory.users().get(userKey=person["id"]).execute()["isDelegatedAdmin"]
    assignments.delete(customer="my_customer", roleAssignmentId=made["roleAssignmentId"]).execute()

    assert during is True
    assert directory.users().get(userKey=person["id"]).execute()["isDelegatedAdmin"] is False


def test_a_role_of_googles_own_cannot_be_changed(google: Google) -> None:
    roles = google.directory.roles()
    seeded = roles.list(customer="my_customer").execute()["items"][0]
    own = {"roleName": "Own", "rolePrivileges": [{"privilegeName": "USERS_RETRIEVE", "serviceId": "00haapch16h1ysv"}]}

    assert refused(roles.patch(customer="my_customer", roleId=seeded["roleId"], body={"roleName": "X"})).status == 400
    assert roles.insert(customer="my_customer", body=own).execute()["isSystemRole"] is False


def test_the_customer_and_its_domains_are_told(google: Google) -> None:
    directory = google.directory

    customer = directory.customers().get(customerKey="my_customer").execute()
    domains = directory.domains().list(customer=customer["id"]).execute()["domains"]

    assert customer["id"] == google.told["customer_id"]
    assert customer["customerDomain"] == google.told["domain"]
    assert [(one["domainName"], one["isPrimary"], one["verified"]) for one in domains] == [
        (google.told["domain"], True, True)
    ]
    directory.domains().insert(customer="my_customer", body={"domainName": "second.example"}).execute()
    assert directory.domains().get(customer="my_customer", domainName="second.example").execute()["verified"] is False
    directory.domains().delete(customer="my_customer", domainName="second.example").execute()
    assert refused(directory.domains().get(customer="my_customer", domainName="second.example")).status == 404
