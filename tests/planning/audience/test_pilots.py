"""Who has a control first, what waits meanwhile, what is taken back afterwards, and what a clause makes of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from tests.planning.building import Thing, address, desired, observed
from toolkit.controls.control import controls
from toolkit.engine.desired_state import cloud_catalogues
from toolkit.planning.audience.pilot_parts import InPilot
from toolkit.planning.audience.resolve import resolve_audience
from toolkit.planning.calendar.dates import ExpiryHorizon, find_ended_entries
from toolkit.planning.change import Update
from toolkit.planning.expand import Expansion, expand
from toolkit.planning.limits import Allowances, find_breaches
from toolkit.planning.matching import LastApplied
from toolkit.planning.names import ExpiryState
from toolkit.planning.plan import Plan, to_rows
from toolkit.planning.plan_details import RealisedControl
from toolkit.planning.plan_states import CHANGED
from toolkit.planning.policy.facts import pilot_facts
from toolkit.planning.policy.page import Fact
from toolkit.playbook.load import load
from toolkit.render.reference.control_reference import control_reference
from toolkit.sdk.directory import Directory, Group, Person
from toolkit.sdk.part import Level, Part, Realisation, Resource
from toolkit.sdk.providers import controls_with_pilots, providers
from toolkit.sdk.reason import admin_text
from toolkit.sdk.resource import Absent, Desired, Reach
from toolkit.sdk.verdict import FactVerdict
from toolkit.yaml.source import read_source

SCHOOL = """\
school: Example Primary School
short_name: EPS
domains: [example-primary.example]
time_zone: Europe/London
mode: enforce
tenants:
  microsoft365: {tenant_id: emulated, domain: example-primary.example}
  google_workspace: {customer_id: emulated, domain: example-primary.example}
roles:
  staff: {microsoft365: staff@example-primary.example, google_workspace: /Staff}
  trial: {microsoft365: trial@example-primary.example, google_workspace: trial@example-primary.example}
"""
BLOCKS = """\
playbook: blocks
controls:
  - web.chat_im_block: {for: staff, block: [signal], pilot: {for: trial, until: 2027-01-11}}
  - web.social_block: {for: staff, block: [tiktok]}
