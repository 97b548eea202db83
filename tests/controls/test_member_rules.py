"""Rules for members of Google groups: set in plain words, read back, and never for a group that a query fills."""

import pytest

from tests.cases import newest, writes
from tests.controls.test_access import DECLARED, DEPUTY, DOMAIN, HEAD
from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

DSL, RULES = f"dsl@{DOMAIN}", "google.groupSecurity"
OWN, PEOPLE = "member.customer_id == groupCustomerId()", "member.type == 1"
GUEST = {"id": "198", "email": "guest@example.org", "type": "USER", "role": "MEMBER", "status": "EXTERNAL"}
RULE = "google_workspace.member_restriction"


def _declare(door: Door, words: str, more: str = "") -> None:
    group = f"{{group: {DSL}, cloud: google_workspace, members: [{HEAD}, {DEPUTY}], members_only: {words}{more}}}"
    entry = f"  - access.groups_and_roles: {{{DECLARED}, groups: [{group}]}}\n"
    door.write("64-access.yaml", f"playbook: access\nclauses: [SYS-21]\ncontrols:\n{entry}")


def _group(door: Door) -> str:
    return next(key for key, group in door.tenant.objects("google.groups").items() if group["email"] == DSL)


def _rule(door: Door) -> str:
    kept = door.tenant.objects(RULES).get(_group(door)) or {"memberRestriction": {"query": ""}}
    return str(kept["memberRestriction"]["query"])


def _by_hand(door: Door, query: str) -> None:
    door.tenant.put(RULES, _group(door), {"memberRestriction": {"query": query}})


def _apply(door: Door) -> str:
    applied = door.toolkit("apply", "--yes")
    assert applied.exit == 0, (applied.out, applied.err)
    return applied.out


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("[people, school]", f"{OWN} && {PEOPLE}"),
        pytest.param("[school, people]", f"{OWN} && {PEOPLE}", marks=pytest.mark.soak),
        pytest.param("[people]", PEOPLE, marks=pytest.mark.soak),
    ],
)
def test_plain_words_are_a_rule_and_the_next_plan_is_empty(google_door: Door, words: str, rule: str) -> None:
    _declare(google_door, words)

    _apply(google_door)

    assert _rule(google_door) == rule
    _by_hand(google_door, rule.replace(" && ", "&&").replace(" == ", "=="))  # the same, written otherwise
    before = newest(google_door)
    planned = google_door.toolkit("plan")
    assert (planned.exit, "break the rule" in planned.out) == (0, False)
    _apply(google_door)
    assert writes(google_door, before) == []


def test_drift_shows_a_rule_changed_by_hand_and_apply_puts_it_back(google_door: Door) -> None:
    _declare(google_door, "[school]")
    _apply(google_door)
    assert _rule(google_door) == OWN

    _by_hand(google_door, "")
    drift = google_door.toolkit("drift")
    assert (drift.exit, RULE in drift.out, "it.support" in drift.out) == (3, True, True)
    _apply(google_door)
    assert _rule(google_door) == OWN


def test_rollback_gives_back_a_rule_that_toolkit_would_not_write(google_door: Door) -> None:
    former = "member.type == 2 || member.type == 3"
    _by_hand(google_door, former)
    _declare(google_door, "[school]")
    _apply(google_door)

    back = google_door("rollback", "last", google_door.playbooks, "--yes")

    assert (back.exit, _rule(google_door)) == (0, former), (back.out, back.err)


def test_members_who_break_the_rule_stay_and_the_plan_names_their_group(google_door: Door) -> None:
    key = _group(google_door)
    google_door.tenant.put("google.members", f"{key}/198", GUEST)
    _declare(google_door, "[school, people]")
    _apply(google_door)

    planned = google_door.toolkit("plan")

    assert planned.exit == 0
    assert "break the rule" in planned.out
    assert f"{key}/198" in google_door.tenant.objects("google.members")
    google_door.tenant.delete("google.members", f"{key}/198")
    assert "break the rule" not in google_door.toolkit("plan").out


def test_withdrawing_takes_the_rule_away(google_door: Door) -> None:
    _declare(google_door, "[people]")
    _apply(google_door)

    withdrawn = google_door.toolkit("withdraw", "--yes")

    assert (withdrawn.exit, _rule(google_door)) == (0, ""), (withdrawn.out, withdrawn.err)


def test_a_dynamic_group_is_read_only(google_door: Door) -> None:
    query = {"queries": [{"resourceType": "USER", "query": "user.organizations.exists(o, o.department == 'DSL')"}]}
    google_door.tenant.patch("google.groups", _group(google_door), dynamicGroupMetadata=query)
    google_door.tenant.put("google.members", f"{_group(google_door)}/198", GUEST)
    _declare(google_door, "[people]", ", remove: yes")
    before = newest(google_door)

    planned = google_door.toolkit("plan")
    google_door.toolkit("apply", "--yes")

    assert planned.out.count("a query selects the members of the group") == 2
    assert writes(google_door, before) == []


@pytest.mark.parametrize("fault", [pytest.param("refused", marks=pytest.mark.soak), "dropped_after"])
def test_a_failed_write_is_finished_by_the_next_run(google_door: Door, fault: str) -> None:
    _declare(google_door, "[people]")
    google_door.tenant.fault(fault, "cloudidentity.groups.updateSecuritySettings", times=1)
    google_door.toolkit("apply", "--yes")
    google_door.tenant.disarm()
    _apply(google_door)
    assert _rule(google_door) == PEOPLE


@pytest.mark.parametrize(
    ("words", "more", "told"),
    [
        ("[]", "", "members_only"),
        ("[pupils]", "", "members_only"),
        ("[people]", ", managed_by: mis", "`members_only` is only for a Google group"),
        ("[people]", ", cloud: microsoft365", "cloud"),
    ],
)
def test_other_words_are_refused_with_their_line(google_door: Door, words: str, more: str, told: str) -> None:
    _declare(google_door, words, more)
    refused = google_door.toolkit("validate")
    assert (refused.exit, "64-access.yaml:4" in refused.err, told in refused.err) == (2, True, True), refused.err


@pytest.mark.parametrize("rule", ["member.type == 2", f"{PEOPLE} and {OWN}", f"({PEOPLE})", "member.type == 1 &&"])
def test_a_rule_of_another_form_is_refused_with_its_line_and_nothing_is_sent(google_door: Door, rule: str) -> None:
    google_door.write("rules.yaml", f"playbook: rules\nresources:\n  - {RULE}: {DSL}\n    rule: '{rule}'\n")
    before = newest(google_door)

    refused = google_door.toolkit("apply", "--yes")

    assert (refused.exit, "rules.yaml:4" in refused.err, "is not supported" in refused.err) == (2, True, True), (
        refused.err
    )
    assert newest(google_door) == before
