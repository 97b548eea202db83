"""What a rule does with the messages that it applies to."""

from typing import Annotated

from connectors.microsoft365.kinds.transport_rule.fields import (
    AddedAs,
    Disclaimer,
    Fallback,
    Header,
    Notification,
    Place,
    Recipient,
    Recipients,
    Refusal,
    ReportContents,
    Severity,
    SpamLevel,
    StatusCode,
    Switch,
    TenRecipients,
    Text,
)
from connectors.microsoft365.kinds.transport_rule.pairs import then
from toolkit.sdk import (
    Effect,
    Harmless,
    Spec,
    ValueChange,
    Wire,
    becomes,
    begins,
    changes,
    declare_effects,
    raises,
    switches_on,
)


def redirect_effect(stops: ValueChange) -> Effect:
    return Effect("mail that meets a rule goes to other people instead", stops)


_ENCRYPTED = "mail that meets a rule opens only after a sign-in or with a code"


class DeliveryActions(Spec):
    """Who gets the message, or that no one does."""

    effects = declare_effects(
        {
            "add_manager_as_recipient_type": Effect(
                "mail that meets a rule goes to other people instead", becomes("Redirect")
            ),
            "redirect_message_to": redirect_effect(changes),
            "moderate_message_by_user": Effect("mail that meets a rule waits for an approval", begins),
            "moderate_message_by_manager": Effect("mail that meets a rule waits for an approval", switches_on),
            "delete_message": Effect("mail that meets a rule is deleted", switches_on),
            "quarantine": Effect("mail that meets a rule goes into quarantine", switches_on),
            **dict.fromkeys(
                ("reject_message_reason_text", "reject_message_enhanced_status_code"),
                Effect("mail that meets a rule is rejected", begins),
            ),
            "route_message_outbound_connector": Effect("mail that meets a rule leaves by another way", changes),
            "route_message_outbound_require_tls": Effect(
                "mail that meets a rule does not reach servers without encryption", switches_on
            ),
            "stop_rule_processing": Effect("later mail rules no longer apply to mail that meets a rule", switches_on),
        },
        {Harmless.NOTICE: ("add_to_recipients", "copy_to", "blind_copy_to")},
    )

    add_to_recipients: Recipients = then(
        "Adds these people to To, for everybody to see", ["office@example-primary.example"]
    )
    copy_to: Recipients = then("Adds these people to Cc", ["office@example-primary.example"])
    blind_copy_to: Recipients = then("Adds these people to Bcc, unseen", ["safeguarding@example-primary.example"])
    add_manager_as_recipient_type: AddedAs = then(
        "Adds the sender's manager in this way; Redirect sends to no one else", "Cc"
    )
    redirect_message_to: TenRecipients = then(
        "Delivers to these people, at most 10, instead of the recipients, who learn nothing of it",
        ["office@example-primary.example"],
    )
    moderate_message_by_user: TenRecipients = then(
        "Holds the message until one of these people, at most 10, lets it through", ["head@example-primary.example"]
    )
    moderate_message_by_manager: Switch = then("Holds the message until the sender's manager lets it through", True)
    delete_message: Switch = then("Drops the message; neither sender nor recipients are told", True)
    quarantine: Switch = then("Puts the message into the hosted quarantine", True)
    reject_message_reason_text: Refusal = then(
        "Rejects the message and tells the sender this, in at most 1,024 characters; with the code 5.7.1 unless said",
        "The school does not accept programs by mail.",
    )
    reject_message_enhanced_status_code: StatusCode = then(
        "Rejects the message with this status code, 5.7.1 or one from 5.7.900 to 5.7.999", "5.7.900"
    )
    route_message_outbound_connector: Text = then("Sends the message out through this connector", "Trust gateway")
    route_message_outbound_require_tls: Switch = then("Sends the message out only over an encrypted connection", True)
    stop_rule_processing: Switch = then("Leaves out all rules after this one", True)


