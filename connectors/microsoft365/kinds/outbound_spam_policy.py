"""Outbound spam policies: automatic forwarding to outside addresses, and sending limits."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field

from connectors.microsoft365.builtin_objects import FilterPolicies, filter_kind
from connectors.microsoft365.exchange.service import FILTER_POLICY
from toolkit.sdk import (
    ADDRESSES,
    NUMBER,
    TEXT,
    Effect,
    Harmless,
    Join,
    Listed,
    Properties,
    Setting,
    Spec,
    Switch,
    becomes,
    declare,
    declare_effects,
    lowers,
)

_Limit: TypeAlias = Annotated[int, Field(ge=0, le=10_000), Setting(NUMBER, join=Join.LOWEST_BUT_ZERO)]
_Addresses: TypeAlias = Annotated[Listed | None, Setting(ADDRESSES, at_least=True, join=Join.UNION)]


class OutboundSpamPolicy(Spec):
    """An outbound spam policy. A custom policy overrides the Default policy for the people it covers."""

    effects = declare_effects(
        {
            "auto_forwarding_mode": Effect("automatic forwarding to outside addresses stops", becomes("Off")),
            **dict.fromkeys(
                (
                    "recipient_limit_external_per_hour",
                    "recipient_limit_internal_per_hour",
                    "recipient_limit_per_day",
                ),
                Effect("mail to more recipients than the limit is refused", lowers),
            ),
            "action_when_threshold_reached": Effect(
                "a mailbox that exceeds the limit can no longer send mail", becomes("BlockUser", "BlockUserForToday")
            ),
        },
        {
            Harmless.NOTICE: (
                "bcc_suspicious_outbound_mail",
                "bcc_suspicious_outbound_additional_recipients",
                "notify_outbound_spam",
                "notify_outbound_spam_recipients",
            ),
            Harmless.LABEL: ("admin_display_name",),
        },
    )

    properties: ClassVar[Properties] = FILTER_POLICY

    auto_forwarding_mode: Annotated[Literal["Automatic", "Off", "On"], Setting(TEXT)] = declare(
        "Whether mailboxes may forward mail outside automatically. Automatic leaves the decision to Microsoft, which "
        "allows forwarding in older tenants, so only Off stops it.",
        "Off",
        default="Automatic",
    )
    recipient_limit_external_per_hour: _Limit = declare(
        "Maximum number of outside recipients per person and hour. 0 is Microsoft's own limit.", default=0
    )
    recipient_limit_internal_per_hour: _Limit = declare(
        "Maximum number of inside recipients per person and hour. 0 is Microsoft's own limit.", default=0
    )
    recipient_limit_per_day: _Limit = declare(
        "Maximum number of recipients per person and day. 0 is Microsoft's own limit.", default=0
    )
    action_when_threshold_reached: Annotated[Literal["Alert", "BlockUserForToday", "BlockUser"], Setting(TEXT)] = (
        declare(
            "Action if a mailbox exceeds a limit: administrators are notified, or the mailbox cannot "
            "send until tomorrow or until an administrator releases it.",
            default="BlockUserForToday",
        )
    )
    bcc_suspicious_outbound_mail: Switch = declare(
        "Copies suspicious mail to `bcc_suspicious_outbound_additional_recipients`.", default=False
    )
    bcc_suspicious_outbound_additional_recipients: _Addresses = declare(
        "Addresses that get copies of suspicious mail.", ["office@example-primary.example"]
    )
    notify_outbound_spam: Switch = declare(
        "Notifies `notify_outbound_spam_recipients` when a person is blocked for sending spam.", default=False
    )
    notify_outbound_spam_recipients: _Addresses = declare(
        "Addresses that are notified when a person is blocked for sending spam.", ["office@example-primary.example"]
    )
    admin_display_name: Annotated[str | None, Setting(TEXT)] = declare(
        "Purpose of the policy.", "Set by the school's mail policy"
    )


KIND = filter_kind(
    FilterPolicies("HostedOutboundSpamFilterPolicy", rules="HostedOutboundSpamFilterRule"),
    name="outbound_spam_policy",
    title="outbound spam policy",
    plural="outbound spam policies",
    spec=OutboundSpamPolicy,
    sample="""\
- microsoft365.outbound_spam_policy: "*"
  auto_forwarding_mode: "Off"
""",
)
