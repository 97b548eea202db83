"""The settings of a mail rule: conditions, exceptions, actions, and how the rule itself runs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from connectors.microsoft365.exchange.service import DEFAULTS, IGNORED
from connectors.microsoft365.kinds.transport_rule import paired_settings
from connectors.microsoft365.kinds.transport_rule.actions import ContentActions, DeliveryActions, ReportActions
from connectors.microsoft365.kinds.transport_rule.conditions import (
    AttachmentConditions,
    AttachmentExceptions,
    MessageConditions,
    MessageExceptions,
    RecipientConditions,
    RecipientExceptions,
    SenderConditions,
    SenderExceptions,
)
from connectors.microsoft365.kinds.transport_rule.fields import Moment
from connectors.microsoft365.kinds.transport_rule.limits import BYTES_OF_A_RULE
from connectors.microsoft365.kinds.transport_rule.paired_settings import then
from toolkit.sdk import (
    CONDITION,
    EXCEPTION,
    FLAG,
    MANAGED_BY,
    MARK_BEHIND_WORDS,
    TEXT,
    WHOSE_IT_IS,
    WORDS_BEFORE_MARK,
    Effect,
    Harmless,
    MarkedText,
    ObjectScope,
    Properties,
    Setting,
    Spec,
    UnknownProperty,
    becomes,
    check_unmarked,
    declare,
    declare_effects,
    differs,
    is_unset,
    parse_instant,
    switches_on,
    texts,
    wire_name,
)
from toolkit.values import Body, Settings, canonical_text

_LISTS: Mapping[str, tuple[str, str]] = {
    "Conditions": ("", "Predicate"),
    "Exceptions": ("ExceptIf", "Predicate"),
    "Actions": ("", "Action"),
}
"""Properties that list a rule's classes, with the prefix of their settings' names and the suffix of the class names."""

_RENAMED_CLASSES: Mapping[str, str] = {
    "ADAttributeComparison": "ADComparisonAttribute",
    "ManagerIs": "ManagerAddresses",
    "ManagementRelationship": "SenderManagementRelationship",
    "RightsProtectMessage": "ApplyRightsProtectionTemplate",
    "SenderNotify": "NotifySender",
    "AddCcRecipient": "CopyTo",
}
"""Classes whose name does not begin the property's name.

