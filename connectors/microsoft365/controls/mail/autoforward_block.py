"""Automatic forwarding, off in every outbound policy and remote domain, with a rule that says why."""

from connectors.microsoft365.controls.targets import sent_by, sparing_protected
from toolkit.controls.mail.autoforward_block import AutoforwardBlock
from toolkit.sdk.address import EVERY
from toolkit.sdk.part import ControlContext, Level, Part, Realisation, Resource


def realise(wanted: AutoforwardBlock, context: ControlContext) -> Realisation:
    """Close the two switches that decide, and explain it to who tries."""
    rule = Resource(
        "transport_rule",
        "School auto-forward notice",
        {
            **sent_by(context),
            "sent_to_scope": "NotInOrganization",
            "message_type_matches": "AutoForward",
            "reject_message_reason_text": wanted.explanation,
            "reject_message_enhanced_status_code": "5.7.1",
            **sparing_protected(context),
        },
    )
    return Realisation(
        (
            Part(
                name="outbound spam policies",
                level=Level.ENFORCED,
                covers="forwarding by rule or mailbox setting, in every outbound policy that the tenant has",
                resources=(Resource("outbound_spam_policy", EVERY, {"auto_forwarding_mode": "Off"}),),
            ),
            Part(
                name="remote domains",
                level=Level.ENFORCED,
                covers="forwarding by a client to any domain",
                resources=(Resource("remote_domain", EVERY, {"auto_forward_enabled": False}),),
            ),
            Part(
                name="explanation",
                level=Level.ENFORCED,
                covers="tells the sender why a message was not forwarded",
                resources=(rule,),
                needed=False,
            ),
        )
    )
