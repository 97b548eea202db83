"""People who lose the cover of a control: named, limited, and never counted where no one loses anything."""

from collections.abc import Sequence

import pytest

from tests.cases import newest, writes
from tests.door import MICROSOFT, Checkpoint, Door
from tests.schools import Schools

STAFF, TRIP = "all-staff@example-primary.example", "trip-leaders@example-primary.example"
OTHERS = "all-pupils@example-primary.example"
DISCLAIMER = """\
playbook: words
title: Words
owner: Head Teacher
controls:
  - mail.disclaimer:
      for: {whom}
      scope: outgoing
      text_file: text.html
      phrase: sent from Example Primary School
"""
DEVICES = """\
playbook: devices
title: Devices
owner: Head Teacher
controls:
  - device.compliance:
      for: {whom}
      platforms: [ios]
      password_length: 8
      lock_minutes: 5
      grace_hours: 24
"""
RULE = """\
playbook: rule
title: Rule
owner: Head Teacher
resources:
  - microsoft365.transport_rule: Count staff mail
    from_member_of: [{group}]
    set_header_name: X-School-Staff
    set_header_value: "yes"
"""
EXCEPTION = """\
exceptions: trips
approved:
  - exception: trip-november
    control: device.compliance
    for: trip_leaders
    change: {change}
    reason: Residential trip with borrowed phones
    starts: 2026-11-09
    ends: 2026-11-13
    by: Head Teacher
    on: 2026-11-06
    dpia: DPIA-2026-11
"""
LOSS = '43 people no longer covered by "Disclaimer on every e-mail" on Microsoft 365'


@pytest.fixture(scope="module")
def applied(module_schools: Schools) -> Checkpoint:
    """A school with a mail rule of a control, a mail rule and a compliance policy for 46 staff."""
    door = module_schools.build({"users": 100, "staff": 46}, clouds=[MICROSOFT], own_snapshot=True)
    (door.playbooks / "text.html").write_text("<p>sent from Example Primary School</p>")
    door.write("10-words.yaml", DISCLAIMER.format(whom="staff"))
    door.write("20-devices.yaml", DEVICES.format(whom="staff"))
    door.write("30-rule.yaml", RULE.format(group=STAFF))
    members = door.tenant.read_object("members", _group(door, STAFF))["members"]
    others = [
        key
        for key, one in door.tenant.objects("users").items()
        if key not in members and one["accountEnabled"] and ("breakglass" not in one["userPrincipalName"])
    ][:46]
    door.tenant.patch("members", _group(door, OTHERS), members=others)
    first = door.toolkit("apply", "--yes")
    assert first.exit == 0, first.out + first.err
    return module_schools.checkpoint(door)


@pytest.fixture
def school(applied: Checkpoint) -> Door:
    return applied.restore()


def _group(door: Door, mail: str) -> str:
    return next(key for key, row in door.tenant.objects("groups").items() if row["mail"] == mail)


def _lost(door: Door, *options: str) -> Sequence[tuple[str, int]]:
    """Return who loses cover in the plan: by what, and how many people."""
    return [(one["by"], one["people"]) for one in door.toolkit("plan", "--json", *options).json["no_longer_covered"]]


def _change_role(door: Door, group: str) -> None:
    path = door.playbooks / "00-school.yaml"
    path.write_text(path.read_text().replace(f"microsoft365: {STAFF}", f"microsoft365: {group}"))


