"""Which rule keeps a later one from working, for each class of message."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from connectors.microsoft365.kinds.transport_rule import KIND
from connectors.microsoft365.kinds.transport_rule.rule import TransportRule
from toolkit.sdk.mail_semantics import PlacedRule
from toolkit.values import Json, Settings

Written = dict[str, Json]

OUTGOING: Written = {"from_scope": "InOrganization", "sent_to_scope": "NotInOrganization"}
INCOMING: Written = {"from_scope": "NotInOrganization", "sent_to_scope": "InOrganization"}
INTERNAL: Written = {"from_scope": "InOrganization", "sent_to_scope": "InOrganization"}
DISCLAIMER: Written = {"apply_html_disclaimer_text": "<p>School</p>"}
STOP: Written = {"stop_rule_processing": True}
REJECT: Written = {"reject_message_reason_text": "no"}
OFFICE = "office@example-primary.example"
HEAD = "head@example-primary.example"
STAFF = "all-staff@example-primary.example"
PUPILS = "all-pupils@example-primary.example"
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
STOPS = "it stops the processing of later rules for"


def rule(*parts: Written, **more: Json) -> Settings:
    """Read a rule as a service would show it."""
    written: Written = {}
    for part in (*parts, more):
        written.update(part)
    return TransportRule.observed(TransportRule.body(TransportRule.desired(written)))


def defeat(first: Settings, later: Settings, *, whole: bool = True) -> tuple[str, bool] | None:
    """Return how the first rule defeats the later one, and whether for every message."""
    found = KIND.mail.defeats(PlacedRule(first, whole), PlacedRule(later), NOW)
    return (found.how, found.whole) if found else None


@pytest.mark.parametrize(
    ("first", "later", "messages"),
    [
        (rule(STOP), rule(DISCLAIMER), "every message"),
        (rule(STOP), rule(DISCLAIMER, OUTGOING), "every outgoing message"),
        (rule(STOP, OUTGOING), rule(DISCLAIMER), "every outgoing message"),
        (rule(STOP, from_scope="InOrganization"), rule(DISCLAIMER), "every outgoing and internal message"),
        (rule(STOP, INTERNAL), rule(DISCLAIMER, from_scope="InOrganization"), "every internal message"),
        (rule(STOP, except_if_sent_to_scope="InOrganization"), rule(DISCLAIMER), "every outgoing message"),
        (rule(STOP, from_member_of=[STAFF]), rule(DISCLAIMER, from_member_of=[STAFF]), "every message"),
        (rule(STOP, from_member_of=[STAFF, PUPILS]), rule(DISCLAIMER, from_member_of=[PUPILS]), "every message"),
        (rule(STOP, except_if_sent_to=[HEAD]), rule(DISCLAIMER, except_if_sent_to=[HEAD, OFFICE]), "every message"),
        (
            rule(STOP, header_contains_message_header="X-A", header_contains_words=["yes", "1"]),
            rule(DISCLAIMER, header_contains_message_header="X-A", header_contains_words=["yes"]),
            "every message",
        ),
    ],
)
def test_a_rule_that_stops_takes_every_message_of_the_directions_that_both_are_for(
    first: Settings, later: Settings, messages: str
) -> None:
    assert defeat(first, later) == (f"{STOPS} {messages}", True)


@pytest.mark.parametrize(
    ("first", "later", "messages"),
    [
        (
            rule(STOP, sender_domain_is=["example.org"]),
            rule(DISCLAIMER),
            "messages with sender_domain_is example.org",
        ),
        (
            rule(STOP, OUTGOING, except_if_from=[HEAD]),
            rule(DISCLAIMER),
            f"outgoing messages, except with except_if_from {HEAD}",
        ),
        (
            rule(STOP, from_member_of=[STAFF]),
            rule(DISCLAIMER, OUTGOING, from_member_of=[PUPILS]),
            f"outgoing messages with from_member_of {STAFF}",
        ),
        (
            rule(STOP, from_scope="InOrganization", sent_to_scope="ExternalPartner"),
            rule(DISCLAIMER),
            "outgoing messages with sent_to_scope ExternalPartner",
        ),
        (
            rule(STOP, OUTGOING, from_address_contains_words=["a1", "b2", "c3", "d4"]),
            rule(DISCLAIMER),
            "outgoing messages with from_address_contains_words a1, b2, c3 and 1 more",
        ),
        (
            rule(STOP, OUTGOING, header_contains_message_header="X-A", header_contains_words=["yes"]),
            rule(DISCLAIMER, header_contains_message_header="X-B", header_contains_words=["yes"]),
            "outgoing messages with header_contains_message_header X-A, header_contains_words yes",
        ),
    ],
)
def test_a_conditional_stop_is_said_with_its_condition(first: Settings, later: Settings, messages: str) -> None:
    assert defeat(first, later) == (f"{STOPS} {messages}", False)


def test_a_stop_whose_conditions_cannot_all_be_read_is_never_for_every_message() -> None:
    found = defeat(rule(STOP, OUTGOING), rule(DISCLAIMER), whole=False)
    assert found == (
        f"{STOPS} outgoing messages (the rule has conditions or exceptions that this version of toolkit cannot read)",
        False,
    )


@pytest.mark.parametrize(
    ("actions", "how"),
    [
        ({"redirect_message_to": [OFFICE]}, "it redirects"),
        ({"add_manager_as_recipient_type": "Redirect"}, "it redirects"),
        ({"quarantine": True}, "it quarantines"),
        ({"moderate_message_by_user": [OFFICE]}, "it holds for approval"),
        ({"moderate_message_by_manager": True}, "it holds for approval"),
        ({"delete_message": True}, "it deletes or rejects"),
        (REJECT, "it deletes or rejects"),
    ],
)
def test_what_takes_a_message_away_ends_the_processing_too(actions: Written, how: str) -> None:
    assert defeat(rule(actions), rule(DISCLAIMER, OUTGOING)) == (f"{how} every outgoing message", True)


@pytest.mark.parametrize(
    "first",
    [
        rule(STOP, rule_mode="Audit"),
        rule(STOP, rule_mode="AuditAndNotify"),
        rule(STOP, enabled=False),
        rule(STOP, expiry_date="2026-11-01T00:00:00+00:00"),
        rule(STOP, activation_date="2026-12-01T00:00:00+00:00"),
        rule(STOP, INCOMING),
        rule(STOP, INTERNAL),
        rule(STOP, except_if_sent_to_scope="NotInOrganization"),
        rule(REJECT, attachment_has_executable_content=True),
        rule(prepend_subject="[x] "),
    ],
    ids=["audit", "notify", "off", "over", "not yet", "incoming", "internal", "not outgoing", "nobody gets it", "mark"],
)
def test_a_rule_that_is_off_only_reports_or_is_for_other_mail_defeats_nothing(first: Settings) -> None:
    assert defeat(first, rule(DISCLAIMER, OUTGOING)) is None


@pytest.mark.parametrize(
    ("first", "later"),
    [
        (rule(STOP, {"from": [HEAD]}), rule(DISCLAIMER, {"from": [OFFICE]})),
        (rule(STOP, {"from": [HEAD]}), rule(DISCLAIMER, except_if_from=[HEAD, OFFICE])),
        (rule(STOP, except_if_from_member_of=[STAFF]), rule(DISCLAIMER, from_member_of=[STAFF])),
        (rule(STOP, sender_domain_is=["example.org"]), rule(DISCLAIMER, sender_domain_is=["example.com"])),
        (
            rule(STOP, message_type_matches="AutoForward"),
            rule(DISCLAIMER, except_if_message_type_matches="AutoForward"),
        ),
        (rule(STOP), rule(DISCLAIMER, enabled=False)),
        (rule(STOP), rule(DISCLAIMER, expiry_date="2026-11-01T00:00:00+00:00")),
    ],
)
def test_rules_that_no_message_meets_both_of_do_not_defeat_each_other(first: Settings, later: Settings) -> None:
    assert defeat(first, later) is None


@pytest.mark.parametrize(
    ("first", "later"),
    [
        (rule(STOP, sender_domain_is=["example.org"]), rule(DISCLAIMER, sender_domain_is=["mail.example.org"])),
        (rule(STOP, {"from": [HEAD, OFFICE]}), rule(DISCLAIMER, except_if_from=[HEAD])),
        (rule(STOP, from_member_of=[STAFF, PUPILS]), rule(DISCLAIMER, except_if_from_member_of=[STAFF])),
        (
            rule(STOP, header_contains_message_header="X-A", header_contains_words=["yes"]),
            rule(
                DISCLAIMER,
                except_if_header_contains_message_header="X-B",
                except_if_header_contains_words=["yes"],
            ),
        ),
        (
            rule(STOP, ad_comparison_attribute="Department", ad_comparison_operator="Equal"),
            rule(
                DISCLAIMER,
                except_if_ad_comparison_attribute="Department",
                except_if_ad_comparison_operator="NotEqual",
            ),
        ),
    ],
)
def test_rules_that_may_share_a_message_may_defeat_each_other(first: Settings, later: Settings) -> None:
    found = defeat(first, later)
    assert found is not None
    assert not found[1]


def test_a_conditional_rejection_defeats_a_copy_for_evidence() -> None:
    first = rule(REJECT, OUTGOING, subject_contains_words=["complaint"])
    found = defeat(first, rule(blind_copy_to=[OFFICE]))
    assert found == ("it deletes or rejects outgoing messages with subject_contains_words complaint", False)


def test_a_rule_that_only_reports_is_kept_from_reporting() -> None:
    assert defeat(rule(STOP), rule(REJECT, OUTGOING, rule_mode="Audit")) == (f"{STOPS} every outgoing message", True)


LEADERS = "leadership@example-primary.example"
HOLD = {STAFF: frozenset({"1", "2", "3"}), LEADERS: frozenset({"1", "2"}), PUPILS: frozenset({"8", "9"})}
NAMED = f"messages with from_member_of {STAFF}"


@pytest.mark.parametrize(
    ("first", "later", "read", "by_members"),
    [
        ([STAFF], [LEADERS], HOLD, (f"{STOPS} every message", True)),
        ([LEADERS], [STAFF], HOLD, (f"{STOPS} messages with from_member_of {LEADERS}", False)),
        ([STAFF], [PUPILS], HOLD, None),
        ([STAFF], [PUPILS], {PUPILS: HOLD[PUPILS]}, (f"{STOPS} {NAMED}", False)),  # not known of the other
        ([STAFF], [LEADERS], {}, (f"{STOPS} {NAMED}", False)),
    ],
)
def test_groups_of_senders_are_compared_by_whom_they_hold(
    first: list[str], later: list[str], read: Mapping[str, frozenset[str]], by_members: tuple[str, bool] | None
) -> None:
    stops = PlacedRule(rule(STOP, from_member_of=first), members=read)

    found = KIND.mail.defeats(stops, PlacedRule(rule(DISCLAIMER, from_member_of=later)), NOW)

    assert ((found.how, found.whole) if found else None) == by_members


def test_what_spares_a_group_spares_the_group_inside_it() -> None:
    first = PlacedRule(rule(STOP, except_if_from_member_of=[STAFF]), members=HOLD)

    assert KIND.mail.defeats(first, PlacedRule(rule(DISCLAIMER, from_member_of=[LEADERS])), NOW) is None