class ContentActions(Spec):
    """How the message is changed or marked."""

    effects = declare_effects(
        {
            "apply_html_disclaimer_fallback_action": Effect(
                "mail that cannot take a notice, such as signed mail, is rejected", becomes("Reject")
            ),
            "set_scl": Effect("mail that meets a rule can be caught as spam", raises),
            "apply_rights_protection_template": Effect(_ENCRYPTED, begins),
            "apply_ome": Effect(_ENCRYPTED, switches_on),
        },
        {
            Harmless.TEXT: (
                "apply_html_disclaimer_text",
                "apply_html_disclaimer_location",
                "prepend_subject",
                "apply_classification",
                "apply_rights_protection_customization_template",
            ),
            Harmless.RECORD: ("set_header_name", "set_header_value", "remove_header"),
            Harmless.RELAXES: ("remove_ome", "remove_ome_v2", "remove_rms_attachment_encryption"),
        },
    )

    apply_html_disclaimer_text: Disclaimer = then(
        "Writes this HTML into the message, at most 5,000 characters", "<p>Example Primary School</p>"
    )
    apply_html_disclaimer_location: Place = then(
        "Says whether `apply_html_disclaimer_text` stands below the message or above it; Append unless said", "Prepend"
    )
    apply_html_disclaimer_fallback_action: Fallback = then(
        "Says what becomes of a message that cannot be written into, such as a signed one: it is attached to a new one "
        "that has `apply_html_disclaimer_text`, goes without, or is rejected; Wrap unless said",
        "Ignore",
    )
    prepend_subject: Text = then("Writes this before the subject; end it with a space", "[External] ")
    set_header_name: Header = then("Sets the header field of this name to `set_header_value`", "X-School-Checked")
    set_header_value: Text = then("Gives the header field `set_header_name` this value", "yes")
    remove_header: Header = then("Removes the header field of this name", "X-Originating-IP")
    set_scl: Annotated[SpamLevel, Wire("SetSCL")] = then(
        "Sets the spam confidence level; -1 skips the spam filter, so keep it to senders who cannot be forged", 6
    )
    apply_classification: Text = then("Gives the message this classification", "Internal")
    apply_rights_protection_template: Text = then("Protects the message with this rights template", "Do Not Forward")
    apply_rights_protection_customization_template: Text = then(
        "Gives the page on which outsiders read the message this branding; needs `apply_rights_protection_template`",
        "School branding",
    )
    apply_ome: Annotated[Switch, Wire("ApplyOME")] = then(
        "Encrypts with the old message encryption; prefer `apply_rights_protection_template`", True
    )
    remove_ome: Annotated[Switch, Wire("RemoveOME")] = then("Takes the old message encryption off", True)
    remove_ome_v2: Annotated[Switch, Wire("RemoveOMEv2")] = then("Takes the school's own message encryption off", True)
    remove_rms_attachment_encryption: Annotated[Switch, Wire("RemoveRMSAttachmentEncryption")] = then(
        "Takes rights protection off attachments of protected messages", True
    )


class ReportActions(Spec):
    """Who hears of it."""

    effects = declare_effects(
        {},
        {
            Harmless.NOTICE: ("generate_incident_report", "incident_report_content", "generate_notification"),
            Harmless.RECORD: ("set_audit_severity",),
        },
    )

    generate_incident_report: Recipient = then(
        "Sends a report on each message to this address; `incident_report_content` lists what is in it",
        "safeguarding@example-primary.example",
    )
    incident_report_content: ReportContents = then(
        "Lists what is in the report to `generate_incident_report`; AttachOriginalMail hands the message itself on",
        ["Sender", "Recipients", "Subject"],
    )
    generate_notification: Notification = then(
        "Sends the recipients this HTML, at most 5,120 characters", "<p>A message to you was stopped.</p>"
    )
    set_audit_severity: Severity = then("Marks matches with this severity in reports", "Low")
