"""Two programs on one policy: ours writes what the playbook says, IntuneCD what git says; drift names the change."""

from typing import Any

import pytest

from tests.clients.intunecd import IntuneCD
from tests.door import Door
from tests.emulated import Tenant

pytestmark = pytest.mark.clients

LAPTOPS, PHONES, BASELINE = "School laptops", "School phones", "Trust baseline"
COLLECTION = "intune.compliancePolicies"
PLAYBOOK = f"""\
playbook: devices
resources:
  - microsoft365.windows_compliance_policy: {LAPTOPS}
    password_required: true
    password_required_type: alphanumeric
    password_minimum_length: 8
    password_minutes_of_inactivity_before_lock: 5
    storage_require_encryption: true
    os_minimum_version: 10.0.19045
    block_after_hours: 24
    assigned_to: [all-staff@example-primary.example]
    beside: true
  - microsoft365.ios_compliance_policy: {PHONES}
    passcode_required: true
    passcode_minimum_length: 6
    block_after_hours: 24
    assigned_to: [all-staff@example-primary.example]
    beside: true
"""


@pytest.fixture
def applied(bare_door: Door) -> Door:
    """Write the school's own policies beside those of others."""
    bare_door.write("40-devices.yaml", PLAYBOOK)
    answer = bare_door.toolkit("apply", "--yes")
    assert answer.exit == 0, answer.out + answer.err
    return bare_door


def _stored(tenant: Tenant, policy: str) -> dict[str, Any]:
    (found,) = [one for one in tenant.objects(COLLECTION).values() if one["displayName"] == policy]
    return found


def test_a_backup_shows_the_policies_as_the_playbook_says(applied: Door, intunecd: IntuneCD) -> None:
    intunecd.back_up()

    policies = intunecd.compliance_policies()
    laptops, phones = policies[LAPTOPS], policies[PHONES]
    assert set(policies) == {LAPTOPS, PHONES, BASELINE, "Staff phones (work profile)"}
    assert laptops["@odata.type"] == "#microsoft.graph.windows10CompliancePolicy"
    assert {name: laptops[name] for name in laptops if name.startswith("password") and laptops[name]} == {
        "passwordRequired": True,
        "passwordRequiredType": "alphanumeric",
        "passwordMinimumLength": 8,
        "passwordMinutesOfInactivityBeforeLock": 5,
    }
    assert (laptops["storageRequireEncryption"], laptops["osMinimumVersion"]) == (True, "10.0.19045")
    assert phones["@odata.type"] == "#microsoft.graph.iosCompliancePolicy"
    assert (phones["passcodeRequired"], phones["passcodeMinimumLength"]) == (True, 6)


def test_a_backup_shows_for_whom_they_are_and_what_follows(applied: Door, intunecd: IntuneCD) -> None:
    intunecd.back_up()

    laptops = intunecd.compliance_policies()[LAPTOPS]
    assert [one["target"]["groupName"] for one in laptops["assignments"]] == ["All staff"]
    actions = [one for rule in laptops["scheduledActionsForRule"] for one in rule["scheduledActionConfigurations"]]
    assert [(one["actionType"], one["gracePeriodHours"]) for one in actions] == [("block", 24)]


def test_what_an_update_changes_is_drift_and_nothing_else_is(applied: Door, intunecd: IntuneCD, tenant: Tenant) -> None:
    intunecd.back_up()
    before = _stored(tenant, LAPTOPS)
    intunecd.edit(LAPTOPS, passwordMinimumLength=6)
    intunecd.update()

    drift = applied.toolkit("drift", "--json")

    assert _stored(tenant, LAPTOPS)["passwordMinimumLength"] == 6
    assert drift.exit == 3
    (change,) = drift.json["changes"]
    assert (change["action"], change["address"]) == ("update", f"microsoft365.windows_compliance_policy[{LAPTOPS}]")
    assert change["fields"] == [{"path": "password_minimum_length", "before": 6, "after": 8}]
    assert applied.toolkit("apply", "--yes").exit == 0
    assert _stored(tenant, LAPTOPS)["passwordMinimumLength"] == before["passwordMinimumLength"]
    assert applied.toolkit("drift").exit == 0


def test_what_the_playbook_does_not_name_is_no_drift_and_stays(
    applied: Door, intunecd: IntuneCD, tenant: Tenant
) -> None:
    intunecd.back_up()
    intunecd.edit(LAPTOPS, secureBootEnabled=True)
    intunecd.edit(BASELINE, passwordMinimumLength=12)
    intunecd.update()

    assert applied.toolkit("drift").exit == 0
    assert applied.toolkit("apply", "--yes").exit == 0
    assert _stored(tenant, LAPTOPS)["secureBootEnabled"] is True
    assert _stored(tenant, BASELINE)["passwordMinimumLength"] == 12


def test_an_update_from_the_backup_of_what_we_wrote_changes_nothing(
    applied: Door, intunecd: IntuneCD, tenant: Tenant
) -> None:
    intunecd.back_up()
    seen = tenant.last_request()

    said = intunecd.update()

    assert f"No changes found for Compliance Policy: {LAPTOPS}" in said
    assert {name.partition(" ")[0] for name in tenant.operations(seen)} == {"GET"}
    assert applied.toolkit("drift").exit == 0
