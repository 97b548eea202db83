"""The settings of a mail rule: conditions, exceptions, actions, and how the rule itself runs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from connectors.microsoft365.exchange.service import DEFAULTS, IGNORED
from connectors.microsoft365.kinds.transport_rule import pairs
from connectors.microsoft365.kinds.transport_rule.actions import ContentActions, DeliveryActions, ReportActions
from connectors.microsoft365.kinds.transport_rule.fields import Moment
from connectors.microsoft365.kinds.transport_rule.limits import BYTES_OF_A_RULE
from connectors.microsoft365.kinds.transport_rule.pairs import then
from connectors.microsoft365.kinds.transport_rule.people import (
    AttachmentConditions,
    AttachmentExceptions,
    MessageConditions,
    MessageExceptions,
    RecipientConditions,
    RecipientExceptions,
    SenderConditions,
    SenderExceptions,
)
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
"""Properties that list the classes that a rule has in use, with how their settings' names begin and a class's ends."""

_OTHERWISE: Mapping[str, str] = {
    "ADAttributeComparison": "ADComparisonAttribute",
    "ManagerIs": "ManagerAddresses",
    "ManagementRelationship": "SenderManagementRelationship",
    "RightsProtectMessage": "ApplyRightsProtectionTemplate",
    "SenderNotify": "NotifySender",
    "AddCcRecipient": "CopyTo",
}
"""Classes whose name is not the beginning of the property's.

