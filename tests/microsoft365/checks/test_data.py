"""Whether holds could be placed, and what leavers left open: counted, naming nobody, and never telling who is held."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.microsoft365.checks.data.hold import EDISCOVERY, check
from connectors.microsoft365.checks.data.hold import MAILBOXES as HELD
from connectors.microsoft365.checks.data.leaver_handover import check as handover
from connectors.microsoft365.connection import Microsoft365
from tests.door import SAMPLES
from tests.emulated import Tenant
from tests.microsoft365.connected import DOMAIN, connect
from tests.schools import twenty_people
from toolkit.controls.data import DELAY, ENDING, FORWARDING, GROUPS, LICENCES, MAILBOXES, LeaverHandover
from toolkit.playbook.load import load
from toolkit.sdk.check import CheckOccasion, Finding, Status
from toolkit.sdk.connector import Identity
from toolkit.sdk.directory import Audience, Scope
from toolkit.sdk.reason import admin_text

pytestmark = twenty_people

BOXES = "exchange.mailboxes"
NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)
FAILS = {"licences": LICENCES, "mailboxes": MAILBOXES, "groups": GROUPS, "forwarding": FORWARDING, "ending": ENDING}


@pytest.fixture
def reading(tenant: Tenant) -> Iterator[Microsoft365]:
    """Open a connection that only reads, and soon gives up."""
    via = connect(tenant, identity=Identity.READ, read_only=True, variables={"TOOLKIT_PATIENCE": "0.2"})
    yield via
    via.close()


def _occasion(audience: Audience) -> CheckOccasion:
    return CheckOccasion(load(SAMPLES).school, Scope(audience), NOW)


def _readiness(via: Microsoft365, *, staff: bool = True) -> Mapping[str, Finding]:
    group = via.directory(people=False, groups=["All staff"]).groups["All staff"] if staff else None
    found = check(None, _occasion(Audience("staff", group)), via)
    return {one.subject: one for one in found}


def _handover_findings(via: Microsoft365, wanted: LeaverHandover | None = None) -> Mapping[str, Finding]:
    found = handover(wanted or LeaverHandover(), _occasion(Audience("everyone")), via)
    return {one.subject: one for one in found}


def _box(tenant: Tenant, alias: str) -> tuple[str, Any]:
    return next((key, one) for key, one in tenant.objects(BOXES).items() if one["Alias"] == alias)


def test_every_mailbox_in_scope_that_a_licence_lets_be_held_is_counted(tenant: Tenant, reading: Microsoft365) -> None:
    before = dict(_readiness(reading))
    key, _ = _box(tenant, "amara.ashdown")
    tenant.patch(BOXES, key, PersistedCapabilities=["BPOS_S_Standard"])
    tenant.patch("graph.ediscoverySettings", "settings", registered=False)
    after = _readiness(reading)

    outlives = before.pop(DELAY)
    assert {one.status for one in before.values()} == {Status.PASS}
    assert outlives.status is Status.UNAVAILABLE
    assert admin_text(before[HELD].reason) == "3 of 3 mailboxes can be held"
    assert after[HELD].status is Status.FAIL
    assert admin_text(after[HELD].reason) == (
        "2 of 3 mailboxes can be held; a licence with Exchange Online Plan 2, or with a lesser plan and Archiving, "
        "is missing for: 1 of people"
    )
    assert after[EDISCOVERY].status is Status.FAIL
    assert "New-ServicePrincipal" in admin_text(after[EDISCOVERY].reason)
    everyone = _readiness(reading, staff=False)[HELD]
    assert everyone.evidence["cannot"] == {"of equipment": 1, "of people": 2, "of rooms": 1, "shared": 5}


def test_readiness_takes_three_requests_and_does_not_ask_who_is_held(tenant: Tenant, reading: Microsoft365) -> None:
    before = tenant.last_request()

    told = str(_readiness(reading, staff=False))

    asked = tenant.operations(before)
    assert asked == [DOMAIN, "Get-Mailbox", "GET /security/cases/ediscoveryCases", "Get-OrganizationConfig"]
    assert "@" not in told


@pytest.mark.parametrize("fault", ["refused", "unavailable"])
def test_readiness_that_cannot_be_read_is_unknown(tenant: Tenant, reading: Microsoft365, fault: str) -> None:
    tenant.fault(fault, "Get-Mailbox", times=99)
    tenant.fault(fault, "GET /security/*", times=99)
    tenant.fault(fault, "Get-OrganizationConfig", times=99)

    assert {one.status for one in _readiness(reading).values()} == {Status.UNKNOWN}


def test_without_consent_the_permission_that_reads_is_named(tenant: Tenant) -> None:
    tenant.grant("reader", roles=["User.Read.All", "GroupMember.Read.All", "Exchange.ManageAsApp"])
    via = connect(tenant, identity=Identity.READ, read_only=True)

    found = _readiness(via)[EDISCOVERY]
    via.close()

    assert found.status is Status.UNKNOWN
    assert "eDiscovery.Read.All" in admin_text(found.reason)


def test_a_capability_that_is_not_told_is_unknown(tenant: Tenant, reading: Microsoft365) -> None:
    key, _ = _box(tenant, "amara.ashdown")
    tenant.patch(BOXES, key, PersistedCapabilities=None)

    assert _readiness(reading)[HELD].status is Status.UNKNOWN


def test_a_leaver_is_followed_from_the_day_after_to_a_complete_handover(tenant: Tenant, reading: Microsoft365) -> None:
    key, box = _box(tenant, "gethin.leaver")
    account = box["ExternalDirectoryObjectId"]
    (leaders,) = [one for one, body in tenant.objects("groups").items() if body["displayName"] == "Senior leadership"]
    tenant.patch("members", leaders, members=[account])
    tenant.patch(BOXES, key, ForwardingSmtpAddress="smtp:gethin@home.example")
    gone = {**tenant.read_object("users", account), "id": "0f0f", "mail": "gone@example-primary.example"}
    tenant.put("deletedUsers", "0f0f", {**gone, "deletedDateTime": "2026-10-14T08:00:00Z"})

    for number, kind in enumerate(("Guest", None)):
        tenant.put(
            "users", f"0a0{number}", {**tenant.read_object("users", account), "id": f"0a0{number}", "userType": kind}
        )

    first = tenant.last_request()
    left = _handover_findings(reading)
    asked = tenant.operations(first)

    assert {name: left[subject].status for name, subject in FAILS.items()} == dict.fromkeys(FAILS, Status.FAIL)
    assert admin_text(left[LICENCES].reason).startswith("2 of 9 disabled accounts with a")
    assert admin_text(left[GROUPS].reason).startswith("1 of 2 disabled accounts in groups. To fix: ")
    assert admin_text(left[ENDING].reason).startswith(
        "1 of 1 ends for good within 7 days, the first on Friday 13 November"
    )
    assert "@" not in str(left)
    assert all("hold" not in admin_text(one.reason).replace("check `toolkit hold list`", "") for one in left.values())
    assert asked == [
        "GET /users",
        DOMAIN,
        "Get-Mailbox",
        "POST /users/{id}/getMemberGroups",
        "POST /users/{id}/getMemberGroups",
        "GET /directory/deletedItems",
        "Get-OrganizationConfig",
    ]
    named = _handover_findings(reading, LeaverHandover(names="listed"))
    assert named[FORWARDING].evidence["who"] == ["gethin.leaver@example-primary.example"]
    assert named[ENDING].evidence["who"] == ["gone@example-primary.example"]

    tenant.delete("users", "0a01")
    tenant.patch(BOXES, key, RecipientTypeDetails="SharedMailbox", ForwardingSmtpAddress=None)
    tenant.patch("users", account, assignedLicenses=[])
    tenant.delete("deletedUsers", "0f0f")

    left = dict(_handover_findings(reading))
    assert left.pop(DELAY).status is Status.UNAVAILABLE
    assert {one.status for one in left.values()} == {Status.PASS}


def test_whether_a_leaver_is_on_hold_changes_nothing_that_is_told(tenant: Tenant, reading: Microsoft365) -> None:
    key, box = _box(tenant, "gethin.leaver")
    held = _handover_findings(reading)
    tenant.patch(BOXES, key, LitigationHoldEnabled=not box["LitigationHoldEnabled"])

    assert _handover_findings(reading) == held


@pytest.mark.parametrize("fault", ["refused", "unavailable"])
@pytest.mark.parametrize(
    ("operation", "unknown"),
    [
        ("GET /users", {LICENCES, MAILBOXES, GROUPS, FORWARDING}),
        ("Get-Mailbox", {MAILBOXES, GROUPS, FORWARDING}),
        ("POST /users/*", {GROUPS}),
        ("GET /directory/*", {ENDING}),
    ],
)
def test_what_cannot_be_read_is_unknown_and_nothing_else(
    tenant: Tenant, reading: Microsoft365, fault: str, operation: str, unknown: set[str]
) -> None:
    tenant.fault(fault, operation, times=99)

    left = _handover_findings(reading)

    assert {subject for subject, one in left.items() if one.status is Status.UNKNOWN} == unknown
