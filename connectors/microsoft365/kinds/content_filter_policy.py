"""Spam policies: the actions for spam and phishing, and the removal of messages that are recognised later."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field

from connectors.microsoft365.builtin_objects import FilterPolicies, filter_kind
from connectors.microsoft365.exchange.service import FILTER_POLICY
from toolkit.sdk import (
    NUMBER,
    TEXT,
    WORDS,
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
    removes_entries,
    switches_on,
)

_Action: TypeAlias = Annotated[
    Literal["MoveToJmf", "AddXHeader", "ModifySubject", "Redirect", "Delete", "Quarantine", "NoAction"], Setting(TEXT)
]
_Spared: TypeAlias = Annotated[Listed | None, Setting(WORDS, at_least=True, join=Join.UNION)]


class ContentFilterPolicy(Spec):
    """A spam policy. Microsoft's preset policies take precedence if they are enabled."""

    effects = declare_effects(
        {
            **dict.fromkeys(
                ("spam_zap_enabled", "phish_zap_enabled"),
                Effect("delivered mail that turns out to be spam or phishing leaves mailboxes", switches_on),
            ),
            **dict.fromkeys(
                (
                    "spam_action",
                    "high_confidence_spam_action",
                    "bulk_spam_action",
                    "phish_spam_action",
                    "high_confidence_phish_action",
                ),
                Effect(
                    "mail that the spam filter catches no longer reaches the inbox",
                    becomes("Delete", "Quarantine", "Redirect", "MoveToJmf"),
                ),
            ),
            "bulk_threshold": Effect("more newsletters and other bulk mail are treated as spam", lowers),
            "quarantine_retention_period": Effect("messages in quarantine are deleted sooner", lowers),
            **dict.fromkeys(
                ("allowed_senders", "allowed_sender_domains"),
                Effect("mail from senders removed from the allowed list can be treated as spam", removes_entries),
            ),
        },
        {Harmless.WARNING: ("inline_safety_tips_enabled",)},
    )

    properties: ClassVar[Properties] = FILTER_POLICY

    spam_zap_enabled: Switch = declare(
        "Removes delivered messages from mailboxes if they are later recognised as spam.", default=True
    )
    phish_zap_enabled: Switch = declare(
        "Removes delivered messages from mailboxes if they are later recognised as phishing.", default=True
    )
    spam_action: _Action = declare("Action for spam. MoveToJmf moves it to the junk folder.", default="MoveToJmf")
    high_confidence_spam_action: _Action = declare("Action for spam with high confidence.", default="MoveToJmf")
    bulk_spam_action: _Action = declare("Action for newsletters and other bulk mail.", default="MoveToJmf")
    phish_spam_action: _Action = declare("Action for phishing.", default="MoveToJmf")
    high_confidence_phish_action: Annotated[Literal["MoveToJmf", "Redirect", "Quarantine"], Setting(TEXT)] = declare(
        "Action for phishing with high confidence.", default="Quarantine"
    )
    bulk_threshold: Annotated[int, Field(ge=1, le=9), Setting(NUMBER, join=Join.LOWEST)] = declare(
        "Complaint level, 1 to 9, at which mail starts to count as bulk.", default=7
    )
    quarantine_retention_period: Annotated[int, Field(ge=1, le=30), Setting(NUMBER, join=Join.HIGHEST)] = declare(
        "Number of days that a message stays in quarantine.", default=15
    )
    inline_safety_tips_enabled: Switch = declare("Shows readers a safety tip above a suspicious message.", default=True)
    allowed_senders: _Spared = declare("Senders whose mail skips the spam filter. Entries added by others stay.", [])
    allowed_sender_domains: _Spared = declare(
        "Domains whose mail skips the spam filter. Entries added by others stay.", []
    )


KIND = filter_kind(
    FilterPolicies("HostedContentFilterPolicy", rules="HostedContentFilterRule", presets=True),
    name="content_filter_policy",
    title="spam policy",
    plural="spam policies",
    spec=ContentFilterPolicy,
    sample="""\
- microsoft365.content_filter_policy: "*"
  spam_zap_enabled: true
  phish_zap_enabled: true
""",
)
