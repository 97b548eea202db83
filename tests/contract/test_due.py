"""What the calendar makes due is done by a run of its own, which does nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cases import newest, writes
from tests.contract.rules import STORED, apply, rule, stored_rule, write_rules
from tests.contract.test_replies import AWAY
from tests.door import Checkpoint, CommandResult, Door, open_door
from tests.emulated import Emulator, Tenant
from tests.schools import few_people

pytestmark = few_people

BLOCKS = """\
playbook: chat
title: Chat
owner: Head Teacher
controls:
  - web.chat_im_block: {for: staff, block: [whatsapp, signal], adopt: {"School web: staff": LA Edge baseline}}
"""
TRIP = """\
exceptions: trips
approved:
  - exception: trip-2026
    control: web.chat_im_block
    for: trip_leaders
    change: {without: [whatsapp]}
    reason: Residential trip; parents are told when the coach arrives
    starts: 2026-11-11 07:00
    ends: 2026-11-13 16:00
    by: Head Teacher
    on: 2026-11-06
    dpia: DPIA-2026-11
"""
WINDOWS = """
windows:
  days: {days: [monday, tuesday, wednesday, thursday, friday], from: "07:10", to: "22:00"}
"""
POLICY = """\
policy: small
section: Small
owner: Head Teacher
document: {title: The policy, ratified: 2026-05-18, review_due: 2027-05-18}
clauses:
  - {clause: SYS-10, says: Chat is closed., class: settable, place: {paragraph: 1, begins: Chat}}
