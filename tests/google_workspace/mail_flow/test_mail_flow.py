"""Gmail's mail flow: data protection rules, blocked senders, groups, compliance rules and settings of units."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.google_workspace.mail_flow import MAIL_FLOW
from toolkit.planning.mail_flow.walk import walk_message
from toolkit.sdk import MailAttachment, MailDirectory, MailFacts, MailMessage, MailObject, MailRecipient, MailResult

HEAD, TEACHER, LIST = "head@school.example", "teacher@school.example", "staff@school.example"
PARENT = "parent@parents.example"
DIRECTORY = MailDirectory(
    frozenset({"school.example"}),
    {
        HEAD: MailRecipient(HEAD, unit="/Staff/Leaders"),
        TEACHER: MailRecipient(TEACHER, unit="/Staff"),
        LIST: MailRecipient(LIST, is_list=True, members=(HEAD, TEACHER)),
    },
    {LIST: frozenset({HEAD})},
)
OUTSIDE = MailMessage(sender=PARENT, to_addresses=(TEACHER,), subject="Hello", body="Nothing special")
LEAVING = MailMessage(
    sender=TEACHER, to_addresses=(PARENT,), subject="Hello", body="A placement order", is_authenticated=True
)
AT = datetime(2026, 11, 10, 9, tzinfo=UTC)


def setting(name: str, unit: str = "/Staff", **value: Any) -> MailObject:
    raw = {"fields without words": value} if name.startswith("settings/") else value
    return MailObject(f"{name} @ {unit}", value, raw)


def result(message: MailMessage, *settings: MailObject, **objects: Sequence[MailObject]) -> tuple[MailResult, str]:
    facts = MailFacts({"policy_setting": settings, **objects}, {}, DIRECTORY, AT)
    walked = walk_message(MAIL_FLOW.stages(facts), message, DIRECTORY)
    assert len({entry.key for entry in walked}) == 1
    return walked[0].result, walked[0].by


_OFFERS = {"id": "l1", "name": "Unwanted", "blockedAddressList": {"address": [{"address": "offers.example"}]}}
LISTS = setting("settings/gmail.email_address_lists", emailAddressList=[_OFFERS])
BLOCKED = setting(
    "settings/gmail.blocked_sender_lists",
    blockedSenders=[{"ruleId": "b1", "description": "Unwanted senders", "senderBlocklist": ["l1"]}],
)


def state(rule: str, *, enabled: bool) -> MailObject:
    return setting("gmail.rule_states", ruleStates=[{"ruleId": rule, "enabled": enabled}])


def test_a_blocked_sender_is_rejected_if_the_rule_is_on() -> None:
    offer = replace(OUTSIDE, sender="a@offers.example")

    assert result(offer, LISTS, BLOCKED, state("b1", enabled=True)) == (MailResult.REJECTED, "Unwanted senders")
    assert result(offer, LISTS, BLOCKED, state("b1", enabled=False)) == (MailResult.NOT_STOPPED, "")
    assert result(offer, LISTS, BLOCKED) == (MailResult.UNKNOWN, "")
    assert result(offer, BLOCKED, state("b1", enabled=True)) == (MailResult.UNKNOWN, "")
    states = [{"ruleId": "b1", "enabled": True}, {"ruleId": "l1", "enabled": False}]
    assert result(offer, LISTS, BLOCKED, setting("gmail.rule_states", ruleStates=states)) == (MailResult.UNKNOWN, "")
    assert result(OUTSIDE, LISTS, BLOCKED) == (MailResult.NOT_STOPPED, "")


def attachment_rule(consequence: str, **condition: bool) -> MailObject:
    rule = {
        "ruleId": "a1",
        "description": "Programs",
        "condition": condition or {"affectInboundMessages": True},
        "matchExpressions": [{"fileType": {"category": "EXECUTABLE", "includeArchives": True}}],
        "consequence": {"ruleConsequenceType": consequence},
    }
    return setting("settings/gmail.attachment_compliance", attachmentComplianceRules=[rule])


@pytest.mark.parametrize(
    ("file", "rule", "expected"),
    [
        ("a.exe", attachment_rule("REJECT"), MailResult.REJECTED),
        ("a.exe", attachment_rule("QUARANTINE"), MailResult.QUARANTINED),
        ("a.exe", attachment_rule("NEW_CONSEQUENCE"), MailResult.UNKNOWN),
        ("a.exe", attachment_rule("REJECT", affectOutboundMessages=True), MailResult.NOT_STOPPED),
        ("a.exe", attachment_rule("REJECT", affectInboundMessages=True, newCondition=True), MailResult.UNKNOWN),
        ("a.zip", attachment_rule("REJECT"), MailResult.UNKNOWN),
        ("a.pdf", attachment_rule("REJECT"), MailResult.NOT_STOPPED),
    ],
)
def test_a_compliance_rule_looks_at_directions_and_types_of_files(
    file: str, rule: MailObject, expected: MailResult
) -> None:
    message = replace(OUTSIDE, attachments=(MailAttachment(file),))

    assert result(message, rule, state("a1", enabled=True))[0] is expected


def test_an_expression_that_toolkit_does_not_read_is_unknown() -> None:
    rule = {
        "ruleId": "c1",
        "description": "Words",
        "condition": {"affectInboundMessages": True},
        "matchExpressions": [{"contentMatch": {"value": "x"}}],
        "consequence": {"ruleConsequenceType": "REJECT"},
    }
    words = setting("gmail.content_compliance", contentComplianceRules=[rule])

    assert result(OUTSIDE, words, state("c1", enabled=True)) == (MailResult.UNKNOWN, "")


def test_a_member_outside_who_writes_to_everyone_of_the_school_is_undocumented() -> None:
    guest = replace(DIRECTORY, groups={LIST: frozenset({HEAD, PARENT})})
    facts = MailFacts({"group_posting": [MailObject(LIST, {"who_can_post": "ALL_IN_DOMAIN_CAN_POST"})]}, {}, guest, AT)
    message = replace(OUTSIDE, to_addresses=(LIST,))

    assert {entry.result for entry in walk_message(MAIL_FLOW.stages(facts), message, guest)} == {MailResult.UNKNOWN}


def test_a_blocked_sender_who_writes_through_a_group_is_undocumented() -> None:
    offer = replace(OUTSIDE, sender="a@offers.example", to_addresses=(LIST,))

    facts = MailFacts({"policy_setting": [LISTS, BLOCKED, state("b1", enabled=True)]}, {}, DIRECTORY, AT)
    by_recipient = {entry.recipient: entry.result for entry in walk_message(MAIL_FLOW.stages(facts), offer, DIRECTORY)}

    assert by_recipient == {HEAD: MailResult.NOT_STOPPED, TEACHER: MailResult.UNKNOWN}


def test_forwarding_that_is_off_stops_forwarded_mail_to_anyone() -> None:
    off = setting("gmail.auto_forwarding", enable_auto_forwarding=False)
    forwarded = replace(LEAVING, type="AutoForward")

    assert result(forwarded, off)[0] is MailResult.DROPPED
    assert result(replace(forwarded, to_addresses=(HEAD,)), off)[0] is MailResult.DROPPED
    assert result(LEAVING, off)[0] is MailResult.NOT_STOPPED


def test_an_account_without_gmail_gets_nothing() -> None:
    off = setting("gmail.service_status", service_state="DISABLED")

    assert result(OUTSIDE, off) == (MailResult.REJECTED, "gmail.service_status @ /Staff")
    assert result(replace(OUTSIDE, to_addresses=(HEAD,)), off) == (MailResult.NOT_STOPPED, "")


@pytest.mark.parametrize(
    ("settings", "sender", "expected"),
    [
        ({"who_can_post": "ALL_IN_DOMAIN_CAN_POST"}, PARENT, MailResult.REJECTED),
        ({"who_can_post": "ALL_IN_DOMAIN_CAN_POST"}, TEACHER, MailResult.NOT_STOPPED),
        ({"who_can_post": "ANYONE_CAN_POST"}, PARENT, MailResult.NOT_STOPPED),
        ({"who_can_post": "ALL_MEMBERS_CAN_POST"}, TEACHER, MailResult.REJECTED),
        ({"who_can_post": "ALL_MEMBERS_CAN_POST"}, HEAD, MailResult.NOT_STOPPED),
        ({"who_can_post": "ALL_MANAGERS_CAN_POST", "managers": (HEAD,)}, HEAD, MailResult.NOT_STOPPED),
        ({"who_can_post": "ALL_OWNERS_CAN_POST", "managers": (HEAD,)}, HEAD, MailResult.UNKNOWN),
        ({"who_can_post": "ANYONE_CAN_POST", "moderation": "MODERATE_NON_MEMBERS"}, PARENT, MailResult.MODERATED),
        ({"who_can_post": "ANYONE_CAN_POST", "moderation": "MODERATE_NON_MEMBERS"}, HEAD, MailResult.NOT_STOPPED),
        ({"who_can_post": "ANYONE_CAN_POST", "moderation": "MODERATE_ALL_MESSAGES"}, TEACHER, MailResult.MODERATED),
        ({"who_can_post": "ANYONE_CAN_POST", "moderation": "MODERATE_NEW_MEMBERS"}, TEACHER, MailResult.UNKNOWN),
    ],
)
def test_a_group_says_who_may_post_and_whose_messages_wait(
    settings: Mapping[str, Any], sender: str, expected: MailResult
) -> None:
    message = replace(OUTSIDE, sender=sender, to_addresses=(LIST,), is_authenticated=sender != PARENT)
    group = MailObject(LIST, settings, {"archiveOnly": "false"})

    assert result(message, group_posting=[group])[0] is expected
    small = replace(group, raw={"maxMessageBytes": 1000})
    assert result(replace(message, size=1001), group_posting=[small]) == (MailResult.REJECTED, LIST)
    assert result(replace(message, size=1000), group_posting=[small])[0] is expected
    archived = replace(group, raw={"archiveOnly": "true"})
    assert result(message, group_posting=[archived]) == (MailResult.REJECTED, LIST)


WORDS = MailObject("Words", {"words": ("placement order",)})
NUMBERS = MailObject("Numbers", {"expression": r"\d{10}"})


def protection(condition: str, action: str = "block", **settings: Any) -> MailObject:
    return MailObject(
        "Rule",
        {
            "triggers": ("gmail.email.v1.send",),
            "state": "ACTIVE",
            "unit": "/Staff",
            "gmail_external": True,
            "gmail_action": action,
            "condition": condition,
            **settings,
        },
    )


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("all_content.matches_word_list('Words', {minimum_match_count: 1})", MailResult.REJECTED),
        ("all_content.matches_word_list('Words', {minimum_match_count: 2})", MailResult.UNKNOWN),
        ("all_content.matches_regex_detector('Numbers')", MailResult.NOT_STOPPED),
        ("all_content.matches_regex_detector('Missing')", MailResult.UNKNOWN),
        ("body.contains_word('placement') && !all_headers.contains('parents.example')", MailResult.NOT_STOPPED),
        ("body.contains_word('placement') && !all_headers.contains('other.example')", MailResult.REJECTED),
        ("title.contains('none') || (body.contains('order') && title.contains('Hello'))", MailResult.REJECTED),
        ("all_content.matches_dlp_detector('CREDIT_CARD_NUMBER')", MailResult.UNKNOWN),
        ("nonsense(", MailResult.UNKNOWN),
        ("", MailResult.UNKNOWN),
    ],
)
def test_the_condition_of_a_protection_rule_is_decided_as_far_as_toolkit_reads_it(
    condition: str, expected: MailResult
) -> None:
    detectors = [WORDS, NUMBERS]

    assert result(LEAVING, dlp_rule=[protection(condition)], detector=detectors)[0] is expected


def test_a_protection_rule_covers_its_unit_direction_and_state() -> None:
    condition = "body.contains_word('placement')"
    inside = replace(LEAVING, to_addresses=(HEAD,))

    assert result(LEAVING, dlp_rule=[protection(condition, unit="/Pupils")])[0] is MailResult.NOT_STOPPED
    assert result(replace(LEAVING, sender=HEAD), dlp_rule=[protection(condition)])[0] is MailResult.REJECTED
    assert result(inside, dlp_rule=[protection(condition)])[0] is MailResult.NOT_STOPPED
    assert result(inside, dlp_rule=[protection(condition, gmail_internal=True)])[0] is MailResult.REJECTED
    assert result(LEAVING, dlp_rule=[protection(condition, state="INACTIVE")])[0] is MailResult.NOT_STOPPED
    assert result(LEAVING, dlp_rule=[protection(condition, "warn")])[0] is MailResult.NOT_STOPPED
    assert result(replace(LEAVING, body=None), dlp_rule=[protection(condition)])[0] is MailResult.UNKNOWN
