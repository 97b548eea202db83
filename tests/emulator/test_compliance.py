"""Security & Compliance: the region is found first, then retention policies are read and written there."""

from typing import Any, cast
from urllib.parse import urlsplit

import jwt
import pytest
from requests import Response

from tests.emulated import EXCHANGE, HANG, Tenant, trusting
from tests.emulator.exchange.asking import words

COMPLIANCE = "https://ps.compliance.protection.outlook.com"
HOST = "ps.compliance.protection.outlook.com"
REGION = f"eur01b.{HOST}"
POLICY, RULE = "RetentionCompliancePolicy", "RetentionComplianceRule"
HEAD = "amara.ashdown@example-primary.example"
ALL = [{"Name": "All", "DisplayName": "All"}]


def _banner(tenant: Tenant, audience: str = COMPLIANCE) -> Response:
    url = f"{tenant.emulator.url}/{HOST}/adminapi/beta/{tenant.tenant_id}/EXOBanner('AutogenSession')?Version=3.9.2"
    signed = {"Authorization": f"Bearer {tenant.token(audience)}"}
    return tenant.emulator.http.get(url, headers=signed, allow_redirects=False, timeout=HANG)


def _run(tenant: Tenant, cmdlet: str, *, host: str = REGION, application: str = "writer", **sent: object) -> Response:
    url = f"{tenant.emulator.url}/{host}/adminapi/beta/{tenant.tenant_id}/InvokeCommand"
    signed = {"Authorization": f"Bearer {tenant.token(COMPLIANCE, application)}"}
    body = {"CmdletInput": {"CmdletName": cmdlet, "Parameters": sent}}
    return tenant.emulator.http.post(url, json=body, headers=signed, timeout=HANG)


def _rows(tenant: Tenant, cmdlet: str, **sent: object) -> list[dict[str, Any]]:
    answer = _run(tenant, cmdlet, **sent)  # type: ignore[arg-type]  # host and application are texts of their own
    assert answer.ok, answer.text
    return cast("list[dict[str, Any]]", answer.json()["value"])


def _refused(tenant: Tenant, cmdlet: str, **sent: object) -> str:
    answer = _run(tenant, cmdlet, **sent)  # type: ignore[arg-type]  # host and application are texts of their own
    assert answer.status_code == 400, f"{answer.status_code} {answer.text}"
    return words(answer)


def _detail(tenant: Tenant, name: str) -> dict[str, Any]:
    (row,) = _rows(tenant, f"Get-{POLICY}", Identity=name, DistributionDetail=True)
    return row


def _names(policy: dict[str, Any], place: str = "Exchange") -> list[str]:
    return [one["Name"] for one in policy[f"{place}Location"]]


def test_a_token_for_compliance_carries_its_audience_and_permission(tenant: Tenant) -> None:
    claims = jwt.decode(tenant.token(COMPLIANCE), options={"verify_signature": False})

    assert (claims["aud"], claims["roles"]) == (COMPLIANCE, ["Exchange.ManageAsApp"])


def test_the_banner_redirects_to_the_region(tenant: Tenant) -> None:
    answer = _banner(tenant)

    place = urlsplit(answer.headers["Location"])
    assert (answer.status_code, place.hostname) == (302, REGION)
    assert place.path == f"/adminapi/beta/{tenant.tenant_id}/EXOBanner('AutogenSession')"


def test_the_redirect_may_name_a_host_that_has_to_be_rewritten(tenant: Tenant) -> None:
    tenant.put("compliance.region", "region", {"host": "eur01b.admin.protection.outlook.com:446"})

    place = urlsplit(_banner(tenant).headers["Location"])

    assert (place.hostname, place.port) == ("eur01b.admin.protection.outlook.com", 446)


def test_a_token_for_exchange_is_no_good(tenant: Tenant) -> None:
    assert _banner(tenant, EXCHANGE).status_code == 401


