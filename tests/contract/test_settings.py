"""What a setting of a playbook asks for: a value, nothing, these entries, or at least these."""

from collections.abc import Sequence

import pytest

from tests.cases import playbook, resource
from tests.contract.rules import apply, rule, stored_rule, write_rules
from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

OFFICE = "office@example-primary.example"
HEAD = "head@example-primary.example"
TRUST, THEIRS = "trust@example-primary.example", "theirs@example-primary.example"
POLICIES = "exchange.outboundSpamPolicies"


def test_null_clears_a_setting(bare_door: Door) -> None:
    write_rules(bare_door, rule("Tag", prepend_subject="[Tag] ", comments="By the office", sent_to=[OFFICE]))
    apply(bare_door)
    write_rules(bare_door, rule("Tag", prepend_subject="[Tag] ", comments=None, sent_to=None))
    assert bare_door.toolkit("apply", "--yes").exit == 5  # from one mailbox to everyone's mail
    apply(bare_door, "--reach", "100")

    assert stored_rule(bare_door, "Tag")["Comments"] is None
    assert stored_rule(bare_door, "Tag")["SentTo"] is None
    assert bare_door.toolkit("plan").exit == 0


def test_a_setting_that_the_playbook_leaves_out_is_left_alone(bare_door: Door) -> None:
    write_rules(bare_door, rule("Tag", prepend_subject="[Tag] ", comments="By the office"))
    apply(bare_door)
    write_rules(bare_door, rule("Tag", prepend_subject="[Other] "))
    apply(bare_door)

    assert stored_rule(bare_door, "Tag")["Comments"] == "By the office"


def test_a_condition_that_the_playbook_leaves_out_is_cleared(bare_door: Door) -> None:
    write_rules(bare_door, rule("Tag", prepend_subject="[Tag] ", sent_to=[OFFICE]))
    apply(bare_door)
    write_rules(bare_door, rule("Tag", prepend_subject="[Tag] "))
    apply(bare_door, "--reach", "100")

    assert stored_rule(bare_door, "Tag")["SentTo"] is None


@pytest.mark.parametrize(
    ("wanted", "before", "after"),
    [
        pytest.param({"exactly": [OFFICE]}, [], [OFFICE], marks=pytest.mark.soak),
        pytest.param({"exactly": [OFFICE]}, [HEAD], [OFFICE], marks=pytest.mark.soak),
        ({"exactly": [OFFICE]}, [HEAD, OFFICE], [OFFICE]),
        pytest.param({"contains": [OFFICE]}, [], [OFFICE], marks=pytest.mark.soak),
        ({"contains": [OFFICE]}, [HEAD], [HEAD, OFFICE]),
        pytest.param({"contains": [OFFICE]}, [HEAD, OFFICE], [HEAD, OFFICE], marks=pytest.mark.soak),
        pytest.param([OFFICE], [HEAD], [HEAD, OFFICE], marks=pytest.mark.soak),
        pytest.param({"lacks": [OFFICE]}, [HEAD, OFFICE], [HEAD], marks=pytest.mark.soak),
        pytest.param({"lacks": [OFFICE]}, [HEAD], [HEAD], marks=pytest.mark.soak),
        ({"contains": [OFFICE], "lacks": [HEAD]}, [HEAD], [OFFICE]),
        (None, [HEAD], []),
    ],
)
def test_a_list_holds_exactly_or_at_least_what_is_asked_for(
    wanted: object, before: Sequence[str], after: Sequence[str], bare_door: Door
) -> None:
    (key,) = [key for key, body in bare_door.tenant.objects(POLICIES).items() if body["Name"] == "Default"]
    bare_door.tenant.patch(POLICIES, key, NotifyOutboundSpamRecipients=list(before))
    asked = {"notify_outbound_spam_recipients": wanted}
    bare_door.write("10-policy.yaml", playbook(resource("microsoft365.outbound_spam_policy", "Default", asked)))

    assert bare_door.toolkit("plan").exit == (0 if list(before) == after else 3)
    apply(bare_door)

    assert sorted(bare_door.tenant.read_object(POLICIES, key)["NotifyOutboundSpamRecipients"]) == after
    assert bare_door.toolkit("plan").exit == 0


def test_an_entry_that_the_playbook_drops_is_taken_out_if_it_was_ours_and_stays_if_it_was_not(bare_door: Door) -> None:
    (key,) = [key for key, body in bare_door.tenant.objects(POLICIES).items() if body["Name"] == "Default"]
    bare_door.tenant.patch(POLICIES, key, NotifyOutboundSpamRecipients=[HEAD])
    lists: Sequence[Sequence[str]] = ([HEAD, OFFICE, TRUST], [TRUST], [])
    told = []
    for entries in lists:
        asked = {"notify_outbound_spam_recipients": {"contains": entries}}
        bare_door.write("10-policy.yaml", playbook(resource("microsoft365.outbound_spam_policy", "Default", asked)))
        apply(bare_door)
        told.append(bare_door.tenant.read_object(POLICIES, key)["NotifyOutboundSpamRecipients"])
        bare_door.tenant.patch(POLICIES, key, NotifyOutboundSpamRecipients=[*told[-1], THEIRS])

    assert told == [[HEAD, OFFICE, TRUST], [HEAD, THEIRS, TRUST], [HEAD, THEIRS]]


def test_an_entry_for_every_object_covers_those_that_somebody_made(bare_door: Door) -> None:
    forwarding = {"auto_forwarding_mode": "Off"}
    bare_door.write("10-policies.yaml", playbook(resource("microsoft365.outbound_spam_policy", "*", forwarding)))

    apply(bare_door)

    modes = {body["Name"]: body["AutoForwardingMode"] for body in bare_door.tenant.objects(POLICIES).values()}
    assert modes == {"Default": "Off", "Trips coordinators": "Off"}


def test_one_object_can_have_more_than_what_every_object_has(bare_door: Door) -> None:
    every = resource("microsoft365.outbound_spam_policy", "*", {"notify_outbound_spam_recipients": [OFFICE]})
    own = resource("microsoft365.outbound_spam_policy", "Default", {"notify_outbound_spam_recipients": [HEAD]})
    bare_door.write("10-policies.yaml", playbook(every, own))

    apply(bare_door)

    told = {body["Name"]: body["NotifyOutboundSpamRecipients"] for body in bare_door.tenant.objects(POLICIES).values()}
    assert told == {"Default": [HEAD, OFFICE], "Trips coordinators": [OFFICE]}


def test_an_object_of_a_fixed_kind_that_is_not_there_is_refused_and_names_those_that_are(bare_door: Door) -> None:
    missing = resource("microsoft365.outbound_spam_policy", "Nowhere", {"auto_forwarding_mode": "Off"})
    bare_door.write("10-policies.yaml", playbook(missing))

    plan = bare_door.toolkit("plan")

    assert plan.exit == 5
    assert "Default, Trips coordinators" in plan.out
