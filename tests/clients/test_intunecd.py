"""IntuneCD, unmodified, against the emulated tenant: it backs up and updates as it does at Microsoft."""

import pytest

from tests.clients.intunecd import IntuneCD
from tests.emulated import Tenant

pytestmark = pytest.mark.clients

BASELINE, PHONES = "Trust baseline", "Staff phones (work profile)"


def test_a_backup_holds_the_compliance_policies_as_they_are(intunecd: IntuneCD, tenant: Tenant) -> None:
    intunecd.back_up()

    stored = {one["displayName"]: one for one in tenant.objects("intune.compliancePolicies").values()}
    backed_up = intunecd.compliance_policies()
    assert set(backed_up) == set(stored) == {BASELINE, PHONES}
    assert {name: one["@odata.type"] for name, one in backed_up.items()} == {
        name: one["@odata.type"] for name, one in stored.items()
    }
    names = ("passwordMinimumLength", "passwordRequired", "storageRequireEncryption", "osMinimumVersion")
    assert [backed_up[BASELINE][name] for name in names] == [stored[BASELINE][name] for name in names]


def test_a_backup_shows_what_follows_from_no_compliance_and_for_whom_a_policy_is(intunecd: IntuneCD) -> None:
    intunecd.back_up()

    baseline = intunecd.compliance_policies()[BASELINE]
    (rule,) = baseline["scheduledActionsForRule"]
    (action,) = rule["scheduledActionConfigurations"]
    assert (action["actionType"], action["gracePeriodHours"]) == ("block", 72)
    assert action["notificationTemplateId"] == "00000000-0000-0000-0000-000000000000"
    (assignment,) = baseline["assignments"]
    assert assignment["target"]["deviceAndAppManagementAssignmentFilterId"] == "School-owned Windows"
    assert baseline["roleScopeTagIds"] == ["Example Trust"]


def test_the_backup_names_the_group_that_a_policy_is_for(intunecd: IntuneCD) -> None:
    intunecd.back_up()

    (assignment,) = intunecd.compliance_policies()[PHONES]["assignments"]
    assert assignment["target"]["groupName"] == "All staff"


def test_a_backup_reads_and_writes_nothing(intunecd: IntuneCD, tenant: Tenant) -> None:
    before = tenant.objects("intune.compliancePolicies")

    intunecd.back_up()

    assert {name.partition(" ")[0] for name in tenant.operations()} == {"GET"}
    assert tenant.objects("intune.compliancePolicies") == before


def test_an_update_from_an_untouched_backup_changes_nothing(intunecd: IntuneCD, tenant: Tenant) -> None:
    intunecd.back_up()
    seen = tenant.last_request()

    said = intunecd.update()

    assert f"No changes found for Compliance Policy: {BASELINE}" in said
    assert {name.partition(" ")[0] for name in tenant.operations(seen)} == {"GET"}


def test_an_update_changes_the_setting_that_was_edited_and_no_other(intunecd: IntuneCD, tenant: Tenant) -> None:
    intunecd.back_up()
    (key,) = [k for k, one in tenant.objects("intune.compliancePolicies").items() if one["displayName"] == BASELINE]
    before = tenant.read_object("intune.compliancePolicies", key)
    intunecd.edit(BASELINE, passwordMinimumLength=6)
    seen = tenant.last_request()

    said = intunecd.update()

    assert "Setting: passwordMinimumLength, New Value: 6, Old Value: 10" in said
    writes = [name for name in tenant.operations(seen) if not name.startswith("GET ")]
    assert writes == ["PATCH /deviceManagement/deviceCompliancePolicies/{id}"]
    after = tenant.read_object("intune.compliancePolicies", key)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed - {"lastModifiedDateTime", "version"} == {"passwordMinimumLength"}


def test_a_backup_of_entra_has_the_policies_that_the_emulator_shows(intunecd: IntuneCD, tenant: Tenant) -> None:
    policies = intunecd.back_up_entra()

    ((_, methods),) = tenant.objects("entra.authenticationMethodsPolicy").items()
    shown = {row["id"]: row["state"] for row in methods["authenticationMethodConfigurations"]}
    backed_up = policies["authentication_methods"]["authenticationMethodConfigurations"]
    assert {row["id"]: row["state"] for row in backed_up} == shown
    assert policies["authentication_flows_policy"]["selfServiceSignUp"] == {"isEnabled": False}
    assert policies["device_registration_policy"]["userDeviceQuota"] == 50
