"""Anti-phishing policies: the action for mail with a forged sender, and the tips that readers see."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from connectors.microsoft365.builtin_objects import FilterPolicies, filter_kind
from connectors.microsoft365.exchange.service import FILTER_POLICY
from toolkit.sdk import (
    TEXT,
    Effect,
    Harmless,
    Properties,
    Setting,
    Spec,
    Switch,
    becomes,
    declare,
    declare_effects,
    switches_on,
)

_Forged: TypeAlias = Annotated[Literal["MoveToJmf", "Quarantine"], Setting(TEXT)]


_FORGED = Effect("mail that fails the sender check no longer reaches the inbox", switches_on)
_QUARANTINED = Effect("mail that fails the sender check goes into quarantine", becomes("Quarantine"))


class AntiPhishPolicy(Spec):
    """An anti-phishing policy with the settings that every licence includes.

    Defender for Office 365 has more settings.
    """

    effects = declare_effects(
        {
            "enabled": _FORGED,
            "enable_spoof_intelligence": _FORGED,
            "honor_dmarc_policy": _FORGED,
            **dict.fromkeys(("authentication_fail_action", "dmarc_quarantine_action"), _QUARANTINED),
            "dmarc_reject_action": Effect("mail that fails the sender check is rejected", becomes("Reject")),
        },
        {
            Harmless.WARNING: (
                "enable_first_contact_safety_tips",
                "enable_unauthenticated_sender",
                "enable_via_tag",
            ),
        },
    )

    properties: ClassVar[Properties] = FILTER_POLICY

    enabled: Switch = declare("Whether the policy is enabled.", default=True)
    enable_spoof_intelligence: Switch = declare("Detects forged senders.", default=True)
    authentication_fail_action: _Forged = declare("Action for mail from a forged sender.", default="MoveToJmf")
    honor_dmarc_policy: Switch = declare(
        "Treats forged mail as the DMARC policy of the sender's domain asks.", default=True
    )
    dmarc_quarantine_action: _Forged = declare(
        "Action for forged mail if the DMARC policy of its domain is quarantine.", default="Quarantine"
    )
    dmarc_reject_action: Annotated[Literal["Quarantine", "Reject"], Setting(TEXT)] = declare(
        "Action for forged mail if the DMARC policy of its domain is reject.", default="Reject"
    )
    enable_first_contact_safety_tips: Switch = declare(
        "Shows a tip above the first message from a sender.", default=False
    )
    enable_unauthenticated_sender: Switch = declare(
        "Shows a question mark for an unauthenticated sender.", default=True
    )
    enable_via_tag: Switch = declare(
        "Shows the domain that sent a message if it differs from the sender's domain.", default=True
    )


KIND = filter_kind(
    FilterPolicies("AntiPhishPolicy", rules="AntiPhishRule", presets=True),
    name="anti_phish_policy",
    title="anti-phishing policy",
    plural="anti-phishing policies",
    spec=AntiPhishPolicy,
    sample="""\
- microsoft365.anti_phish_policy: "*"
  enable_spoof_intelligence: true
  enable_first_contact_safety_tips: true
""",
)
