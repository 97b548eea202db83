"""The tenant, its people, groups and units: whole, or unknown with the reason."""

from connectors.google_workspace import PROVIDER
from connectors.google_workspace.connection import GoogleWorkspace
from tests.emulated import Tenant
from tests.google_workspace.connected import SCOPE, connect, delegate, google_details, target_of, teacher, users
from toolkit.school.school import Tenant as School
from toolkit.sdk.connector import Identity, TenantSeen


def test_the_first_request_says_whose_tenant_it_is(reading: GoogleWorkspace, tenant: Tenant) -> None:
    seen = reading.tenant()

    assert seen == TenantSeen(google_details(tenant)["customer_id"], "Example Primary School", (tenant.domain,))
    assert reading.requests() == 1
    assert reading.tenant() == seen
    assert reading.customer_id == seen.id
    assert reading.requests() == 1


def test_a_domain_that_is_not_the_first_is_found_among_the_others(tenant: Tenant) -> None:
    tenant.put("google.domains", "old.example", {"domainName": "old.example", "verified": True, "isPrimary": False})
    tenant.put("google.domains", "new.example", {"domainName": "new.example", "verified": False, "isPrimary": False})
    school = School(google_details(tenant)["customer_id"], "old.example")
    connection = PROVIDER.connect(target_of(tenant), school, identity=Identity.READ, read_only=True)

    assert set(connection.tenant().domains) == {tenant.domain, "old.example"}
    connection.close()


def test_people_are_read_with_what_they_are_known_by(reading: GoogleWorkspace, tenant: Tenant) -> None:
    stored = tenant.objects("google.users")
    leavers = [key for key, one in stored.items() if one["suspended"]]
    key = teacher(tenant)["id"]
    tenant.patch("google.users", key, suspended=True)

    directory = reading.directory(people=True, groups=[])

    assert set(directory.people) == set(stored)
    assert directory.people[key].address == stored[key]["primaryEmail"]
    assert directory.people[key].name == stored[key]["name"]["fullName"]
    assert [person.id for person in directory.people.values() if not person.enabled] == [key, *leavers]
    assert not any(person.is_synced for person in directory.people.values())
    assert directory.unknown == {}


def test_people_of_several_pages_are_read_to_the_last(large_tenant: Tenant) -> None:
    connection = connect(large_tenant, identity=Identity.READ, read_only=True)

    directory = connection.directory(people=True, groups=[f"all-pupils@{large_tenant.domain}"])

    assert set(directory.people) == set(large_tenant.objects("google.users"))
    assert len(directory.groups[f"all-pupils@{large_tenant.domain}"].members) == len(users(large_tenant, "/Pupils"))
    assert connection.requests() == 3 + 1 + 5
    connection.close()


def test_a_list_that_ends_too_soon_makes_people_and_groups_unknown(reading: GoogleWorkspace, tenant: Tenant) -> None:
    tenant.fault("truncated", "directory.users.list")

    directory = reading.directory(people=True, groups=["/Staff"])

    assert directory.people == {}
    assert "ended too early" in directory.unknown["people"]
    assert set(directory.unknown) == {"people", "/Staff"}


def test_members_of_nested_groups_are_resolved_to_people(reading: GoogleWorkspace, tenant: Tenant) -> None:
    nested, leaders, technicians = (
        f"{part}@{tenant.domain}" for part in ("leadership-and-it", "leadership", "it-support")
    )

    groups = reading.directory(people=False, groups=[nested, leaders, technicians]).groups

    assert groups[nested].members == groups[leaders].members | groups[technicians].members
    assert groups[nested].members < set(tenant.objects("google.users"))
    assert [groups[name].inside for name in (nested, leaders, technicians)] == [2, 0, 0]
    assert groups[leaders].address == leaders
    assert groups[leaders].name == "Senior leadership"


def test_people_and_groups_are_read_in_three_round_trips(reading: GoogleWorkspace, tenant: Tenant) -> None:
    names = [f"{part}@{tenant.domain}" for part in ("all-staff", "leadership", "it-support")]

    reading.directory(people=True, groups=names)

    assert reading.requests() == 3


