"""Conditions on what a message is and what it carries."""

from typing import Annotated

from connectors.microsoft365.kinds.transport_rule.fields import (
    Extensions,
    Header,
    Importance,
    MessageType,
    Patterns,
    PropertyWords,
    Size,
    SpamLevel,
    SubjectWords,
    Switch,
    Text,
    Words,
)
from connectors.microsoft365.kinds.transport_rule.wording import when
from toolkit.sdk.spec import Spec, Wire


class MessageConditions(Spec):
    """What a rule can ask about subject, text, header fields and kind of message."""

    subject_contains_words: SubjectWords = when(
        "with one of these words in the subject; 128 characters each", ["personal"]
    )
    subject_matches_patterns: Patterns = when("whose subject matches a pattern", [r"^\[?personal\b"])
    subject_or_body_contains_words: SubjectWords = when(
        "with one of these words in subject or text; 128 characters each", ["in confidence"]
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
    message_type_matches: MessageType = when("of this type; AutoForward is mail that a mailbox forwards", "AutoForward")
    message_size_over: Size = when("larger than this, attachments included", "25 MB")
    with_importance: Importance = when("marked with this importance", "High")
    scl_over: Annotated[SpamLevel, Wire("SCLOver")] = when(
        "with this spam confidence level or a higher one; -1 is mail that skipped the filter", 5
    )
    has_classification: Text = when("that carry this message classification", "Internal")
    has_no_classification: Switch = when("without any message classification", True)
    content_character_set_contains_words: Words = when("written in one of these character sets", ["koi8-r"])


class AttachmentConditions(Spec):
    """What a rule can ask about attachments; Exchange looks at the first megabyte of text of each."""

    attachment_contains_words: Words = when("with one of these words in an attachment", ["in confidence"])
    attachment_matches_patterns: Patterns = when("with an attachment whose text matches a pattern", [r"\d{10}"])
    attachment_name_matches_patterns: Patterns = when("with an attachment whose name matches", [r"^invoice.*\.zip$"])
    attachment_extension_matches_words: Extensions = when(
        "with an attachment of one of these file name extensions, without the dot", ["exe", "js", "ps1"]
    )
    attachment_property_contains_words: PropertyWords = when(
        "with an attached document that has one of the words in a property", ["Sensitivity:internal"]
    )
    attachment_size_over: Size = when("with an attachment larger than this", "10 MB")
    attachment_has_executable_content: Switch = when(
        "with a program attached, known by its content; scripts are not meant", True
    )
    attachment_is_password_protected: Switch = when("with an attachment that a password locks", True)
    attachment_is_unsupported: Switch = when("with an attachment that Exchange cannot look into", True)
    attachment_processing_limit_exceeded: Switch = when(
        "with an attachment that took too long to look through; other attachment conditions passed it unseen", True
    )