def test_a_client_of_the_vendor_s_hosts_comes_through_the_proxy(tenant: Tenant) -> None:
    with trusting(tenant.emulator.ca_file) as http:
        http.proxies = {"https": str(tenant.emulator.proxy)}
        http.headers["Authorization"] = f"Bearer {tenant.token(COMPLIANCE)}"
        path = f"/adminapi/beta/{tenant.tenant_id}"
        banner = http.get(
            f"https://{HOST}{path}/EXOBanner('AutogenSession')?Version=3.9.2", allow_redirects=False, timeout=HANG
        )
        region = urlsplit(banner.headers["Location"]).hostname
        body = {"CmdletInput": {"CmdletName": f"Get-{POLICY}", "Parameters": {}}}
        answer = http.post(f"https://{region}{path}/InvokeCommand", json=body, timeout=HANG)

    assert [row["Name"] for row in answer.json()["value"]] == ["Staff mail 7 years"]


def test_the_host_that_all_know_runs_no_cmdlet(tenant: Tenant) -> None:
    assert _run(tenant, f"Get-{POLICY}", host=HOST).status_code == 501


def test_it_takes_a_directory_role_to_read_and_another_to_write(tenant: Tenant) -> None:
    read = _run(tenant, f"Get-{POLICY}", application="reader")
    written = _run(tenant, f"New-{POLICY}", application="reader", Name="Ours")
    tenant.grant("reader", directory_roles=["Exchange Administrator"])

    other = _run(tenant, f"Get-{POLICY}", application="reader")

    assert (read.status_code, written.status_code, other.status_code) == (200, 403, 403)


def test_somebody_s_policy_keeps_all_mail(tenant: Tenant) -> None:
    policy = _detail(tenant, "Staff mail 7 years")
    (rule,) = _rows(tenant, f"Get-{RULE}", Policy="Staff mail 7 years")

    assert [{key: one[key] for key in ("Name", "DisplayName")} for one in policy["ExchangeLocation"]] == ALL
    assert (policy["DistributionStatus"], policy["Enabled"], policy["RestrictiveRetention"]) == ("Success", True, False)
    assert (rule["RetentionDuration"], rule["RetentionComplianceAction"]) == ("2555", "Keep")
    assert rule["Policy"] == policy["Guid"]


def test_without_its_distribution_a_policy_shows_neither_place_nor_status(tenant: Tenant) -> None:
    (policy,) = _rows(tenant, f"Get-{POLICY}", Identity="Staff mail 7 years")

    assert (policy["ExchangeLocation"], policy["DistributionStatus"]) == ([], "Pending")


def test_a_policy_is_made_and_distributed_a_day_later(tenant: Tenant) -> None:
    _rows(tenant, f"New-{POLICY}", Name="Ours", ExchangeLocation=[HEAD, "office"], SharePointLocation="All")

    made = _detail(tenant, "Ours")
    tenant.set_now("2026-11-11T09:00:00+00:00")

    assert _names(made) == [HEAD, "office@example-primary.example"]
    assert _names(made, "SharePoint") == ["All"]
    assert (made["DistributionStatus"], _detail(tenant, "Ours")["DistributionStatus"]) == ("Pending", "Success")


def test_a_change_is_distributed_anew(tenant: Tenant) -> None:
    _rows(tenant, f"Set-{RULE}", Identity="Staff mail 7 years rule", RetentionDuration=3650)

    (rule,) = _rows(tenant, f"Get-{RULE}")

    assert rule["RetentionDuration"] == "3650"
    assert _detail(tenant, "Staff mail 7 years")["DistributionStatus"] == "Pending"


