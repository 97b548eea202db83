"""Who has 2-Step Verification in Google Workspace: counted from the list of accounts, with the setting of the unit."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from connectors.google_workspace.checks.identity.mfa import SETTING, check
from connectors.google_workspace.connection import GoogleWorkspace
from tests.door import GOOGLE, SAMPLES
from tests.emulated import Tenant
from tests.google_workspace.connected import called_methods, connect, policy_pages, teacher, users
from tests.google_workspace.kinds.test_policy_setting_reading import put
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

NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)
USERS, POLICIES = "google.users", "google.policies"
LIST, SETTINGS, UNITS = "directory.users.list", "cloudidentity.policies.list", "directory.orgunits.list"


def _mfa_findings(tenant: Tenant, wanted: Mfa | None = None, *, role: str = "staff") -> Mapping[str, Finding]:
    school = load_school(SAMPLES).school
    with_directory = connect(tenant, identity=Identity.READ, read_only=True)
    directory = with_directory.directory(people=True, groups=["/Staff"])
    with_directory.close()
    occasion = CheckOccasion(school, Scope(resolve_audience(school, role, GOOGLE, {GOOGLE: directory}).audience), NOW)
    return _answers(tenant, occasion, wanted or Mfa())


def _answers(tenant: Tenant, occasion: CheckOccasion, wanted: Mfa) -> Mapping[str, Finding]:
    via: GoogleWorkspace = connect(tenant, identity=Identity.READ, read_only=True, TOOLKIT_PATIENCE="0.2")
    try:
        return {one.subject: one for one in check(wanted, occasion, via)}
    finally:
        via.close()


def _enforcement(tenant: Tenant) -> str:
    kind = "settings/security.two_step_verification_enforcement"
    found = [key for key, one in tenant.objects(POLICIES).items() if one["setting"]["type"] == kind]
    return next(key for key in found if tenant.read_object(POLICIES, key)["type"] == "ADMIN")


def test_everybody_is_counted_and_the_setting_is_that_of_the_unit(tenant: Tenant) -> None:
    before = len(called_methods(tenant))
    found = _mfa_findings(tenant)

    assert {one.status for one in found.values()} == {Status.PASS}
    assert admin_text(found[REGISTERED].reason) == "3 of 3 have registered"
    assert admin_text(found[ENFORCED].reason) == "always asked: 3 of 3, by 2-Step Verification"
    assert admin_text(found[SETTING].reason) == "compulsory for the unit /Staff since 1 September 2025"
    assert admin_text(found[ADMINISTRATORS].reason) == (
        "1 of 1 are always asked; 1 of 1 have registered; counted separately: 1 protected account, 1 of them registered"
    )
    assert "@" not in str(found)
    assert sorted(called_methods(tenant)[before:])[-3:] == [
        UNITS,
        LIST,
        LIST,
    ]  # one of the two is the test's own directory
    assert called_methods(tenant).count(SETTINGS) == policy_pages(tenant)


def test_what_changes_in_the_tenant_is_told_of_those_whom_it_is_about(tenant: Tenant) -> None:
    tenant.patch(USERS, teacher(tenant)["id"], isEnrolledIn2Sv=False, isEnforcedIn2Sv=False)
    administrator = next(one for one in users(tenant) if one["primaryEmail"].startswith("workspace-admin@"))
    tenant.patch(USERS, administrator["id"], isEnrolledIn2Sv=False)
    setting = tenant.read_object(POLICIES, _enforcement(tenant))["setting"]
    later = {**setting, "value": {"enforced_from": "2027-01-04T00:00:00Z"}}
    tenant.patch(POLICIES, _enforcement(tenant), setting=later)

    found = _mfa_findings(tenant, Mfa(names="listed"))

    assert {one.status for one in found.values()} == {Status.FAIL}
    assert found[REGISTERED].evidence["who"] == [teacher(tenant)["primaryEmail"]]
    assert admin_text(found[ENFORCED].reason).startswith("always asked: 2 of 3, by 2-Step Verification; these are ")
    assert admin_text(found[SETTING].reason) == "compulsory for the unit /Staff only from 4 January 2027"
    assert admin_text(found[ADMINISTRATORS].reason).startswith("1 of 1 are always asked; 0 of 1 have registered")


def test_a_unit_without_the_setting_fails_and_a_policy_for_a_group_makes_it_unknown(tenant: Tenant) -> None:
    everyone = _mfa_findings(tenant, role="everyone")[SETTING]
    kept = tenant.read_object(POLICIES, _enforcement(tenant))
    tenant.patch(POLICIES, _enforcement(tenant), policyQuery={"group": "groups/1", "query": "", "sortOrder": 1})
    grouped = _mfa_findings(tenant)[SETTING]

    assert kept["policyQuery"]["orgUnit"]
    assert (everyone.status, admin_text(everyone.reason)) == (
        Status.FAIL,
        "2-Step Verification is not compulsory for the whole organisation",
    )
    assert (grouped.status, grouped.evidence["policies_for_groups"]) == (Status.UNKNOWN, 1)


@pytest.mark.parametrize(
    ("operation", "unknown"),
    [(LIST, {REGISTERED, ENFORCED, ADMINISTRATORS}), (SETTINGS, {SETTING}), (UNITS, {SETTING})],
)
def test_what_cannot_be_read_is_unknown_and_nothing_else(tenant: Tenant, operation: str, unknown: set[str]) -> None:
    school = load_school(SAMPLES).school
    via = connect(tenant, identity=Identity.READ, read_only=True)
    directory = via.directory(people=True, groups=["/Staff"])
    via.close()
    occasion = CheckOccasion(
        school, Scope(resolve_audience(school, "staff", GOOGLE, {GOOGLE: directory}).audience), NOW
    )
    tenant.fault("refused", operation, times=99)

    found = _answers(tenant, occasion, Mfa())

    assert {subject for subject, one in found.items() if one.status is Status.UNKNOWN} == unknown


def test_what_the_directory_does_not_say_of_somebody_is_not_checked(tenant: Tenant) -> None:
    tenant.patch(USERS, teacher(tenant)["id"], isEnrolledIn2Sv=None, isEnforcedIn2Sv=None)

    found = _mfa_findings(tenant)

    assert (found[REGISTERED].status, found[ENFORCED].status) == (Status.UNKNOWN, Status.UNKNOWN)
    assert (
        admin_text(found[REGISTERED].reason)
        == "2 of 3 have registered; not checked: 1 for whom the directory does not show it"
    )


@pytest.mark.parametrize(
    ("rule", "exempt", "never"),
    [
        (None, 0, 1),
        ({}, 1, 0),
        ({"enforcedFrom": "2027-01-04T00:00:00Z"}, 1, 0),
        ({"enforcedFrom": "2025-01-04T00:00:00Z"}, 0, 1),
    ],
)
def test_who_is_not_asked_is_exempt_where_a_rule_for_a_group_leaves_people_out(
    rule: Mapping[str, str] | None, exempt: int, never: int, tenant: Tenant
) -> None:
    tenant.patch(USERS, teacher(tenant)["id"], isEnforcedIn2Sv=False)
    if rule is not None:
        put(tenant, "left-out", "security.two_step_verification_enforcement", rule, group="groups/01abc")

    evidence = _mfa_findings(tenant)[ENFORCED].evidence

    assert (evidence["always"], evidence["exempt"], evidence["never"], evidence["not_checked"]) == (2, exempt, never, 0)


def test_of_whom_a_rule_leaves_out_nothing_is_said_where_rules_cannot_be_read(tenant: Tenant) -> None:
    tenant.patch(USERS, teacher(tenant)["id"], isEnforcedIn2Sv=False)
    tenant.fault("refused", SETTINGS, times=99)

    found = _mfa_findings(tenant)[ENFORCED]

    assert (found.status, found.evidence["exempt"], found.evidence["never"]) == (Status.FAIL, None, 1)
