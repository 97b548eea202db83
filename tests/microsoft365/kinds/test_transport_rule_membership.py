"""A rule for groups that do not hold the protected mailbox is not refused; one for groups that hold it is."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.cases import playbook, resource
from tests.door import Door

SAFEGUARDING = "safeguarding@example-primary.example"
STAFF, LEADERS = "all-staff@example-primary.example", "leadership@example-primary.example"
BETWEEN = {"between_member_of_1": [STAFF], "between_member_of_2": [LEADERS]}


def refused(door: Door, settings: Mapping[str, Any]) -> list[str]:
    """Plan a rule that rejects mail, and return why it is refused."""
    rule = {"reject_message_reason_text": "Not in lessons", **settings}
    door.write("10-rules.yaml", playbook(resource("microsoft365.transport_rule", "Lessons", rule)))
    return [refusal["reason"] for refusal in door.toolkit("plan", "--json").json["refused"]]


@pytest.mark.parametrize(
    "settings",
    [
        BETWEEN,
        {"from_member_of": [STAFF], "sent_to_member_of": [LEADERS]},
        {"from_member_of": [STAFF], "except_if_sent_to": [SAFEGUARDING]},
    ],
    ids=["between two groups", "from one group to another", "to anyone but the mailbox"],
)
def test_a_rule_between_groups_without_the_mailbox_is_planned(bare_door: Door, settings: Mapping[str, Any]) -> None:
    assert refused(bare_door, settings) == []
    assert bare_door.toolkit("apply", "--yes").exit == 0


@pytest.mark.parametrize(
    "settings", [{"from_member_of": [STAFF]}, {"sent_to_member_of": [STAFF]}, {"subject_contains_words": ["x"]}]
)
def test_a_rule_that_is_for_groups_on_one_side_alone_is_refused(bare_door: Door, settings: Mapping[str, Any]) -> None:
    (reason,) = refused(bare_door, settings)

    assert f"mail of {SAFEGUARDING}" in reason


def test_a_rule_for_a_group_that_holds_the_mailbox_is_refused(bare_door: Door) -> None:
    tenant = bare_door.tenant
    group = next(key for key, body in tenant.objects("groups").items() if body.get("mail") == STAFF)
    mailbox = next(key for key, body in tenant.objects("users").items() if body.get("mail") == SAFEGUARDING)
    members = tenant.read_object("members", group)
    tenant.put("members", group, {**members, "members": [*members["members"], mailbox]})

    (reason,) = refused(bare_door, BETWEEN)

    assert "except_if_sent_to" in reason


def test_a_rule_for_groups_that_cannot_be_read_is_refused(bare_door: Door) -> None:
    bare_door.tenant.fault("refused", "GET /groups*", times=100)

    assert len(refused(bare_door, BETWEEN)) == 1
