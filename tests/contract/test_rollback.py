"""Rolling back: the tenants are as they were before a run, as far as nobody changed them since."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.cases import newest, playbook, resource, writes
from tests.contract.going_back import MORE, STAFF, differing, objects
from tests.contract.rules import (
    KIND,
    STORED,
    add_rule_by_hand,
    apply,
    arrange_rules,
    planned_changes,
    rule,
    rule_order,
    stored_rule,
    write_rules,
)
from tests.door import Checkpoint, CommandResult, Door
from tests.schools import TWENTY_PEOPLE, Schools

SCHEDULED = {
    "status": "scheduled",
    "begins": "2026-12-18T16:00:00Z",
    "ends": "2027-01-04T08:00:00Z",
}


@pytest.fixture(scope="module")
def applied(module_schools: Schools) -> Checkpoint:
    """Apply three rules once, at a small school with both clouds."""
    door = module_schools.build(TWENTY_PEOPLE, own_snapshot=True)
    write_rules(door, rule("A"), rule("B"), rule("C"))
    apply(door)
    return module_schools.checkpoint(door)


@pytest.fixture
def school(applied: Checkpoint) -> Door:
    """Open a small school with both clouds, in which three rules were applied."""
    return applied.restore()


def _back(door: Door, run: str = "last", *options: str) -> CommandResult:
    answer = door("rollback", run, door.playbooks, "--yes", "--json", *options)
    assert answer.exit == 0, answer.out + answer.err
    return answer


def _last(door: Door) -> str:
    return str(door("audit", "log", "--json").json["runs"][0]["run"])


def _without_ids(found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Write what is stored without the ids and moments that services give anew."""
    anew = {"Guid", "ImmutableId", "id", "name", "createdDateTime", "lastModifiedDateTime", "version"}
    bodies = ({name: value for name, value in one.items() if name not in anew} for one in found.values())
    return sorted(json.dumps(body, sort_keys=True) for body in bodies)


def test_a_changed_playbook_is_taken_back_in_both_clouds_and_the_way_back_too(school: Door) -> None:
    school.write("20-more.yaml", MORE)
    apply(school)
    before = objects(school)
    school.write("20-more.yaml", MORE.replace("signal.org", "tiktok.com").replace("[More]", "[Much more]"))
    write_rules(school, rule("A", prepend_subject="[changed] "), rule("B"), rule("C"), rule("D"))
    apply(school)
    changed = objects(school)

    shown = school("rollback", "last", school.playbooks)
    back = _back(school)
    after = objects(school)
    school.write("20-more.yaml", MORE)
    write_rules(school, rule("A"), rule("B"), rule("C"))

    assert shown.exit == 5  # nobody to ask
    assert "back to before run" in shown.out
    assert sorted(one["action"] for one in back.json["changes"]) == ["delete", "update", "update", "update"]
    assert differing(before, after) == set()
    assert school.toolkit("plan").exit == 0
    again = _back(school)
    (made,) = [one for one in again.json["changes"] if one["action"] == "create"]
    assert "gets a new id" in made["remark"]
    assert _without_ids(objects(school)) == _without_ids(changed)
    assert [one["command"] for one in school("audit", "log", "--json").json["runs"][:2]] == ["rollback", "rollback"]


def test_what_was_deleted_is_made_again_where_it_stood(school: Door) -> None:
    add_rule_by_hand(school, "Theirs")
    arrange_rules(school, ["A", "Theirs", "B", "C"])
    before = rule_order(school)
    whole = _without_ids(school.tenant.objects(STORED))
    write_rules(school, rule("C"), rule("A"))
    apply(school, "--prune", "--lose", "23")
    assert rule_order(school) != before

    shown = school("rollback", "last", school.playbooks)
    _back(school)

    assert "goes directly after B" in shown.out
    assert rule_order(school) == before
    assert _without_ids(school.tenant.objects(STORED)) == whole


