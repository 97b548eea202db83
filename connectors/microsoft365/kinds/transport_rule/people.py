"""Conditions on who sends a message and who receives it.

All conditions of a rule must hold; of the entries of one condition any is enough.
"""

from typing import Annotated

from connectors.microsoft365.kinds.transport_rule.fields import (
    Attribute,
    AttributePatterns,
    AttributeWords,
    Comparison,
    Domains,
    Party,
    Patterns,
    Ranges,
    Recipients,
    RecipientScope,
    Relationship,
    SenderScope,
    Words,
)
from connectors.microsoft365.kinds.transport_rule.wording import when
from toolkit.sdk.spec import Spec, Wire


class SenderConditions(Spec):
    """What a rule can ask about the sender."""

    from_: Recipients = when("from one of these people", ["head@example-primary.example"], alias="from")
    from_member_of: Recipients = when("from a member of one of these groups", ["all-staff@example-primary.example"])
    from_scope: SenderScope = when("from inside the organisation, or from outside", "NotInOrganization")
    from_address_contains_words: Words = when("with one of these words in the sender's address", ["newsletter"])
    from_address_matches_patterns: Patterns = when("whose sender's address matches a pattern", [r"^no-?reply@"])
    sender_domain_is: Domains = when("from one of these domains or below it", ["example.org"])
    sender_ip_ranges: Ranges = when("that came from one of these machines or networks", ["192.0.2.0/24"])
    sender_ad_attribute_contains_words: Annotated[AttributeWords, Wire("SenderADAttributeContainsWords")] = when(
        "whose sender has one of the words in an attribute; for people inside only", ["Department:Office,Premises"]
    )
    sender_ad_attribute_matches_patterns: Annotated[AttributePatterns, Wire("SenderADAttributeMatchesPatterns")] = when(
        "whose sender has an attribute that matches; for people inside only", [r"Title:^Head"]
    )
    sender_management_relationship: Relationship = when(
        "whose sender is the manager of the recipient, or reports to them", "Manager"
    )
    manager_addresses: Recipients = when(
        "whose sender or recipient has one of these managers; `manager_for_evaluated_user` says which of the two",
        ["head@example-primary.example"],
    )
    manager_for_evaluated_user: Party = when(
        "judged by the manager of the sender, or of the recipient; goes with `manager_addresses`", "Sender"
    )


class RecipientConditions(Spec):
    """What a rule can ask about the recipients."""

    sent_to: Recipients = when("to one of these people", ["office@example-primary.example"])
    sent_to_member_of: Recipients = when("to a member of one of these groups", ["leadership@example-primary.example"])
    sent_to_scope: RecipientScope = when("that stay inside the organisation, or leave it", "NotInOrganization")
    recipient_address_contains_words: Words = when("with one of these words in a recipient's address", ["parents"])
    recipient_address_matches_patterns: Patterns = when(
        "with a recipient whose address matches a pattern", [r"^class-\d@"]
    )
    any_of_recipient_address_contains_words: Words = when(
        "with one of these words in any recipient's address; treats the message as one for all recipients", ["parents"]
    )
    any_of_recipient_address_matches_patterns: Patterns = when(
        "with any recipient's address that matches; treats the message as one for all recipients", [r"^class-\d@"]
    )
    recipient_domain_is: Domains = when("to one of these domains or below it", ["example.org"])
    recipient_ad_attribute_contains_words: Annotated[AttributeWords, Wire("RecipientADAttributeContainsWords")] = when(
        "with a recipient who has one of the words in an attribute; for people inside only", ["Department:Office"]
    )
    recipient_ad_attribute_matches_patterns: Annotated[
        AttributePatterns, Wire("RecipientADAttributeMatchesPatterns")
    ] = when("with a recipient who has an attribute that matches; for people inside only", [r"Title:^Head"])
    any_of_to_header: Recipients = when("with one of these people in To", ["office@example-primary.example"])
    any_of_to_header_member_of: Recipients = when(
        "with a member of one of these groups in To", ["all-staff@example-primary.example"]
    )
    any_of_cc_header: Recipients = when("with one of these people in Cc", ["office@example-primary.example"])
    any_of_cc_header_member_of: Recipients = when(
        "with a member of one of these groups in Cc", ["all-staff@example-primary.example"]
    )
    any_of_to_cc_header: Recipients = when("with one of these people in To or Cc", ["office@example-primary.example"])
    any_of_to_cc_header_member_of: Recipients = when(
        "with a member of one of these groups in To or Cc", ["all-staff@example-primary.example"]
    )
    between_member_of_1: Recipients = when(
        "between members of these groups and members of those in `between_member_of_2`, either way",
        ["all-staff@example-primary.example"],
    )
    between_member_of_2: Recipients = when(
        "between members of these groups and members of those in `between_member_of_1`, either way",
        ["all-pupils@example-primary.example"],
    )
    ad_comparison_attribute: Annotated[Attribute, Wire("ADComparisonAttribute")] = when(
        "whose sender and recipients compare in this attribute, as `ad_comparison_operator` says", "Department"
    )
    ad_comparison_operator: Annotated[Comparison, Wire("ADComparisonOperator")] = when(
        "whose sender and recipients have the same value in `ad_comparison_attribute`, or another; Equal unless said",
        "NotEqual",
    )