def test_a_guest_from_outside_is_nobody_of_the_school(reading: GoogleWorkspace, tenant: Tenant) -> None:
    name = f"leadership@{tenant.domain}"
    (key,) = (key for key, one in tenant.objects("google.groups").items() if one["email"] == name)
    guest = {"id": "199", "email": "guest@other.example", "role": "MEMBER", "type": "USER", "status": "EXTERNAL"}
    tenant.put("google.members", f"{key}/199", guest)

    assert reading.directory(people=False, groups=[name]).groups[name].members < set(tenant.objects("google.users"))


def test_a_group_that_the_whole_domain_is_in_holds_everybody(reading: GoogleWorkspace, tenant: Tenant) -> None:
    name = f"leadership@{tenant.domain}"
    (key,) = (key for key, one in tenant.objects("google.groups").items() if one["email"] == name)
    customer = google_details(tenant)["customer_id"]
    tenant.put("google.members", f"{key}/{customer}", {"id": customer, "role": "MEMBER", "type": "CUSTOMER"})

    assert reading.directory(people=False, groups=[name]).groups[name].members == set(tenant.objects("google.users"))


def test_a_unit_holds_the_people_in_it_and_below(reading: GoogleWorkspace, tenant: Tenant) -> None:
    groups = reading.directory(people=False, groups=["/Staff", "/pupils", "/Pupils/Year 1", "/"]).groups

    assert groups["/Staff"].members == {one["id"] for one in users(tenant, "/Staff")}
    assert groups["/Staff"].id == reading.units.unit_at("/staff/").directory_id
    assert groups["/Staff"].address is None
    assert groups["/pupils"].name == "/Pupils"
    assert groups["/Pupils/Year 1"].members < groups["/pupils"].members
    assert groups["/"].members == set(tenant.objects("google.users"))


def test_what_is_not_there_is_unknown_and_the_rest_is_read(reading: GoogleWorkspace, tenant: Tenant) -> None:
    group = f"all-staff@{tenant.domain}"

    directory = reading.directory(people=True, groups=["/Leavers", "nobody@example.example", group])

    assert directory.unknown == {
        "/Leavers": "there is no organisational unit /Leavers",
        "nobody@example.example": "there is no group nobody@example.example",
    }
    assert directory.named == directory.unknown.keys()
    assert set(directory.groups) == {group}
    assert directory.people


def test_without_its_scope_a_part_is_unknown_and_the_scope_named(reading: GoogleWorkspace, tenant: Tenant) -> None:
    delegate(tenant, "reader", without="admin.directory.orgunit.readonly")

    directory = reading.directory(people=True, groups=["/Staff", f"all-staff@{tenant.domain}"])

    assert directory.missing == {"/Staff": f"{SCOPE}admin.directory.orgunit.readonly"}
    assert directory.named == set()
    assert directory.people
    assert directory.groups


def test_members_that_cannot_be_read_to_the_end_make_the_group_unknown(
    reading: GoogleWorkspace, tenant: Tenant
) -> None:
    names = [f"all-pupils@{tenant.domain}", f"leadership@{tenant.domain}"]
    tenant.fault("truncated", "directory.members.list")

    directory = reading.directory(people=False, groups=names)

    assert len(directory.unknown) == 1
    assert len(directory.groups) == 1


def test_only_the_parts_of_a_batch_that_were_throttled_are_sent_again(reading: GoogleWorkspace, tenant: Tenant) -> None:
    names = [f"{part}@{tenant.domain}" for part in ("all-staff", "leadership", "it-support")]
    tenant.fault("throttled", "directory.groups.get", nth=2, seconds=0.01)

    directory = reading.directory(people=False, groups=names)

    assert list(directory.groups) == names
    assert tenant.operations().count("directory.groups.get") == 4


def test_a_unit_is_found_by_any_spelling_of_its_id(reading: GoogleWorkspace) -> None:
    unit = reading.units.unit_at("/Staff")

    assert {reading.units.unit_by_id(one) for one in (unit.id, unit.directory_id, unit.policy_id)} == {unit}
    assert set(reading.units.all()) > {"/", "/Staff"}