def test_locations_are_added_and_taken_away(tenant: Tenant) -> None:
    _rows(tenant, f"New-{POLICY}", Name="Ours", ExchangeLocation=[HEAD, "office"], Comment="As made")

    _rows(tenant, f"Set-{POLICY}", Identity="Ours", AddExchangeLocation="head", RemoveExchangeLocation=["office"])

    changed = _detail(tenant, "Ours")
    assert (_names(changed), changed["Comment"]) == ([HEAD, "head@example-primary.example"], "As made")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"ExchangeLocation": ["All", HEAD]}, "All can't be combined"),
        ({"ExchangeLocation": "All", "TeamsChatLocation": "All"}, "Teams locations can't be combined"),
        ({"SharePointLocation": "the office"}, "isn't the address of a site"),
        ({"Bogus": 1}, "Bogus"),
        ({"Name": "staff mail 7 YEARS"}, "already a compliance policy"),
    ],
)
def test_a_policy_that_does_not_fit_is_refused(tenant: Tenant, sent: dict[str, object], said: str) -> None:
    assert said in _refused(tenant, f"New-{POLICY}", **{"Name": "Ours", **sent})
    assert len(_rows(tenant, f"Get-{POLICY}")) == 1


def test_a_mailbox_that_nobody_has_is_not_found(tenant: Tenant) -> None:
    answer = _run(tenant, f"New-{POLICY}", Name="Ours", ExchangeLocation="nobody@example-primary.example")

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"ExchangeLocation": "All"}, "ExchangeLocation"),
        ({"AddExchangeLocation": HEAD}, "All can't be combined"),
        ({"AddTeamsChatLocation": "All"}, "Teams locations can't be combined"),
    ],
)
def test_a_change_that_does_not_fit_is_refused(tenant: Tenant, sent: dict[str, object], said: str) -> None:
    before = _detail(tenant, "Staff mail 7 years")

    assert said in _refused(tenant, f"Set-{POLICY}", Identity="Staff mail 7 years", **sent)
    assert _detail(tenant, "Staff mail 7 years") == before


def test_a_policy_has_one_rule(tenant: Tenant) -> None:
    _rows(tenant, f"New-{POLICY}", Name="Ours", ExchangeLocation="All")
    sent = {"Policy": "Ours", "RetentionComplianceAction": "KeepAndDelete", "RetentionDuration": "unlimited"}

    (rule,) = _rows(tenant, f"New-{RULE}", Name="Ours", **sent)

    assert (rule["RetentionDuration"], rule["RetentionComplianceAction"]) == ("Unlimited", "KeepAndDelete")
    assert "already has a rule" in _refused(tenant, f"New-{RULE}", Name="Another", **sent)


def test_a_rule_for_teams_counts_from_the_making(tenant: Tenant) -> None:
    _rows(tenant, f"New-{POLICY}", Name="Chats", TeamsChatLocation="All")
    sent = {"Policy": "Chats", "RetentionDuration": 30, "ExpirationDateOption": "ModificationAgeInDays"}

    assert "Teams" in _refused(tenant, f"New-{RULE}", **sent)


def test_a_policy_goes_with_its_rule(tenant: Tenant) -> None:
    _rows(tenant, f"Remove-{POLICY}", Identity="Staff mail 7 years")

    assert (_rows(tenant, f"Get-{POLICY}"), _rows(tenant, f"Get-{RULE}")) == ([], [])


def test_a_rehearsal_is_none_here(tenant: Tenant) -> None:
    _rows(tenant, f"Remove-{RULE}", Identity="Staff mail 7 years rule", WhatIf=True)

    assert _rows(tenant, f"Get-{RULE}") == []


def test_a_confirmation_that_is_asked_for_stops_the_cmdlet(tenant: Tenant) -> None:
    answer = _run(tenant, f"Remove-{POLICY}", Identity="Staff mail 7 years", Confirm=True)

    assert "@adminapi.confirmationmessage" in answer.json()
    assert len(_rows(tenant, f"Get-{POLICY}")) == 1


