"""Pruning: what is ours and in no playbook any more goes, or gets back what it had, and nothing else is touched."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cases import newest, playbook, resource, writes
from tests.contract.going_back import MORE, STAFF, differing, objects
from tests.contract.rules import (
    KIND,
    add_rule_by_hand,
    apply,
    planned_changes,
    rule,
    rule_order,
    stored_rule,
    write_rules,
)
from tests.door import Checkpoint, Door
from tests.schools import TWENTY_PEOPLE, Schools

DISCLAIMER = """\
playbook: disclaimer
title: Disclaimer
owner: Head Teacher
controls:
  - mail.disclaimer: {for: everyone, scope: all, text_file: text/disclaimer.html, phrase: sent from the school}
"""
EXTERNAL = resource("microsoft365.external_in_outlook", "organisation", {"enabled": True})
TAG = """\
playbook: tag
title: Tag
owner: Head Teacher
controls:
  - mail.disclaimer: {for: everyone, mode: off, scope: all, text_file: text/notice.html, phrase: sent from the school}
"""
CONFIGURATION = resource("microsoft365.windows_configuration", "Ours", {"game_dvr_blocked": True})
CONFIGURED, STORED_DEVICES = "microsoft365.windows_configuration", "intune.deviceConfigurations"
OURS, FOR_EVER = "microsoft365.windows_configuration[Ours]", "microsoft365.retention_policy[Ours for ever]"


@pytest.fixture(scope="module")
def applied(module_schools: Schools) -> Checkpoint:
    """Apply two rules once, at a small school with both clouds."""
    door = module_schools.build(TWENTY_PEOPLE, own_snapshot=True)
    write_rules(door, rule("A"), rule("B"))
    apply(door)
    return module_schools.checkpoint(door)


@pytest.fixture
def school(applied: Checkpoint) -> Door:
    """Open a small school with both clouds, in which two rules were applied."""
    return applied.restore()


def test_a_playbook_that_was_removed_is_taken_back_in_both_clouds(school: Door) -> None:
    before = objects(school)
    more = school.write("20-more.yaml", MORE)
    apply(school)
    more.unlink()

    left = school.toolkit("apply", "--yes")
    told = school.toolkit("plan", "--json").json
    refused = school.toolkit("apply", "--prune", "--yes")
    pruned = apply(school, "--prune", "--allow-deletes", "3", "--lose", "23")

    assert left.exit == 0
    assert "6 orphaned objects, which no playbook asks for any more: --prune would delete them" in left.out
    assert f"google_workspace.signature[{STAFF}]" in left.out
    assert "Unmanaged: 4 mail rules" in left.out
    assert told["summary"]["leftover"] == len(told["leftover"]) == 6
    assert refused.exit == 5
    assert f"toolkit apply {school.playbooks} --prune --allow-deletes 3 --lose 23" in refused.err
    assert sorted(one["action"] for one in pruned.json["outcomes"]) == ["delete"] * 3 + ["update"] * 3
    assert differing(before, objects(school)) == set()
    again = school.toolkit("plan", "--prune", "--json")
    assert (again.exit, again.json["changes"], again.json["leftover"]) == (0, [], [])


def test_a_revert_puts_settings_back_too_where_the_object_stays(school: Door) -> None:
    spam = "microsoft365.outbound_spam_policy"
    first = playbook(resource(spam, "Default", {"auto_forwarding_mode": "Off"}), CONFIGURATION, slug="more")
    more = school.write("20-more.yaml", first)
    apply(school)
    after_first = objects(school)
    both = {"auto_forwarding_mode": "Off", "recipient_limit_per_day": 77}
    ours = resource(
        "microsoft365.windows_configuration", "Ours", {"game_dvr_blocked": True, "windows_store_blocked": True}
    )
    more.write_text(playbook(resource(spam, "Default", both), ours, slug="more"))
    apply(school)
    more.write_text(first)

    told, stays = school.toolkit("plan"), school.toolkit("plan", "--json")
    still = apply(school)
    pruned = apply(school, "--prune")
    again = school.toolkit("plan", "--prune", "--json")

    assert "2 orphaned settings, which no playbook asks for any more: --prune would restore their" in told.out
    assert f"  {spam}[Default]: recipient_limit_per_day" in told.out
    assert (stays.exit, planned_changes(stays), planned_changes(still)) == (0, [], [])
    assert [one["path"] for one in stays.json["dropped"]] == ["recipient_limit_per_day", "windows_store_blocked"]
    assert sorted(planned_changes(pruned)) == [("update", "Default"), ("update", "Ours")]
    now = objects(school)
    changed = {name for key in differing(after_first, now) for name in differing(after_first[key], now[key])}
    assert changed <= {"lastModifiedDateTime", "version"}
    assert (again.exit, again.json["changes"], again.json["dropped"]) == (0, [], [])


def test_a_setting_that_a_hand_changed_since_or_an_object_was_made_with_is_left_as_it_is(school: Door) -> None:
    two = {"game_dvr_blocked": True, "windows_store_blocked": True}
    more = school.write("20-more.yaml", playbook(resource(CONFIGURED, "Ours", two), slug="more"))
    apply(school)
    more.write_text(playbook(CONFIGURATION, slug="more"))
    made_with, pruned = school.toolkit("plan"), school.toolkit("apply", "--prune", "--yes")

    two["password_required"] = True
    more.write_text(playbook(resource(CONFIGURED, "Ours", two), slug="more"))
    apply(school)
    more.write_text(playbook(CONFIGURATION, slug="more"))
    ((key, _),) = [one for one in school.tenant.objects(STORED_DEVICES).items() if one[1]["displayName"] == "Ours"]
    school.tenant.patch(STORED_DEVICES, key, passwordRequired=False)
    by_hand_since = school.toolkit("plan", "--json")

    assert "Ours]: windows_store_blocked stays: the object was created with this value" in made_with.out
    assert (pruned.exit, "windows_store_blocked: the object was created with this value" in pruned.out) == (0, True)
    assert [one["path"] for one in by_hand_since.json["dropped"]] == ["windows_store_blocked"]


def test_what_others_made_or_changed_since_stays(school: Door) -> None:
    add_rule_by_hand(school, "Theirs", PrependSubject="[theirs] ")
    write_rules(school, rule("A"), resource(KIND, "C", {"adopt": "Theirs", "prepend_subject": "[ours] "}))
    school.write("20-more.yaml", playbook(EXTERNAL, slug="more"))
    apply(school)
    (key,) = school.tenant.objects("exchange.externalInOutlook")
    school.tenant.patch("exchange.externalInOutlook", key, Enabled=False)
    (school.playbooks / "20-more.yaml").unlink()
    write_rules(school, rule("A"))

    pruned = apply(school, "--prune", "--lose", "23")

    assert sorted(planned_changes(pruned)) == [("delete", "B"), ("update", "Theirs")]
    assert stored_rule(school, "Theirs")["PrependSubject"] == "[theirs] "
    again = school.toolkit("plan", "--prune", "--json")
    assert (again.exit, again.json["changes"], again.json["leftover"]) == (0, [], [])


def test_nothing_goes_because_it_was_not_looked_at(school: Door) -> None:
    school.write("text/disclaimer.html", "<p>This was sent from the school.</p>")
    school.write("20-disclaimer.yaml", DISCLAIMER)
    rest = school.write("30-more.yaml", playbook(CONFIGURATION, EXTERNAL, slug="more"))
    apply(school)
    school.write("20-disclaimer.yaml", DISCLAIMER.replace("{for:", "{mode: off, for:"))
    write_rules(school, rule("A"))
    write_rules(school, rule("B"), file="11-off", mode="off")
    rest.write_text(playbook(CONFIGURATION, EXTERNAL, slug="more", mode="check"))
    before = newest(school)

    everything = apply(school, "--prune")
    rest.unlink()
    one_object = apply(school, "--prune", "--only", "A")
    other_cloud = apply(school, "--prune", "--provider", "google_workspace")
    one_file = school("apply", school.playbooks / "10-rules.yaml", "--prune", "--yes")

    assert [planned_changes(one) for one in (everything, one_object, other_cloud)] == [[], [], []]
    assert one_file.exit == 2
    assert f"Name the folder: {school.playbooks}" in one_file.err
    assert writes(school, before) == []


def test_what_could_not_be_read_stays(school: Door) -> None:
    school.write("20-more.yaml", playbook(CONFIGURATION, slug="more"))
    school.write("text/notice.html", "<p>This was sent from the school.</p>")
    school.write("30-tag.yaml", TAG)
    apply(school)
    write_rules(school)
    (school.playbooks / "20-more.yaml").unlink()
    school.tenant.fault("refused", "Get-TransportRule", times=10)

    of_a_kind = school.toolkit("plan", "--prune", "--json")
    school.tenant.disarm()
    school.tenant.fault("refused", "GET /users*", times=100)
    of_the_people = school.toolkit("plan", "--prune", "--json")

    assert (of_a_kind.exit, planned_changes(of_a_kind)) == (3, [("delete", "Ours")])
    assert of_a_kind.json["summary"]["unknown"] == 1
    assert (of_the_people.exit, of_the_people.json["changes"]) == (4, [])
    assert "nothing is pruned while the objects of" in of_the_people.json["unknown"][-1]["reason"]


def test_what_another_ledger_made_is_named_and_stays_until_it_is_adopted(school: Door, tmp_path: Path) -> None:
    retention = resource(
        "microsoft365.retention_policy", "Ours for ever", {"mail": "all", "keep_days": 90, "beside": True}
    )
    school.write("20-ours.yaml", playbook(CONFIGURATION, retention, slug="ours"))
    apply(school)
    other = _other_computer(school, tmp_path)
    before = newest(school)
    wanted = [other.toolkit(command) for command in ("plan", "drift")]
    (school.playbooks / "20-ours.yaml").unlink()

    stays = apply(other, "--prune")
    told = other.toolkit("plan", "--prune")
    adopted = other("state", "adopt", OURS, FOR_EVER, "--playbooks", school.playbooks)
    sent = writes(school, before)
    pruned = other.toolkit("apply", "--prune", "--yes", "--json")

    assert [one.exit for one in wanted] == [0, 0]
    assert all(f"= {OURS}: unchanged, but marked by another ledger: `toolkit state adopt`" in one.out for one in wanted)
    assert (planned_changes(stays), stays.json["elsewhere"]) == ([], [FOR_EVER, OURS])
    assert f"= {OURS}: marked by another ledger: `toolkit state adopt` takes it over" in told.out
    assert (adopted.exit, sent) == (0, [])
    assert planned_changes(pruned) == [("delete", "Ours")]
    assert pruned.exit == 5  # nothing that keeps evidence is pruned
    assert [one["address"] for one in pruned.json["refused"]] == [FOR_EVER]
    assert {"A", "B"} <= set(rule_order(school))

    school.write("20-ours.yaml", playbook(CONFIGURATION, slug="ours"))
    again = apply(school)
    (school.playbooks / "20-ours.yaml").unlink()
    remade = other.toolkit("plan", "--prune", "--json")

    assert planned_changes(again) == [("create", "Ours")]
    assert (planned_changes(remade), remade.json["elsewhere"]) == ([], [OURS])  # which is not the one that it deleted


def _other_computer(school: Door, tmp_path: Path) -> Door:
    """Give the same school to a computer with a ledger of its own."""
    state = tmp_path / "other"
    (state / "emulator").mkdir(parents=True)
    shutil.copy(school.state / "emulator" / "serve.json", state / "emulator")
    return replace(school, state=state, variables={**school.variables, "TOOLKIT_STATE": str(state)})