"""
BEFORE, AFTER = datetime(2027, 1, 10, 23, tzinfo=UTC), datetime(2027, 1, 11, tzinfo=UTC)
NAMES = ("ann", "bob", "cay")
PEOPLE = {one: Person(one, f"{one}@example-primary.example", one) for one in NAMES}


def _directory(staff: str, trial: str | None) -> Directory:
    groups = {staff: Group("s", staff, None if staff[0] == "/" else staff, frozenset(["ann", "bob"]))}
    name = "trial@example-primary.example"
    if trial:
        groups[name] = Group("t", "Trial", name, frozenset([trial]))
        return Directory(PEOPLE, groups)
    return Directory(PEOPLE, groups, unknown={name: "there is no such group"}, gone=frozenset([name]))


def _wanted(path: Path, now: datetime, playbook: str = BLOCKS, trial: str | None = "ann") -> Expansion:
    (path / "00-school.yaml").write_text(SCHOOL)
    (path / "40-blocks.yaml").write_text(playbook)
    playbooks = load(path)
    directories = {
        "microsoft365": _directory("staff@example-primary.example", trial),
        "google_workspace": _directory("/Staff", trial),
    }
    return expand(playbooks, cloud_catalogues(list(playbooks.school.tenants)), controls(), directories, now=now)


def _of(expansion: Expansion, word: str) -> list[Desired | Absent]:
    return [one for one in expansion.wanted if word in str(one.address)]


def _waits(expansion: Expansion, control: str) -> dict[str, str]:
    found = [one for one in expansion.controls if one.control == control]
    return {part.name: part.waits for one in found for part in one.realisation.parts if part.waits}


def test_what_others_share_waits_and_what_is_the_group_s_own_does_not(tmp_path: Path) -> None:
    expansion = _wanted(tmp_path, BEFORE)

    why = "it shares its objects with web.social_block, which already applies to other people"
    waits = f"applies to no one until 11 January 2027: {why}"
    assert {name: text[: len(waits)] for name, text in _waits(expansion, "web.chat_im_block").items()} == {
        "browser lists": waits,
        "apps on iPads": waits,
    }
    assert _waits(expansion, "web.social_block") == {}
    (lists,) = _of(expansion, "School web: staff")
    assert (lists.made_by, "signal.org" in str(lists.settings)) == (("web.social_block",), False)  # type: ignore[union-attr]
    at = {one.address.name.partition(" @ ")[2] for one in _of(expansion, "UrlBlocking")}
    assert at == {"/Staff", "group:trial@example-primary.example in /Staff"}


def test_from_its_day_on_everybody_has_it_and_the_group_has_nothing_of_its_own(tmp_path: Path) -> None:
    expansion = _wanted(tmp_path, AFTER)

    (lists,) = _of(expansion, "School web: staff")
    assert (lists.made_by, "signal.org" in str(lists.settings)) == (("web.chat_im_block", "web.social_block"), True)  # type: ignore[union-attr]
    (back,) = _of(expansion, "UrlBlocking @ group:")
    assert dict(back.settings) == {"inherited": True}  # type: ignore[union-attr]
    assert _of(_wanted(tmp_path, AFTER, trial=None), "group:") == []


@pytest.mark.parametrize(
    ("trial", "told"),
    [
        ("cay", "1 person of its pilot is not in staff: remove them from Trial, or add them to staff"),
        (
            None,
            "the people of its pilot, trial, are unknown: group trial@example-primary.example: there is no such group",
        ),
    ],
)
def test_nothing_is_written_while_a_pilot_would_reach_others_or_nobody(
    trial: str | None, told: str, tmp_path: Path
) -> None:
    expansion = _wanted(tmp_path, BEFORE, BLOCKS.partition("  - web.social")[0], trial)

    assert {one.unknown for one in expansion.wanted if isinstance(one, Desired)} == {told}


def test_a_pilot_may_be_of_devices(tmp_path: Path) -> None:
    (tmp_path / "00-school.yaml").write_text(SCHOOL)
    school = load(tmp_path).school
    devices = Group("t", "Trial", None, frozenset(), devices=12)

    found = resolve_audience(
        school, "trial", "microsoft365", {"microsoft365": Directory({}, {"trial@example-primary.example": devices})}
    )

    assert (str(found.audience.reach), found.missing) == ("12 devices", "")


def test_a_reason_that_names_its_group_is_known_by_what_was_read_and_not_by_its_words(tmp_path: Path) -> None:
    (tmp_path / "00-school.yaml").write_text(SCHOOL)
    school, group = load(tmp_path).school, "trial@example-primary.example"
    reason = f"no one may see whether {group} is there"

    def missing(named: frozenset[str]) -> str:
        directory = Directory(PEOPLE, {}, unknown={group: reason}, named=named)
        return resolve_audience(school, "trial", "microsoft365", {"microsoft365": directory}).missing

    assert (missing(frozenset()), missing(frozenset({group}))) == (f"group {group}: {reason}", reason)


def test_what_is_to_be_taken_over_is_left_to_those_who_have_it(tmp_path: Path) -> None:
    adopting = BLOCKS.partition("  - web.social")[0].replace("staff, block", "staff, adopt: LA baseline, block")

    expansion = _wanted(tmp_path, BEFORE, adopting)

    waits = "applies to no one until 11 January 2027: it adopts 'LA baseline', which also applies to other people"
    assert _waits(expansion, "web.chat_im_block") == dict.fromkeys(("browser lists", "apps on iPads"), waits)


def test_the_end_of_a_pilot_is_told_beforehand_and_to_be_tidied_up_afterwards(tmp_path: Path) -> None:
    _wanted(tmp_path, BEFORE)
    playbooks, school = load(tmp_path), read_source(tmp_path / "00-school.yaml", relative="00-school.yaml")

    def pilot_findings(today: date) -> list[str]:
        now = datetime.combine(today, time(9), UTC)
        return [
            f"{one.state}: {one.fact}"
            for one in find_ended_entries(playbooks, school, ExpiryHorizon(today, date(2027, 1, 31)), now)
        ]

    assert pilot_findings(date(2027, 1, 10)) == [f"{ExpiryState.ENDING}: will apply to everyone on 11 January 2027"]
    assert pilot_findings(date(2027, 1, 11)) == [f"{ExpiryState.OVER}: applies to everyone since 11 January 2027"]


def _control(*, resources: bool, over: bool = False) -> RealisedControl:
    parts = (
        Part(name="lists", level=Level.ENFORCED, covers="", resources=(Resource("thing", "A", Thing()),) * resources),
        Part(name="indicators", level=Level.ENFORCED, covers="", waits="waits"),
        Part(name="console", level=Level.MANUAL, covers=""),
    )
    pilot = InPilot("trial", date(2027, 1, 11), Reach(12), is_over=over, addresses=(address("pilot"),))
    return RealisedControl("web.chat", "cloud", (), Realisation(parts), pilot=pilot)


def _facts(control: RealisedControl, names: list[str] | None = None) -> list[tuple[FactVerdict, str]]:
    found: list[Fact] = list(pilot_facts([control], names, {"cloud": "Cloud"}))
    return [(one.verdict, admin_text(one.reason)) for one in found]


def test_a_clause_knows_that_the_others_have_nothing_yet() -> None:
    told = "web.chat on Cloud is in a pilot until 11 January 2027: "

    assert _facts(_control(resources=True)) == [(FactVerdict.FAILS, f"{told}only trial have it, 12 people")]
    assert _facts(_control(resources=True), ["indicators"]) == [
        (FactVerdict.FAILS, f"{told}it reaches no one before that date")
    ]
    assert _facts(_control(resources=True), ["console"]) == []
    assert _facts(_control(resources=True, over=True)) == []


def test_reach_counts_from_the_pilot_where_its_day_makes_new_objects() -> None:
    control = _control(resources=True, over=True)
    change = Update(desired("all", reach=Reach(38)), observed("all"), ())
    plan = Plan(
        rows=to_rows(CHANGED, (change,)),
        controls=(control,),
        desired_controls={address("all"): frozenset(["web.chat"])},
    )
    known = {address("pilot"): LastApplied(remote_id="1", reach=Reach(12))}

    assert [one.flag for one in find_breaches(plan, known, Allowances())] == ["--reach 26"]
    assert find_breaches(plan, {}, Allowances()) == []  # nobody ever had it first
    assert (
        find_breaches(plan, {**known, address("all"): LastApplied(remote_id="2", reach=Reach(38))}, Allowances()) == []
    )
    live = replace(control, pilot=replace(control.pilot, is_over=False)) if control.pilot else control
    assert find_breaches(replace(plan, controls=(live,)), known, Allowances()) == []


def test_past_its_pilot_a_control_reaches_nobody_before_the_day_without_its_flag() -> None:
    early = InPilot("trial", date(2027, 1, 11), Reach(12), is_over=True, early=True)
    control = replace(_control(resources=True), pilot=early)
    change = Update(replace(desired("A", reach=Reach(13)), made_by=("web.chat", "web.bets")), observed("A"), ())
    plan = Plan(rows=to_rows(CHANGED, (change,)), controls=(control,))

    assert [one.flag for one in find_breaches(plan, {}, Allowances())] == ["--reach 1"]
    assert find_breaches(plan, {}, Allowances(reach=1, named_reach=1)) == []
    assert find_breaches(plan.replace(CHANGED, ()), {}, Allowances()) == []


@pytest.mark.parametrize("provider", providers())
def test_a_module_says_that_it_can_begin_with_a_group_where_a_part_of_it_can(provider: str) -> None:
    there = cloud_catalogues([provider])
    found = {
        name
        for name, control in controls().items()
        for part in control_reference(control, there).parts
        if "a pilot can have it first" in part.notes
    }

    assert found == controls_with_pilots(provider)
