"""Spam policies: what becomes of junk and phishing, and whether it is taken back out of mailboxes later."""

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
    """What one policy does; Microsoft's preset policies, where they are switched on, outrank it."""

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
                Effect("mail from senders that leave the allowed list can be caught as spam", removes_entries),
            ),
        },
        {Harmless.WARNING: ("inline_safety_tips_enabled",)},
    )

    properties: ClassVar[Properties] = FILTER_POLICY

    spam_zap_enabled: Switch = declare(
        "Takes messages back out of mailboxes when they turn out to be spam later.", default=True
    )
    phish_zap_enabled: Switch = declare(
        "Takes messages back out of mailboxes when they turn out to be phishing later.", default=True
    )
    spam_action: _Action = declare("Says what becomes of spam; MoveToJmf is the junk folder.", default="MoveToJmf")
    high_confidence_spam_action: _Action = declare("Says what becomes of certain spam.", default="MoveToJmf")
    bulk_spam_action: _Action = declare("Says what becomes of newsletters and other bulk mail.", default="MoveToJmf")
    phish_spam_action: _Action = declare("Says what becomes of phishing.", default="MoveToJmf")
    high_confidence_phish_action: Annotated[Literal["MoveToJmf", "Redirect", "Quarantine"], Setting(TEXT)] = declare(
        "Says what becomes of certain phishing.", default="Quarantine"
    )
    bulk_threshold: Annotated[int, Field(ge=1, le=9), Setting(NUMBER, join=Join.LOWEST)] = declare(
        "Says from which level of complaints mail counts as bulk, 1 to 9.", default=7
    )
    quarantine_retention_period: Annotated[int, Field(ge=1, le=30), Setting(NUMBER, join=Join.HIGHEST)] = declare(
        "Says how many days a message stays in quarantine.", default=15
    )
    inline_safety_tips_enabled: Switch = declare("Shows readers a tip above a doubtful message.", default=True)
    allowed_senders: _Spared = declare("Lists senders whose mail is not judged; entries of others stay.", [])
    allowed_sender_domains: _Spared = declare("Lists domains whose mail is not judged; entries of others stay.", [])


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
