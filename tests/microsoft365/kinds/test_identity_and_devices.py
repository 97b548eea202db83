"""Settings of the whole tenant for sessions, passwords and devices: what stays, what is not ours, what is only read."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from connectors.microsoft365.connection import Microsoft365
from connectors.microsoft365.kinds.compliance_settings import KIND as COMPLIANCE
from connectors.microsoft365.kinds.conditional_access_policy import KIND as ACCESS
from connectors.microsoft365.kinds.password_expiry import KIND as PASSWORDS
from connectors.microsoft365.kinds.security_defaults import KIND as DEFAULTS
from connectors.microsoft365.kinds.web_idle_timeout import KIND as TIMEOUT
from tests.cases import playbook, resource
from tests.door import Door
from tests.emulated import Tenant
from toolkit.errors import Rejected
from toolkit.sdk.endpoint import Everything, NamedOnly
from toolkit.sdk.resource import Remote

TIMEOUTS = "entra.activityBasedTimeoutPolicies"
_PORTAL = {"ApplicationId": "c44b4083-3bb0-49c1-b47d-974e53cbdf3c", "WebSessionIdleTimeout": "00:15:00"}


def ask_for(door: Door, kind: str, name: str, settings: Mapping[str, Any]) -> None:
    door.write("10-settings.yaml", playbook(resource(f"microsoft365.{kind}", name, settings)))


def timeout(*applications: Mapping[str, Any], **more: Any) -> Mapping[str, Any]:
    policy = {"ActivityBasedTimeoutPolicy": {"Version": 2, "ApplicationPolicies": list(applications)}}
    whole = {"id": "1", "displayName": "The trust's", "isOrganizationDefault": True, "definition": [json.dumps(policy)]}
    return {**whole, **more}


def default(tenant: Tenant, span: str, *others: Mapping[str, Any]) -> None:
    """Store an idle timeout that somebody made."""
    tenant.put(TIMEOUTS, "1", timeout({"ApplicationId": "default", "WebSessionIdleTimeout": span}, *others))


def test_what_an_idle_timeout_says_of_single_applications_stays(bare_door: Door) -> None:
    default(bare_door.tenant, "03:00:00", _PORTAL)
    ask_for(bare_door, "web_idle_timeout", "organisation", {"minutes": 45})

    answer = bare_door.toolkit("apply", "--yes")

    (policy,) = bare_door.tenant.objects(TIMEOUTS).values()
    assert answer.exit == 0, answer.out + answer.err
    assert json.loads(policy["definition"][0])["ActivityBasedTimeoutPolicy"] == {
        "Version": 2,
        "ApplicationPolicies": [{"ApplicationId": "default", "WebSessionIdleTimeout": "00:45:00"}, _PORTAL],
    }
    assert policy["displayName"] == "The trust's"


def test_an_idle_timeout_that_is_written_otherwise_is_the_same(bare_door: Door) -> None:
    default(bare_door.tenant, "1.00:00:00.0000000", _PORTAL)
    ask_for(bare_door, "web_idle_timeout", "organisation", {"minutes": 1440})

    assert bare_door.toolkit("plan").exit == 0


def test_an_idle_timeout_for_some_is_not_the_organisations(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.put(TIMEOUTS, "1", timeout(isOrganizationDefault=False))

    assert list(TIMEOUT.endpoint.read(connection, Everything())) == []


def test_an_idle_timeout_that_says_nothing_of_every_application_is_unset(
    connection: Microsoft365, tenant: Tenant
) -> None:
    tenant.put(TIMEOUTS, "1", timeout(_PORTAL))

    (seen,) = TIMEOUT.endpoint.read(connection, Everything())

    assert isinstance(seen, Remote)
    assert TIMEOUT.spec.observed(seen.body) == {"minutes": None, "managed_by": None}


def test_an_idle_timeout_that_cannot_be_understood_is_unknown(bare_door: Door) -> None:
    bare_door.tenant.put(TIMEOUTS, "1", timeout(definition=["no json"]))
    ask_for(bare_door, "web_idle_timeout", "organisation", {"minutes": 45})

    answer = bare_door.toolkit("plan")

    assert (answer.exit, "could not be understood" in answer.out + answer.err) == (4, True)


def test_an_idle_timeout_is_removed(connection: Microsoft365, tenant: Tenant) -> None:
    default(tenant, "03:00:00")
    (seen,) = TIMEOUT.endpoint.read(connection, Everything())
    assert isinstance(seen, Remote)

    TIMEOUT.endpoint.delete(connection, seen)

    assert tenant.objects(TIMEOUTS) == {}


def test_both_periods_of_a_password_are_sent_together(bare_door: Door) -> None:
    bare_door.tenant.patch("domains", bare_door.tenant.domain, passwordNotificationWindowInDays=21)
    ask_for(bare_door, "password_expiry", bare_door.tenant.domain, {"valid_for_days": 365})

    bare_door.toolkit("apply", "--yes")

    stored = bare_door.tenant.objects("domains")[bare_door.tenant.domain]
    assert (stored["passwordValidityPeriodInDays"], stored["passwordNotificationWindowInDays"]) == (365, 21)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"authenticationType": "Federated"}, "sign in at another service"),
        ({"isRoot": False}, "a subdomain of another domain"),
    ],
)
def test_a_domain_whose_passwords_are_kept_elsewhere_is_not_checked(
    bare_door: Door, changes: Mapping[str, Any], reason: str
) -> None:
    tenant = bare_door.tenant
    tenant.patch("domains", tenant.domain, **changes)
    ask_for(bare_door, "password_expiry", tenant.domain, {"valid_for_days": "never"})
    asked = bare_door.toolkit("plan")
    ask_for(bare_door, "password_expiry", tenant.initial_domain, {"valid_for_days": "never"})
    other = bare_door.toolkit("plan")
    ask_for(bare_door, "password_expiry", "*", {"valid_for_days": "never"})
    every = bare_door.toolkit("plan")

    assert (asked.exit, other.exit, every.exit) == (4, 0, 0)
    assert reason in asked.out + asked.err


def test_a_domain_that_is_not_the_tenants_is_refused(bare_door: Door) -> None:
    ask_for(bare_door, "password_expiry", "nobody.example", {"valid_for_days": "never"})

    assert bare_door.toolkit("plan").exit == 5


@pytest.mark.parametrize("name", ["School.example", "https://school.example", "example"])
def test_a_name_that_is_no_domain_is_refused(name: str) -> None:
    assert "is not a domain" in str(PASSWORDS.names.check(name))


def test_settings_of_intune_that_a_playbook_does_not_speak_of_are_sent_as_they_are(
    connection: Microsoft365, tenant: Tenant
) -> None:
    (before,) = COMPLIANCE.endpoint.read(connection, Everything())
    assert isinstance(before, Remote)

    COMPLIANCE.endpoint.update(connection, before, "organisation", {"secureByDefault": True})

    stored = tenant.objects("intune.deviceManagement")["settings"]
    assert (stored["secureByDefault"], stored["deviceComplianceCheckinThresholdDays"]) == (True, 30)
    assert stored["isScheduledActionEnabled"] is True


@pytest.mark.parametrize("kind", [ACCESS, DEFAULTS, COMPLIANCE, PASSWORDS], ids=lambda kind: kind.name)
def test_what_is_read_alone_or_there_already_is_neither_made_nor_removed(kind: Any, connection: Microsoft365) -> None:
    with pytest.raises(Rejected):
        kind.endpoint.create(connection, "Mine", {})
    with pytest.raises(Rejected):
        kind.endpoint.delete(connection, Remote("1", "Mine", {}))

    assert connection.requests() == 0


@pytest.mark.parametrize("kind", [ACCESS, DEFAULTS], ids=lambda kind: kind.name)
def test_what_can_lock_everybody_out_is_never_changed(kind: Any, connection: Microsoft365) -> None:
    with pytest.raises(Rejected, match=r"can lock everyone out. Change (it|them) in the Entra admin centre"):
        kind.endpoint.update(connection, Remote("1", "Mine", {}), "Mine", {})

    assert connection.requests() == 0


def test_policies_of_conditional_access_are_read_in_words_and_numbers(connection: Microsoft365) -> None:
    (seen,) = ACCESS.endpoint.read(connection, NamedOnly(frozenset({"Block legacy authentication"})))

    assert isinstance(seen, Remote)
    shown = {name: value for name, value in ACCESS.spec.observed(seen.body).items() if value is not None}
    assert len(str(shown.pop("excluded_fingerprint"))) == 12
    assert shown == {
        "state": "enabledForReportingButNotEnforced",
        "included": ("all",),
        "excluded": ("1 user",),
        "apps": ("all",),
        "client_apps": ("exchangeactivesync", "other"),
        "grant_controls": ("block",),
    }


@pytest.mark.parametrize(
    ("body", "setting", "shown"),
    [
        ({"conditions": {"users": {"includeUsers": ["a", "b"], "includeGroups": ["c"]}}}, "included",
         ("1 group", "2 users")),
        ({"conditions": {"users": {"excludeGuestsOrExternalUsers": {"guestOrExternalUserTypes": "internalGuest"}}}},
         "excluded", ("guestsorexternalusers",)),
        ({"grantControls": {"operator": "OR", "builtInControls": ["mfa", "compliantDevice"]}}, "grant_controls",
         ("compliantdevice", "mfa")),
        ({"grantControls": {"operator": "AND", "builtInControls": ["mfa"], "authenticationStrength": {"id": "1"},
                            "termsOfUse": ["1"], "customAuthenticationFactors": ["1"]}},
         "grant_controls", ("all of them", "authentication strength", "custom control", "mfa", "terms of use")),
        ({"sessionControls": {"signInFrequency": {"isEnabled": True, "frequencyInterval": "everyTime"}}},
         "sign_in_frequency", "every time"),
        ({"sessionControls": {"signInFrequency": {"isEnabled": False, "value": 1, "type": "days"}}},
         "sign_in_frequency", None),
    ],
)  # fmt: skip
def test_what_a_policy_of_conditional_access_shows(body: Mapping[str, Any], setting: str, shown: object) -> None:
    assert ACCESS.spec.observed(body)[setting] == shown


def test_a_policy_of_conditional_access_that_is_not_there_is_told_and_not_made(bare_door: Door) -> None:
    ask_for(bare_door, "conditional_access_policy", "Require MFA for all", {"grant_controls": ["mfa"]})

    drift = bare_door.toolkit("drift")

    assert (drift.exit, "Require MFA for all" in drift.out) == (3, True)
    assert bare_door.toolkit("apply", "--yes").exit == 0
