"""`toolkit apply` keeps to the school's windows and freezes, unless somebody says why not."""

import json
from pathlib import Path
from shutil import copytree

from tests.cases import resource
from tests.contract.rules import apply, planned_changes, rule, rule_order, write_rules
from tests.door import SAMPLES, Door
from tests.schools import with_people

pytestmark = with_people(users=24, staff=10)

WINDOWS = 'windows: {evenings: {days: [monday, tuesday], from: 16:30, to: "22:00"}}\n'


def test_outside_a_window_apply_writes_nothing_until_it_opens_or_somebody_says_why(bare_door: Door) -> None:
    door, school = bare_door, bare_door.playbooks / "00-school.yaml"
    written = school.read_text()
    school.write_text(written + WINDOWS)
    door.tenant.set_now("2026-11-23T12:00:00+00:00")
    write_rules(door, rule("A"))

    planned, as_json = door.toolkit("plan"), door.toolkit("plan", "--json").json
    refused = door.toolkit("apply", "--yes")

    opens = "outside the window evenings; it will be written from Monday 2026-11-23 16:30 on"
    assert planned.exit == 3
    assert f"* 1 change would wait: {opens}" in planned.out
    assert as_json["waiting"][0]["until"] == "2026-11-23T16:30:00+00:00"
    assert refused.exit == 5
    assert f"! microsoft365.transport_rule[A]: refused: {opens}" in refused.out
    assert "A" not in rule_order(door)
    assert door.toolkit("apply", "--yes", "--override", " ").exit == 2  # no reason is none

    overridden = door.toolkit("apply", "--yes", "--override", "the head asked for it today")

    assert overridden.exit == 0
    assert "! windows and freezes are overridden: the head asked for it today" in overridden.out
    assert "windows overridden" in door("audit", "log", "--last", "1").out
    last = door("audit", "log", "--last", "1", "--json").json["runs"][0]
    assert last["override"] == "the head asked for it today"
    assert "the head asked for it today" in door("audit", "log", "--run", last["run"]).out
    assert door.toolkit("apply", "--yes").exit == 0  # what needs no writing is not held back

    device = resource("microsoft365.windows_configuration", "Ours", {"game_dvr_blocked": True})
    write_rules(door, rule("A"), rule("B"), device)
    freeze = "freezes: [{from: 2026-11-23, to: 2026-11-27, why: mock tests, controls: [microsoft365.transport_rule]}]\n"
    school.write_text(written + freeze)
    frozen = door.toolkit("apply", "--yes")
    door.tenant.set_now("2026-11-28T00:00:00+00:00")

    assert frozen.exit == 5
    assert "the freeze until 2026-11-27 (mock tests); it will be written from Saturday 2026-11-28 00:00" in frozen.out
    assert "Applied: 1 change done" in frozen.out
    assert planned_changes(apply(door)) == [("create", "B")]


def test_a_rollback_keeps_to_windows_too_and_governors_are_told_where_it_did_not(
    bare_door: Door, tmp_path: Path
) -> None:
    door, school = bare_door, bare_door.playbooks / "00-school.yaml"
    write_rules(door, rule("A"))
    apply(door)
    school.write_text(school.read_text() + WINDOWS)
    door.tenant.set_now("2026-11-23T12:00:00+00:00")

    refused = door("rollback", "last", door.playbooks, "--yes")
    back = door("rollback", "last", door.playbooks, "--yes", "--override", "it rejects mail of parents")

    assert refused.exit == 5
    assert "refused: outside the window evenings" in refused.out
    assert back.exit == 0, back.out + back.err
    assert "A" not in rule_order(door)
    assert door("audit", "log", "--last", "1", "--json").json["runs"][0]["override"] == "it rejects mail of parents"
    copytree(SAMPLES / "policy", door.playbooks / "policy")
    assert door("audit", "export", door.playbooks, "-o", tmp_path / "reports").exit == 0
    (report,) = (tmp_path / "reports").glob("*.json")
    (told,) = [one for one in json.loads(report.read_text())["changes"]["runs"] if "earlier state" in one["what"]]
    assert told["detail"].endswith(
        "outside the hours that the school keeps for changes, since: it rejects mail of parents"
    )
