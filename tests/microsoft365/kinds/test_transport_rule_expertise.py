"""What an expert knows about a mail rule before it is written."""

import pytest

from connectors.microsoft365.kinds.transport_rule import KIND, check_name
from connectors.microsoft365.kinds.transport_rule.rule import TransportRule
from toolkit.planning.look_alikes import ObjectWithJobs
from toolkit.sdk.resource import Address, Observed, Remote
from toolkit.values import AtLeast, Json, Settings

Written = dict[str, Json]

OUTGOING: Written = {"from_scope": "InOrganization", "sent_to_scope": "NotInOrganization"}
INCOMING: Written = {"from_scope": "NotInOrganization", "sent_to_scope": "InOrganization"}
DISCLAIMER: Written = {"apply_html_disclaimer_text": "<p>School</p>"}
BANNER: Written = {**DISCLAIMER, "from_scope": "NotInOrganization"}
TAG: Written = {"from_scope": "NotInOrganization", "prepend_subject": "[External] "}
REJECT: Written = {"reject_message_reason_text": "no"}
SAFEGUARDING = "safeguarding@example-primary.example"
OFFICE = "office@example-primary.example"


def rule(*parts: Written, **more: Json) -> Settings:
    """Read a rule as a service would show it."""
    written: Written = {}
    for part in (*parts, more):
        written.update(part)
    return TransportRule.observed(TransportRule.body(TransportRule.desired(written)))


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (rule(DISCLAIMER), rule(DISCLAIMER, OUTGOING)),
        (rule(DISCLAIMER, enabled=False), rule(DISCLAIMER, OUTGOING)),
        (rule(DISCLAIMER, from_member_of=["all-staff@example-primary.example"]), rule(DISCLAIMER, OUTGOING)),
        (rule(BANNER), rule(TAG)),
        (rule(BANNER, sender_domain_is=["example.org"]), rule(BANNER)),
        (rule(TAG), rule(TAG, INCOMING, prepend_subject="[Outside] ")),
        (
            rule(REJECT, attachment_has_executable_content=True),
            rule(quarantine=True, attachment_extension_matches_words=["exe"]),
        ),
        (
            rule(REJECT, message_type_matches="AutoForward"),
            rule(delete_message=True, message_type_matches="AutoForward", **OUTGOING),
        ),
        (
            rule(prepend_subject="[P] ", subject_contains_words=["Personal"]),
            rule(set_header_name="X-P", set_header_value="1", subject_matches_patterns=[r"^\s*\[?personal\b"]),
        ),
    ],
)
def test_a_rule_that_does_the_same_job_is_known_whatever_its_name(theirs: Settings, ours: Settings) -> None:
    assert _same_job(theirs, ours)
    assert _same_job(ours, theirs)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (rule(BANNER), rule(DISCLAIMER, OUTGOING)),
        (rule(TAG), rule(TAG, prepend_subject="[office] ", sent_to=[OFFICE])),
        (rule(prepend_subject="[x] "), rule(DISCLAIMER)),
        (rule(REJECT, attachment_size_over="10 MB"), rule(REJECT, attachment_has_executable_content=True)),
        (
            rule(prepend_subject="[x] ", message_type_matches="AutoForward"),
            rule(REJECT, message_type_matches="AutoForward"),
        ),
        (
            rule(prepend_subject="[P] ", subject_contains_words=["urgent"]),
            rule(prepend_subject="[P] ", subject_contains_words=["personal"]),
        ),
    ],
)
def test_a_rule_with_another_job_is_no_look_alike(theirs: Settings, ours: Settings) -> None:
    assert not _same_job(theirs, ours)


