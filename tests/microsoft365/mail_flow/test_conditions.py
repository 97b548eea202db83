"""The conditions of Exchange that the walk decides: yes, no, and unknown with a reason."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from connectors.microsoft365.kinds.transport_rule.conditions import CONDITIONS
from connectors.microsoft365.mail_flow.conditions import DECIDED, SECOND_OF_PAIR, read_conditions
from toolkit.sdk import MailAttachment, MailDirectory, MailMessage, MailRecipient

HEAD, TEACHER, PUPIL = "head@school.example", "teacher@school.example", "pupil@school.example"
STAFF, PUPILS, HIDDEN = "staff@school.example", "pupils@school.example", "hidden@school.example"
PARENT = "parent@parents.example"
DIRECTORY = MailDirectory(
    frozenset({"school.example"}),
    {
        **{address: MailRecipient(address) for address in (HEAD, TEACHER, PUPIL)},
        "boss@school.example": MailRecipient(HEAD),  # another address of the head
    },
    {STAFF: frozenset({HEAD, TEACHER}), PUPILS: frozenset({PUPIL})},
    {HIDDEN: "its members are hidden"},
)
MESSAGE = MailMessage(
    sender=PARENT,
    to_addresses=(HEAD,),
    cc=(TEACHER,),
    subject="Trip to the zoo",
    body="My number is 943 476 5919.",
    size=2_000_000,
    ip="203.0.113.9",
    headers=(("x-mailer", "PHPMailer 6"),),
)
UNKNOWN = replace(MESSAGE, subject=None, body=None, size=None, ip=None, headers=(), type=None)
WITH_FILE = replace(
    MESSAGE,
    attachments=(MailAttachment("Invoice 1.PDF", 3_000_000, "in confidence", is_encrypted=False, is_program=False),),
)
FROM_STAFF = replace(MESSAGE, sender=TEACHER, to_addresses=(PUPIL,), cc=(), is_authenticated=True)


def decide(settings: Mapping[str, Any], message: MailMessage = MESSAGE, recipient: str = HEAD) -> bool | None:
    return read_conditions(settings, CONDITIONS).apply(message, recipient, DIRECTORY).value


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, True),
        ({"from": (PARENT,)}, True),
        ({"from": (HEAD,)}, False),
        ({"from_scope": "NotInOrganization"}, True),
        ({"from_scope": "InOrganization"}, False),
        ({"from_address_contains_words": ("parents",)}, True),
        ({"from_address_contains_words": ("paren",)}, False),
        ({"from_address_matches_patterns": ("^PARENT@",)}, True),
        ({"sender_domain_is": ("example",)}, True),
        ({"sender_domain_is": ("arents.example",)}, False),
        ({"sender_ip_ranges": ("203.0.113.0/24",)}, True),
        ({"sender_ip_ranges": ("203.0.113.1-203.0.113.8", "198.51.100.1")}, False),
        ({"sender_ad_attribute_contains_words": ("Department:Office",)}, False),
        ({"sent_to": ("boss@school.example",)}, True),
        ({"sent_to": (TEACHER,)}, False),
        ({"sent_to_member_of": (STAFF,)}, True),
        ({"sent_to_member_of": (PUPILS,)}, False),
        ({"sent_to_member_of": (HIDDEN,)}, None),
        ({"sent_to_member_of": (HIDDEN, STAFF)}, True),
        ({"sent_to_scope": "InOrganization"}, True),
        ({"sent_to_scope": "NotInOrganization"}, False),
        ({"recipient_address_contains_words": ("head",)}, True),
        ({"recipient_address_contains_words": ("head@",)}, None),
        ({"recipient_address_matches_patterns": (r"^class-\d@",)}, False),
        ({"any_of_recipient_address_contains_words": ("school.example",)}, True),
        ({"any_of_recipient_address_contains_words": ("teacher",)}, True),  # in Cc, and it counts for everyone
        ({"recipient_address_contains_words": ("teacher",)}, False),
        ({"any_of_recipient_address_matches_patterns": (r"^teacher@",)}, True),
        ({"recipient_domain_is": ("school.example",)}, True),
        ({"recipient_ad_attribute_contains_words": ("Title:Head",)}, None),
        ({"any_of_to_header": (HEAD,)}, True),
        ({"any_of_cc_header": (HEAD,)}, False),
        ({"any_of_to_cc_header": (TEACHER,)}, True),
        ({"any_of_to_header_member_of": (STAFF,)}, True),
        ({"any_of_cc_header_member_of": (PUPILS,)}, False),
        ({"between_member_of_1": (STAFF,), "between_member_of_2": (PUPILS,)}, False),
        ({"subject_contains_words": ("trip",)}, True),
        ({"subject_contains_words": ("zo",)}, False),
        ({"subject_matches_patterns": (r"^trip\b",)}, True),
        ({"subject_or_body_contains_words": ("number",)}, True),
        ({"subject_or_body_matches_patterns": (r"\d{3} \d{3} \d{4}",)}, True),
        ({"header_contains_message_header": "X-Mailer", "header_contains_words": ("phpmailer",)}, True),
        ({"header_matches_message_header": "X-Other", "header_matches_patterns": (".",)}, False),
        ({"header_contains_message_header": "Subject", "header_contains_words": ("zoo",)}, True),
        ({"message_type_matches": "AutoForward"}, False),
        ({"message_size_over": 1_000_000}, True),
        ({"message_size_over": 2_000_000}, None),
        ({"message_size_over": 3_000_000}, False),
        ({"with_importance": "High"}, False),
        ({"scl_over": 5}, None),
        ({"has_classification": "Internal"}, None),
        ({"attachment_has_executable_content": True}, False),
        ({"attachment_contains_words": ("x",)}, False),
        ({"attachment_is_unsupported": True}, False),
        ({"subject_contains_words": ("trip",), "except_if_from": (PARENT,)}, False),
        ({"subject_contains_words": ("trip",), "except_if_sent_to_member_of": (HIDDEN,)}, None),
        ({"subject_contains_words": ("other",), "except_if_sent_to_member_of": (HIDDEN,)}, False),
        ({"except_if_sent_to_member_of": (HIDDEN,), "except_if_from": (PARENT,)}, False),
    ],
    ids=str,
)
def test_a_condition_is_decided_for_a_message_from_outside(settings: Mapping[str, Any], expected: bool | None) -> None:  # noqa: FBT001
    assert decide(settings) is expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"from_member_of": (STAFF,)}, True),
        ({"from_member_of": (PUPILS,)}, False),
        ({"from_scope": "InOrganization"}, True),
        ({"between_member_of_1": (PUPILS,), "between_member_of_2": (STAFF,)}, True),
        ({"sender_ad_attribute_contains_words": ("Department:Office",)}, None),
        ({"sender_management_relationship": "Manager"}, None),
    ],
    ids=str,
)
def test_a_condition_is_decided_for_a_message_inside(settings: Mapping[str, Any], expected: bool | None) -> None:  # noqa: FBT001
    assert decide(settings, FROM_STAFF, PUPIL) is expected


def test_a_sender_with_the_schools_domain_who_did_not_sign_in_is_outside() -> None:
    forged = replace(FROM_STAFF, is_authenticated=False)
    unknown = replace(FROM_STAFF, is_authenticated=None)

    assert decide({"from_scope": "NotInOrganization"}, forged, PUPIL) is True
    assert decide({"from_scope": "NotInOrganization"}, unknown, PUPIL) is None


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"attachment_extension_matches_words": ("pdf",)}, True),
        ({"attachment_extension_matches_words": ("exe",)}, False),
        ({"attachment_name_matches_patterns": (r"^invoice.*\.pdf$",)}, True),
        ({"attachment_size_over": 1_000_000}, True),
        ({"attachment_contains_words": ("in confidence",)}, True),
        ({"attachment_matches_patterns": (r"\d{10}",)}, False),
        ({"attachment_is_password_protected": True}, False),
        ({"attachment_has_executable_content": True}, False),
        ({"attachment_property_contains_words": ("Sensitivity:internal",)}, None),
        ({"attachment_processing_limit_exceeded": True}, None),
    ],
    ids=str,
)
def test_a_condition_about_attachments_looks_at_each_file(settings: Mapping[str, Any], expected: bool | None) -> None:  # noqa: FBT001
    assert decide(settings, WITH_FILE) is expected


def test_a_file_that_holds_others_may_hold_any_extension() -> None:
    archive = replace(MESSAGE, attachments=(MailAttachment("photos.zip"),))
    listed = replace(MESSAGE, attachments=(MailAttachment("photos.zip", files=("a.jpg", "run.exe")),))

    assert decide({"attachment_extension_matches_words": ("exe",)}, archive) is None
    assert decide({"attachment_extension_matches_words": ("exe",)}, listed) is True
    assert decide({"attachment_extension_matches_words": ("js",)}, listed) is False
    assert decide({"attachment_name_matches_patterns": (r"^run",)}, listed) is True
    assert decide({"attachment_has_executable_content": True}, archive) is None


@pytest.mark.parametrize(
    "settings",
    [
        {"subject_contains_words": ("trip",)},
        {"subject_or_body_matches_patterns": ("x",)},
        {"message_size_over": 1},
        {"sender_ip_ranges": ("203.0.113.0/24",)},
        {"message_type_matches": "AutoForward"},
    ],
    ids=str,
)
def test_what_is_not_known_about_a_message_is_unknown_and_never_empty(settings: Mapping[str, Any]) -> None:
    assert decide(settings, UNKNOWN) is None


def test_rules_cannot_inspect_the_content_of_an_encrypted_message() -> None:
    encrypted = replace(WITH_FILE, type="Encrypted")

    assert decide({"attachment_extension_matches_words": ("pdf",)}, encrypted) is None
    assert decide({"subject_or_body_contains_words": ("number",)}, encrypted) is None
    assert decide({"subject_contains_words": ("trip",)}, encrypted) is True


def test_a_condition_about_managers_follows_the_directory() -> None:
    by_sender = {"manager_addresses": (HEAD,), "manager_for_evaluated_user": "Sender"}
    known = replace(DIRECTORY, managers={TEACHER: HEAD, PUPIL: "", HEAD: ""})

    def met(settings: Mapping[str, Any], directory: MailDirectory = known) -> bool | None:
        return read_conditions(settings, CONDITIONS).apply(FROM_STAFF, PUPIL, directory).value

    assert met(by_sender) is True
    assert met({**by_sender, "manager_for_evaluated_user": "Recipient"}) is False
    assert met({"sender_management_relationship": "Manager"}) is False
    assert met({"sender_management_relationship": "DirectReport"}, replace(known, managers={TEACHER: PUPIL})) is True
    assert met(by_sender, replace(known, managers={}, unread_managers={TEACHER: "refused"})) is None


def test_the_sender_is_looked_for_where_the_rule_says() -> None:
    bounced = replace(MESSAGE, envelope_sender="bounce@lists.example")

    for place, expected in (("Header", False), ("Envelope", True), ("HeaderOrEnvelope", True)):
        settings = {"sender_domain_is": ("lists.example",), "sender_address_location": place}
        assert decide(settings, bounced) is expected


def test_every_condition_of_a_mail_rule_is_decided_or_part_of_a_pair() -> None:
    assert {*CONDITIONS} == {*DECIDED} | SECOND_OF_PAIR
    assert len(DECIDED) >= 40
