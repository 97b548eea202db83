"""The control plane's effective settings: the accounts that it refuses, and the layers that it names."""

from urllib.parse import quote

from tests.emulated import Tenant


def test_an_unknown_account_and_an_unknown_tenant_are_refused(tenant: Tenant) -> None:
    path = f"/effective/{quote('amara.ashdown@example-primary.example')}"

    assert tenant.emulator.ask("GET", f"/effective/nobody?tenant_id={tenant.tenant_id}").status_code == 404
    assert tenant.emulator.ask("GET", f"{path}?tenant_id=none").status_code == 404
    assert tenant.emulator.ask("GET", f"{path}?tenant_id={tenant.tenant_id}").ok


def test_a_setting_names_the_unit_that_decides(tenant: Tenant) -> None:
    path = f"/effective/{quote('amara.ashdown@example-primary.example')}?tenant_id={tenant.tenant_id}"
    settings = tenant.emulator.control("GET", path)["clouds"]["google_workspace"]

    (sites,) = [row for row in settings if row["key"] == "chrome.users.UrlBlocking"]
    assert (sites["outcome"], sites["winners"], sites["losers"]) == ("value", ["/"], [])
