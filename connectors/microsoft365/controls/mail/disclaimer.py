"""The disclaimer as a mail rule that appends it."""

from connectors.microsoft365.controls.targets import sent_by
from toolkit.controls.mail.disclaimer import Disclaimer
from toolkit.sdk.part import ControlContext, Level, Part, Realisation, Resource
from toolkit.values import Json

NAME = "School disclaimer"
PILOTS = True


def realise(wanted: Disclaimer, context: ControlContext) -> Realisation:
    """Append the text once a thread, except where appending breaks the message."""
    rule: dict[str, Json] = {
        **sent_by(context),
        **({"sent_to_scope": "NotInOrganization"} if wanted.scope == "outgoing" else {}),
        "apply_html_disclaimer_text": wanted.text_file,
        "apply_html_disclaimer_location": "Append",
        "apply_html_disclaimer_fallback_action": wanted.fallback.capitalize(),
        "except_if_subject_or_body_contains_words": [wanted.phrase],
        # A rule takes one message type only; signed and encrypted mail and automatic replies are told by a header.
        "except_if_message_type_matches": "Calendaring",
        "except_if_header_matches_message_header": "Content-Type",
        "except_if_header_matches_patterns": ["multipart/signed", "multipart/encrypted", "pkcs7-mime", "rpmsg"],
        "except_if_header_contains_message_header": "Auto-Submitted",
        "except_if_header_contains_words": ["auto-replied", "auto-generated"],
    }
    if wanted.machines:
        rule["except_if_recipient_address_contains_words"] = list(wanted.machines)
    part = Part(
        name="mail rule",
        level=Level.ENFORCED,
        covers="mail that leaves the school" if wanted.scope == "outgoing" else "all mail that the school sends",
        limits=(
            "a message that quotes the phrase counts as carrying the disclaimer",
            "signed, encrypted and automatic messages and calendar items go without it",
            "mail sent by other systems in the school's name does not pass this rule",
        ),
        resources=(Resource("transport_rule", NAME, rule),),
        pilots=True,
    )
    return Realisation((part,))
