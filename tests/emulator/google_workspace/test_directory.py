"""The Directory API: people, groups, units, roles, domains and the customer."""

import pytest

from tests.emulator.google_workspace.asking import Google, refused


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("orgUnitPath='/Staff'", 46),
        ("orgUnitPath=/Pupils", 14),
        ("orgUnitPath='/Pupils/Year 1'", 2),
        ("isSuspended=true", 1),
        ("isSuspended=False", 64),
        ("orgUnitPath='/Staff' isSuspended=true", 0),
        ("isAdmin=True", 2),
    ],
)
def test_people_are_found(google: Google, query: str, count: int) -> None:
    answer = google.directory.users().list(customer="my_customer", query=query, maxResults=500).execute()

    assert len(answer.get("users", [])) == count


@pytest.mark.parametrize(("query", "status"), [("orgUnitPath", 400), ("orgTitle='Head Teacher'", 501)])
def test_a_query_that_is_none_or_not_emulated_is_refused(google: Google, query: str, status: int) -> None:
    assert refused(google.directory.users().list(customer="my_customer", query=query)).status == status


def test_an_order_that_is_not_emulated_is_refused(google: Google) -> None:
    assert refused(google.directory.users().list(customer="my_customer", orderBy="familyName")).status == 501


def test_people_are_listed_by_address_where_that_is_asked_for(google: Google) -> None:
    answer = google.directory.users().list(customer="my_customer", orderBy="email", maxResults=500).execute()

    addresses = [user["primaryEmail"] for user in answer["users"]]
    assert addresses == sorted(addresses)
    assert len(addresses) == 65


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
    assert refused(users.signOut(userKey="me")).reason == "forbidden"


def test_a_group_is_filled_and_emptied(google: Google) -> None:
    directory, key = google.directory, f"clubs@{google.description['domain']}"
    google.tenant.put("google.groups", "01clubs", {"id": "01clubs", "email": key, "name": "Clubs"})
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
    members, key = google.directory.members(), f"leadership-and-it@{google.description['domain']}"

    direct = members.list(groupKey=key).execute()["members"]
    derived = members.list(groupKey=key, includeDerivedMembership=True).execute()["members"]

    assert {one["type"] for one in direct} == {"GROUP"}
    assert len([one for one in derived if one["type"] == "USER"]) == 4


def test_a_group_inside_itself_is_refused(google: Google) -> None:
    members, domain = google.directory.members(), google.description["domain"]

    answer = refused(members.insert(groupKey=f"leadership@{domain}", body={"email": f"leadership-and-it@{domain}"}))

    assert (answer.status, answer.reason) == (400, "cyclicMembershipsNotAllowed")


def test_a_member_follows_the_person(google: Google) -> None:
    directory, key = google.directory, f"leadership@{google.description['domain']}"
    person = google.person(orgUnitPath="/Staff")
    renamed = f"head@{google.description['domain']}".replace("head@", "headteacher@")

    google.tenant.patch("google.users", person["id"], primaryEmail=renamed)
    emails = [one["email"] for one in directory.members().list(groupKey=key).execute()["members"]]
    google.tenant.delete("google.users", person["id"])
    left = directory.members().list(groupKey=key).execute()["members"]

    assert renamed in emails
    assert len(left) == len(emails) - 1


def test_the_groups_of_a_person_are_listed(google: Google) -> None:
    groups = google.directory.groups().list(userKey=google.teacher()).execute()["groups"]

    assert {"all-staff", "leadership", "dsl"} <= {one["email"].partition("@")[0] for one in groups}


def test_units_are_listed_below_one_and_the_root_where_it_is_asked_for(google: Google) -> None:
    units = google.directory.orgunits()
    customer = google.description["customer_id"]

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


def test_the_customer_and_its_domains_are_told(google: Google) -> None:
    directory = google.directory

    customer = directory.customers().get(customerKey="my_customer").execute()
    domains = directory.domains().list(customer=customer["id"]).execute()["domains"]

    assert customer["id"] == google.description["customer_id"]
    assert customer["customerDomain"] == google.description["domain"]
    assert [(one["domainName"], one["isPrimary"], one["verified"]) for one in domains] == [
        (google.description["domain"], True, True)
    ]


def test_who_has_which_role_and_other_names_of_the_domain_are_listed(google: Google) -> None:
    directory, domain = google.directory, str(google.description["domain"])
    roles = {one["roleId"]: one for one in directory.roles().list(customer="my_customer").execute()["items"]}
    none = directory.domainAliases().list(customer="my_customer").execute()
    alias = {"domainAliasName": "example-primary-school.example", "parentDomainName": domain, "verified": True}
    google.tenant.patch("google.domains", domain, domainAliases=[alias])

    assigned = directory.roleAssignments().list(customer="my_customer").execute()["items"]
    aliases = directory.domainAliases().list(customer="my_customer").execute()["domainAliases"]

    admins = [user["id"] for user in google.tenant.objects("google.users").values() if user["isAdmin"]]
    assert sorted(one["assignedTo"] for one in assigned if roles[one["roleId"]]["isSuperAdminRole"]) == sorted(admins)
    assert "domainAliases" not in none
    assert [{name: one[name] for name in alias} for one in aliases] == [alias]
    assert refused(directory.roleAssignments().list(customer="my_customer", userKey=admins[0])).status == 501