@pytest.mark.parametrize(
    ("cmdlet", "sent"),
    [
        (f"Set-{POLICY}", {"Identity": "Ours", "RestrictiveRetention": False}),
        (f"Set-{POLICY}", {"Identity": "Ours", "Enabled": False}),
        (f"Set-{POLICY}", {"Identity": "Ours", "RemoveExchangeLocation": HEAD}),
        (f"Remove-{POLICY}", {"Identity": "Ours"}),
        (f"Set-{RULE}", {"Identity": "Ours", "RetentionDuration": 29}),
        (f"Remove-{RULE}", {"Identity": "Ours"}),
    ],
)
def test_a_lock_is_never_taken_off(tenant: Tenant, cmdlet: str, sent: dict[str, object]) -> None:
    _rows(tenant, f"New-{POLICY}", Name="Ours", ExchangeLocation=HEAD)
    _rows(tenant, f"New-{RULE}", Name="Ours", Policy="Ours", RetentionDuration=30)
    _rows(tenant, f"Set-{POLICY}", Identity="Ours", RestrictiveRetention=True)
    before = (_detail(tenant, "Ours"), _rows(tenant, f"Get-{RULE}", Policy="Ours"))

    assert "Preservation Lock" in _refused(tenant, cmdlet, **sent)
    assert (_detail(tenant, "Ours"), _rows(tenant, f"Get-{RULE}", Policy="Ours")) == before


def test_a_locked_policy_may_keep_more(tenant: Tenant) -> None:
    _rows(tenant, f"New-{POLICY}", Name="Ours", ExchangeLocation=HEAD, RestrictiveRetention=True)
    _rows(tenant, f"New-{RULE}", Name="Ours", Policy="Ours", RetentionDuration=30)

    _rows(tenant, f"Set-{POLICY}", Identity="Ours", AddExchangeLocation="office")
    _rows(tenant, f"Set-{RULE}", Identity="Ours", RetentionDuration="Unlimited")

    assert _rows(tenant, f"Get-{RULE}", Policy="Ours")[0]["RetentionDuration"] == "Unlimited"
    assert len(_names(_detail(tenant, "Ours"))) == 2


def test_a_mailbox_shows_the_policy_that_names_it_once_it_is_distributed(tenant: Tenant) -> None:
    (policy,) = _rows(tenant, f"New-{POLICY}", Name="Ours", ExchangeLocation=HEAD)
    _rows(tenant, f"New-{RULE}", Policy="Ours", RetentionDuration=30)
    asked = {"CmdletInput": {"CmdletName": "Get-Mailbox", "Parameters": {"Identity": HEAD}}}
    path = f"/adminapi/beta/{tenant.tenant_id}/InvokeCommand"

    before = tenant.exchange(path, body=asked).json()["value"][0]["InPlaceHolds"]
    tenant.set_now("2026-11-11T09:00:00+00:00")
    after = tenant.exchange(path, body=asked).json()["value"][0]["InPlaceHolds"]

    assert (before, after) == ([], [f"mbx{policy['Guid'].replace('-', '')}:2"])


def test_a_mailbox_kept_by_a_policy_outlives_its_account(tenant: Tenant) -> None:
    asked = {"CmdletInput": {"CmdletName": "Get-Mailbox", "Parameters": {"InactiveMailboxOnly": True}}}
    path = f"/adminapi/beta/{tenant.tenant_id}/InvokeCommand"
    key = next(key for key, user in tenant.objects("users").items() if user["userPrincipalName"] == HEAD)

    tenant.delete("users", key)

    assert [row["PrimarySmtpAddress"] for row in tenant.exchange(path, body=asked).json()["value"]] == [HEAD]


def test_what_is_not_emulated_says_so_and_what_nobody_has_does_not(tenant: Tenant) -> None:
    assert _run(tenant, "New-ComplianceTag", Name="x").status_code == 501
    assert _run(tenant, "Get-Nonsense").status_code == 403


def test_faults_and_the_log_know_its_cmdlets(tenant: Tenant) -> None:
    tenant.fault("throttled", f"Get-{POLICY}", seconds=7)

    answer = _run(tenant, f"Get-{POLICY}")

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert tenant.operations() == [f"Get-{POLICY}"]
