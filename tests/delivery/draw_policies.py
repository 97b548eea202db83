"""Draws the settings of lists and groups, policies of Exchange, and rules of Gmail."""

from collections.abc import Sequence
from random import Random

from tests.delivery.draw_rules import WORDS, Values, some
from tests.delivery.people import LISTS, STAFF


def draw_stored(random: Random) -> list[Values]:
    """Return changes of lists and policies: about half of the sets have some."""
    lists = [
        {"collection": "exchange.lists", "where": {"PrimarySmtpAddress": address}, "change": change}
        for address, change in zip(random.sample(LISTS, 2), random.sample(_LIST_CHANGES, 2), strict=True)
    ]
    others = random.sample(_POLICY_CHANGES, random.randint(0, 3))
    return [*(lists if random.random() < 0.5 else ()), *others]


_LIST_CHANGES: Sequence[Values] = (
    {"ModerationEnabled": True, "ModeratedBy": ["beth.birchall"]},
    {
        "ModerationEnabled": True,
        "ModeratedBy": ["amara.ashdown", "beth.birchall"],
        "BypassModerationFromSendersOrMembers": ["leadership", "farah.fernley"],
        "RequireSenderAuthenticationEnabled": False,
    },
    {"AcceptMessagesOnlyFromSendersOrMembers": ["leadership", "gwen.greenhalgh"]},
    {"RequireSenderAuthenticationEnabled": False},
    {"BccBlocked": True},
)
_POLICY_CHANGES: Sequence[Values] = (
    {
        "collection": "exchange.malwareFilterPolicies",
        "where": {"Name": "Default"},
        "change": {"FileTypes": ["exe", "js"], "FileTypeAction": "Quarantine"},
    },
    {
        "collection": "exchange.connectionFilters",
        "where": {"Name": "Default"},
        "change": {"IPAllowList": ["192.0.2.210"], "IPBlockList": ["192.0.2.128/25"]},
    },
    {
        "collection": "exchange.externalInOutlook",
        "where": {"Enabled": False},
        "change": {"Enabled": True, "AllowList": ["mis.example"]},
    },
    {
        "collection": "exchange.organizationConfig",
        "where": {"RejectDirectSend": False},
        "change": {"RejectDirectSend": True},
    },
    {
        "collection": "exchange.outboundSpamPolicies",
        "where": {"Name": "Default"},
        "change": {"AutoForwardingMode": "On"},
    },
    {
        "collection": "exchange.remoteDomains",
        "where": {"DomainName": "*"},
        "change": {"AutoForwardEnabled": False, "AllowedOOFType": "None"},
    },
    {
        "collection": "exchange.contentFilterPolicies",
        "where": {"Name": "Default"},
        "change": {"HighConfidenceSpamAction": "Quarantine"},
    },
)


def draw_groups(random: Random) -> list[Values]:
    """Return changes of the settings of three groups."""
    return [
        {"collection": "google.groupSettings", "group": address, "change": change}
        for address, change in zip(random.sample(LISTS, 3), random.sample(_GROUP_CHANGES, 3), strict=True)
    ]


_GROUP_CHANGES: Sequence[Values] = (
    {"whoCanPostMessage": "ANYONE_CAN_POST", "messageModerationLevel": "MODERATE_NON_MEMBERS"},
    {"whoCanPostMessage": "ALL_MEMBERS_CAN_POST"},
    {"whoCanPostMessage": "ALL_MANAGERS_CAN_POST"},
    {"messageModerationLevel": "MODERATE_ALL_MESSAGES"},
    {"includeCustomFooter": "true", "customFooterText": "A list of the school."},
    {"archiveOnly": "true", "whoCanPostMessage": "NONE_CAN_POST"},
)


def draw_policies(random: Random) -> list[Values]:
    """Return Gmail's rules, with their states for the whole school and for one unit."""
    ids = ("w1", "p1", "b1", "l1")
    states = [{"ruleId": key, "enabled": random.random() < 0.8} for key in ids]
    below = [{"ruleId": random.choice(ids), "enabled": random.random() < 0.5}]
    directions = ("Inbound", "Outbound", "InternalSending", "InternalReceiving")
    affected = {f"affect{direction}Messages": random.random() < 0.5 for direction in directions}
    consequence = {"ruleConsequenceType": random.choice(("REJECT", "QUARANTINE", "MODIFY"))}
    words = {"ruleId": "w1", "description": "Words", "condition": affected, "consequence": consequence}
    programs = {
        "ruleId": "p1",
        "description": "Programs",
        "condition": {"affectInboundMessages": True},
        "matchExpressions": [{"fileType": {"category": "EXECUTABLE", "includeArchives": random.random() < 0.5}}],
        "consequence": {"ruleConsequenceType": "REJECT"},
    }
    listed = {"id": "l1", "name": "Senders", "blockedAddressList": {"address": [{"address": "shop.example"}]}}
    return [
        {
            "type": "gmail.objectionable_content",
            "value": {"objectionableContentRules": [{**words, "words": some(random, WORDS)}]},
        },
        {"type": "gmail.attachment_compliance", "value": {"attachmentComplianceRules": [programs]}},
        {"type": "gmail.email_address_lists", "value": {"emailAddressList": [listed]}},
        {
            "type": "gmail.blocked_sender_lists",
            "value": {"blockedSenders": [{"ruleId": "b1", "description": "Senders", "senderBlocklist": ["l1"]}]},
        },
        {"type": "gmail.rule_states", "value": {"ruleStates": states}},
        {"type": "gmail.rule_states", "unit": random.choice(("/Staff", "/Pupils")), "value": {"ruleStates": below}},
        {"type": "rule.dlp", "unit": random.choice(("/", "/Staff", "/Pupils")), "value": _draw_protection(random)},
    ]


def _draw_protection(random: Random) -> Values:
    word = random.choice(WORDS)
    condition = random.choice(
        (
            f"all_content.contains_word('{word}')",
            f"subject.contains('{word}') || body.contains('case')",
            f"all_content.contains('{word}') && !all_headers.contains('{STAFF[0]}')",
        )
    )
    action = random.choice(("blockContent", "warnUser", "auditOnly"))
    reach = random.choice(({"applyExternalMessages": True}, {"applyInternalMessages": True}, {}))
    return {
        "displayName": "Watched words",
        "state": random.choice(("ACTIVE", "ACTIVE", "ACTIVE", "INACTIVE")),
        "triggers": [f"google.workspace.gmail.email.v1.{random.choice(('send', 'receive'))}"],
        "condition": {"contentCondition": condition},
        "action": {"gmailAction": {action: {"actionParams": reach} if reach else {}}},
    }
