"""GAM with an identity that only reads: every command below runs, and shows what the emulator holds."""

import json

import pytest

from tests.clients.gam import Gam
from tests.emulated import Tenant

pytestmark = pytest.mark.clients

HEAD = "amara.ashdown@example-primary.example"
COMMANDS = """
info domain
info customer
info user amara.ashdown@example-primary.example
print devices
print deviceusers
print resources
print buildings
print printers
print alertfeedback
report usageparameters customer
report usage customer parameters accounts:num_users
report usage user parameters accounts:last_login_time
report customers
report users
report users date 2026-11-05
report admin
report login
oauth info
print inboundssoassignments
print inboundssoprofiles
print inboundssocredentials
print cros allfields
print crosactivity
info cros query:id:CB000001
show licenses
info user amara.ashdown@example-primary.example licenses
user amara.ashdown@example-primary.example print licenses
user amara.ashdown@example-primary.example show calendars
user amara.ashdown@example-primary.example show calsettings
user amara.ashdown@example-primary.example print events primary
calendar amara.ashdown@example-primary.example show acls
calendar amara.ashdown@example-primary.example print events
calendar amara.ashdown@example-primary.example show settings
user amara.ashdown@example-primary.example print groups
user amara.ashdown@example-primary.example print tokens
user amara.ashdown@example-primary.example print asps
user amara.ashdown@example-primary.example print backupcodes
user amara.ashdown@example-primary.example print delegates
user amara.ashdown@example-primary.example print filters
user amara.ashdown@example-primary.example show imap
user amara.ashdown@example-primary.example show pop
user amara.ashdown@example-primary.example show language
""".strip().splitlines()
"""Commands that answered with an error before the emulator had their APIs."""


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_that_reads_ends_without_an_error(reading_gam: Gam, tenant: Tenant, command: str) -> None:
    reading_gam(command)

    assert tenant.operations()


def test_chromebooks_are_listed_by_unit(reading_gam: Gam, tenant: Tenant) -> None:
    everything = reading_gam.table("print cros fields serialnumber,ou")
    hall = reading_gam.table("print cros limit_to_ou", "/Shared devices/Presentation devices", "fields", "serialnumber")

    stored = tenant.objects("google.chromeosDevices").values()
    assert {row["serialNumber"] for row in everything} == {device["serialNumber"] for device in stored}
    assert len(hall) == 2


def test_licences_are_those_of_people_who_can_sign_in(reading_gam: Gam, tenant: Tenant) -> None:
    rows = reading_gam.table("print licenses")

    users = {user["id"]: user["primaryEmail"] for user in tenant.objects("google.users").values()}
    held = [users[licence["user"]] for licence in tenant.objects("google.licences").values()]
    assert sorted(row["userId"] for row in rows) == sorted(held)


def test_alerts_are_listed_with_their_state(reading_gam: Gam) -> None:
    rows = [json.loads(row["JSON"]) for row in reading_gam.table("print alerts formatjson")]

    assert {row["type"]: row["metadata"]["status"] for row in rows} == {
        "User reported phishing": "NOT_STARTED",
        "Suspicious login": "CLOSED",
    }


def test_the_calendar_of_a_person_and_who_may_see_it(reading_gam: Gam) -> None:
    (calendar,) = reading_gam.table(f"user {HEAD} print calendars")
    rules = reading_gam.table(f"user {HEAD} print calendaracls primary")

    assert (calendar["calendarId"], calendar["accessRole"]) == (HEAD, "owner")
    assert {rule["scope.type"]: rule["role"] for rule in rules} == {"user": "owner", "domain": "freeBusyReader"}


def test_the_identity_may_not_change_anything(reading_gam: Gam, tenant: Tenant) -> None:
    before = tenant.objects("google.members")

    reading_gam.refused("update group office@example-primary.example add member", HEAD)

    assert tenant.objects("google.members") == before