def test_a_control_from_46_people_to_3_names_43_and_needs_exactly_that_flag(school: Door) -> None:
    school.write("10-words.yaml", DISCLAIMER.format(whom="trip_leaders"))
    before = newest(school)

    plan, short = school.toolkit("plan"), school.toolkit("apply", "--yes", "--lose", "42")
    answer = school.toolkit("plan", "--json").json
    saved = school.playbooks.parent / "monday.plan"
    kept = school.toolkit("plan", "-o", str(saved))

    assert (plan.exit, short.exit, kept.exit) == (5, 5, 5)
    assert f"! {LOSS}" in plan.out
    assert f"! {LOSS}" in short.out
    assert "--lose 43" in short.err
    assert writes(school, before) == []
    (loss,) = answer["no_longer_covered"]
    assert loss == {
        "by": "Disclaimer on every e-mail",
        "provider": "microsoft365",
        "people": 43,
        "devices": 0,
        "whole_roles": [],
        "objects": ["microsoft365.transport_rule[School disclaimer]"],
    }
    done = school.toolkit("apply", "--yes", "--lose", "43")
    assert done.exit == 0, done.out + done.err
    assert f"! {LOSS}" in done.out
    assert school.toolkit("plan", "--json").json["no_longer_covered"] == []


@pytest.mark.parametrize(("group", "lost", "flags"), [(TRIP, 43, ("--lose",)), (OTHERS, 46, ("--reach", "--lose"))])
def test_a_role_with_another_group_loses_those_who_are_not_in_it_whatever_the_totals_are(
    school: Door, group: str, lost: int, flags: Sequence[str]
) -> None:
    _change_role(school, group)

    refused = school.toolkit("apply", "--yes", "--only", "mail.disclaimer")
    allowed = [word for flag in flags for word in (flag, str(lost))]
    done = school.toolkit("apply", "--yes", "--only", "mail.disclaimer", *allowed)

    assert refused.exit == 5
    assert f"{lost} people" in refused.out
    assert all(f"{flag} {lost}" in refused.err for flag in flags)
    assert done.exit == 0, done.out + done.err


def test_the_loss_of_a_whole_role_needs_the_flag_however_few_its_people_are(school: Door) -> None:
    school.write("10-words.yaml", DISCLAIMER.format(whom="trip_leaders"))
    assert school.toolkit("apply", "--yes", "--lose", "43").exit == 0
    school.write("10-words.yaml", DISCLAIMER.format(whom="safeguarding"))

    refused, answer = school.toolkit("apply", "--yes"), school.toolkit("plan", "--json").json

    (loss,) = answer["no_longer_covered"]
    assert refused.exit == 5
    assert f"{loss['people']} people (all of trip_leaders) no longer covered by" in refused.out
    assert loss["people"] <= 3
    done = school.toolkit("apply", "--yes", "--lose", str(loss["people"]))
    assert done.exit == 0, done.out + done.err


def test_an_object_that_is_pruned_or_given_to_others_stops_covering_its_people(school: Door) -> None:
    school.write("30-rule.yaml", RULE.format(group=TRIP))
    moved = _lost(school)
    (school.playbooks / "30-rule.yaml").unlink()

    stays, goes = _lost(school), _lost(school, "--prune")
    refused = school.toolkit("apply", "--yes", "--prune")
    done = school.toolkit("apply", "--yes", "--prune", "--lose", "46")

    assert (moved, stays, goes) == ([("mail rule Count staff mail", 43)], [], [("mail rule Count staff mail", 46)])
    assert (refused.exit, done.exit) == (5, 0), done.out + done.err
    assert "46 people (all of staff) would lose the cover of" in refused.err


def test_what_others_narrowed_or_widened_since_is_compared_as_it_is_and_as_it_was_applied(school: Door) -> None:
    rules = school.tenant.objects("exchange.transportRules")
    (key,) = [key for key, rule in rules.items() if rule["Name"] == "Count staff mail"]
    school.write("30-rule.yaml", RULE.format(group=TRIP))
    assert school.toolkit("apply", "--yes", "--lose", "43").exit == 0
    school.tenant.patch("exchange.transportRules", key, FromMemberOf=[OTHERS])

    assert _lost(school) == [("mail rule Count staff mail", 46)]


def test_a_rule_that_is_switched_off_covers_no_one(school: Door) -> None:
    school.write("30-rule.yaml", f"{RULE.format(group=STAFF)}    enabled: false\n")

    assert _lost(school) == [("mail rule Count staff mail", 46)]


