"""Policies of the tenant in Graph: idle sessions, passwords, Conditional Access, sharing."""

import json
from typing import Any

import pytest

from tests.emulated import Tenant

TIMEOUTS = "/v1.0/policies/activityBasedTimeoutPolicies"
SETTINGS = "/v1.0/groupSettings"
DIRECTORY, SIGN_IN = "Authorization_RequestDenied", "AccessDenied"  # how each refuses
_TEMPLATE = "5cf42378-d67d-4f36-ba46-e8b86229381d"
_RULES = {
    "BannedPasswordCheckOnPremisesMode": "Enforced",
    "EnableBannedPasswordCheckOnPremises": "True",
    "EnableBannedPasswordCheck": "True",
    "LockoutDurationInSeconds": "60",
    "LockoutThreshold": "10",
    "BannedPasswordList": "school\tsummer",
}


def _definition(idle: str) -> list[str]:
    application = {"ApplicationId": "default", "WebSessionIdleTimeout": idle}
    return [json.dumps({"ActivityBasedTimeoutPolicy": {"Version": 1, "ApplicationPolicies": [application]}})]


def _timeout(**changes: object) -> dict[str, object]:
    whole = {"displayName": "Idle", "isOrganizationDefault": True, "definition": _definition("01:00:00")}
    return {**whole, **changes}


def _values(**changes: str) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in {**_RULES, **changes}.items()]


def _write(tenant: Tenant, method: str, path: str, body: object = None) -> Any:
    return tenant.graph(path, method=method, application="writer", body=body)


def test_an_idle_timeout_keeps_its_text_as_it_was_sent(tenant: Tenant) -> None:
    made = _write(tenant, "POST", TIMEOUTS, _timeout())

    (row,) = tenant.graph(TIMEOUTS).json()["value"]
    assert made.status_code == 201
    assert row["definition"] == _definition("01:00:00")
    assert made.json()["id"] == row["id"]


def test_an_idle_timeout_is_changed_and_removed(tenant: Tenant) -> None:
    key = _write(tenant, "POST", TIMEOUTS, _timeout()).json()["id"]

    changed = _write(tenant, "PATCH", f"{TIMEOUTS}/{key}", {"definition": _definition("00:30:00")})
    shown = tenant.graph(f"{TIMEOUTS}/{key}").json()
    removed = _write(tenant, "DELETE", f"{TIMEOUTS}/{key}")

    assert (changed.status_code, removed.status_code) == (204, 204)
    assert (shown["definition"], shown["displayName"]) == (_definition("00:30:00"), "Idle")
    assert tenant.graph(TIMEOUTS).json()["value"] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"definition": []},
        {"definition": ["no json"]},
        {"definition": _definition("01:00:00") * 2},
        {"definition": {"WebSessionIdleTimeout": "01:00:00"}},
        {"displayName": None},
        {"idle": "01:00:00"},
    ],
)
def test_an_idle_timeout_that_is_none_is_refused(tenant: Tenant, changes: dict[str, object]) -> None:
    assert _write(tenant, "POST", TIMEOUTS, _timeout(**changes)).status_code == 400


def test_only_one_idle_timeout_is_the_organizations_default(tenant: Tenant) -> None:
    _write(tenant, "POST", TIMEOUTS, _timeout())

    assert _write(tenant, "POST", TIMEOUTS, _timeout()).status_code == 400
    assert _write(tenant, "POST", TIMEOUTS, _timeout(isOrganizationDefault=False)).status_code == 201


def test_conditional_access_is_read_with_what_the_server_adds(tenant: Tenant) -> None:
    first, second, third = tenant.graph("/v1.0/identity/conditionalAccess/policies").json()["value"]

    assert (first["displayName"], first["state"]) == ("Require MFA for administrators", "enabled")
    assert "authenticationStrength@odata.context" in first["grantControls"]
    assert second["state"] == "enabledForReportingButNotEnforced"
    assert second["conditions"]["users"]["includeGroups"] == []
    assert len(third["conditions"]["users"]["includeGroups"]) == 1


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("/policies/identitySecurityDefaultsEnforcementPolicy", "isEnabled", False),
        ("/admin/sharepoint/settings", "sharingCapability", "externalUserAndGuestSharing"),
    ],
)
def test_settings_of_which_there_is_one_are_read(tenant: Tenant, path: str, name: str, value: object) -> None:
    whole, chosen = tenant.graph(f"/v1.0{path}").json(), tenant.graph(f"/beta{path}?$select={name}").json()

    assert whole[name] == value
    assert {key for key in chosen if "@" not in key} == {name}


def test_beta_shows_consent_beside_what_else_people_may_do(tenant: Tenant) -> None:
    (shown,) = tenant.graph("/beta/policies/authorizationPolicy").json()["value"]
    whole = tenant.graph("/v1.0/policies/authorizationPolicy").json()

    assert "permissionGrantPoliciesAssigned" not in shown["defaultUserRolePermissions"]
    assert (
        shown["permissionGrantPolicyIdsAssignedToDefaultUserRole"]
        == whole["defaultUserRolePermissions"]["permissionGrantPoliciesAssigned"]
    )


def test_what_is_only_read_is_not_written(tenant: Tenant) -> None:
    answer = _write(tenant, "PATCH", "/v1.0/identity/conditionalAccess/policies", {})

    assert (answer.status_code, answer.json()["error"]["code"]) == (501, "NotEmulated")


