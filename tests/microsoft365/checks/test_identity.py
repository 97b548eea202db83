"""Who has a second factor in Microsoft 365: counted from a few lists, and what cannot be read is unknown."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest

from connectors.microsoft365.checks.identity.mfa import check
from connectors.microsoft365.connection import Microsoft365
from tests.door import MICROSOFT, SAMPLES
from tests.emulated import Tenant
from tests.microsoft365.connected import connect
from tests.schools import twenty_people
from toolkit.controls.identity import Mfa
from toolkit.controls.second_factor import ADMINISTRATORS, ENFORCED, REGISTERED
from toolkit.planning.audience.resolve import resolve_audience
from toolkit.playbook.load import load_school
from toolkit.sdk.check import CheckOccasion, Finding, Status
from toolkit.sdk.connector import Identity
from toolkit.sdk.directory import Scope
from toolkit.sdk.reason import admin_text

pytestmark = twenty_people

POLICIES, DEFAULTS = "entra.conditionalAccessPolicies", "entra.securityDefaults"
REPORT = "GET /reports/authenticationMethods/userRegistrationDetails"
NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)
STAFF = "all-staff@example-primary.example"


def _head(tenant: Tenant) -> str:
    return next(key for key, one in tenant.objects("users").items() if one["jobTitle"] == "Head Teacher")


def _policy(tenant: Tenant, name: str) -> str:
    return next(key for key, one in tenant.objects(POLICIES).items() if one["displayName"] == name)


@pytest.fixture
def reading(tenant: Tenant) -> Iterator[Microsoft365]:
    """Open a connection that only reads, and soon gives up."""
    via = connect(tenant, identity=Identity.READ, read_only=True, variables={"TOOLKIT_PATIENCE": "0.2"})
    yield via
    via.close()


def _occasion(via: Microsoft365) -> CheckOccasion:
    school = load_school(SAMPLES).school
    resolved = resolve_audience(school, "staff", MICROSOFT, {MICROSOFT: via.directory(people=True, groups=[STAFF])})
    return CheckOccasion(school, Scope(resolved.audience), NOW)


def _mfa_findings(via: Microsoft365, wanted: Mfa | None = None) -> Mapping[str, Finding]:
    return {one.subject: one for one in check(wanted or Mfa(), _occasion(via), via)}


def test_everybody_is_counted_by_a_few_lists_and_nobody_is_named(tenant: Tenant, reading: Microsoft365) -> None:
    occasion = _occasion(reading)
    before = tenant.last_request()
    found = {one.subject: one for one in check(Mfa(), occasion, reading)}
    asked, requests = tenant.operations(before), tenant.requests(before)

    assert {one.status for one in found.values()} == {Status.PASS}
    assert admin_text(found[REGISTERED].reason) == "3 of 3 have registered"
    assert admin_text(found[ENFORCED].reason) == (
        "always asked: 3 of 3, by Conditional Access (Require MFA for administrators, Require MFA for staff)"
    )
    assert admin_text(found[ADMINISTRATORS].reason) == (
        "1 of 1 are always asked; 1 of 1 have registered; counted separately: 1 protected account, 0 of them registered"
    )
    assert "@" not in str(found)
    assert (
        len(requests) == 5
    )  # two lists, security defaults, members of groups, and twice roles, which all checks share
    assert asked[:2] == [REPORT, "GET /identity/conditionalAccess/policies"]
    assert asked.count("GET /directoryRoles") == 1


def test_what_changes_in_the_tenant_is_told_of_those_whom_it_is_about(tenant: Tenant, reading: Microsoft365) -> None:
    head = _head(tenant)
    tenant.patch("entra.registrations", head, allowed=False)
    tenant.patch(POLICIES, _policy(tenant, "Require MFA for administrators"), state="enabledForReportingButNotEnforced")
    policy = _policy(tenant, "Require MFA for staff")
    users = tenant.read_object(POLICIES, policy)["conditions"]["users"]
    conditions = {**tenant.read_object(POLICIES, policy)["conditions"], "users": {**users, "excludeUsers": [head]}}
    tenant.patch(POLICIES, policy, conditions=conditions)

    found = _mfa_findings(reading, Mfa(names="listed"))

    assert {one.status for one in found.values()} == {Status.FAIL}
    assert (
        admin_text(found[REGISTERED].reason)
        == "2 of 3 have registered; these are amara.ashdown@example-primary.example"
    )
    assert admin_text(found[ENFORCED].reason).startswith(
        "always asked: 2 of 3, by Conditional Access (Require MFA for staff)"
    )
    assert found[ADMINISTRATORS].evidence["always"] == 0
    assert found[ADMINISTRATORS].evidence["who"] == ["amara.ashdown@example-primary.example"]


def test_security_defaults_ask_everybody_and_without_any_policy_nobody_is_asked(
    tenant: Tenant, reading: Microsoft365
) -> None:
    for key in tenant.objects(POLICIES):
        tenant.delete(POLICIES, key)
    nothing = _mfa_findings(reading)[ENFORCED]
    (key,) = tenant.objects(DEFAULTS)
    tenant.patch(DEFAULTS, key, isEnabled=True)
    defaults = _mfa_findings(reading)[ENFORCED]

    assert (nothing.status, nothing.evidence["never"]) == (Status.FAIL, 3)
    assert "security defaults are off and no enabled Conditional Access policy" in admin_text(nothing.reason)
    assert (defaults.status, admin_text(defaults.reason).startswith("always asked: 3 of 3, by security defaults")) == (
        Status.PASS,
        True,
    )


def test_without_the_licence_registration_is_unavailable_and_the_rest_is_still_said(
    tenant: Tenant, reading: Microsoft365
) -> None:
    tenant.patch("organization", tenant.tenant_id, assignedPlans=[])

    found = _mfa_findings(reading)

    assert found[REGISTERED].status is Status.UNAVAILABLE
    assert (found[ENFORCED].status, found[ADMINISTRATORS].status) == (Status.PASS, Status.PASS)
    assert admin_text(found[ADMINISTRATORS].reason).startswith(
        "1 of 1 are always asked; this tenant has no licence for"
    )


def test_a_licence_is_not_taken_for_missing_only_because_an_app_may_not_see_it(
    tenant: Tenant, reading: Microsoft365
) -> None:
    tenant.fault(
        "rejected", REPORT, status=403, reason="Authentication_RequestFromNonPremiumTenantOrB2CTenant", times=9
    )

    found = _mfa_findings(reading)

    assert (found[REGISTERED].status, found[ADMINISTRATORS].status) == (Status.UNKNOWN, Status.UNKNOWN)
    assert "NonPremiumTenant" in admin_text(found[REGISTERED].reason)


def test_a_licence_that_is_not_shown_is_not_taken_for_missing(tenant: Tenant, reading: Microsoft365) -> None:
    tenant.patch("organization", tenant.tenant_id, assignedPlans=None)

    found = _mfa_findings(reading)

    assert (found[REGISTERED].status, found[ADMINISTRATORS].status) == (Status.UNKNOWN, Status.UNKNOWN)
    assert "Organization.Read.All" in admin_text(found[REGISTERED].reason)


def test_whoever_has_a_role_by_a_group_is_an_administrator_and_an_app_is_none(
    tenant: Tenant, reading: Microsoft365
) -> None:
    roles = {one["displayName"]: key for key, one in tenant.objects("directoryRoles").items()}
    (leaders,) = [key for key, one in tenant.objects("groups").items() if one["displayName"] == "Senior leadership"]
    tenant.patch("members", roles["Exchange Administrator"], members=[leaders])  # beside the app that writes

    found = _mfa_findings(reading)[ADMINISTRATORS]

    assert (found.status, found.evidence["administrators"], found.evidence["always"]) == (Status.PASS, 3, 3)


def test_a_group_with_hidden_members_is_not_guessed_at(tenant: Tenant, reading: Microsoft365) -> None:
    occasion = _occasion(reading)
    (group,) = [key for key, one in tenant.objects("groups").items() if one["mail"] == STAFF]
    tenant.patch("groups", group, visibility="HiddenMembership")

    found = {one.subject: one for one in check(Mfa(), occasion, reading)}

    assert found[ENFORCED].status is Status.UNKNOWN
    assert "hidden" in admin_text(found[ENFORCED].reason)


@pytest.mark.parametrize(
    ("operation", "unknown"),
    [
        (REPORT, {REGISTERED, ADMINISTRATORS}),
        ("GET /identity/*", {ENFORCED, ADMINISTRATORS}),
        ("GET /policies/*", {ENFORCED, ADMINISTRATORS}),
        ("GET /directoryRoles*", {ENFORCED, ADMINISTRATORS}),
        ("GET /groups/*", {ENFORCED, ADMINISTRATORS}),
    ],
)
def test_what_cannot_be_read_is_unknown_and_nothing_else(
    tenant: Tenant, reading: Microsoft365, operation: str, unknown: set[str]
) -> None:
    occasion = _occasion(reading)
    tenant.fault("refused", operation, times=99)

    found = {one.subject: one for one in check(Mfa(), occasion, reading)}

    assert {subject for subject, one in found.items() if one.status is Status.UNKNOWN} == unknown


def test_without_consent_the_permission_is_named(tenant: Tenant, reading: Microsoft365) -> None:
    occasion = _occasion(reading)
    tenant.grant("reader", roles=["User.Read.All", "GroupMember.Read.All", "Organization.Read.All"])
    bare = connect(tenant, identity=Identity.READ, read_only=True)

    found = {one.subject: one for one in check(Mfa(), occasion, bare)}
    bare.close()

    assert {one.status for one in found.values()} == {Status.UNKNOWN}
    assert "AuditLog.Read.All" in admin_text(found[REGISTERED].reason)
    assert "Policy.Read.All" in admin_text(found[ENFORCED].reason)
    assert "RoleManagement.Read.Directory" in admin_text(found[ADMINISTRATORS].reason)