@pytest.mark.parametrize(
    ("settings", "held"),
    [
        (rule(delete_message=True), True),
        (rule(quarantine=True, except_if_sent_to=[SAFEGUARDING]), True),
        (rule(REJECT, except_if_from=[SAFEGUARDING]), True),
        (rule(REJECT, except_if_from=[SAFEGUARDING], except_if_sent_to=[SAFEGUARDING]), False),
        (rule(REJECT, INCOMING, except_if_sent_to=[SAFEGUARDING]), False),
        (rule(REJECT, OUTGOING, except_if_from=[SAFEGUARDING]), False),
        (rule(REJECT, from_scope="NotInOrganization", except_if_sent_to=[SAFEGUARDING]), False),
        (rule(redirect_message_to=[OFFICE], sent_to=[OFFICE], from_scope="NotInOrganization"), False),
        (rule(redirect_message_to=[OFFICE], sent_to=[OFFICE]), True),
        (rule({"from": [OFFICE]}, moderate_message_by_user=[OFFICE], except_if_sent_to=[SAFEGUARDING]), False),
        (rule(REJECT, sender_domain_is=["example.org"], except_if_sent_to=[SAFEGUARDING]), False),
        (rule(REJECT, except_if_recipient_domain_is=["example"], except_if_sender_domain_is=["example"]), False),
        (rule(route_message_outbound_connector="Trust"), True),
        ({"sent_to": AtLeast((OFFICE,)), "from_scope": "NotInOrganization", "delete_message": True}, True),
        (rule(DISCLAIMER, apply_html_disclaimer_fallback_action="Reject"), True),
        (rule(DISCLAIMER), False),
        (rule(delete_message=True, enabled=False), False),
        (rule(delete_message=True, rule_mode="Audit"), False),
    ],
)
def test_protected_mail_must_be_spared_in_both_directions(settings: Settings, *, held: bool) -> None:
    assert KIND.mail.holds_up(settings, [SAFEGUARDING]) == ((SAFEGUARDING,) if held else ())


@pytest.mark.parametrize(
    ("settings", "exceptions"),
    [
        (rule(REJECT), f"except_if_sent_to: [{SAFEGUARDING}] and except_if_from: [{SAFEGUARDING}]"),
        (rule(REJECT, INCOMING), f"except_if_sent_to: [{SAFEGUARDING}]"),
        (rule(REJECT, OUTGOING), f"except_if_from: [{SAFEGUARDING}]"),
        (rule(REJECT, except_if_from=[SAFEGUARDING]), f"except_if_sent_to: [{SAFEGUARDING}]"),
    ],
)
def test_a_refusal_names_the_exception_that_would_do(settings: Settings, exceptions: str) -> None:
    assert KIND.mail.refusal(settings, [SAFEGUARDING]).endswith(f". Add the exception {exceptions}")


@pytest.mark.parametrize(
    "settings",
    [rule(REJECT), rule(delete_message=True), rule(quarantine=True), rule(redirect_message_to=[OFFICE])],
)
def test_a_new_rule_that_stops_mail_only_reports_at_first(settings: Settings) -> None:
    assert KIND.lifecycle.cautious(settings) == {**settings, "rule_mode": "Audit"}


def test_a_new_disclaimer_acts_at_once() -> None:
    assert KIND.lifecycle.cautious(rule(DISCLAIMER)) == rule(DISCLAIMER)


@pytest.mark.parametrize("mode", ["Audit", "AuditAndNotify"])
def test_turning_a_watching_rule_on_is_said(mode: str) -> None:
    seen = _observed(rule(REJECT, rule_mode=mode))
    notice = f"the rule begins to act: until now it only reported (mode {mode})"
    assert KIND.lifecycle.promotion(seen, rule(REJECT)) == notice
    assert KIND.lifecycle.promotion(seen, rule(REJECT, rule_mode=mode)) is None
    assert KIND.lifecycle.promotion(_observed(rule(REJECT)), rule(REJECT)) is None


def test_names_have_exchange_s_limit() -> None:
    assert check_name("n" * 64) is None
    assert "65 characters" in str(check_name("n" * 65))
    assert "space" in str(check_name("Disclaimer "))


def _observed(settings: Settings) -> Observed:
    return Observed(Address("microsoft365", "transport_rule", "Rule"), settings, Remote("1", "Rule", {}))


def _same_job(observed: Settings, desired: Settings) -> bool:
    worker = ObjectWithJobs("microsoft365.transport_rule", KIND.jobs, desired)
    return bool(ObjectWithJobs("microsoft365.transport_rule", KIND.jobs, observed).shared_job(worker))
