"""Who changed what: every write is attributed, through the wire to who signed in, by hand to whom the test names."""

from typing import Any

from tests.emulated import Tenant
from tests.schools import twenty_people

pytestmark = twenty_people

POLICIES = "exchange.outboundSpamPolicies"


def _invoked(tenant: Tenant, cmdlet: str, application: str = "writer", **parameters: object) -> Any:
    body = {"CmdletInput": {"CmdletName": cmdlet, "Parameters": parameters}}
    return tenant.exchange(f"/adminapi/beta/{tenant.tenant_id}/InvokeCommand", application=application, body=body)


def test_a_write_is_noted_once_with_who_did_it_and_a_read_or_a_write_that_changes_nothing_is_not(
    tenant: Tenant,
) -> None:
    assert _invoked(tenant, "Get-HostedOutboundSpamFilterPolicy").ok
    for _ in range(2):
        assert _invoked(tenant, "Set-HostedOutboundSpamFilterPolicy", Identity="Default", AutoForwardingMode="On").ok

    (event,) = tenant.objects("audit.events").values()

    assert event["operation"] == "Set-HostedOutboundSpamFilterPolicy"
    assert (event["doer"]["name"], event["doer"]["person"]) == ("toolkit writer", False)
    assert [(thing["collection"], thing["name"]) for thing in event["things"]] == [(POLICIES, "Default")]


def test_the_unified_log_tells_of_edits_by_hand_newest_first_within_its_dates(tenant: Tenant) -> None:
    (key,) = [key for key, body in tenant.objects(POLICIES).items() if body["Name"] == "Default"]
    tenant.patch(POLICIES, key, AutoForwardingMode="On")
    tenant.set_now("2026-11-11T09:00:00Z")
    tenant.patch_by("Other Tool", POLICIES, key, AutoForwardingMode="Off")
    asked = {"StartDate": "2026-11-10T00:00:00Z", "RecordType": "ExchangeAdmin", "ResultSize": 10}

    both = _invoked(tenant, "Search-UnifiedAuditLog", "reader", EndDate="2026-11-12T00:00:00Z", **asked)
    first = _invoked(tenant, "Search-UnifiedAuditLog", "reader", EndDate="2026-11-11T00:00:00Z", **asked)

    tenant.grant("reader", directory_roles=["Global Reader"])
    refused = _invoked(tenant, "Search-UnifiedAuditLog", "reader", EndDate="2026-11-12T00:00:00Z", **asked)

    assert refused.status_code == 403  # it takes a role group of Exchange
    assert [row["Operations"] for row in both.json()["value"]] == ["Set-HostedOutboundSpamFilterPolicy"] * 2
    tool, technician = (row["UserIds"] for row in both.json()["value"])
    assert technician == f"it.support@{tenant.domain}"
    assert [row["UserIds"] for row in first.json()["value"]] == [technician]
    names = tenant.graph(f"/v1.0/servicePrincipals?$filter=appId in ('{tool}')").json()["value"]
    assert [one["displayName"] for one in names] == ["Other Tool"]
