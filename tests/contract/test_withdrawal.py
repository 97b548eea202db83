"""A control that is off and withdrawn takes back what it put into the tenant, and nothing else."""

import pytest

from tests.cases import newest, playbook, writes
from tests.contract.rules import STORED, apply, planned_changes, rule_order
from tests.door import Door, empty
from tests.schools import few_people

pytestmark = few_people

DISCLAIMER = """\
playbook: disclaimer
title: Disclaimer
owner: Head Teacher
controls:
  - mail.disclaimer:
      for: everyone
      scope: all
      text_file: text/disclaimer.html
      phrase: sent from Example Primary School
"""
OFF = DISCLAIMER.replace("      for:", "      mode: off\n      for:")
WITHDRAWN = DISCLAIMER.replace("      for:", "      mode: off\n      withdraw: true\n      for:")
EXTERNAL_TAG = """\
playbook: tag
title: Tag
owner: Head Teacher
controls:
  - mail.external_tag: {for: everyone}
"""


@pytest.fixture
def applied(bare_door: Door) -> Door:
    """Apply the disclaimer to a school that has Microsoft 365."""
    bare_door.write("text/disclaimer.html", "<p>This e-mail was sent from Example Primary School.</p>")
    bare_door.write("10-disclaimer.yaml", DISCLAIMER)
    apply(bare_door)
    return bare_door


def test_a_rule_that_the_control_made_is_deleted(applied: Door) -> None:
    before = rule_order(applied)
    applied.write("10-disclaimer.yaml", WITHDRAWN)

    assert planned_changes(apply(applied)) == [("delete", "School disclaimer")]
    assert rule_order(applied) == [name for name in before if name != "School disclaimer"]
    assert applied.toolkit("plan").exit == 0


def test_what_is_only_off_stays(applied: Door) -> None:
    applied.write("10-disclaimer.yaml", OFF)
    before = newest(applied)

    assert planned_changes(apply(applied)) == []
    assert writes(applied, before) == []
    assert "School disclaimer" in rule_order(applied)


def test_a_rule_that_nothing_proves_ours_is_not_deleted(applied: Door) -> None:
    applied.write("10-disclaimer.yaml", WITHDRAWN)
    applied.forget()

    answer = applied.toolkit("apply", "--yes")

    assert answer.exit == 5
    assert "neither the ledger nor a marker proves that toolkit created it" in answer.out
    assert "School disclaimer" in rule_order(applied)


def test_an_object_that_another_entry_asks_for_stays(applied: Door) -> None:
    applied.write("10-disclaimer.yaml", WITHDRAWN)
    rule = '  - microsoft365.transport_rule: "School disclaimer"\n    prepend_subject: "[kept] "\n'
    applied.write("11-rule.yaml", playbook(rule))

    assert planned_changes(apply(applied)) == [("update", "School disclaimer")]
    assert "School disclaimer" in rule_order(applied)


def test_what_the_control_changed_gets_back_what_it_had(bare_door: Door) -> None:
    (before,) = bare_door.tenant.objects("exchange.externalInOutlook").values()
    bare_door.write("10-tag.yaml", EXTERNAL_TAG)
    apply(bare_door)
    bare_door.write("10-tag.yaml", EXTERNAL_TAG.replace("{for:", "{mode: off, withdraw: true, for:"))

    planned = bare_door.toolkit("plan", "--only", "mail.external_tag")
    withdrawn = bare_door.toolkit("apply", "--yes", "--json")

    assert (planned.exit, "enabled: true -> false" in planned.out) == (3, True), planned.out + planned.err
    assert (withdrawn.exit, planned_changes(withdrawn)) == (0, [("update", "organisation")])
    assert [*bare_door.tenant.objects("exchange.externalInOutlook").values()] == [before]
    assert bare_door.toolkit("plan").exit == 0
    assert "stays as it is" not in bare_door.toolkit("plan").out


def test_every_object_of_a_kind_gets_back_what_it_had_and_what_a_hand_changed_since_stays(bare_door: Door) -> None:
    collections = ("exchange.outboundSpamPolicies", "exchange.remoteDomains")
    before = {name: bare_door.tenant.objects(name) for name in collections}
    forwarding = EXTERNAL_TAG.replace("mail.external_tag", "mail.autoforward_block")
    bare_door.write("10-tag.yaml", forwarding)
    apply(bare_door)
    changed = next(key for key, domain in before[collections[1]].items() if domain["AutoForwardEnabled"])
    bare_door.tenant.patch(collections[1], changed, AutoForwardEnabled=True)
    bare_door.write("10-tag.yaml", forwarding.replace("{for:", "{mode: off, withdraw: true, for:"))

    withdrawn = bare_door.toolkit("apply", "--yes")

    assert withdrawn.exit in {0, 5}, withdrawn.out
    assert {name: bare_door.tenant.objects(name) for name in collections} == before
    assert "stays as it is" not in withdrawn.out


def test_what_nobody_knows_the_former_state_of_is_said_to_stay(bare_door: Door) -> None:
    bare_door.write("10-tag.yaml", EXTERNAL_TAG)
    apply(bare_door)
    bare_door.write("10-tag.yaml", EXTERNAL_TAG.replace("{for:", "{mode: off, withdraw: true, for:"))
    bare_door.forget()
    before = newest(bare_door)

    answer = bare_door.toolkit("apply", "--yes")

    assert answer.exit == 0
    assert "microsoft365.external_in_outlook[organisation]: stays as it is" in answer.out
    assert writes(bare_door, before) == []


def test_only_what_is_off_can_be_withdrawn(bare_door: Door) -> None:
    bare_door.write("10-tag.yaml", EXTERNAL_TAG.replace("{for:", "{withdraw: true, for:"))

    answer = bare_door.toolkit("validate")

    assert answer.exit == 2
    assert "`withdraw: true` needs `mode: off`" in answer.err
    assert "10-tag.yaml:5" in answer.err


def test_rules_of_others_are_never_deleted(applied: Door) -> None:
    empty(applied)
    applied.write("text/disclaimer.html", "<p>This e-mail was sent from Example Primary School.</p>")
    applied.write("10-disclaimer.yaml", WITHDRAWN)
    theirs = [body["Name"] for body in applied.tenant.objects(STORED).values() if body["Name"] != "School disclaimer"]

    apply(applied)

    assert sorted(rule_order(applied)) == sorted(theirs)
