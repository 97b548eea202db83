"""Anti-phishing policies: what becomes of mail under a forged sender, and the tips that readers see."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from connectors.microsoft365.builtin_objects import FilterPolicies, filter_kind
from connectors.microsoft365.exchange.service import FILTER_POLICY
from toolkit.sdk import TEXT, Properties, Setting, Spec, Switch, declare

_Forged: TypeAlias = Annotated[Literal["MoveToJmf", "Quarantine"], Setting(TEXT)]


class AntiPhishPolicy(Spec):
    """What one policy does on every licence; what Defender for Office 365 adds is not set here."""

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
