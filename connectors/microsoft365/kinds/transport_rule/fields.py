"""The types of a rule's settings: what people may write, how it is compared, and which limits Exchange has.

Silence about any of them means that a managed rule must not have it: an undeclared exception would go unnoticed.
"""

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field

from connectors.microsoft365.kinds.transport_rule import limits
from connectors.microsoft365.kinds.transport_rule.forms import ADDRESS, RANGES
from toolkit.tenant.form import ADDRESSES, HTML, INSTANT, NUMBER, PATTERNS, PROSE, SIZE, SWITCH, TEXT, WORDS
from toolkit.tenant.spec import Listed, Setting

_RECIPIENTS = Setting(ADDRESSES, silence=None)
_WORDS = Setting(WORDS, silence=None)
_PATTERNS = Setting(PATTERNS, silence=None)
_TEXT = Setting(TEXT, silence=None)
_PROSE = Setting(PROSE, silence=None)
_NUMBER = Setting(NUMBER, silence=None)

Switch: TypeAlias = Annotated[bool | None, Setting(SWITCH, silence=None)]
Size: TypeAlias = Annotated[str | int | None, AfterValidator(limits.size), Setting(SIZE, silence=None)]
Moment: TypeAlias = Annotated[str | None, AfterValidator(limits.moment), Setting(INSTANT, silence=None)]
SpamLevel: TypeAlias = Annotated[int | None, Field(ge=-1, le=9), _NUMBER]

Text: TypeAlias = Annotated[str | None, Field(min_length=1), _TEXT]
Header: TypeAlias = Annotated[str | None, AfterValidator(limits.header), _TEXT]
StatusCode: TypeAlias = Annotated[str | None, Field(pattern=r"^5\.7\.(1|9\d\d)$"), _TEXT]
Disclaimer: TypeAlias = Annotated[str | None, Field(min_length=1, max_length=5000), Setting(HTML, silence=None)]
Notification: TypeAlias = Annotated[str | None, Field(min_length=1, max_length=5120), _PROSE]
Refusal: TypeAlias = Annotated[str | None, Field(min_length=1, max_length=1024), _TEXT]

Recipient: TypeAlias = Annotated[str | None, AfterValidator(limits.one_address), Setting(ADDRESS, silence=None)]
Recipients: TypeAlias = Annotated[Listed | None, AfterValidator(limits.each(limits.address)), _RECIPIENTS]
TenRecipients: TypeAlias = Annotated[Listed | None, AfterValidator(limits.each(limits.address, most=10)), _RECIPIENTS]
Words: TypeAlias = Annotated[Listed | None, AfterValidator(limits.each(limits.word)), _WORDS]
SubjectWords: TypeAlias = Annotated[Listed | None, AfterValidator(limits.each(limits.subject_word)), _WORDS]
Extensions: TypeAlias = Annotated[Listed | None, AfterValidator(limits.each(limits.extension)), _WORDS]
Domains: TypeAlias = Annotated[Listed | None, AfterValidator(limits.each(limits.domain)), _WORDS]
AttributeWords: TypeAlias = Annotated[Listed | None, AfterValidator(limits.each(limits.attribute_words)), _WORDS]
PropertyWords: TypeAlias = Annotated[Listed | None, AfterValidator(limits.each(limits.property_words)), _WORDS]
Patterns: TypeAlias = Annotated[Listed | None, AfterValidator(limits.each(limits.pattern)), _PATTERNS]
AttributePatterns: TypeAlias = Annotated[
    Listed | None, AfterValidator(limits.each(limits.attribute_pattern)), _PATTERNS
]
Ranges: TypeAlias = Annotated[
    Listed | None, AfterValidator(limits.each(limits.ip_range)), Setting(RANGES, silence=None)
]
ReportContents: TypeAlias = Annotated[Listed | None, AfterValidator(limits.each(limits.report_content)), _PATTERNS]

Attribute: TypeAlias = Annotated[str | None, AfterValidator(limits.attribute), _TEXT]
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
