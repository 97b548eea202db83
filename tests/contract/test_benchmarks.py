"""What outside benchmarks look for is met on the emulated tenants by the playbooks of tests/samples/benchmarks."""

from pathlib import Path

from tests.door import SAMPLES, Door

BENCHMARKS = Path(__file__).parents[1] / "samples" / "benchmarks"
PACKS = Path(__file__).parents[2] / "toolkit" / "starter"


def _bind(door: Door) -> None:
    """Put the benchmarks' playbooks in the place of the school's, with their own school file."""
    for path in BENCHMARKS.glob("*.yaml"):
        text = path.read_text().replace("tenant_id: emulated", f"tenant_id: {door.tenant.tenant_id}")
        door.write(path.name, text.replace("customer_id: emulated", f"customer_id: {door.tenant.customer_id}"))


def _one(door: Door, collection: str, name: str = "") -> dict[str, object]:
    rows = door.tenant.objects(collection).values()
    (row,) = [row for row in rows if not name or row.get("Name") == name]
    return row


def test_the_benchmarks_are_met_and_a_second_apply_finds_nothing_to_do(bare_door: Door) -> None:
    _bind(bare_door)

    first, again = bare_door.toolkit("apply", "--yes"), bare_door.toolkit("apply", "--yes", "--json")
    drift, checked = bare_door.toolkit("drift"), bare_door.toolkit("check", "--only", "mail.authentication")

    assert (first.exit, again.exit, drift.exit, checked.exit) == (0, 0, 0, 0), first.out + first.err
    assert again.json["changes"] == []
    organisation = _one(bare_door, "exchange.organizationConfig")
    outbound = _one(bare_door, "exchange.outboundSpamPolicies", "Default")
    malware = _one(bare_door, "exchange.malwareFilterPolicies", "Default")
    spam = _one(bare_door, "exchange.contentFilterPolicies", "Default")
    phishing = _one(bare_door, "exchange.antiPhishPolicies", "Office365 AntiPhish Default")
    signing = _one(bare_door, "exchange.dkimSigningConfigs", bare_door.tenant.domain)
    held = {
        "CIS 1.3.6": organisation["CustomerLockboxEnabled"] is True,
        "CIS 2.1.3": malware["EnableInternalSenderAdminNotifications"] is True,
        "CIS 2.1.6": outbound["NotifyOutboundSpam"] and outbound["BccSuspiciousOutboundMail"],
        "CIS 2.1.7": phishing["EnableSpoofIntelligence"] and phishing["EnableFirstContactSafetyTips"],
        "CIS 2.1.9": signing["Enabled"] is True,
        "CIS 2.1.15": outbound["RecipientLimitExternalPerHour"] == 400,
        "CIS 6.1.1": organisation["AuditDisabled"] is False,
        "CIS 6.2.1": outbound["AutoForwardingMode"] == "Off",
        "CIS 6.2.3": _one(bare_door, "exchange.externalInOutlook")["Enabled"] is True,
        "CIS 6.5.2": organisation["MailTipsExternalRecipientsTipsEnabled"] is True,
        "CIS 6.5.3": _one(bare_door, "exchange.owaMailboxPolicies")["AdditionalStorageProvidersAvailable"] is False,
        "CIS 6.5.4": _one(bare_door, "exchange.transportConfig")["SmtpClientAuthenticationDisabled"] is True,
        "CIS 6.5.5, direct send": organisation["RejectDirectSend"] is True,
        "CIS 7.2.3": _one(bare_door, "sharepoint.settings")["sharingCapability"] == "externalUserSharingOnly",
        "spam is taken back": spam["SpamZapEnabled"] and spam["PhishZapEnabled"],
        "Drive DLP": any(
            any("drive" in trigger for trigger in policy["setting"]["value"].get("triggers", ()))
            for policy in bare_door.tenant.objects("google.policies").values()
            if policy["setting"]["type"] == "settings/rule.dlp"
        ),
    }
    assert [name for name, met in held.items() if not met] == []


def test_no_folder_of_the_product_holds_the_benchmarks() -> None:
    """`apply playbooks/` reads every folder below it, and no starter pack may bring them to a school."""
    titles = [path.read_text().partition("title:")[2].partition("\n")[0] for path in BENCHMARKS.glob("[1-9]*.yaml")]
    product = "".join(path.read_text() for root in (SAMPLES, PACKS) for path in root.rglob("*.yaml"))

    assert len(titles) == 2
    assert not [title for title in titles if title in product]
