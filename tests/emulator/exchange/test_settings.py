"""The settings beside transport rules: outbound spam, malware, remote domains, Outlook's tag, the organisation."""

from typing import Any

import pytest

from tests.emulator.exchange.asking import Exchange

SPAM = "HostedOutboundSpamFilterPolicy"
CHANGE = {"@odata.type": "#Exchange.GenericHashTable"}


def test_a_new_tenant_forwards_mail(exchange: Exchange) -> None:
    policies = {row["Name"]: row["AutoForwardingMode"] for row in exchange.rows(f"Get-{SPAM}")}
    domains = {row["Name"]: (row["DomainName"], row["AutoForwardEnabled"]) for row in exchange.rows("Get-RemoteDomain")}

    assert policies == {"Default": "Automatic", "Trips coordinators": "On"}
    assert domains == {"Default": ("*", True), "Local authority": ("local-authority.example", True)}


def test_a_new_tenant_blocks_the_usual_types_and_tags_nothing(exchange: Exchange) -> None:
    policy = exchange.one("Get-MalwareFilterPolicy")
    tag = exchange.one("Get-ExternalInOutlook")

    assert (len(policy["FileTypes"]), policy["EnableFileFilter"], policy["FileTypeAction"]) == (53, True, "Reject")
    assert (tag["Enabled"], tag["AllowList"]) == (False, [])


def test_the_organisation_knows_its_tenant_and_domains(exchange: Exchange) -> None:
    organization = exchange.one("Get-OrganizationConfig")
    domains = [(row["DomainName"], row["Default"]) for row in exchange.rows("Get-AcceptedDomain")]

    assert organization["ExternalDirectoryOrganizationId"] == exchange.tenant.tenant_id
    assert organization["DisplayName"] == "Example Primary School"
    assert organization["IsDehydrated"] is False
    assert domains == [(exchange.tenant.domain, True), (exchange.tenant.initial_domain, False)]


@pytest.mark.parametrize(
    ("noun", "sent", "more"),
    [
        (SPAM, {"AutoForwardingMode": "off"}, {"AutoForwardingMode": "Off"}),
        (SPAM, {"RecipientLimitPerDay": 500}, {}),
        (SPAM, {"NotifyOutboundSpamRecipients": "a@b.example"}, {"NotifyOutboundSpamRecipients": ["a@b.example"]}),
        (SPAM, {"NotifyOutboundSpamRecipients": None}, {"NotifyOutboundSpamRecipients": []}),
        ("RemoteDomain", {"AutoForwardEnabled": False}, {}),
        ("RemoteDomain", {"AllowedOOFType": "InternalLegacy"}, {"IsInternal": True}),
        ("RemoteDomain", {"LineWrapSize": 77}, {"LineWrapSize": "77"}),
        ("RemoteDomain", {"LineWrapSize": "unlimited"}, {"LineWrapSize": "Unlimited"}),
        ("RemoteDomain", {"CharacterSet": None, "TNEFEnabled": False}, {}),
        ("RemoteDomain", {"Name": "Everywhere"}, {"Identity": "Everywhere", "Id": "Everywhere"}),
        ("MalwareFilterPolicy", {"FileTypes": ["exe", "vbe"]}, {}),
        ("MalwareFilterPolicy", {"FileTypeAction": "Quarantine", "ZapEnabled": False}, {}),
        ("MalwareFilterPolicy", {"IsPolicyOverrideApplied": True}, {"IsPolicyOverrideApplied": False}),
    ],
)
def test_a_setting_is_changed(exchange: Exchange, noun: str, sent: dict[str, Any], more: dict[str, Any]) -> None:
    """Change what is named Default, and see what was sent or what the service made of it, and nothing else."""
    shown = {**sent, **more}
    before = exchange.one(f"Get-{noun}", Identity="Default")

    assert exchange.rows(f"Set-{noun}", Identity="DEFAULT", **sent) == []

    after = exchange.one(f"Get-{noun}", Identity=before["Guid"])
    assert {name: after[name] for name in shown} == shown
    assert {name for name in after if "@" not in name and after[name] != before[name]} <= shown.keys()


