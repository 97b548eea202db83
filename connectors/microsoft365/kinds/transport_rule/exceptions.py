"""What a rule spares: each exception mirrors the condition of its name, and any one of them is enough."""

import re
from typing import Annotated, Any

from pydantic import Field

from connectors.microsoft365.kinds.transport_rule.fields import (
    Attribute,
    AttributePatterns,
    AttributeWords,
    Comparison,
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
from connectors.microsoft365.kinds.transport_rule.people import (
    AttachmentConditions,
    MessageConditions,
    RecipientConditions,
    SenderConditions,
)
from toolkit.sdk.spec import Spec, Wire

_CONDITIONS = {
    field.alias or name: field
    for conditions in (SenderConditions, RecipientConditions, MessageConditions, AttachmentConditions)
    for name, field in conditions.model_fields.items()
}


def unless(condition: str) -> Any:
    """Declare the exception that mirrors a condition, in the condition's words."""
    field = _CONDITIONS[condition]
    words = (field.description or "").replace("Applies to", "Spares")
    return Field(default=None, description=re.sub(r"`(\w+)`", r"`except_if_\1`", words), examples=field.examples)


class SenderExceptions(Spec):
    """Whose messages a rule spares."""

    except_if_from: Recipients = unless("from")
    except_if_from_member_of: Recipients = unless("from_member_of")
    except_if_from_scope: SenderScope = unless("from_scope")
    except_if_from_address_contains_words: Words = unless("from_address_contains_words")
    except_if_from_address_matches_patterns: Patterns = unless("from_address_matches_patterns")
    except_if_sender_domain_is: Domains = unless("sender_domain_is")
    except_if_sender_ip_ranges: Ranges = unless("sender_ip_ranges")
    except_if_sender_ad_attribute_contains_words: Annotated[
        AttributeWords, Wire("ExceptIfSenderADAttributeContainsWords")
    ] = unless("sender_ad_attribute_contains_words")
    except_if_sender_ad_attribute_matches_patterns: Annotated[
        AttributePatterns, Wire("ExceptIfSenderADAttributeMatchesPatterns")
    ] = unless("sender_ad_attribute_matches_patterns")
    except_if_sender_management_relationship: Relationship = unless("sender_management_relationship")
    except_if_manager_addresses: Recipients = unless("manager_addresses")
    except_if_manager_for_evaluated_user: Party = unless("manager_for_evaluated_user")


class RecipientExceptions(Spec):
    """Messages to whom a rule spares."""

    except_if_sent_to: Recipients = unless("sent_to")
    except_if_sent_to_member_of: Recipients = unless("sent_to_member_of")
    except_if_sent_to_scope: RecipientScope = unless("sent_to_scope")
    except_if_recipient_address_contains_words: Words = unless("recipient_address_contains_words")
    except_if_recipient_address_matches_patterns: Patterns = unless("recipient_address_matches_patterns")
    except_if_any_of_recipient_address_contains_words: Words = unless("any_of_recipient_address_contains_words")
    except_if_any_of_recipient_address_matches_patterns: Patterns = unless("any_of_recipient_address_matches_patterns")
    except_if_recipient_domain_is: Domains = unless("recipient_domain_is")
    except_if_recipient_ad_attribute_contains_words: Annotated[
        AttributeWords, Wire("ExceptIfRecipientADAttributeContainsWords")
    ] = unless("recipient_ad_attribute_contains_words")
    except_if_recipient_ad_attribute_matches_patterns: Annotated[
        AttributePatterns, Wire("ExceptIfRecipientADAttributeMatchesPatterns")
    ] = unless("recipient_ad_attribute_matches_patterns")
    except_if_any_of_to_header: Recipients = unless("any_of_to_header")
    except_if_any_of_to_header_member_of: Recipients = unless("any_of_to_header_member_of")
    except_if_any_of_cc_header: Recipients = unless("any_of_cc_header")
    except_if_any_of_cc_header_member_of: Recipients = unless("any_of_cc_header_member_of")
    except_if_any_of_to_cc_header: Recipients = unless("any_of_to_cc_header")
    except_if_any_of_to_cc_header_member_of: Recipients = unless("any_of_to_cc_header_member_of")
    except_if_between_member_of_1: Recipients = unless("between_member_of_1")
    except_if_between_member_of_2: Recipients = unless("between_member_of_2")
    except_if_ad_comparison_attribute: Annotated[Attribute, Wire("ExceptIfADComparisonAttribute")] = unless(
        "ad_comparison_attribute"
    )
    except_if_ad_comparison_operator: Annotated[Comparison, Wire("ExceptIfADComparisonOperator")] = unless(
        "ad_comparison_operator"
    )


class MessageExceptions(Spec):
    """What a rule spares for what it is."""

    except_if_subject_contains_words: SubjectWords = unless("subject_contains_words")
    except_if_subject_matches_patterns: Patterns = unless("subject_matches_patterns")
    except_if_subject_or_body_contains_words: SubjectWords = unless("subject_or_body_contains_words")
    except_if_subject_or_body_matches_patterns: Patterns = unless("subject_or_body_matches_patterns")
    except_if_header_contains_message_header: Header = unless("header_contains_message_header")
    except_if_header_contains_words: Words = unless("header_contains_words")
    except_if_header_matches_message_header: Header = unless("header_matches_message_header")
    except_if_header_matches_patterns: Patterns = unless("header_matches_patterns")
    except_if_message_type_matches: MessageType = unless("message_type_matches")
    except_if_message_size_over: Size = unless("message_size_over")
    except_if_with_importance: Importance = unless("with_importance")
    except_if_scl_over: Annotated[SpamLevel, Wire("ExceptIfSCLOver")] = unless("scl_over")
    except_if_has_classification: Text = unless("has_classification")
    except_if_has_no_classification: Switch = unless("has_no_classification")
    except_if_content_character_set_contains_words: Words = unless("content_character_set_contains_words")


class AttachmentExceptions(Spec):
    """What a rule spares for what is attached."""

    except_if_attachment_contains_words: Words = unless("attachment_contains_words")
    except_if_attachment_matches_patterns: Patterns = unless("attachment_matches_patterns")
    except_if_attachment_name_matches_patterns: Patterns = unless("attachment_name_matches_patterns")
    except_if_attachment_extension_matches_words: Extensions = unless("attachment_extension_matches_words")
    except_if_attachment_property_contains_words: PropertyWords = unless("attachment_property_contains_words")
    except_if_attachment_size_over: Size = unless("attachment_size_over")
    except_if_attachment_has_executable_content: Switch = unless("attachment_has_executable_content")
    except_if_attachment_is_password_protected: Switch = unless("attachment_is_password_protected")
    except_if_attachment_is_unsupported: Switch = unless("attachment_is_unsupported")
    except_if_attachment_processing_limit_exceeded: Switch = unless("attachment_processing_limit_exceeded")
