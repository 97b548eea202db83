"""Whether holds could be placed in Vault, and what leavers left open: counted, naming nobody."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest

from connectors.google_workspace.checks.data.hold import PRIVILEGES, VAULT, check
from connectors.google_workspace.checks.data.leaver_handover import check as handover
from connectors.google_workspace.connection import GoogleWorkspace
from tests.door import SAMPLES
from tests.emulated import Tenant
from tests.google_workspace.connected import called_methods, connect, delegate, users
from tests.schools import twenty_people
from toolkit.controls.data import ACCOUNTS, ENDING, GROUPS, LeaverHandover
from toolkit.playbook.load import load
from toolkit.sdk.check import CheckOccasion, Finding, Status
from toolkit.sdk.connector import Identity
from toolkit.sdk.directory import Audience, Scope
from toolkit.sdk.reason import admin_text

pytestmark = twenty_people

NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)
USERS, GONE, MEMBERS = "google.users", "google.deletedUsers", "google.members"
LIST, GROUPS_LIST, MATTERS = "directory.users.list", "directory.groups.list", "vault.matters.list"


@pytest.fixture
def reading(tenant: Tenant) -> Iterator[GoogleWorkspace]:
    """Open a connection that only reads, and soon gives up."""
    via = connect(tenant, identity=Identity.READ, read_only=True, TOOLKIT_PATIENCE="0.2")
    yield via
    via.close()


def _occasion() -> CheckOccasion:
    return CheckOccasion(load(SAMPLES).school, Scope(Audience("everyone")), NOW)


def _readiness(via: GoogleWorkspace) -> Mapping[str, Finding]:
    return {one.subject: one for one in check(None, _occasion(), via)}


def _handover_findings(via: GoogleWorkspace, wanted: LeaverHandover | None = None) -> Mapping[str, Finding]:
    return {one.subject: one for one in handover(wanted or LeaverHandover(), _occasion(), via)}


def _user(tenant: Tenant, name: str) -> str:
    return next(str(one["id"]) for one in users(tenant) if one["primaryEmail"].startswith(f"{name}@"))


def test_vault_that_answers_a_super_administrator_is_ready(tenant: Tenant, reading: GoogleWorkspace) -> None:
    found = _readiness(reading)

    assert {one.status for one in found.values()} == {Status.PASS}
    assert called_methods(tenant) == [MATTERS, "directory.users.get"]
    assert "@" not in str(found)


def test_privileges_of_a_delegated_administrator_are_not_guessed(tenant: Tenant, reading: GoogleWorkspace) -> None:
    tenant.patch(USERS, _user(tenant, "workspace-admin"), isAdmin=False, isDelegatedAdmin=True)

    found = _readiness(reading)[PRIVILEGES]

    assert found.status is Status.UNKNOWN


@pytest.mark.parametrize("fault", ["refused", "unavailable"])
def test_readiness_that_cannot_be_read_is_unknown(tenant: Tenant, reading: GoogleWorkspace, fault: str) -> None:
    tenant.fault(fault, MATTERS, times=99)
    tenant.fault(fault, "directory.users.get", times=99)

    assert {one.status for one in _readiness(reading).values()} == {Status.UNKNOWN}


def test_without_the_scope_vault_is_unknown_and_the_scope_is_named(tenant: Tenant, reading: GoogleWorkspace) -> None:
    delegate(tenant, "reader", without="ediscovery.readonly")

    found = _readiness(reading)[VAULT]

    assert found.status is Status.UNKNOWN
    assert "ediscovery.readonly" in admin_text(found.reason)


def test_a_leaver_is_followed_from_the_day_after_to_a_complete_handover(
    tenant: Tenant, reading: GoogleWorkspace
) -> None:
    leaver = _user(tenant, "gethin.leaver")
    group = next(key for key, one in tenant.objects("google.groups").items() if one["name"] == "Senior leadership")
    member = {"id": leaver, "email": "gethin.leaver@example-primary.example", "role": "MEMBER", "type": "USER"}
    tenant.put(MEMBERS, f"{group}/{leaver}", member)
    gone = {**tenant.read_object(USERS, leaver), "id": "7", "primaryEmail": "gone@example-primary.example"}
    tenant.put(GONE, "7", {**gone, "deletionTime": "2026-10-25T08:00:00.000Z"})

    left = _handover_findings(reading)

    assert {one.status for one in left.values()} == {Status.FAIL}
    assert admin_text(left[ACCOUNTS].reason).startswith(
        "1 of 1 closed accounts, suspended and not archived. To fix: hand over"
    )
    assert admin_text(left[GROUPS].reason).startswith("1 of 1 closed accounts in groups. To fix: ")
    assert admin_text(left[ENDING].reason).startswith(
        "1 of 1 ends for good within 7 days, the first on Saturday 14 November"
    )
    assert "@" not in str(left)
    assert all("hold" not in admin_text(one.reason).replace("check `toolkit hold list`", "") for one in left.values())
    assert called_methods(tenant) == [LIST, GROUPS_LIST, LIST]
    named = _handover_findings(reading, LeaverHandover(names="listed"))
    assert named[GROUPS].evidence["who"] == ["gethin.leaver@example-primary.example"]

    tenant.patch(USERS, leaver, archived=True)
    tenant.delete(MEMBERS, f"{group}/{leaver}")
    tenant.delete(GONE, "7")
    later = connect(tenant, identity=Identity.READ, read_only=True)

    assert {one.status for one in _handover_findings(later).values()} == {Status.PASS}
    later.close()


@pytest.mark.parametrize("fault", ["refused", "unavailable"])
@pytest.mark.parametrize(("operation", "unknown"), [(LIST, {ACCOUNTS, GROUPS, ENDING}), (GROUPS_LIST, {GROUPS})])
def test_what_cannot_be_read_is_unknown_and_nothing_else(
    tenant: Tenant, reading: GoogleWorkspace, fault: str, operation: str, unknown: set[str]
) -> None:
    tenant.fault(fault, operation, times=99)

    left = _handover_findings(reading)

    assert {subject for subject, one in left.items() if one.status is Status.UNKNOWN} == unknown
