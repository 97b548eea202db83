"""The types of a mail rule's settings: the values that people may write, their comparison, and Exchange's limits.

On a managed rule, a setting that the playbook does not name must be unset. Otherwise no one would notice an exception
that someone else adds.
"""

from dataclasses import replace
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field

from connectors.microsoft365.kinds.transport_rule import limits
from connectors.microsoft365.kinds.transport_rule.limits import RANGES
from toolkit.sdk import (
    ADDRESS,
    ADDRESSES,
    HTML,
    INSTANT,
    NUMBER,
    PATTERNS,
    PROSE,
    SIZE,
    SWITCH,
    TEXT,
    WORDS,
    Listed,
    Setting,
    Within,
)

_RECIPIENTS = Setting(ADDRESSES, silence=None)
_WORDS = Setting(WORDS, silence=None)
_PATTERNS = Setting(PATTERNS, silence=None)
_TEXT = Setting(TEXT, silence=None)
_PROSE = Setting(PROSE, silence=None)
_NUMBER = Setting(NUMBER, silence=None)
_ENTRIES = Setting(replace(PATTERNS, name="list, compared without regard to order"), silence=None)

_REGULAR = Within(
    ".NET regular expressions, which match anywhere in a text unless they have ^ or $. No .* or .+ inside a group"
)
_ATTRIBUTE_WORDS = Within("written as Attribute:word,word, with an attribute that `ad_comparison_attribute` allows")
_ATTRIBUTE_PATTERNS = Within(
    "written as Attribute:pattern, a .NET regular expression, with an attribute that `ad_comparison_attribute` allows"
)

Switch: TypeAlias = Annotated[bool | None, Setting(SWITCH, silence=None)]
Size: TypeAlias = Annotated[
    str | int | None,
    AfterValidator(limits.check_size),
    Setting(SIZE, silence=None),
    Within("written as 10 MB. A number without a unit is bytes"),
]
Moment: TypeAlias = Annotated[
    str | None,
    AfterValidator(limits.check_moment),
    Setting(INSTANT, silence=None),
    Within("with the offset from UTC, for example 2026-09-01T08:00:00+01:00"),
]
SpamLevel: TypeAlias = Annotated[int | None, Field(ge=-1, le=9), _NUMBER]

Text: TypeAlias = Annotated[str | None, Field(min_length=1), _TEXT]
Header: TypeAlias = Annotated[str | None, AfterValidator(limits.check_header), _TEXT, Within("no spaces and no colon")]
StatusCode: TypeAlias = Annotated[
    str | None, Field(pattern=r"^5\.7\.(1|9\d\d)$"), _TEXT, Within("5.7.1, or 5.7.900 to 5.7.999")
]
Disclaimer: TypeAlias = Annotated[str | None, Field(min_length=1, max_length=5000), Setting(HTML, silence=None)]
Notification: TypeAlias = Annotated[str | None, Field(min_length=1, max_length=5120), _PROSE]
Refusal: TypeAlias = Annotated[str | None, Field(min_length=1, max_length=1024), _TEXT]

Recipient: TypeAlias = Annotated[
    str | None,
    AfterValidator(limits.check_optional_address),
    Setting(ADDRESS, silence=None),
    Within("the primary email address of a recipient in the tenant"),
]
Recipients: TypeAlias = Annotated[
    Listed | None,
    AfterValidator(limits.check_each(limits.check_address)),
    _RECIPIENTS,
    Within("primary email addresses of recipients in the tenant"),
]
Correspondents: TypeAlias = Annotated[
    Listed | None,
    AfterValidator(limits.check_each(limits.check_address)),
    _RECIPIENTS,
    Within("primary email addresses of recipients in the tenant, and addresses in other domains"),
]
TenRecipients: TypeAlias = Annotated[
    Listed | None,
    AfterValidator(limits.check_each(limits.check_address, most=10)),
    _RECIPIENTS,
    Within("at most 10 primary email addresses of recipients in the tenant"),
]
Words: TypeAlias = Annotated[
    Listed | None, AfterValidator(limits.check_each(limits.check_word)), _WORDS, Within("no empty words")
]
SubjectWords: TypeAlias = Annotated[
    Listed | None,
    AfterValidator(limits.check_each(limits.check_subject_word)),
    _WORDS,
    Within("at most 128 characters each"),
]
Extensions: TypeAlias = Annotated[
    Listed | None, AfterValidator(limits.check_each(limits.check_extension)), _WORDS, Within("without the dot")
]
Domains: TypeAlias = Annotated[
    Listed | None,
    AfterValidator(limits.check_each(limits.check_domain)),
    _WORDS,
    Within("without @, * and /. Subdomains are included"),
]
AttributeWords: TypeAlias = Annotated[
    Listed | None, AfterValidator(limits.check_each(limits.check_attribute_words)), _WORDS, _ATTRIBUTE_WORDS
]
PropertyWords: TypeAlias = Annotated[
    Listed | None,
    AfterValidator(limits.check_each(limits.check_property_words)),
    _WORDS,
    Within("written as Property:word,word"),
]
Patterns: TypeAlias = Annotated[
    Listed | None, AfterValidator(limits.check_each(limits.check_pattern)), _PATTERNS, _REGULAR
]
AttributePatterns: TypeAlias = Annotated[
    Listed | None, AfterValidator(limits.check_each(limits.check_attribute_pattern)), _PATTERNS, _ATTRIBUTE_PATTERNS
]
Ranges: TypeAlias = Annotated[
    Listed | None,
    AfterValidator(limits.check_each(limits.check_ip_range)),
    Setting(RANGES, silence=None),
    Within("192.0.2.1, 192.0.2.0/24 or 192.0.2.1-192.0.2.9"),
]
ReportContents: TypeAlias = Annotated[
    Listed | None,
    AfterValidator(limits.check_each(limits.check_report_content)),
    _ENTRIES,
    Within(", ".join(limits.REPORT_CONTENTS)),
]

Attribute: TypeAlias = Annotated[
    str | None, AfterValidator(limits.check_attribute), _TEXT, Within(", ".join(limits.ATTRIBUTES))
]
Comparison: TypeAlias = Annotated[Literal["Equal", "NotEqual"] | None, _TEXT]
SenderScope: TypeAlias = Annotated[Literal["InOrganization", "NotInOrganization"] | None, _TEXT]
RecipientScope: TypeAlias = Annotated[
    Literal["InOrganization", "NotInOrganization", "ExternalPartner", "ExternalNonPartner"] | None, _TEXT
]
Party: TypeAlias = Annotated[Literal["Recipient", "Sender"] | None, _TEXT]
Relationship: TypeAlias = Annotated[Literal["Manager", "DirectReport"] | None, _TEXT]
Importance: TypeAlias = Annotated[Literal["Low", "Normal", "High"] | None, _TEXT]
MessageType: TypeAlias = Annotated[
    Literal[
        "OOF",
        "AutoForward",
        "Encrypted",
        "Calendaring",
        "PermissionControlled",
        "Voicemail",
        "Signed",
        "ApprovalRequest",
        "ReadReceipt",
    ]
    | None,
    _TEXT,
]
AddedAs: TypeAlias = Annotated[Literal["To", "Cc", "Bcc", "Redirect"] | None, _TEXT]
Place: TypeAlias = Annotated[Literal["Append", "Prepend"] | None, _TEXT]
Fallback: TypeAlias = Annotated[Literal["Wrap", "Ignore", "Reject"] | None, _TEXT]
Severity: TypeAlias = Annotated[Literal["DoNotAudit", "Low", "Medium", "High"] | None, _TEXT]