@pytest.mark.parametrize("change", ["off", "{password_length: 6}"])
def test_a_live_exception_and_its_end_are_not_a_loss(school: Door, change: str) -> None:
    school.write("95-trips.yaml", EXCEPTION.format(change=change))
    begun = school.toolkit("plan", "--json")
    applied = school.toolkit("apply", "--yes")
    school.tenant.set_now("2026-11-14T09:00:00Z")
    over = school.toolkit("plan", "--json")

    assert begun.json["summary"]["update"] >= 1
    assert (begun.exit, applied.exit, over.exit) == (3, 0, 3), applied.out + applied.err
    assert begun.json["no_longer_covered"] == over.json["no_longer_covered"] == []


def test_a_withdrawal_is_not_a_loss(school: Door) -> None:
    off = "      mode: off\n      withdraw: true\n      for:"
    school.write("10-words.yaml", DISCLAIMER.format(whom="staff").replace("      for:", off))

    one = school.toolkit("plan", "--json")
    every = school.toolkit("withdraw", "--yes", "--json", "--allow-deletes", "3")

    assert (one.exit, every.exit) == (3, 0), every.out + every.err
    assert [change["action"] for change in one.json["changes"]] == ["delete"]
    assert {change["action"] for change in every.json["changes"]} == {"delete", "update"}
    assert one.json["no_longer_covered"] == every.json["no_longer_covered"] == []


def test_a_leaver_is_not_counted(school: Door) -> None:
    group = _group(school, STAFF)
    trip = school.tenant.read_object("members", _group(school, TRIP))["members"]
    leaver, *rest = [one for one in school.tenant.read_object("members", group)["members"] if one not in trip]
    school.tenant.patch("members", group, members=[*trip, *rest])
    school.tenant.delete("users", leaver)
    school.write("10-words.yaml", DISCLAIMER.format(whom="trip_leaders"))

    assert _lost(school) == [("Disclaimer on every e-mail", 42)]


def test_a_group_that_cannot_be_read_is_not_a_group_without_people(school: Door) -> None:
    school.tenant.patch("groups", _group(school, STAFF), visibility="HiddenMembership")
    (school.playbooks / "30-rule.yaml").unlink()
    for name in ("10-words", "20-devices"):
        path = school.playbooks / f"{name}.yaml"
        path.write_text(path.read_text().replace("for: staff", "for: trip_leaders"))
    rules = school.tenant.objects("exchange.transportRules")
    policies = school.tenant.objects("intune.compliancePolicies")

    plan, applied = school.toolkit("plan", "--prune"), school.toolkit("apply", "--yes", "--prune", "--lose", "999")

    assert (plan.exit, applied.exit) == (3, 4), plan.out + applied.err
    assert "toolkit cannot find out which people the object would no longer cover" in " ".join(plan.out.split())
    assert school.tenant.objects("exchange.transportRules") == rules
    assert policies.items() <= school.tenant.objects("intune.compliancePolicies").items()


def test_a_rollback_of_what_widened_a_control_needs_the_flag_that_the_apply_printed(schools: Schools) -> None:
    door = schools.build({"users": 60, "staff": 46}, clouds=[MICROSOFT])
    door.write("30-rule.yaml", RULE.format(group=TRIP))
    first = door.toolkit("apply", "--yes")
    door.write("30-rule.yaml", RULE.format(group=STAFF))
    wide = door.toolkit("apply", "--yes", "--reach", "43", "--json")

    refused = door("rollback", "last", door.playbooks, "--yes")
    back = door("rollback", "last", door.playbooks, "--yes", "--lose", "43")
    gone = door("rollback", first.out.partition("toolkit rollback ")[2].split()[0], door.playbooks, "--yes")

    assert "--lose 43" in wide.json["way_back"]
    assert (refused.exit, back.exit, gone.exit) == (5, 0, 0), back.out + back.err + gone.err
    assert "--lose 43" in refused.err