def test_what_somebody_changed_since_is_a_conflict(school: Door) -> None:
    write_rules(school, rule("A", prepend_subject="[x] "), rule("B", prepend_subject="[y] "), rule("C"), rule("D"))
    apply(school)
    school.tenant.patch(STORED, stored_rule(school, "A")["Guid"], PrependSubject="[by hand] ")
    school.tenant.patch(STORED, stored_rule(school, "D")["Guid"], PrependSubject="[by hand] ")
    run = _last(school)

    back = school("rollback", run[:8], school.playbooks, "--yes", "--json")

    assert back.exit == 5
    assert planned_changes(back) == [("update", "B")]
    assert {(one["address"], one["path"], one["now"]) for one in back.json["conflicts"]} == {
        (f"{KIND}[{name}]", "prepend_subject", "[by hand] ") for name in "AD"
    }
    assert stored_rule(school, "A")["PrependSubject"] == "[by hand] "
    forced = _back(school, run, "--even-if-changed")
    assert sorted(planned_changes(forced)) == [("delete", "D"), ("update", "A")]
    assert stored_rule(school, "A")["PrependSubject"] == "[A] "


def test_limits_evidence_and_broken_playbooks(school: Door) -> None:
    kept = resource("microsoft365.retention_policy", "Ours for ever", {"mail": "all", "keep_days": 90, "beside": True})
    school.write("20-more.yaml", playbook(rule("D"), rule("E"), rule("F"), kept, slug="more"))
    apply(school)
    school.write("20-more.yaml", "playbook: [broken")
    run, before = _last(school), newest(school)

    refused = school("rollback", run, school.playbooks, "--yes")
    assert refused.exit == 5
    assert f"toolkit rollback {run} {school.playbooks} --allow-deletes 3" in refused.err
    assert writes(school, before) == []
    allowed = school("rollback", run, school.playbooks, "--yes", "--json", "--allow-deletes", "3")

    assert allowed.exit == 5
    assert [one["address"] for one in allowed.json["refused"]] == ["microsoft365.retention_policy[Ours for ever]"]
    assert rule_order(school)[-3:] == ["A", "B", "C"]


def test_a_run_that_is_not_there_or_wrote_nothing_is_a_mistake(school: Door) -> None:
    apply(school)

    nothing = school("rollback", _last(school), school.playbooks)
    unknown = school("rollback", "nosuchrun", school.playbooks)

    assert (nothing.exit, unknown.exit) == (2, 2)
    assert "wrote nothing, so there is nothing to roll back" in nothing.err
    assert "the ledger has no run nosuchrun" in unknown.err


def test_a_reply_is_given_back_with_its_owners_words(school: Door) -> None:
    school.write("20-replies.yaml", _reply_playbook("Back on Monday.", {"status": "off"}))
    apply(school)
    before = _replies(school)
    school.write("20-replies.yaml", _reply_playbook("The school is closed.", SCHEDULED))
    apply(school)
    assert _replies(school) != before

    back = _back(school)

    assert [one["action"] for one in back.json["changes"]] == ["update", "update"]
    assert "Back on Monday" not in back.out
    assert _replies(school) == before


def _reply_playbook(words: str, settings: Mapping[str, object]) -> str:
    outlook = {**settings, "internal": words, "external": words}
    return playbook(
        resource("microsoft365.automatic_reply", STAFF, outlook),
        resource("google_workspace.vacation", STAFF, {**settings, "text": words}),
        slug="replies",
    )


def _replies(door: Door) -> list[tuple[object, ...]]:
    """Say of every mailbox whether it answers by itself, and in which words."""
    outlook = [
        one["automaticRepliesSetting"]
        for one in door.tenant.objects("outlook.mailboxSettings").values()
        if "automaticRepliesSetting" in one
    ]
    gmail = door.tenant.objects("gmail.vacation").values()
    return [
        *((one.get("status"), one.get("internalReplyMessage"), one.get("externalReplyMessage")) for one in outlook),
        *((one.get("enableAutoReply"), one.get("responseBodyPlainText")) for one in gmail),
    ]
