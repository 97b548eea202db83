"""The report on who has registered a second factor: page by page, for whoever may see it and has the licence."""

from tests.emulated import Tenant
from tests.schools import twenty_people

pytestmark = twenty_people

REPORT = "/v1.0/reports/authenticationMethods/userRegistrationDetails"


def test_every_account_has_a_row_and_pages_follow_each_other(tenant: Tenant) -> None:
    first = tenant.graph(f"{REPORT}?$top=5&$select=id,isMfaCapable,isAdmin").json()
    whole = tenant.graph(REPORT).json()["value"]
    someone = whole[0]["id"]
    tenant.patch("entra.registrations", someone, allowed=False)
    after = tenant.graph(f"{REPORT}?$filter=isMfaRegistered eq true").json()["value"]

    assert len(first["value"]) == 5
    assert first["@odata.nextLink"]
    assert set(first["value"][0]) == {"id", "isMfaCapable", "isAdmin"}
    assert {row["id"] for row in whole} == set(tenant.objects("users"))
    assert sum(row["isMfaCapable"] for row in whole) == 3  # the staff
    assert [row["userPrincipalName"].partition("@")[0] for row in whole if row["isAdmin"]] == [
        "amara.ashdown",
        "breakglass",
        "sync_server",
    ]
    assert {row["id"]: row["isMfaCapable"] for row in after}[someone] is False


def test_without_the_permission_or_the_licence_it_is_refused_in_graphs_words(tenant: Tenant) -> None:
    tenant.patch("organization", tenant.tenant_id, assignedPlans=[])
    unlicensed = tenant.graph(REPORT)
    tenant.grant("reader", roles=["Reports.Read.All"])
    forbidden = tenant.graph(REPORT)

    assert (unlicensed.status_code, forbidden.status_code) == (403, 403)
    assert unlicensed.json()["error"]["code"] == "Authentication_RequestFromNonPremiumTenantOrB2CTenant"
    assert forbidden.json()["error"]["code"] == "Authentication_MSGraphPermissionMissing"