"""
TRIP_APPS = "microsoft365.ios_configuration[School apps: trip_leaders]"
APPS = "intune.deviceConfigurations"
SHAPED = APPS, "intune.mobileApps", "intune.configurationPolicies", "google.chromePolicies"


@pytest.fixture
def school(emulator: Emulator, tmp_path: Path) -> Iterator[Door]:
    """A small school that has blocked chat apps and has a trip before it."""
    tenant = emulator.borrow_tenant(users=24, staff=16)
    yield _with_a_trip(tenant, tmp_path)
    tenant.close()


@pytest.fixture(scope="module")
def before_the_trip(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkpoint]:
    """Apply its playbooks once, the day before the trip."""
    tenant = emulator.open_tenant(users=24, staff=16)
    tenant.set_now("2026-11-10T09:00:00Z")
    door = _with_a_trip(tenant, tmp_path_factory.mktemp("school"))
    apply(door)
    yield Checkpoint.take(door, tmp_path_factory.mktemp("copy"))
    tenant.close()


@pytest.fixture
def applied(before_the_trip: Checkpoint) -> Door:
    """The same school as its playbooks were applied the day before the trip."""
    return before_the_trip.restore()


def _with_a_trip(tenant: Tenant, folder: Path) -> Door:
    door = open_door(tenant, folder, samples=False)
    with (door.playbooks / "00-school.yaml").open("a") as file:
        file.write(WINDOWS)
    write_rules(door, rule("Tag"))
    door.write("40-chat.yaml", BLOCKS)
    door.write("95-trips.yaml", TRIP)
    door.write("policy/10-small.yaml", POLICY)
    return door


def _due(door: Door) -> CommandResult:
    return door.toolkit("due", "--yes", "--json")


def _shaped(door: Door) -> object:
    return [door.tenant.objects(collection) for collection in SHAPED]


def _clouds(answer: CommandResult) -> set[str]:
    return {one["address"].partition(".")[0] for one in answer.json["outcomes"]}


def _minutes(answer: CommandResult, key: str, of: str) -> dict[str, int]:
    return {one["provider"]: one[of] for one in answer.json[key]}


def test_a_trip_begins_by_the_clock_within_the_window_and_nothing_else_is_written(school: Door) -> None:
    school.tenant.set_now("2026-11-10T09:00:00Z")
    never = _due(school)
    apply(school)
    before = _shaped(school)
    assert (never.exit, never.json["outcomes"], len(never.json["left"])) == (0, [], 8)

    school.tenant.set_now("2026-11-11T07:05:00Z")
    early = _due(school)
    assert (early.exit, early.json["outcomes"]) == (3, [])
    assert all("07:10" in one["reason"] for one in early.json["refused"])

    school.tenant.set_now("2026-11-11T07:20:00Z")
    rule_of_ours = stored_rule(school, "Tag")
    school.tenant.patch(STORED, rule_of_ours["Guid"], PrependSubject="[by hand] ")
    plan, seen = school.toolkit("plan", "--json"), newest(school)
    school.tenant.fault("refused", "POST /deviceManagement/deviceConfigurations")
    first, begun = _due(school), _due(school)

    assert plan.exit == 3
    assert _minutes(plan, "due", "overdue_minutes") == dict.fromkeys(("microsoft365", "google_workspace"), 20)
    assert (begun.exit, begun.json["left"]) == (0, ["microsoft365.transport_rule[Tag]"])
    assert (first.exit, _minutes(first, "turned", "minutes_late")) == (1, {"google_workspace": 20})
    assert [one["address"] for one in begun.json["outcomes"]] == [TRIP_APPS]  # what failed the first time
    assert _minutes(begun, "turned", "minutes_late") == {"microsoft365": 20}
    assert writes(school, seen)
    assert stored_rule(school, "Tag")["PrependSubject"] == "[by hand] "
    school.tenant.patch(STORED, rule_of_ours["Guid"], PrependSubject=rule_of_ours["PrependSubject"])
    assert school.toolkit("drift").exit == 0
    assert _shaped(school) != before


def _registered(door: Door, folder: Path) -> str:
    """Return what a report says last of the trip."""
    made = door("audit", "export", door.playbooks, "-o", folder, "--format", "html")
    (page,) = folder.glob("*.html")
    assert "trip-2026:" in page.read_text(), made.err
    return page.read_text().partition("trip-2026:")[2].partition("</li>")[0].partition("DPIA-2026-11). ")[2]


def test_a_trip_that_nobody_began_is_told_as_a_matter_of_the_date_and_of_nobody_s_hand(
    applied: Door, tmp_path: Path
) -> None:
    assert applied.toolkit("drift").exit == 0
    applied.tenant.set_now("2026-11-11T07:20:00Z")

    begun = applied.toolkit("drift", "--json").json["findings"]
    assert _due(applied).exit == 0
    applied.tenant.set_now("2026-11-13T17:00:00Z")
    over = applied.toolkit("drift")

    assert {one["cause"] for one in begun} == {"time"}
    assert {one["what"] for one in begun} == {"missing", "different"}
    assert "! created for the exception trip-2026, which does not apply now" in over.out
    assert "withdrawn" not in over.out
    both = "<strong>Ended.</strong> No run is on record that took it back on Google Workspace and Microsoft 365."
    assert _registered(applied, tmp_path / "both") == both
    assert applied.toolkit("due", "--yes", "--provider", "google_workspace").exit == 0
    assert _registered(applied, tmp_path / "one").endswith(" took it back on Microsoft 365.")
    assert _due(applied).exit == 0
    assert "No run" not in _registered(applied, tmp_path / "none")


def test_a_report_does_not_say_that_a_trip_was_left_in_place_which_no_run_began(school: Door, tmp_path: Path) -> None:
    school.tenant.set_now("2026-11-13T17:00:00Z")
    apply(school)

    assert _registered(school, tmp_path / "made") == (
        "<strong>Ended.</strong> No run is on record that began it or took it back."
    )


@pytest.mark.parametrize(
    ("then", "why"),
    [("2026-11-11T06:00:00Z", "time"), pytest.param("2026-11-11T09:00:00Z", "playbook", marks=pytest.mark.soak)],
)
def test_what_an_exception_asks_for_newly_has_a_cause_that_is_known(school: Door, then: str, why: str) -> None:
    """Before the trip begins it is written into the playbooks and not applied, or it is written while it is on."""
    school.write("95-trips.yaml", "exceptions: trips\napproved: []\n")
    school.tenant.set_now("2026-11-10T09:00:00Z")
    apply(school)
    assert school.toolkit("drift").exit == 0
    school.tenant.set_now(then)
    school.write("95-trips.yaml", TRIP)
    if why == "time":
        assert school.toolkit("drift").exit == 0

    school.tenant.set_now("2026-11-11T10:00:00Z")
    found = school.toolkit("drift", "--json").json["findings"]

    of_trip = [one["cause"] for one in found if "trip_leaders]" in one["address"] or "@ group:trip-l" in one["address"]]
    assert of_trip
    assert why in of_trip
    assert set(of_trip) <= {why, "time"}, found


def test_of_what_a_hand_holds_up_the_date_is_told_apart_from_the_hand_and_the_line_is_that_of_the_trip(
    applied: Door,
) -> None:
    earlier = TRIP.partition("approved:\n")[2].replace("2026-11-1", "2026-10-1").replace("trip-2026", "trip-before")
    earlier = earlier.replace("on: 2026-11-06", "on: 2026-10-06")
    # the first apply was of another set of playbooks
    exceptions = applied.write("95-trips.yaml", TRIP.replace("approved:\n", f"approved:\n{earlier}"))
    apply(applied)
    applied.toolkit("drift")
    apps = applied.tenant.objects(APPS).items()
    key = next(key for key, one in apps if one["displayName"] == "School apps: staff")
    applied.tenant.patch(APPS, key, appsVisibilityListType="appsInListCompliant")
    applied.tenant.set_now("2026-11-11T07:20:00Z")

    answer = applied.toolkit("drift", "--json").json

    causes = {(one["address"], one["path"]): one["cause"] for one in answer["findings"]}
    by_hand = ("microsoft365.ios_configuration[School apps: staff]", "apps_visibility_list_type")
    assert [one for one, cause in causes.items() if cause != "time"] == [by_hand]
    assert causes[by_hand] == "tenant"
    line = next(n for n, text in enumerate(exceptions.read_text().splitlines(), start=1) if "trip-2026" in text)
    chrome = [one for one in answer["changes"] if "@ group:" in one["address"]]
    assert {origin["line"] for one in chrome for origin in one["origins"]} == {line}


def test_a_trip_that_ended_with_the_machine_off_is_overdue_until_due_ends_it(applied: Door) -> None:
    before = _shaped(applied)
    applied.tenant.set_now("2026-11-11T09:00:00Z")
    _due(applied)

    applied.tenant.set_now("2026-11-13T17:35:00Z")
    drift = applied.toolkit("drift")
    assert drift.exit == 3
    late = "exception trip-2026 ended 2026-11-13 16:00 on microsoft365: 4 objects"
    assert f"! 1 hour 35 minutes overdue: {late}" in drift.out

    (key,) = [key for key, one in applied.tenant.objects(APPS).items() if one["displayName"] == "School apps: staff"]
    as_left = applied.tenant.read_object(APPS, key)
    applied.tenant.patch(APPS, key, appsVisibilityList=as_left["appsVisibilityList"][:1])
    half = _due(applied)
    assert (half.exit, _clouds(half)) == (5, {"google_workspace"})
    assert all("it was changed after toolkit set it" in one["reason"] for one in half.json["refused"])
    assert len(half.json["refused"]) == 4

    applied.tenant.put(APPS, key, as_left)
    written = applied.write("40-chat.yaml", BLOCKS.replace("title: Chat", "title: Messengers"))
    edited = _due(applied)
    assert (edited.exit, edited.json["outcomes"]) == (5, [])
    assert all("these are not the playbooks that were applied last" in one["reason"] for one in edited.json["refused"])

    written.write_text(BLOCKS)
    ended, seen = _due(applied), newest(applied)
    again = _due(applied)
    assert (ended.exit, _clouds(ended)) == (0, {"microsoft365"})
    assert _minutes(ended, "turned", "minutes_late") == {"microsoft365": 95}
    assert _shaped(applied) == before
    assert (again.exit, again.json["outcomes"], again.json["due"], writes(applied, seen)) == (0, [], [], [])

    runs = applied("audit", "log", "--json").json["runs"]
    assert {one["provider"]: one["minutes_late"] for run in runs for one in run["turned"] if one["ended"]} == {
        "google_workspace": 95,
        "microsoft365": 95,
    }
    told = applied("audit", "log", "--run", runs[1]["run"]).out
    assert "exception trip-2026 ended on microsoft365, 1 hour 35 minutes late" in told
    assert applied("audit", "verify").exit == 0


def test_an_exception_that_is_over_needs_its_group_no_more(applied: Door) -> None:
    applied.tenant.set_now("2026-11-11T09:00:00Z")
    apply(applied)
    for collection, address in (("groups", "mail"), ("google.groups", "email")):
        (key,) = [k for k, one in applied.tenant.objects(collection).items() if "trip-leaders@" in str(one[address])]
        applied.tenant.delete(collection, key)
    during = applied.toolkit("plan", "--json")

    applied.tenant.set_now("2026-11-16T09:00:00Z")
    ended = apply(applied)

    assert during.exit == 4
    assert {one["address"] for one in ended.json["outcomes"]} == {
        TRIP_APPS,
        "microsoft365.browser_url_policy[School web: trip_leaders, by exception]",
        "microsoft365.ios_configuration[School apps: staff]",
    }
    assert applied.toolkit("plan").exit == 0


def test_an_exception_that_is_over_is_taken_back_from_its_group_whatever_that_is_called_now(applied: Door) -> None:
    before = _shaped(applied)
    applied.tenant.set_now("2026-11-11T09:00:00Z")
    apply(applied)
    for collection, address in (("groups", "mail"), ("google.groups", "email")):
        (key,) = [k for k, one in applied.tenant.objects(collection).items() if "trip-leaders@" in str(one[address])]
        applied.tenant.patch(collection, key, **{address: "trips@example-primary.example"})

    applied.tenant.set_now("2026-11-16T09:00:00Z")
    apply(applied)

    assert _shaped(applied) == before
    assert applied.toolkit("plan").exit == 0


def test_replies_that_are_over_are_given_back_and_messages_wait_for_playbooks_that_were_applied(
    wide_door: Door,
) -> None:
    wide_door.write("33-away.yaml", AWAY.replace("ACT", "set"))
    one_cloud = ("--provider", "microsoft365")
    apply(wide_door, *one_cloud)
    wide_door.tenant.set_now("2026-11-14T09:00:00Z")

    drift = wide_door.toolkit("drift", *one_cloud)
    done = wide_door.toolkit("due", "--yes", "--json", *one_cloud)
    again = wide_door.toolkit("due", "--yes", "--json", *one_cloud)

    assert drift.exit == 3
    assert "! 21 hours overdue: 2 automatic replies to give back on microsoft365" in drift.out
    assert (done.exit, [one["action"] for one in done.json["outcomes"]]) == (0, ["update", "update"])
    assert (again.exit, again.json["outcomes"]) == (0, [])

    wide_door.tenant.set_now("2026-11-10T09:00:00Z")
    wide_door.write("33-away.yaml", AWAY.replace("ACT", "remind"))
    early = wide_door.toolkit("due", "--yes", "--json", *one_cloud)
    assert (early.json["reminders"], wide_door.tenant.objects("outlook.sentMessages")) == (0, {})
