"""Draws mail flow rules: parameters of New-TransportRule."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, TypeAlias

from tests.delivery.people import AUTHORITY, DOMAIN, LISTS, OUTSIDE, PUPILS, SHARED, STAFF, at_school

Values: TypeAlias = dict[str, Any]
_Draw: TypeAlias = Callable[[Random], Values]
WORDS = ("invoice", "trip", "newsletter", "urgent", "payment", "photo", "exam", "lunch", "confidential", "Year 6")
PATTERNS = (r"\bcase \d{4}\b", r"^re:", r"invoice|payment", r"\d{3}-\d{2}", r"urgent!+$")
_DOMAINS = ("home.example", "mis.example", "shop.example", "local-authority.example", DOMAIN)
EXTENSIONS = ("exe", "js", "docm", "iso", "zip", "pdf", "docx", "jpg")
_RANGES = ("192.0.2.0/25", "192.0.2.200-192.0.2.220", "203.0.113.24")
_ADDRESSES = (*STAFF[:4], *PUPILS[:3], SHARED[0], *OUTSIDE[:3], AUTHORITY)
TYPES = ("OOF", "AutoForward", "Calendaring", "Signed", "Encrypted", "PermissionControlled", "ReadReceipt")


def some(random: Random, values: Sequence[str], most: int = 3) -> list[str]:
    """Return up to `most` of the values."""
    return random.sample(values, random.randint(1, min(most, len(values))))


def _draw_some(name: str, values: Sequence[str], most: int = 3) -> _Draw:
    return lambda random: {name: some(random, values, most)}


def _draw_pair(first: str, names: Sequence[str], second: str, values: Sequence[str]) -> _Draw:
    return lambda random: {first: random.choice(names), second: some(random, values)}


def _draw_one(name: str, values: Sequence[object]) -> _Draw:
    return lambda random: {name: random.choice(values)}


DECIDED_DRAWS: Mapping[str, _Draw] = {
    "From": _draw_some("From", _ADDRESSES),
    "FromMemberOf": _draw_some("FromMemberOf", LISTS, 2),
    "FromScope": _draw_one("FromScope", ("InOrganization", "NotInOrganization")),
    "FromAddressContainsWords": _draw_some("FromAddressContainsWords", ("parent", "mis.example", "amara", "news")),
    "FromAddressMatchesPatterns": _draw_some("FromAddressMatchesPatterns", (r"^parent\d*@", r"@shop\.example$", r"\.")),
    "SenderDomainIs": _draw_some("SenderDomainIs", _DOMAINS),
    "SenderIpRanges": _draw_some("SenderIpRanges", _RANGES),
    "SentTo": _draw_some("SentTo", _ADDRESSES),
    "SentToMemberOf": _draw_some("SentToMemberOf", LISTS, 2),
    "SentToScope": _draw_one("SentToScope", ("InOrganization", "NotInOrganization")),
    "RecipientAddressContainsWords": _draw_some("RecipientAddressContainsWords", ("office", "beth", DOMAIN, "home")),
    "RecipientAddressMatchesPatterns": _draw_some(
        "RecipientAddressMatchesPatterns", (r"^a", r"\.example$", r"^office@")
    ),
    "RecipientDomainIs": _draw_some("RecipientDomainIs", _DOMAINS),
    "AnyOfToHeader": _draw_some("AnyOfToHeader", (*_ADDRESSES[:6], *LISTS)),
    "AnyOfToHeaderMemberOf": _draw_some("AnyOfToHeaderMemberOf", LISTS, 2),
    "AnyOfCcHeader": _draw_some("AnyOfCcHeader", (*_ADDRESSES[:6], *LISTS)),
    "AnyOfCcHeaderMemberOf": _draw_some("AnyOfCcHeaderMemberOf", LISTS, 2),
    "AnyOfToCcHeader": _draw_some("AnyOfToCcHeader", (*_ADDRESSES[:6], *LISTS)),
    "AnyOfToCcHeaderMemberOf": _draw_some("AnyOfToCcHeaderMemberOf", LISTS, 2),
    "AnyOfRecipientAddressContainsWords": _draw_some("AnyOfRecipientAddressContainsWords", ("office", "keira", "home")),
    "AnyOfRecipientAddressMatchesPatterns": _draw_some(
        "AnyOfRecipientAddressMatchesPatterns", (r"^v", r"@shop\.example$")
    ),
    "BetweenMemberOf1": lambda random: {
        "BetweenMemberOf1": some(random, LISTS, 1),
        "BetweenMemberOf2": some(random, LISTS, 1),
    },
    "ManagerAddresses": lambda random: {
        "ManagerAddresses": some(random, STAFF[:3]),
        "ManagerForEvaluatedUser": random.choice(("Sender", "Recipient")),
    },
    "SenderManagementRelationship": _draw_one("SenderManagementRelationship", ("Manager", "DirectReport")),
    "SubjectContainsWords": _draw_some("SubjectContainsWords", WORDS),
    "SubjectMatchesPatterns": _draw_some("SubjectMatchesPatterns", PATTERNS),
    "SubjectOrBodyContainsWords": _draw_some("SubjectOrBodyContainsWords", WORDS),
    "SubjectOrBodyMatchesPatterns": _draw_some("SubjectOrBodyMatchesPatterns", PATTERNS),
    "HeaderContainsWords": _draw_pair(
        "HeaderContainsMessageHeader",
        ("X-Mailer", "X-Mark", "From", "To"),
        "HeaderContainsWords",
        ("MIS", "bulk", "parent"),
    ),
    "HeaderMatchesPatterns": _draw_pair(
        "HeaderMatchesMessageHeader", ("X-Mailer", "X-Mark", "Subject"), "HeaderMatchesPatterns", (r".", r"^MIS \d")
    ),
    "AttachmentExtensionMatchesWords": _draw_some("AttachmentExtensionMatchesWords", EXTENSIONS),
    "AttachmentNameMatchesPatterns": _draw_some(
        "AttachmentNameMatchesPatterns", (r"^form", r"\.(js|exe)$", r"invoice")
    ),
    "AttachmentContainsWords": _draw_some("AttachmentContainsWords", WORDS),
    "AttachmentMatchesPatterns": _draw_some("AttachmentMatchesPatterns", PATTERNS),
    "AttachmentHasExecutableContent": _draw_one("AttachmentHasExecutableContent", (True,)),
    "AttachmentIsPasswordProtected": _draw_one("AttachmentIsPasswordProtected", (True,)),
    "AttachmentSizeOver": _draw_one("AttachmentSizeOver", ("10 MB", "100 KB", "1 B")),
    "MessageSizeOver": _draw_one("MessageSizeOver", ("20 MB", "200 KB", "5 KB")),
    "MessageTypeMatches": _draw_one("MessageTypeMatches", TYPES),
    "WithImportance": _draw_one("WithImportance", ("Low", "Normal", "High")),
}
_OTHER_DRAWS: Sequence[_Draw] = (
    _draw_one("SCLOver", (0, 5, 7, 9)),
    _draw_one("AttachmentIsUnsupported", (True,)),
    _draw_one("AttachmentProcessingLimitExceeded", (True,)),
    _draw_some("AttachmentPropertyContainsWords", ("Business Impact:High",)),
    _draw_some("ContentCharacterSetContainsWords", ("big5", "koi8-r")),
    _draw_one("HasNoClassification", (True,)),
    _draw_some("RecipientADAttributeContainsWords", ("Department:Year 6", "Title:Teacher")),
    _draw_some("SenderADAttributeMatchesPatterns", ("Title:^Teach",)),
    lambda random: {
        "ADComparisonAttribute": "Department",
        "ADComparisonOperator": random.choice(("Equal", "NotEqual")),
    },
)

_ENDING: Sequence[_Draw] = (
    _draw_one("RejectMessageReasonText", ("Not allowed here.", "Please ask the school office.")),
    lambda _random: {"RejectMessageEnhancedStatusCode": "5.7.900"},
    lambda _random: {"DeleteMessage": True},
    lambda _random: {"Quarantine": True},
    _draw_some("RedirectMessageTo", (STAFF[0], SHARED[0])),
    _draw_some("ModerateMessageByUser", STAFF[:3]),
)
_CHANGING: Sequence[_Draw] = (
    _draw_one("PrependSubject", ("[External] ", "urgent ", "[School] ")),
    lambda random: {"SetHeaderName": "X-Mark", "SetHeaderValue": random.choice(("bulk", "MIS 7"))},
    _draw_one("SetSCL", (-1, 0, 6, 9)),
    lambda random: {
        "ApplyHtmlDisclaimerText": "<p>Sent by the school.</p>",
        "ApplyHtmlDisclaimerFallbackAction": random.choice(("Wrap", "Ignore", "Reject")),
    },
    _draw_some("BlindCopyTo", (STAFF[1], AUTHORITY), 1),
    lambda _random: {"ModerateMessageByManager": True},
)
REAL_RULES: Sequence[Values] = (
    {"Name": "Outside mail is marked", "FromScope": "NotInOrganization", "PrependSubject": "[External]"},
    {
        "Name": "Mail in the school's name from outside",
        "FromScope": "NotInOrganization",
        "SenderDomainIs": [DOMAIN],
        "RejectMessageReasonText": "Blocked, because the sender is not in the school.",
    },
    {
        "Name": "Pupils write to the school only",
        "FromMemberOf": [at_school("all-pupils")],
        "SentToScope": "NotInOrganization",
        "ExceptIfRecipientDomainIs": ["mis.example"],
        "RejectMessageReasonText": "Pupils exchange e-mail with the school only.",
    },
    {
        "Name": "Forwarding is returned",
        "FromScope": "InOrganization",
        "SentToScope": "NotInOrganization",
        "MessageTypeMatches": "AutoForward",
        "RejectMessageReasonText": "Automatic forwarding is off.",
    },
    {"Name": "Scripts", "AttachmentExtensionMatchesWords": ["js", "vbs", "ps1"], "Quarantine": True},
)
"""Rules of real tenants, restated. The first is in the sample report of ScubaGear, and the others are in pages."""


def draw_rule(random: Random, place: int, *, decided_only: bool) -> Values:
    """Return the parameters of a rule with one to three conditions and up to two exceptions."""
    rule: Values = {"Name": f"Rule {place}"}
    for name in random.sample(list(DECIDED_DRAWS), random.choice((1, 1, 1, 2, 2, 3))):
        rule |= DECIDED_DRAWS[name](random)
    for name in random.sample(list(DECIDED_DRAWS), random.choice((0, 0, 1, 2))):
        rule |= {f"ExceptIf{key}": value for key, value in DECIDED_DRAWS[name](random).items()}
    if not decided_only and random.random() < 0.5:
        prefix = random.choice(("", "", "ExceptIf"))
        rule |= {prefix + key: value for key, value in random.choice(_OTHER_DRAWS)(random).items()}
    rule |= random.choice(_ENDING if random.random() < 0.6 else _CHANGING)(random)
    rule |= random.choice(({}, {}, {}, {"StopRuleProcessing": True}))
    return rule | _draw_properties(random)


def _draw_properties(random: Random) -> Values:
    chosen: Sequence[Values] = (
        *({},) * 12,
        {"Mode": "Audit"},
        {"Mode": "AuditAndNotify"},
        {"Enabled": False},
        {"ActivationDate": "2026-11-16T00:00:00Z"},
        {"ExpiryDate": "2026-11-12T12:00:00Z"},
        {"SenderAddressLocation": "Envelope"},
        {"SenderAddressLocation": "HeaderOrEnvelope"},
    )
    return random.choice(chosen)
