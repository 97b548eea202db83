"""Anti-phishing policies: what becomes of mail under a forged sender, and the tips that readers see."""

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


_FORGED = Effect("mail that fails the check of its sender no longer reaches the inbox", switches_on)
_QUARANTINED = Effect("mail that fails the check of its sender goes into quarantine", becomes("Quarantine"))


class AntiPhishPolicy(Spec):
    """What one policy does on every licence; what Defender for Office 365 adds is not set here."""

    effects = declare_effects(
        {
            "enabled": _FORGED,
            "enable_spoof_intelligence": _FORGED,
            "honor_dmarc_policy": _FORGED,
            **dict.fromkeys(("authentication_fail_action", "dmarc_quarantine_action"), _QUARANTINED),
            "dmarc_reject_action": Effect("mail that fails the check of its sender is rejected", becomes("Reject")),
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

    enabled: Switch = declare("Says whether the policy is on.", default=True)
    enable_spoof_intelligence: Switch = declare("Looks for forged senders.", default=True)
    authentication_fail_action: _Forged = declare(
        "Says what becomes of mail from a forged sender.", default="MoveToJmf"
    )
    honor_dmarc_policy: Switch = declare("Does with forged mail what the sender's domain asks for.", default=True)
    dmarc_quarantine_action: _Forged = declare(
        "Says what becomes of forged mail whose domain asks for quarantine.", default="Quarantine"
    )
    dmarc_reject_action: Annotated[Literal["Quarantine", "Reject"], Setting(TEXT)] = declare(
        "Says what becomes of forged mail whose domain asks for rejection.", default="Reject"
    )
    enable_first_contact_safety_tips: Switch = declare(
        "Shows a tip above the first message from a sender.", default=False
    )
    enable_unauthenticated_sender: Switch = declare(
        "Shows a question mark for a sender who is not proved.", default=True
    )
    enable_via_tag: Switch = declare("Shows which server a message came through, where it is another's.", default=True)


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
