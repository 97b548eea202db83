"""Exchange's mail flow in order: filters, lists, mail rules, forwarding, spam levels and notes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.microsoft365.mail_flow import MAIL_FLOW
from toolkit.planning.mail_flow.walk import WalkResult, walk_message
from toolkit.sdk import MailAttachment, MailDirectory, MailFacts, MailMessage, MailObject, MailRecipient, MailResult

HEAD, TEACHER, LIST = "head@school.example", "teacher@school.example", "staff@school.example"
LEADERS, PARENT = "leaders@school.example", "parent@parents.example"
DIRECTORY = MailDirectory(
    frozenset({"school.example"}),
    {
        HEAD: MailRecipient(HEAD),
        TEACHER: MailRecipient(TEACHER),
        LIST: MailRecipient(LIST, is_list=True, members=(HEAD, TEACHER)),
    },
    {LEADERS: frozenset({HEAD}), LIST: frozenset({HEAD, TEACHER})},
)
OUTSIDE = MailMessage(sender=PARENT, to_addresses=(HEAD,), subject="Hello")
INSIDE = MailMessage(sender=TEACHER, to_addresses=(LIST,), subject="Keys", is_authenticated=True)
AT = datetime(2026, 11, 10, 9, tzinfo=UTC)
Objects = Mapping[str, Sequence[tuple[str, Mapping[str, Any]]]]


def walk(
    objects: Objects,
    message: MailMessage,
    unread: Mapping[str, str] | None = None,
    directory: MailDirectory = DIRECTORY,
) -> Sequence[WalkResult]:
    read = {kind: [MailObject(name, settings) for name, settings in entries] for kind, entries in objects.items()}
    return walk_message(MAIL_FLOW.stages(MailFacts(read, unread or {}, directory, AT)), message, directory)


def result(objects: Objects, message: MailMessage, unread: Mapping[str, str] | None = None) -> tuple[MailResult, str]:
    walked = walk(objects, message, unread)
    assert len({entry.key for entry in walked}) == 1
    return walked[0].result, walked[0].by


def test_a_listed_server_is_refused_and_an_unknown_server_may_be() -> None:
    objects = {"connection_filter": [("Default", {"ip_block_list": ("198.51.100.0/24",)})]}

    assert result(objects, replace(OUTSIDE, ip="198.51.100.7")) == (MailResult.REJECTED, "Default")
    assert result(objects, replace(OUTSIDE, ip="192.0.2.1")) == (MailResult.NOT_STOPPED, "")
    assert result(objects, OUTSIDE) == (MailResult.UNKNOWN, "")
    assert result(objects, replace(INSIDE, to_addresses=(HEAD,))) == (MailResult.NOT_STOPPED, "")


def test_a_blocked_file_type_is_certain_only_if_one_policy_exists() -> None:
    default = ("Default", {"enable_file_filter": True, "file_types": ("docm",), "file_type_action": "Quarantine"})
    message = replace(OUTSIDE, attachments=(MailAttachment("form.DOCM"),))

    assert result({"malware_filter_policy": [default]}, message) == (MailResult.QUARANTINED, "Default")
    assert result({"malware_filter_policy": [default, ("Other", {})]}, message) == (MailResult.UNKNOWN, "")
    assert result({"malware_filter_policy": [default, ("Other", {})]}, OUTSIDE) == (MailResult.NOT_STOPPED, "")


@pytest.mark.parametrize(
    ("settings", "message", "expected"),
    [
        ({"inside_only": True}, replace(OUTSIDE, to_addresses=(LIST,)), (MailResult.REJECTED, LIST)),
        ({"inside_only": True}, INSIDE, (MailResult.NOT_STOPPED, "")),
        ({"accepted_senders": (HEAD,)}, INSIDE, (MailResult.REJECTED, LIST)),
        ({"accepted_senders": (LEADERS,)}, replace(INSIDE, sender=HEAD), (MailResult.NOT_STOPPED, "")),
        ({"moderated": True, "moderators": (HEAD,)}, INSIDE, (MailResult.MODERATED, LIST)),
        ({"moderated": True, "moderators": (HEAD,)}, replace(INSIDE, sender=HEAD), (MailResult.NOT_STOPPED, "")),
        ({"moderated": True, "moderators": (HEAD,), "bypass": (TEACHER,)}, INSIDE, (MailResult.NOT_STOPPED, "")),
    ],
)
def test_a_list_says_who_may_write_and_whose_messages_wait(
    settings: Mapping[str, Any], message: MailMessage, expected: tuple[MailResult, str]
) -> None:
    assert result({"list_moderation": [(LIST, settings)]}, message) == expected


def test_mail_rules_run_in_order_within_their_dates_and_only_if_they_act() -> None:
    stop: Mapping[str, Any] = {"from": (PARENT,), "set_scl": -1, "stop_rule_processing": True}
    reject: Mapping[str, Any] = {"from_scope": "NotInOrganization", "reject_message_reason_text": "No"}

    def rules(*entries: Mapping[str, Any]) -> Objects:
        return {"transport_rule": [(str(place), entry) for place, entry in enumerate(entries)]}

    assert result(rules(reject), OUTSIDE) == (MailResult.REJECTED, "0")
    assert result(rules(stop, reject), OUTSIDE) == (MailResult.NOT_STOPPED, "")
    assert result(rules({**stop, "enabled": False}, reject), OUTSIDE) == (MailResult.REJECTED, "1")
    assert result(rules({**stop, "rule_mode": "Audit"}, reject), OUTSIDE) == (MailResult.REJECTED, "1")
    assert result(rules({**reject, "expiry_date": "2026-11-01T00:00:00+00:00"}), OUTSIDE)[0] is MailResult.NOT_STOPPED
    assert result(rules({**reject, "activation_date": "2026-12-01T00:00:00+00:00"}), OUTSIDE)[1] == ""


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ({"delete_message": True}, MailResult.DROPPED),
        ({"quarantine": True}, MailResult.QUARANTINED),
        ({"redirect_message_to": (TEACHER,)}, MailResult.REDIRECTED),
        ({"moderate_message_by_user": (TEACHER,)}, MailResult.MODERATED),
        ({"moderate_message_by_manager": True}, MailResult.NOT_STOPPED),  # only people inside have managers
        ({"reject_message_enhanced_status_code": "5.7.1"}, MailResult.REJECTED),
        ({"blind_copy_to": (TEACHER,)}, MailResult.NOT_STOPPED),
    ],
    ids=str,
)
def test_each_action_has_its_result(action: Mapping[str, Any], expected: MailResult) -> None:
    assert result({"transport_rule": [("rule", action)]}, OUTSIDE)[0] is expected


def test_a_rule_that_needs_the_senders_manager_needs_the_directory() -> None:
    objects = {"transport_rule": [("rule", {"moderate_message_by_manager": True})]}
    message = replace(INSIDE, to_addresses=(HEAD,))
    managed, alone = (replace(DIRECTORY, managers={TEACHER: manager}) for manager in (HEAD, ""))

    assert result(objects, message)[0] is MailResult.UNKNOWN
    assert walk(objects, message, directory=managed)[0].result is MailResult.MODERATED
    assert walk(objects, message, directory=alone)[0].result is MailResult.NOT_STOPPED


def test_mail_from_outside_cannot_be_encrypted_and_is_returned() -> None:
    objects = {"transport_rule": [("rule", {"apply_ome": True})]}

    assert result(objects, OUTSIDE) == (MailResult.REJECTED, "rule")
    assert result(objects, replace(INSIDE, to_addresses=(HEAD,))) == (MailResult.NOT_STOPPED, "")


def test_a_notice_that_cannot_be_added_returns_the_message_only_if_the_rule_says_so() -> None:
    notice = {"apply_html_disclaimer_text": "<p>Hello</p>", "apply_html_disclaimer_fallback_action": "Reject"}
    signed = replace(OUTSIDE, type="Signed")

    assert result({"transport_rule": [("rule", notice)]}, signed) == (MailResult.REJECTED, "rule")
    assert result({"transport_rule": [("rule", notice)]}, OUTSIDE) == (MailResult.NOT_STOPPED, "")
    wraps = {**notice, "apply_html_disclaimer_fallback_action": "Wrap"}
    assert result({"transport_rule": [("rule", wraps)]}, signed) == (MailResult.NOT_STOPPED, "")


def test_direct_send_is_refused_for_the_envelope_sender_of_the_school_who_did_not_sign_in() -> None:
    objects: Objects = {"exchange_setting": [("direct_send", {"reject_direct_send": True})]}
    direct = replace(OUTSIDE, sender=TEACHER, is_authenticated=False)

    assert result(objects, direct) == (MailResult.REJECTED, "direct_send")
    assert result({}, direct) == (MailResult.NOT_STOPPED, "")
    assert result(objects, replace(direct, is_authenticated=None))[0] is MailResult.UNKNOWN
    assert result(objects, replace(direct, envelope_sender=PARENT)) == (MailResult.NOT_STOPPED, "")
    assert result(objects, replace(OUTSIDE, envelope_sender=TEACHER, is_authenticated=False))[0] is MailResult.REJECTED


@pytest.mark.parametrize(
    ("raw", "message", "expected"),
    [
        ({"BccBlocked": True}, replace(INSIDE, to_addresses=(), bcc=(LIST,)), MailResult.REJECTED),
        ({"BccBlocked": True}, INSIDE, MailResult.NOT_STOPPED),
        ({"RejectMessagesFromSendersOrMembers": [TEACHER]}, INSIDE, MailResult.REJECTED),
        ({"RejectMessagesFromSendersOrMembers": [LIST]}, INSIDE, MailResult.REJECTED),
        ({"RejectMessagesFromSendersOrMembers": [LEADERS]}, INSIDE, MailResult.NOT_STOPPED),
    ],
    ids=str,
)
def test_a_list_refuses_some_people_and_hidden_copies(
    raw: Mapping[str, Any], message: MailMessage, expected: MailResult
) -> None:
    facts = MailFacts({"list_moderation": [MailObject(LIST, {}, raw)]}, {}, DIRECTORY, AT)

    assert walk_message(MAIL_FLOW.stages(facts), message, DIRECTORY)[0].result is expected


def test_a_later_rule_meets_the_header_that_an_earlier_rule_set() -> None:
    sets = {"set_header_name": "X-Checked", "set_header_value": "yes"}
    looks = {"header_contains_message_header": "X-Checked", "header_contains_words": ("yes",), "quarantine": True}

    assert result({"transport_rule": [("sets", sets), ("looks", looks)]}, OUTSIDE)[0] is MailResult.QUARANTINED
    assert result({"transport_rule": [("looks", looks), ("sets", sets)]}, OUTSIDE)[0] is MailResult.NOT_STOPPED


def test_a_condition_or_action_that_toolkit_does_not_read_is_unknown() -> None:
    rejects: Mapping[str, Any] = {"reject_message_reason_text": "No"}
    narrow = MailObject("rule", rejects, unknown_properties=(("Conditions", "ContentMatchesPrompt"),))
    other = MailObject("rule", {"from": (TEACHER,), **rejects}, unknown_properties=(("Conditions", "New"),))
    act = MailObject("rule", {}, unknown_properties=(("Actions", "New"),))
    level = MailObject("rule", {"set_scl": 0}, unknown_properties=(("Actions", "SetScl"),))

    def first(rule: MailObject) -> MailResult:
        facts = MailFacts({"transport_rule": [rule]}, {}, DIRECTORY, AT)
        return walk_message(MAIL_FLOW.stages(facts), OUTSIDE, DIRECTORY)[0].result

    assert [first(narrow), first(other), first(act), first(level)] == [
        MailResult.UNKNOWN,
        MailResult.NOT_STOPPED,
        MailResult.UNKNOWN,
        MailResult.NOT_STOPPED,
    ]


def test_forwarded_mail_is_stopped_by_the_remote_domain_or_the_outbound_policy() -> None:
    forwarded = MailMessage(sender=TEACHER, to_addresses=(PARENT,), type="AutoForward", is_authenticated=True)
    policy = {"outbound_spam_policy": [("Default", {"auto_forwarding_mode": "Off"})]}
    domain = {"remote_domain": [("Default", {"auto_forward_enabled": False})]}

    assert result(policy, forwarded) == (MailResult.REJECTED, "Default")
    assert result(domain, forwarded) == (MailResult.DROPPED, "Default")
    assert result({**policy, **domain}, replace(forwarded, type="")) == (MailResult.NOT_STOPPED, "")
    assert result({}, forwarded, {"outbound_spam_policy": "refused"})[0] is MailResult.UNKNOWN
    assert result({}, OUTSIDE, {"outbound_spam_policy": "refused"})[0] is MailResult.NOT_STOPPED


def test_a_remote_domain_covers_its_own_domain_and_stops_absence_notices_too() -> None:
    notice = MailMessage(sender=TEACHER, to_addresses=(PARENT,), type="OOF", is_authenticated=True)
    closed, opened = {"allowed_oof_type": "None"}, {"allowed_oof_type": "External"}

    def first(*domains: MailObject) -> MailResult:
        facts = MailFacts({"remote_domain": domains}, {}, DIRECTORY, AT)
        return walk_message(MAIL_FLOW.stages(facts), notice, DIRECTORY)[0].result

    default = MailObject("Default", closed, {"DomainName": "*"})
    parents = MailObject("Parents", opened, {"DomainName": "parents.example"})
    assert first(default) is MailResult.DROPPED
    assert first(default, parents) is MailResult.NOT_STOPPED
    assert first(default, replace(parents, raw={"DomainName": "other.example"})) is MailResult.DROPPED
    assert first(default, replace(parents, raw={})) is MailResult.UNKNOWN  # a plan creates it


def test_a_spam_level_that_a_rule_sets_meets_the_spam_policy() -> None:
    spam = {"content_filter_policy": [("Default", {"spam_action": "Quarantine"})]}
    rule = {"transport_rule": [("rule", {"set_scl": 6})]}

    assert result({**spam, **rule}, OUTSIDE) == (MailResult.QUARANTINED, "Default")
    assert result(spam, OUTSIDE) == (MailResult.NOT_STOPPED, "")
    assert result({**spam, **rule}, replace(INSIDE, to_addresses=(HEAD,)))[0] is MailResult.UNKNOWN
    assert result({**spam, **rule}, replace(INSIDE, to_addresses=(PARENT,)))[0] is MailResult.NOT_STOPPED


def test_rules_that_could_not_be_read_are_unknown_but_an_earlier_stop_is_certain() -> None:
    unread = {"transport_rule": "Exchange refused"}
    blocked = {"connection_filter": [("Default", {"ip_block_list": ("198.51.100.7",)})]}

    assert result({}, OUTSIDE, unread) == (MailResult.UNKNOWN, "")
    assert result(blocked, replace(OUTSIDE, ip="198.51.100.7"), unread) == (MailResult.REJECTED, "Default")


def test_what_follows_is_noted() -> None:
    objects: Objects = {
        "external_in_outlook": [("organisation", {"enabled": True, "allow_list": ("trusted.example",)})],
        "retention_policy": [("Keep", {"enabled": True, "mail": ("all",), "keep_days": 2555})],
    }

    (walked,) = walk(objects, OUTSIDE)
    (trusted,) = walk(objects, replace(OUTSIDE, sender="a@trusted.example"))

    assert [step.effect for step in walked.steps if step.truth] == [
        "Outlook marks the message as External",
        "keeps the message for 7 years",
    ]
    assert [step.name for step in trusted.steps if step.truth] == ["Keep"]