https://learn.microsoft.com/powershell/module/exchange/get-transportrulepredicate
"""

PROPERTIES = Properties(
    compared=frozenset(_LISTS),
    ignored={
        **IGNORED,
        "Priority": "The order of the rules is compared instead.",
        "CreatedBy": "The person who created the rule.",
        "LastModifiedBy": "The person who last changed the rule. The settings are compared instead.",
        "ManuallyModified": "Whether anyone changed a rule that Microsoft created. The settings are compared instead.",
        "Description": "Exchange's summary of the other properties.",
        "Size": "The number of characters in the compared settings.",
        "RegexSize": "The number of characters in the patterns, which are compared.",
        **{
            f"RuleVersion{part}": "The version of Exchange that the rule requires."
            for part in ("", ".Major", ".Minor", ".Build", ".Revision", ".MajorRevision", ".MinorRevision")
        },
    },
    defaults={
        **DEFAULTS,
        "IsRuleConfigurationSupported": True,
        "DlpPolicyId": "00000000-0000-0000-0000-000000000000",
        "RuleSubType": "None",
    },
)


def unread_classes(body: Body, known_properties: Sequence[str]) -> Iterator[UnknownProperty]:
    """Yield the conditions, exceptions and actions that a rule uses and that no known property shows."""
    for path, (beginning, ending) in _LISTS.items():
        for name in texts(body.get(path)):
            stem = name.rpartition(".")[2].removesuffix(ending)
            property_name = f"{beginning}{_RENAMED_CLASSES.get(stem, stem)}".casefold()
            shown = (wire for wire in known_properties if wire.casefold().startswith(property_name))
            if all(is_unset(body.get(wire)) for wire in shown):
                yield UnknownProperty(path, stem, narrows=True)


_CONDITIONS = SenderConditions, RecipientConditions, MessageConditions, AttachmentConditions
_EXCEPTIONS = SenderExceptions, RecipientExceptions, MessageExceptions, AttachmentExceptions
ACTIONS = frozenset({**DeliveryActions.model_fields, **ContentActions.model_fields, **ReportActions.model_fields})


_LONGEST = 1024
"""Characters of a comment, including the mark."""

RuleMode = Literal["Enforce", "Audit", "AuditAndNotify"]


class RuleOptions(Spec):
    """The settings of the rule itself, such as its dates. A setting with a default cannot be unset."""

    effects = declare_effects(
        {
            "rule_mode": ObjectScope(becomes("Enforce")),
            "enabled": ObjectScope(switches_on),
            **dict.fromkeys(
                ("activation_date", "expiry_date", "sender_address_location", "recipient_address_type"),
                ObjectScope(differs),
            ),
            "rule_error_action": Effect("mail waits if a rule cannot be applied to it", becomes("Defer")),
        },
        {Harmless.LABEL: ("comments", "managed_by")},
    )

    # `mode` is already a key of every resource, for how far toolkit goes with it.
    rule_mode: Annotated[RuleMode, Setting(TEXT, wire="Mode", silence="Enforce")] = declare(
        "Whether the rule acts (Enforce) or only reports the mail it would have acted on.", default="Enforce"
    )
    enabled: Annotated[bool, Setting(FLAG, wire="State", silence=True)] = declare(
        "Whether the rule is enabled.", default=True
    )
    activation_date: Moment = then(
        "Date and time when the rule starts, with the offset from UTC", "2026-09-01T08:00:00+01:00"
    )
    expiry_date: Moment = then(
        "Date and time when the rule ends, with the offset from UTC", "2026-10-01T08:00:00+01:00"
    )
    comments: Annotated[
        str | None,
        Field(max_length=_LONGEST),
        AfterValidator(check_unmarked),
        Setting(WORDS_BEFORE_MARK, wire="Comments"),
    ] = then("Purpose of the rule, at most 1,024 characters. Left unchanged if not set", "Agreed by the Head Teacher")
    managed_by: Annotated[
        Literal["toolkit"], Setting(MARK_BEHIND_WORDS, wire="Comments", silence=MANAGED_BY, mark=True)
    ] = declare(WHOSE_IT_IS, default="toolkit")
    sender_address_location: Annotated[Literal["Header", "Envelope", "HeaderOrEnvelope"], Setting(TEXT)] = declare(
        "Where conditions look for the sender: in the message header, which readers see, on its "
        "envelope, or in both. Left unchanged if not set.",
        default="Header",
    )
    recipient_address_type: Annotated[Literal["Original", "Resolved"], Setting(TEXT)] = declare(
        "Whether conditions compare a recipient's address as written (Original) or the primary address "
        "(Resolved). Left unchanged if not set.",
        default="Resolved",
    )
    rule_error_action: Annotated[Literal["Ignore", "Defer"], Setting(TEXT)] = declare(
        "Action if the rule cannot be applied to a message: Ignore delivers it, Defer tries again "
        "later. Left unchanged if not set.",
        default="Ignore",
    )


class TransportRule(
    MarkedText,
    RuleOptions,
    ReportActions,
    ContentActions,
    DeliveryActions,
    AttachmentExceptions,  # type: ignore[misc]
    MessageExceptions,  # type: ignore[misc]
    RecipientExceptions,  # type: ignore[misc]
    SenderExceptions,  # type: ignore[misc]
    AttachmentConditions,
    MessageConditions,
    RecipientConditions,
    SenderConditions,
):
    """A mail rule, with all conditions, exceptions, actions and settings that Exchange Online supports."""

    effects = declare_effects(
        {
            **{name: CONDITION for spec in _CONDITIONS for name in spec.table()},
            **{name: EXCEPTION for spec in _EXCEPTIONS for name in spec.table()},
        }
    )
    together: ClassVar = (*paired_settings.TOGETHER, frozenset({"comments", "managed_by"}))
    marked_text: ClassVar[str] = "comments"
    longest_text: ClassVar[int | None] = _LONGEST
    properties: ClassVar[Properties] = PROPERTIES

    if TYPE_CHECKING:  # the exceptions are created from the conditions when the module is loaded

        def __init__(self, **settings: Any) -> None: ...

    @classmethod
    def unknown(cls, body: Body) -> Sequence[UnknownProperty]:
        """Return the properties that toolkit does not compare, and conditions and actions that no setting covers."""
        return [*super().unknown(body), *unread_classes(body, [wire_name(n, s) for n, s in cls.table().items()])]

    @classmethod
    def implied_settings(cls, named: Settings) -> Settings:
        """Return the settings that Exchange adds automatically to a disclaimer, a rejection or a comparison."""
        return {
            setting: value
            for cause, filled_in in paired_settings.FILLED_IN.items()
            if named.get(cause) is not None
            for setting, value in filled_in.items()
        }

    @model_validator(mode="after")
    def _check_combination(self) -> Self:
        written = {name: getattr(self, name) not in (None, False) for name in self.model_fields_set}
        if problems := [
            *paired_settings.unpaired_settings(written),
            *_check_actions(written),
            *_check_dates(self),
            *_check_size(self),
        ]:
            raise ValueError("; ".join(problems))
        return self


def _check_actions(is_set: Mapping[str, bool]) -> Iterator[str]:
    if not any(is_set.get(action) for action in ACTIONS - paired_settings.REFINEMENTS.keys()):
        yield "the rule does nothing. Give it an action, such as prepend_subject"


def _check_dates(rule: RuleOptions) -> Iterator[str]:
    if not (rule.activation_date and rule.expiry_date):
        return
    if parse_instant(rule.activation_date) >= parse_instant(rule.expiry_date):
        yield "expiry_date is not after activation_date"


def _check_size(rule: Spec) -> Iterator[str]:
    """Yield a problem if a rule is too large for Exchange. Its size is estimated from its settings."""
    counted = rule.model_dump(by_alias=True, exclude_none=True, exclude=set(RuleOptions.model_fields))
    size = len(canonical_text(counted).encode())
    if size > BYTES_OF_A_RULE:
        yield f"the rule is about {size:,} bytes long and Exchange allows {BYTES_OF_A_RULE:,}. Split it into two rules"
