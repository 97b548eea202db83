"""The actions that a mail rule takes on a message."""

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
from connectors.microsoft365.kinds.transport_rule.paired_settings import then
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


def redirect_effect(change: ValueChange) -> Effect:
    return Effect("mail that matches a rule goes to other people instead", change)


_ENCRYPTED = "mail that matches a rule opens only after a sign-in or with a code"


class DeliveryActions(Spec):
    """The actions that decide who gets a message, or that no one gets it."""

    effects = declare_effects(
        {
            "add_manager_as_recipient_type": Effect(
                "mail that matches a rule goes to other people instead", becomes("Redirect")
            ),
            "redirect_message_to": redirect_effect(changes),
            "moderate_message_by_user": Effect("mail that matches a rule waits for approval", begins),
            "moderate_message_by_manager": Effect("mail that matches a rule waits for approval", switches_on),
            "delete_message": Effect("mail that matches a rule is deleted", switches_on),
            "quarantine": Effect("mail that matches a rule goes into quarantine", switches_on),
            **dict.fromkeys(
                ("reject_message_reason_text", "reject_message_enhanced_status_code"),
                Effect("mail that matches a rule is rejected", begins),
            ),
            "route_message_outbound_connector": Effect("mail that matches a rule leaves by another route", changes),
            "route_message_outbound_require_tls": Effect(
                "mail that matches a rule does not reach servers without encryption", switches_on
            ),
            "stop_rule_processing": Effect("later mail rules no longer apply to mail that matches a rule", switches_on),
        },
        {Harmless.NOTICE: ("add_to_recipients", "copy_to", "blind_copy_to")},
    )

    add_to_recipients: Recipients = then(
        "Adds these people to To, where everyone sees them", ["office@example-primary.example"]
    )
    copy_to: Recipients = then("Adds these people to Cc", ["office@example-primary.example"])
    blind_copy_to: Recipients = then(
        "Adds these people to Bcc, so that other recipients do not see them", ["safeguarding@example-primary.example"]
    )
    add_manager_as_recipient_type: AddedAs = then(
        "Adds the sender's manager as this type of recipient. Redirect sends the message only to the manager", "Cc"
    )
    redirect_message_to: TenRecipients = then(
        "Delivers to these people, at most 10, instead of the recipients, who are not notified",
        ["office@example-primary.example"],
    )
    moderate_message_by_user: TenRecipients = then(
        "Holds the message until one of these people, at most 10, approves it", ["head@example-primary.example"]
    )
    moderate_message_by_manager: Switch = then("Holds the message until the sender's manager approves it", True)
    delete_message: Switch = then("Deletes the message without notifying the sender or the recipients", True)
    quarantine: Switch = then("Puts the message into the hosted quarantine", True)
    reject_message_reason_text: Refusal = then(
        "Rejects the message and sends the sender this text, at most 1,024 characters. The status code "
        "is 5.7.1 by default",
        "The school does not accept programs by mail.",
    )
    reject_message_enhanced_status_code: StatusCode = then(
        "Rejects the message with this status code: 5.7.1, or 5.7.900 to 5.7.999", "5.7.900"
    )
    route_message_outbound_connector: Text = then("Sends the message out through this connector", "Trust gateway")
    route_message_outbound_require_tls: Switch = then("Sends the message out only over an encrypted connection", True)
    stop_rule_processing: Switch = then("Skips all later rules", True)


class ContentActions(Spec):
    """The actions that change or mark a message."""

    effects = declare_effects(
        {
            "apply_html_disclaimer_fallback_action": Effect(
                "mail is rejected if a notice cannot be added to it, such as signed mail", becomes("Reject")
            ),
            "set_scl": Effect("mail that matches a rule can be treated as spam", raises),
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
        "Adds this HTML to the message, at most 5,000 characters", "<p>Example Primary School</p>"
    )
    apply_html_disclaimer_location: Place = then(
        "Whether `apply_html_disclaimer_text` is below (Append, the default) or above the message (Prepend)", "Prepend"
    )
    apply_html_disclaimer_fallback_action: Fallback = then(
        "Action if the text cannot be added to a message, such as a signed one. Wrap (the default) "
        "attaches the message to a new one with `apply_html_disclaimer_text`, Ignore sends it without "
        "the text, and Reject rejects it",
        "Ignore",
    )
    prepend_subject: Text = then("Adds this before the subject. End it with a space", "[External] ")
    set_header_name: Header = then("Sets the header field of this name to `set_header_value`", "X-School-Checked")
    set_header_value: Text = then("Value of the header field `set_header_name`", "yes")
    remove_header: Header = then("Removes the header field of this name", "X-Originating-IP")
    set_scl: Annotated[SpamLevel, Wire("SetSCL")] = then(
        "Sets the spam confidence level. Because -1 skips the spam filter, use it only for senders who "
        "cannot be forged",
        6,
    )
    apply_classification: Text = then("Gives the message this classification", "Internal")
    apply_rights_protection_template: Text = then("Protects the message with this rights template", "Do Not Forward")
    apply_rights_protection_customization_template: Text = then(
        "Branding of the page on which people outside read the message. Requires `apply_rights_protection_template`",
        "School branding",
    )
    apply_ome: Annotated[Switch, Wire("ApplyOME")] = then(
        "Encrypts with the old message encryption. `apply_rights_protection_template` is better", True
    )
    remove_ome: Annotated[Switch, Wire("RemoveOME")] = then("Removes the old message encryption", True)
    remove_ome_v2: Annotated[Switch, Wire("RemoveOMEv2")] = then("Removes the school's own message encryption", True)
    remove_rms_attachment_encryption: Annotated[Switch, Wire("RemoveRMSAttachmentEncryption")] = then(
        "Removes rights protection from attachments of protected messages", True
    )


class ReportActions(Spec):
    """The actions that report a message or notify people about it."""

    effects = declare_effects(
        {},
        {
            Harmless.NOTICE: ("generate_incident_report", "incident_report_content", "generate_notification"),
            Harmless.RECORD: ("set_audit_severity",),
        },
    )

    generate_incident_report: Recipient = then(
        "Sends a report on each message to this address. `incident_report_content` lists its content",
        "safeguarding@example-primary.example",
    )
    incident_report_content: ReportContents = then(
        "Content of the report to `generate_incident_report`. AttachOriginalMail attaches the message",
        ["Sender", "Recipients", "Subject"],
    )
    generate_notification: Notification = then(
        "Sends the recipients this HTML, at most 5,120 characters", "<p>A message to you was stopped.</p>"
    )
    set_audit_severity: Severity = then("Marks matches with this severity in reports", "Low")