def test_one_object_is_changed_in_part_or_taken_whole(tenant: Tenant) -> None:
    sharing, consent = "/v1.0/admin/sharepoint/settings", "/v1.0/policies/authorizationPolicy"
    requests = "/v1.0/policies/adminConsentRequestPolicy"
    group = {"query": "/groups/1/transitiveMembers", "queryType": "MicrosoftGraph", "queryRoot": None}
    whole = {"isEnabled": True, "notifyReviewers": True, "remindersEnabled": False, "requestDurationInDays": 7}

    wrong = _write(tenant, "PATCH", sharing, {"sharingCapability": "everyone"})
    _write(tenant, "PATCH", sharing, {"sharingCapability": "disabled"})
    _write(tenant, "PATCH", consent, {"defaultUserRolePermissions": {"allowedToCreateApps": False}})
    part = _write(tenant, "PUT", requests, whole)
    _write(tenant, "PUT", requests, {**whole, "reviewers": [group]})
    shown = [tenant.graph(path).json() for path in (sharing, consent, requests)]

    assert (wrong.status_code, part.status_code) == (400, 400)
    assert shown[0]["sharingCapability"] == "disabled"
    assert shown[1]["defaultUserRolePermissions"]["allowedToCreateApps"] is False
    assert shown[1]["defaultUserRolePermissions"]["permissionGrantPoliciesAssigned"]
    assert shown[2]["version"] == 1
    assert shown[2]["reviewers"][0]["query"] == "/v1.0/groups/1/transitiveMembers/microsoft.graph.user"


def test_how_long_passwords_last_is_a_matter_of_the_domain(tenant: Tenant) -> None:
    path = f"/v1.0/domains/{tenant.domain}"

    both = _write(tenant, "PATCH", path, {"passwordValidityPeriodInDays": 365, "passwordNotificationWindowInDays": 30})
    one = _write(tenant, "PATCH", f"/v1.0/domains/{tenant.initial_domain}", {"passwordValidityPeriodInDays": 365})

    periods = ("passwordValidityPeriodInDays", "passwordNotificationWindowInDays")
    domains = {row["id"]: tuple(row[name] for name in periods) for row in tenant.graph("/v1.0/domains").json()["value"]}
    assert (both.status_code, one.status_code) == (204, 204)
    assert domains == {tenant.domain: (365, 30), tenant.initial_domain: (365, 14)}


@pytest.mark.parametrize("changes", [{"authenticationType": "Federated"}, {"isRoot": False}])
def test_a_domain_that_sets_no_passwords_refuses(tenant: Tenant, changes: dict[str, object]) -> None:
    tenant.patch("domains", tenant.domain, **changes)

    answer = _write(tenant, "PATCH", f"/v1.0/domains/{tenant.domain}", {"passwordValidityPeriodInDays": 365})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "Request_BadRequest")


def test_banned_words_are_one_object_of_a_template(tenant: Tenant) -> None:
    made = _write(tenant, "POST", SETTINGS, {"templateId": _TEMPLATE, "values": _values()})
    again = _write(tenant, "POST", SETTINGS, {"templateId": _TEMPLATE, "values": _values()})
    path = f"{SETTINGS}/{made.json()['id']}"
    changed = _write(tenant, "PATCH", path, {"values": _values(LockoutThreshold="5")})

    (row,) = tenant.graph(SETTINGS).json()["value"]
    assert [made.status_code, again.status_code, changed.status_code] == [201, 400, 204]
    assert {one["name"]: one["value"] for one in row["values"]} == {**_RULES, "LockoutThreshold": "5"}
    assert _write(tenant, "DELETE", path).status_code == 204


@pytest.mark.parametrize(
    "values",
    [
        _values()[1:],
        _values(Colour="red"),
        _values(LockoutThreshold="many"),
        _values(EnableBannedPasswordCheck="perhaps"),
        [{"name": "LockoutThreshold", "value": 5}],
    ],
)
def test_banned_words_are_changed_with_all_their_values_or_not_at_all(tenant: Tenant, values: object) -> None:
    key = _write(tenant, "POST", SETTINGS, {"templateId": _TEMPLATE, "values": _values()}).json()["id"]

    assert _write(tenant, "PATCH", f"{SETTINGS}/{key}", {"values": values}).status_code == 400


@pytest.mark.parametrize(
    ("path", "permission", "code"),
    [
        ("/policies/activityBasedTimeoutPolicies", "Policy.Read.All", DIRECTORY),
        ("/identity/conditionalAccess/policies", "Policy.Read.All", SIGN_IN),
        ("/policies/identitySecurityDefaultsEnforcementPolicy", "Policy.Read.All", SIGN_IN),
        ("/groupSettings", "GroupSettings.Read.All", DIRECTORY),
        ("/admin/sharepoint/settings", "SharePointTenantSettings.Read.All", DIRECTORY),
    ],
)
def test_a_policy_needs_its_permission(tenant: Tenant, path: str, permission: str, code: str) -> None:
    tenant.grant("reader", roles=[])
    refused = tenant.graph(f"/v1.0{path}")
    tenant.grant("reader", roles=[permission])

    assert (refused.status_code, tenant.graph(f"/v1.0{path}").status_code) == (403, 200)
    assert refused.json()["error"]["code"] == code
