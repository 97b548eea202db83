"""The seeded school at Google is the one at Microsoft."""

from tests.emulated import Emulator
from tests.emulator.google_workspace.asking import Google


def test_the_same_people_are_at_both_clouds(google: Google) -> None:
    at_microsoft = {one["userPrincipalName"]: one["displayName"] for one in google.tenant.objects("users").values()}
    at_google = {one["primaryEmail"]: one["name"]["fullName"] for one in google.tenant.objects("google.users").values()}

    staff = [name for name, unit in _units(google).items() if unit == "/Staff"]
    assert len(staff) == 46
    assert {name: at_google[name] for name in staff} == {name: at_microsoft[name] for name in staff}
    assert set(at_google) - set(at_microsoft) == {google.administrator}


def _units(google: Google) -> dict[str, str]:
    return {one["primaryEmail"]: one["orgUnitPath"] for one in google.tenant.objects("google.users").values()}


def test_every_unit_that_somebody_is_in_is_there(google: Google) -> None:
    paths = {one["orgUnitPath"] for one in google.tenant.objects("google.orgunits").values()}

    assert set(_units(google).values()) <= paths
    assert {"/Staff", "/Pupils", "/Shared devices"} <= paths


def test_a_shared_mailbox_is_a_collaborative_inbox(google: Google) -> None:
    settings = google.groups_settings.get(groupUniqueId="office@example-primary.example").execute()

    assert settings["enableCollaborativeInbox"] == "true"


def test_a_tenant_of_other_size_and_name_opens(emulator: Emulator) -> None:
    tenant = emulator.open_tenant(users=60, school={"domain": "other-primary.example"})

    assert tenant.description["google_workspace"]["administrator"] == "workspace-admin@other-primary.example"
    assert len(tenant.objects("gmail.sendAs")) == 60 + 3
    tenant.close()
