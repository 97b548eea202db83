"""Conditions on the sender, recipients, content and attachments of a message, and the exceptions from them.

A rule applies to a message that meets all its conditions. A message meets a condition if it matches any entry of the
condition. Exceptions have the names of conditions with `except_if_` before them, and one exception is enough to exclude
a message.
"""

import re
from typing import Annotated, Any, get_args, get_type_hints

from pydantic import Field, create_model
from pydantic.fields import FieldInfo

from connectors.microsoft365.kinds.transport_rule.fields import (
    Attribute,
    AttributePatterns,
    AttributeWords,
    Comparison,
    Correspondents,
    Domains,
    Extensions,
    Header,
    Importance,
    MessageType,
    Party,
    Patterns,
    PropertyWords,
    Ranges,
    Recipients,
    RecipientScope,
    Relationship,
    SenderScope,
    Size,
    SpamLevel,
    SubjectWords,
    Switch,
    Text,
    Words,
)
from connectors.microsoft365.kinds.transport_rule.paired_settings import when
from toolkit.sdk import Spec, Wire


class MessageConditions(Spec):
    """Conditions on the subject, text, header fields and type of a message."""

    subject_contains_words: SubjectWords = when(
        "with one of these words in the subject, at most 128 characters each", ["personal"]
    )
    subject_matches_patterns: Patterns = when("whose subject matches a pattern", [r"^\[?personal\b"])
    subject_or_body_contains_words: SubjectWords = when(
        "with one of these words in the subject or text, at most 128 characters each", ["in confidence"]
    )
    subject_or_body_matches_patterns: Patterns = when(
        "whose subject or visible text matches a pattern", [r"\d{3} \d{3} \d{4}"]
    )
    header_contains_message_header: Header = when(
        "with one of the `header_contains_words` in this header field", "X-School-Checked"
    )
    header_contains_words: Words = when(
        "with one of these words in the header field that `header_contains_message_header` names", ["yes"]
    )
    header_matches_message_header: Header = when(
        "whose header field of this name matches one of `header_matches_patterns`", "X-Mailer"
    )
    header_matches_patterns: Patterns = when(
        "that match in the header field that `header_matches_message_header` names", [r"^PHPMailer"]
    )
    message_type_matches: MessageType = when("of this type. AutoForward is mail that a mailbox forwards", "AutoForward")
    message_size_over: Size = when("larger than this, attachments included", "25 MB")
    with_importance: Importance = when("marked with this importance", "High")
    scl_over: Annotated[SpamLevel, Wire("SCLOver")] = when(
        "with this spam confidence level or a higher one. -1 is mail that skipped the filter", 5
    )
    has_classification: Text = when("that carry this message classification", "Internal")
    has_no_classification: Switch = when("without any message classification", True)
    content_character_set_contains_words: Words = when("written in one of these character sets", ["koi8-r"])


class AttachmentConditions(Spec):
    """Conditions on attachments. Exchange searches only the first megabyte of text of each."""

    attachment_contains_words: Words = when("with one of these words in an attachment", ["in confidence"])
    attachment_matches_patterns: Patterns = when("with an attachment whose text matches a pattern", [r"\d{10}"])
    attachment_name_matches_patterns: Patterns = when("with an attachment whose name matches", [r"^invoice.*\.zip$"])
    attachment_extension_matches_words: Extensions = when(
        "with an attachment that has any of these file name extensions, without the dot", ["exe", "js", "ps1"]
    )
    attachment_property_contains_words: PropertyWords = when(
        "with an attached document that has one of the words in a property", ["Sensitivity:internal"]
    )
    attachment_size_over: Size = when("with an attachment larger than this", "10 MB")
    attachment_has_executable_content: Switch = when(
        "with a program attached, recognised by its content. Scripts are not included", True
    )
    attachment_is_password_protected: Switch = when("with a password-protected attachment", True)
    attachment_is_unsupported: Switch = when("with an attachment that Exchange cannot inspect", True)
    attachment_processing_limit_exceeded: Switch = when(
        "with an attachment that took too long to inspect and was not checked by other attachment conditions", True
    )


class SenderConditions(Spec):
    """Conditions on the sender."""

    from_: Correspondents = when("from one of these people", ["head@example-primary.example"], alias="from")
    from_member_of: Recipients = when("from a member of any of these groups", ["all-staff@example-primary.example"])
    from_scope: SenderScope = when("from inside the organisation, or from outside", "NotInOrganization")
    from_address_contains_words: Words = when("with one of these words in the sender's address", ["newsletter"])
    from_address_matches_patterns: Patterns = when("whose sender's address matches a pattern", [r"^no-?reply@"])
    sender_domain_is: Domains = when("from one of these domains or below it", ["example.org"])
    sender_ip_ranges: Ranges = when("that came from one of these IP addresses or networks", ["192.0.2.0/24"])
    sender_ad_attribute_contains_words: Annotated[AttributeWords, Wire("SenderADAttributeContainsWords")] = when(
        "whose sender has one of the words in an attribute. Only for people inside the organisation",
        ["Department:Office,Premises"],
    )
    sender_ad_attribute_matches_patterns: Annotated[AttributePatterns, Wire("SenderADAttributeMatchesPatterns")] = when(
        "whose sender has an attribute that matches. Only for people inside the organisation", [r"Title:^Head"]
    )
    sender_management_relationship: Relationship = when(
        "whose sender manages the recipient, or reports to the recipient", "Manager"
    )
    manager_addresses: Recipients = when(
        "whose sender or recipient has one of these managers. `manager_for_evaluated_user` chooses between the two",
        ["head@example-primary.example"],
    )
    manager_for_evaluated_user: Party = when(
        "judged by the manager of the sender or of the recipient. Requires `manager_addresses`", "Sender"
    )