def test_a_domain_that_is_no_longer_internal_gets_other_replies(exchange: Exchange) -> None:
    exchange.rows("Set-RemoteDomain", Identity="Default", IsInternal=True)
    exchange.rows("Set-RemoteDomain", Identity="Default", IsInternal=False)

    assert exchange.one("Get-RemoteDomain", Identity="Default")["AllowedOOFType"] == "ExternalLegacy"


@pytest.mark.parametrize(
    ("noun", "identity", "sent", "said"),
    [
        (SPAM, "Default", {"AutoForwardingMode": "Never"}, "Automatic, Off, On"),
        (SPAM, "Default", {"AutoForwardingMode": None}, "null"),
        (SPAM, "Default", {"RecipientLimitPerDay": 10_001}, "0 to 10000"),
        (SPAM, "Default", {"NotifyOutboundSpamRecipients": ["nobody"]}, "not a mail address"),
        (SPAM, "Default", {"Name": "Ours"}, "Name"),
        ("RemoteDomain", "Default", {"ContentType": "Html"}, "MimeHtmlText, MimeText, MimeHtml"),
        ("RemoteDomain", "Default", {"LineWrapSize": 133}, "0 to 132"),
        ("RemoteDomain", "Default", {"CharacterSet": "klingon"}, "windows-1252"),
        ("RemoteDomain", "Default", {"Name": "local authority"}, "already exists"),
        ("RemoteDomain", "Default", {"DomainName": "x"}, "DomainName"),
        ("RemoteDomain", "Default", {"AutoForwardEnabled": "false"}, "Boolean"),
        ("MalwareFilterPolicy", "Default", {"FileTypeAction": "Delete"}, "Quarantine, Reject"),
        ("MalwareFilterPolicy", "Default", {"FileTypes": {**CHANGE, "add": ["vbe"]}}, "String"),
        ("MalwareFilterPolicy", "Default", {"Action": "DeleteMessage"}, "Action"),
    ],
)
def test_a_setting_that_does_not_fit_is_refused(
    exchange: Exchange, noun: str, identity: str, sent: dict[str, Any], said: str
) -> None:
    before = exchange.rows(f"Get-{noun}")

    assert said in exchange.refused(f"Set-{noun}", Identity=identity, **sent)
    assert exchange.rows(f"Get-{noun}") == before


def test_the_allow_list_of_the_tag_can_be_changed_in_part(exchange: Exchange) -> None:
    exchange.rows("Set-ExternalInOutlook", Enabled=True, AllowList=["a.example", "b.example"])
    exchange.rows(
        "Set-ExternalInOutlook", AllowList={**CHANGE, "add": ["c.example", "B.example"], "remove": ["A.EXAMPLE"]}
    )

    tag = exchange.one("Get-ExternalInOutlook")

    assert (tag["Enabled"], tag["AllowList"]) == (True, ["b.example", "c.example"])
    assert tag["Identity"] == exchange.one("Get-OrganizationConfig")["Guid"]


@pytest.mark.parametrize("entries", [[f"{number}.example" for number in range(201)], ["x" * 8200]])
def test_the_allow_list_of_the_tag_has_an_end(exchange: Exchange, entries: list[str]) -> None:
    assert "200 entries" in exchange.refused("Set-ExternalInOutlook", AllowList=entries)


def test_the_tag_knows_no_rehearsal(exchange: Exchange) -> None:
    assert "WhatIf" in exchange.refused("Set-ExternalInOutlook", Enabled=True, WhatIf=True)


def test_common_parameters_of_powershell_change_nothing(exchange: Exchange) -> None:
    assert len(exchange.rows("Get-RemoteDomain", ErrorAction="Stop", Verbose=True)) == 2