https://learn.microsoft.com/powershell/module/exchange/get-transportrulepredicate
"""

PROPERTIES = Properties(
    compared=frozenset(_LISTS),
    ignored={
        **IGNORED,
        "Priority": "its place is compared as the order of the rules",
        "CreatedBy": "says who made it",
        "LastModifiedBy": "says who changed it; what was changed is compared",
        "ManuallyModified": "says that a rule which Microsoft made was changed; the changes are compared",
        "Description": "says in Exchange's words what the other properties say",
        "Size": "counts the characters of what is compared",
        "RegexSize": "counts the characters of the patterns, which are compared",
        **{
            f"RuleVersion{part}": "says which version of Exchange understands the rule"
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


def unread_classes(body: Body, known: Sequence[str]) -> Iterator[UnknownProperty]:
    """List the conditions, exceptions and actions in use of which none of the known properties shows anything."""
    for path, (beginning, ending) in _LISTS.items():
        for name in texts(body.get(path)):
            stem = name.rpartition(".")[2].removesuffix(ending)
            property_name = f"{beginning}{_OTHERWISE.get(stem, stem)}".casefold()
            shown = (each for each in known if each.casefold().startswith(property_name))
            if all(is_unset(body.get(each)) for each in shown):
                yield UnknownProperty(path, stem, narrows=True)


_CONDITIONS = SenderConditions, RecipientConditions, MessageConditions, AttachmentConditions
_EXCEPTIONS = SenderExceptions, RecipientExceptions, MessageExceptions, AttachmentExceptions
ACTIONS = frozenset({**DeliveryActions.model_fields, **ContentActions.model_fields, **ReportActions.model_fields})


_LONGEST = 1024
"""Characters of comments, with the mark."""

RuleMode = Literal["Enforce", "Audit", "AuditAndNotify"]


class Running(Spec):
    """When the rule runs, and how; what has a default here cannot be unset."""

    effects = declare_effects(
        {
            "rule_mode": ObjectScope(becomes("Enforce")),
            "enabled": ObjectScope(switches_on),
            **dict.fromkeys(
                ("activation_date", "expiry_date", "sender_address_location", "recipient_address_type"),
                ObjectScope(differs),
            ),
            "rule_error_action": Effect("mail to which a rule cannot be applied waits", becomes("Defer")),
        },
        {Harmless.LABEL: ("comments", "managed_by")},
    )

    # `mode` is a word of every resource: how far we go, not how far the rule goes.
    rule_mode: Annotated[RuleMode, Setting(TEXT, wire="Mode", silence="Enforce")] = declare(
        "Says whether the rule acts, or only reports what it would have done.", default="Enforce"
    )
    enabled: Annotated[bool, Setting(FLAG, wire="State", silence=True)] = declare(
        "Says whether the rule is on.", default=True
    )
    activation_date: Moment = then("Starts the rule then; written with its offset", "2026-09-01T08:00:00+01:00")
    expiry_date: Moment = then("Ends the rule then; written with its offset", "2026-10-01T08:00:00+01:00")
    comments: Annotated[
        str | None,
        Field(max_length=_LONGEST),
        AfterValidator(check_unmarked),
        Setting(WORDS_BEFORE_MARK, wire="Comments"),
    ] = then(
        "Says what the rule is for, in at most 1,024 characters; left alone unless said", "Agreed by the Head Teacher"
    )
    managed_by: Annotated[
        Literal["toolkit"], Setting(MARK_BEHIND_WORDS, wire="Comments", silence=MANAGED_BY, mark=True)
    ] = declare(WHOSE_IT_IS, default="toolkit")
    sender_address_location: Annotated[Literal["Header", "Envelope", "HeaderOrEnvelope"], Setting(TEXT)] = declare(
        "Says where conditions look for the sender: in the message, where readers see it, on its envelope, or in "
        "both; left alone unless said.",
        default="Header",
    )
    recipient_address_type: Annotated[Literal["Original", "Resolved"], Setting(TEXT)] = declare(
        "Says whether conditions see a recipient's address as it was written, or the primary one; left alone unless "
        "said.",
        default="Resolved",
    )
    rule_error_action: Annotated[Literal["Ignore", "Defer"], Setting(TEXT)] = declare(
        "Says what becomes of a message that the rule could not be applied to: it goes on, or is tried again; left "
        "alone unless said.",
        default="Ignore",
    )


class TransportRule(
    MarkedText,
    Running,
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
    """A mail rule, with every condition, exception, action and setting that works in Exchange Online."""

    effects = declare_effects(
        {
            **{name: CONDITION for spec in _CONDITIONS for name in spec.table()},
            **{name: EXCEPTION for spec in _EXCEPTIONS for name in spec.table()},
        }
    )
    together: ClassVar = (*pairs.TOGETHER, frozenset({"comments", "managed_by"}))
    marked_text: ClassVar[str] = "comments"
    longest_text: ClassVar[int | None] = _LONGEST
    properties: ClassVar[Properties] = PROPERTIES

    if TYPE_CHECKING:  # the exceptions are made of the conditions when the module is read

        def __init__(self, **settings: Any) -> None: ...

    @classmethod
    def unknown(cls, body: Body) -> Sequence[UnknownProperty]:
        """List what is not compared, and what the rule has in use that no setting shows."""
        return [*super().unknown(body), *unread_classes(body, [wire_name(n, s) for n, s in cls.table().items()])]

    @classmethod
    def implied_settings(cls, named: Settings) -> Settings:
        """Say what Exchange fills in beside a disclaimer, a rejection or a comparison."""
        return {
            setting: value
            for cause, filled_in in pairs.FILLED_IN.items()
            if named.get(cause) is not None
            for setting, value in filled_in.items()
        }

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """Refuse what Exchange refuses of a rule as a whole."""
        written = {name: getattr(self, name) not in (None, False) for name in self.model_fields_set}
        if problems := [*pairs.unpaired(written), *_without_action(written), *_dates(self), *_too_large(self)]:
            raise ValueError("; ".join(problems))
        return self


def _without_action(written: Mapping[str, bool]) -> Iterator[str]:
    if not any(written.get(action) for action in ACTIONS - pairs.MANNERS.keys()):
        yield "the rule does nothing: give it an action, such as prepend_subject"


def _dates(rule: Running) -> Iterator[str]:
    if not (rule.activation_date and rule.expiry_date):
        return
    if parse_instant(rule.activation_date) >= parse_instant(rule.expiry_date):
        yield "expiry_date is not after activation_date"


def _too_large(rule: Spec) -> Iterator[str]:
    """Estimate the room that Exchange needs for conditions, exceptions and actions."""
    counted = rule.model_dump(by_alias=True, exclude_none=True, exclude=set(Running.model_fields))
    size = len(canonical_text(counted).encode())
    if size > BYTES_OF_A_RULE:
        yield f"the rule is about {size:,} bytes long and Exchange takes {BYTES_OF_A_RULE:,}: split it into two"
