"""People and groups: whole, or unknown with the reason."""

from connectors.microsoft365.connection import Microsoft365
from tests.emulated import Tenant


def test_people_are_read_with_what_they_are_known_by(reading: Microsoft365, tenant: Tenant) -> None:
    directory = reading.directory(people=True, groups=[])

    stored = tenant.objects("users")
    assert set(directory.people) == set(stored)
    assert {person.id for person in directory.people.values() if person.is_synced} == {
        key for key, user in stored.items() if user.get("onPremisesSyncEnabled")
    }
    assert directory.unknown == {}


def test_a_group_is_found_by_address_by_name_and_by_id(reading: Microsoft365, tenant: Tenant) -> None:
    by_address = f"leadership@{tenant.domain}"
    (identifier,) = (key for key, group in tenant.objects("groups").items() if group["displayName"] == "IT support")

    groups = reading.directory(people=False, groups=[by_address, "Teachers", identifier]).groups

    assert groups[by_address].name == "Senior leadership"
    assert groups["Teachers"].address is None
    assert groups[identifier].name == "IT support"


def test_members_of_nested_groups_are_resolved_to_people(reading: Microsoft365, tenant: Tenant) -> None:
    names = ["Leadership and IT", "Senior leadership", "IT support"]

    groups = reading.directory(people=True, groups=names).groups

    assert groups["Leadership and IT"].members == groups["Senior leadership"].members | groups["IT support"].members
    assert groups["Leadership and IT"].members <= set(tenant.objects("users"))
    assert [groups[name].inside for name in names] == [2, 0, 0]


def test_guests_disabled_and_synced_people_are_members_and_none_is_missing_from_the_people(
    reading: Microsoft365, tenant: Tenant
) -> None:
    (key,) = (key for key, group in tenant.objects("groups").items() if group["displayName"] == "Teachers")
    guest, disabled, synced, *_ = tenant.read_object("members", key)["members"]
    tenant.patch("users", guest, userType="Guest", assignedPlans=[])
    tenant.patch("users", disabled, accountEnabled=False)
    tenant.patch("users", synced, onPremisesSyncEnabled=True)

    directory = reading.directory(people=True, groups=["Teachers"])

    members = directory.groups["Teachers"].members
    assert {guest, disabled, synced} < members <= directory.people.keys()
    assert (directory.people[disabled].enabled, directory.people[synced].is_synced) == (False, True)
    assert directory.people[guest].mailbox is False


def test_an_empty_group_is_a_group(reading: Microsoft365) -> None:
    assert (
        reading.directory(people=False, groups=["Presentation devices"]).groups["Presentation devices"].members
        == frozenset()
    )


def test_devices_that_are_in_a_group_by_themselves_are_counted(reading: Microsoft365, tenant: Tenant) -> None:
    key = next(key for key, one in tenant.objects("groups").items() if one["displayName"] == "Presentation devices")
    names = ["0c4b1e2a-7d3f-4a55-9a10-6f2f6b1c0001", "0c4b1e2a-7d3f-4a55-9a10-6f2f6b1c0002"]
    for name in names:
        tenant.put("devices", name, {"id": name, "displayName": "Whiteboard"})
    tenant.put("members", key, {"members": names})

    group = reading.directory(people=False, groups=["Presentation devices"]).groups["Presentation devices"]

    assert (group.members, group.devices) == (frozenset(), 2)


def test_people_and_groups_are_read_in_two_round_trips(reading: Microsoft365) -> None:
    reading.directory(people=True, groups=["Teachers", "IT support", "Senior leadership"])

    assert reading.requests() == 2


def test_a_group_that_is_not_there_is_unknown_and_the_others_are_read(reading: Microsoft365) -> None:
    directory = reading.directory(people=True, groups=["O'Brien's class", "Teachers"])

    assert directory.unknown == {"O'Brien's class": "there is no group O'Brien's class"}
    assert directory.named == {"O'Brien's class"}
    assert set(directory.groups) == {"Teachers"}
    assert directory.people


def test_two_groups_of_one_name_are_unknown(reading: Microsoft365, tenant: Tenant) -> None:
    key, group = next((key, one) for key, one in tenant.objects("groups").items() if one["displayName"] == "Teachers")
    double = "0" + key[1:] if key[0] != "0" else "1" + key[1:]
    tenant.put("groups", double, {**group, "id": double})

    directory = reading.directory(people=False, groups=["Teachers"])

    assert "2 groups called Teachers" in directory.unknown["Teachers"]
    assert directory.named == {"Teachers"}


def test_without_its_permission_a_part_is_unknown_and_the_permission_named(
    reading: Microsoft365, tenant: Tenant
) -> None:
    tenant.grant("reader", roles=["User.Read.All"])

    directory = reading.directory(people=True, groups=["Teachers"])

    assert directory.people
    assert "GroupMember.Read.All" in directory.unknown["Teachers"]
    assert directory.named == set()


def test_members_that_cannot_be_read_to_the_end_make_the_group_unknown(reading: Microsoft365, tenant: Tenant) -> None:
    tenant.fault("truncated", "GET /groups/{id}/transitiveMembers")

    directory = reading.directory(people=False, groups=["All pupils", "Teachers"])

    assert len(directory.unknown) == 1
    assert len(directory.groups) == 1


def test_a_group_that_hides_its_members_is_unknown(reading: Microsoft365, tenant: Tenant) -> None:
    (key,) = (key for key, group in tenant.objects("groups").items() if group["displayName"] == "Teachers")
    tenant.patch("groups", key, visibility="HiddenMembership")

    assert "Member.Read.Hidden" in reading.directory(people=False, groups=["Teachers"]).unknown["Teachers"]