class RecipientConditions(Spec):
    """Conditions on the recipients."""

    sent_to: Correspondents = when("to one of these people", ["office@example-primary.example"])
    sent_to_member_of: Recipients = when("to a member of any of these groups", ["leadership@example-primary.example"])
    sent_to_scope: RecipientScope = when("that stay inside the organisation or leave it", "NotInOrganization")
    recipient_address_contains_words: Words = when("with one of these words in a recipient's address", ["parents"])
    recipient_address_matches_patterns: Patterns = when(
        "with a recipient whose address matches a pattern", [r"^class-\d@"]
    )
    any_of_recipient_address_contains_words: Words = when(
        "with one of these words in any recipient's address. The action applies to all recipients", ["parents"]
    )
    any_of_recipient_address_matches_patterns: Patterns = when(
        "with any recipient's address that matches. The action applies to all recipients", [r"^class-\d@"]
    )
    recipient_domain_is: Domains = when("to one of these domains or below it", ["example.org"])
    recipient_ad_attribute_contains_words: Annotated[AttributeWords, Wire("RecipientADAttributeContainsWords")] = when(
        "with a recipient who has one of the words in an attribute. Only for people inside the organisation",
        ["Department:Office"],
    )
    recipient_ad_attribute_matches_patterns: Annotated[
        AttributePatterns, Wire("RecipientADAttributeMatchesPatterns")
    ] = when(
        "with a recipient who has an attribute that matches. Only for people inside the organisation", [r"Title:^Head"]
    )
    any_of_to_header: Recipients = when("with one of these people in To", ["office@example-primary.example"])
    any_of_to_header_member_of: Recipients = when(
        "with a member of any of these groups in To", ["all-staff@example-primary.example"]
    )
    any_of_cc_header: Recipients = when("with one of these people in Cc", ["office@example-primary.example"])
    any_of_cc_header_member_of: Recipients = when(
        "with a member of any of these groups in Cc", ["all-staff@example-primary.example"]
    )
    any_of_to_cc_header: Recipients = when("with one of these people in To or Cc", ["office@example-primary.example"])
    any_of_to_cc_header_member_of: Recipients = when(
        "with a member of any of these groups in To or Cc", ["all-staff@example-primary.example"]
    )
    between_member_of_1: Recipients = when(
        "between members of these groups and members of the groups in `between_member_of_2`, in either direction",
        ["all-staff@example-primary.example"],
    )
    between_member_of_2: Recipients = when(
        "between members of these groups and members of the groups in `between_member_of_1`, in either direction",
        ["all-pupils@example-primary.example"],
    )
    ad_comparison_attribute: Annotated[Attribute, Wire("ADComparisonAttribute")] = when(
        "whose sender and recipients have the same or different values in this attribute, as "
        "`ad_comparison_operator` sets",
        "Department",
    )
    ad_comparison_operator: Annotated[Comparison, Wire("ADComparisonOperator")] = when(
        "whose sender and recipients have the same value (Equal, the default) or different values "
        "(NotEqual) in `ad_comparison_attribute`",
        "NotEqual",
    )


CONDITIONS = [
    field.alias or name
    for conditions in (SenderConditions, RecipientConditions, MessageConditions, AttachmentConditions)
    for name, field in conditions.model_fields.items()
]
"""The names of all conditions."""


def _create_exceptions(name: str, about: str, conditions: type[Spec]) -> Any:
    """Return a spec with an exception for each condition of a spec. The descriptions are the same."""
    types = get_type_hints(conditions, include_extras=True)
    fields: dict[str, Any] = {
        f"except_if_{field.alias or condition}": (_to_exception_type(types[condition]), _to_exception_field(field))
        for condition, field in conditions.model_fields.items()
    }
    return create_model(name, __base__=Spec, __doc__=about, __module__=__name__, **fields)


def _to_exception_type(condition: Any) -> Any:
    """Return the type of an exception: the condition's type, with ExceptIf before Exchange's name."""
    plain, *notes = get_args(condition)
    return Annotated[plain, *(Wire(f"ExceptIf{note.name}") if isinstance(note, Wire) else note for note in notes)]


def _to_exception_field(condition: FieldInfo) -> Any:
    words = (condition.description or "").replace("Applies to", "Excludes")
    return Field(default=None, description=re.sub(r"`(\w+)`", r"`except_if_\1`", words), examples=condition.examples)


SenderExceptions: Any = _create_exceptions("SenderExceptions", "Exceptions by sender.", SenderConditions)
RecipientExceptions: Any = _create_exceptions("RecipientExceptions", "Exceptions by recipient.", RecipientConditions)
MessageExceptions: Any = _create_exceptions(
    "MessageExceptions", "The exceptions by subject, text, header fields and type of a message.", MessageConditions
)
AttachmentExceptions: Any = _create_exceptions(
    "AttachmentExceptions", "Exceptions by attachment.", AttachmentConditions
)
