"""The facts of a clause: what a plan shows of a part, exceptions that hold, and nobody's name."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.planning.building import Thing, address, desired, observed
from toolkit.board_report.plain_language import governor_text
from toolkit.engine.policy import hide_names_in_playbooks
from toolkit.planning.change import Create, Delete, Field, Move, Update
from toolkit.planning.plan import Plan, rows_for_notes, rows_for_unknown, to_rows
from toolkit.planning.plan_details import AcceptedDrift, LookAlike, RealisedControl, Refusal, Remark, Unknown
from toolkit.planning.plan_states import (
    ACCEPTED,
    ACCEPTED_LOOK_ALIKE,
    CHANGED,
    CHECKED,
    LOOK_ALIKE,
    MATCHING,
    OVERRIDDEN,
    REFUSED,
    UNUSED,
)
from toolkit.planning.policy.facts import RunResults, collect_facts
from toolkit.planning.policy.page import ground_to_fact
from toolkit.planning.verdicts.objects import PlanLookup
from toolkit.playbook.load import load
from toolkit.sdk.part import Level, Part, Realisation, Resource
from toolkit.sdk.reason import AS_RECORDED, About, admin_text
from toolkit.sdk.resource import EVERY, Absent, Origin
from toolkit.sdk.verdict import FactVerdict, PartOutcome
from toolkit.values import AtLeast, Json

NOW = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
ORIGIN = Origin("a.yaml", 1)
SAYS = AS_RECORDED(text="cloud")
LIST = AtLeast(("chat.example", "bets.example"))


def _outcome_and_reason(plan: Plan, *names: str, settings: Mapping[str, Json] | None = None) -> tuple[str, str]:
    """Say how a part of some objects stands, and why."""
    resources = tuple(Resource("thing", name, Thing.model_validate(settings or {})) for name in names or ["A"])
    part = Part(name="lists", level=Level.ENFORCED, covers="lists", resources=resources)
    control = RealisedControl("web.chat", "cloud", (), Realisation((part,)))
    grounds = PlanLookup(plan).part_grounds(part, control, About("lists"), SAYS, NOW)
    found = [ground_to_fact(ground, "cloud", "web.chat", About("lists")) for ground in grounds]
    told = [(str(fact.verdict), admin_text(fact.reason)) for fact in found if fact]
    return told[0] if told else ("", "")


def _update(name: str = "A", before: tuple[str, ...] = ()) -> Update:
    return Update(desired(name, {"entries": LIST}), observed(name), (Field("entries", before, LIST.items),))


SEEN = {
    "as it should be": (Plan(rows=to_rows(MATCHING, (address("A"),))), "holds", "lists as the playbooks say"),
    "missing": (Plan(rows=to_rows(CHANGED, (Create(desired("A"), ()),))), "fails", "lists is missing"),
    "different": (Plan(rows=to_rows(CHANGED, (_update(),))), "fails", "lists is not as the playbooks say (entries)"),
    "different and only looked at": (
        Plan(rows=to_rows(CHECKED, (_update(),))),
        "fails",
        "lists is not as the playbooks say (entries)",
    ),
    "there although it should not be": (
        Plan(rows=to_rows(CHANGED, (Delete(Absent(address("A"), "ended", ORIGIN), observed("A")),))),
        "fails",
        "lists exists, but must not exist",
    ),
    "out of order": (
        Plan(rows=to_rows(CHANGED, (Move(desired("A"), observed("A"), None),))),
        "fails",
        "lists is in the wrong",
    ),
    "refused": (
        Plan(rows=to_rows(REFUSED, (Refusal(address("A"), "too long"),))),
        "fails",
        "lists is not as the playbooks say: too",
    ),
    "done by another object": (
        Plan(rows=to_rows(LOOK_ALIKE, (LookAlike(desired("A"), observed("B")),))),
        "fails",
        "lists is not as the playbooks say: B already does the same job",
    ),
    "left to another object": (
        Plan(rows=to_rows(ACCEPTED_LOOK_ALIKE, (LookAlike(desired("A"), observed("B")),))),
        "open",
        "lists: the playbooks leave it to B, and no one checks this",
    ),
    "not to be read": (
        Plan(rows=rows_for_unknown((Unknown("cloud.thing", AS_RECORDED(text="no role")),))),
        "unread",
        "lists: no role",
    ),
    "of a cloud that cannot be reached": (
        Plan(rows=rows_for_unknown((Unknown("cloud", AS_RECORDED(text="no answer")),))),
        "unread",
        "lists: no answer",
    ),
    "accepted as it is": (
        Plan(
            rows=to_rows(
                ACCEPTED, (AcceptedDrift(address("A"), "entries", "the old list", NOW, "Head Teacher", ORIGIN),)
            )
        ),
        "excepted",
        "lists (entries) accepted as it is until 10 November 2026: the old list",
    ),
    "accepted to the end of a day": (
        Plan(
            rows=to_rows(
                ACCEPTED, (AcceptedDrift(address("A"), "", "old", NOW.replace(day=11, hour=0), "Head Teacher", ORIGIN),)
            )
        ),
        "excepted",
        "lists accepted as it is until 10 November 2026: old",
    ),
    "overridden for everything that it is for": (
        Plan(
            rows=(
                *to_rows(MATCHING, (address("A"),)),
                *to_rows(OVERRIDDEN, (Remark(address("A"), "Other", "it stops all mail"),)),
            )
        ),
        "fails",
        "lists is not as the playbooks say: Other comes first, and it stops all mail",
    ),
    "overridden for some of what it is for": (
        Plan(
            rows=(
                *to_rows(MATCHING, (address("A"),)),
                *to_rows(OVERRIDDEN, (Remark(address("A"), "Other", "it stops some mail", whole=False),)),
            )
        ),
        "in part",
        "lists does not do all that the playbooks say: Other comes first, and it stops some mail",
    ),
    "overridden for some, and then for everything": (
        Plan(
            rows=(
                *to_rows(MATCHING, (address("A"),)),
                *to_rows(
                    OVERRIDDEN,
                    (
                        Remark(address("A"), "Other", "it stops some", whole=False),
                        Remark(address("A"), "", "it reaches no one"),
                        Remark(address("A"), "More", "it stops more", whole=False),
                    ),
                ),
            )
        ),
        "fails",
        (
            "lists is not as the playbooks say: Other comes first, and it stops some; it reaches no one; "
            "More comes first, and it stops more"
        ),
    ),
    "missing, and to be overridden for some": (
        Plan(
            rows=(
                *to_rows(CHANGED, (Create(desired("A"), ()),)),
                *to_rows(OVERRIDDEN, (Remark(address("A"), "Other", "stops", whole=False),)),
            )
        ),
        "fails",
        "lists is missing",
    ),
    "noted": (
        Plan(
            rows=(*to_rows(MATCHING, (address("A"),)), *rows_for_notes((Remark(address("A"), "Other", "runs first"),)))
        ),
        "holds",
        "lists as the playbooks say",
    ),
    "not planned at all": (Plan(), "open", "lists: not looked at"),
}


@pytest.mark.parametrize(("plan", "verdict", "reason"), SEEN.values(), ids=SEEN.keys())
def test_a_part_stands_as_its_objects_do(plan: Plan, verdict: str, reason: str) -> None:
    found = _outcome_and_reason(plan)

    assert found[0] == verdict
    assert found[1].startswith(reason)


def _outcomes(plan: Plan, *names: str) -> list[tuple[str, int]]:
    addresses = [address(name) for name in names]
    grounds = PlanLookup(plan).object_grounds(addresses, About("lists"), SAYS, NOW)
    return [(str(ground.outcome), ground.count.of if ground.count else 0) for ground in grounds]


def test_objects_of_people_without_a_mailbox_are_not_used_and_make_nothing_worse() -> None:
    closed = tuple(
        Unknown("cloud.thing", AS_RECORDED(text="no mailbox"), address(name), is_unused=True) for name in "AB"
    )

    assert _outcomes(Plan(rows=to_rows(UNUSED, closed)), "A", "B") == [("not used", 2)]
    assert _outcomes(Plan(rows=(*to_rows(UNUSED, closed), *to_rows(MATCHING, (address("C"),)))), "A", "B", "C") == [
        ("in place", 1)
    ]
    assert _outcomes(Plan(rows=(*to_rows(UNUSED, closed), *to_rows(CHANGED, (_update("C"),)))), "A", "C") == [
        ("differs", 1)
    ]


def test_of_several_objects_some_may_be_as_they_should() -> None:
    plan = Plan(rows=(*to_rows(MATCHING, (address("A"),)), *to_rows(CHANGED, (_update("B"),))))

    assert _outcome_and_reason(plan, "A", "B") == ("in part", "lists not as the playbooks say: 1 of 2")
    assert _outcome_and_reason(plan, "B")[0] == "fails"


def test_what_speaks_for_every_object_stands_as_all_of_them() -> None:
    wanted = {address("A"): frozenset(["web.chat"]), address("B"): frozenset(["web.bets"])}
    plan = Plan(rows=(*to_rows(MATCHING, (address("A"),)), *to_rows(CHANGED, (_update("B"),))), desired_controls=wanted)

    assert _outcome_and_reason(plan, EVERY)[0] == "holds"


def test_what_another_control_misses_in_a_shared_list_is_not_missing_to_this_one() -> None:
    plan = Plan(rows=to_rows(CHANGED, (_update(before=("chat.example",)),)))

    assert _outcome_and_reason(plan, settings={"entries": {"contains": ["Chat.example"]}})[0] == "holds"
    assert _outcome_and_reason(plan, settings={"entries": {"contains": ["bets.example"]}})[0] == "fails"


def test_what_an_exception_left_behind_fails_until_it_is_taken_back() -> None:
    left = Delete(Absent(address("trip"), "ended", ORIGIN, ("web.chat",)), observed("trip"))
    wanted = {address("A"): frozenset(["web.chat"]), address("trip"): frozenset(["web.chat"])}
    part = Part(name="lists", level=Level.ENFORCED, covers="lists", resources=(Resource("thing", "A", Thing()),))
    control = RealisedControl("web.chat", "cloud", (), Realisation((part,)))

    ground = PlanLookup(
        Plan(rows=(*to_rows(CHANGED, (left,)), *to_rows(MATCHING, (address("A"),))), desired_controls=wanted)
    ).ground_for_kept_objects([control], SAYS, NOW)

    assert ground
    assert ground.outcome is PartOutcome.DIFFERS
    assert admin_text(ground.reason) == "web.chat: 1 object that it no longer asks for is still in place"
    assert (
        governor_text(ground.reason)
        == "web.chat: 1 of its settings is still in place, although the school no longer asks for them"
    )
    two = replace(left, absent=replace(left.absent, address=address("B")), observed=observed("B"))
    both = Plan(
        rows=(*to_rows(CHANGED, (left, two)), *to_rows(MATCHING, (address("A"),))),
        desired_controls={**wanted, address("B"): wanted[address("A")]},
    )
    several = PlanLookup(both).ground_for_kept_objects([control], SAYS, NOW)
    assert several
    assert admin_text(several.reason) == "web.chat: 2 objects that it no longer asks for are still in place"
    assert (
        governor_text(several.reason)
        == "web.chat: 2 of its settings are still in place, although the school no longer asks for them"
    )
    of_person = replace(address("p1"), label="a person's")
    own = Delete(Absent(of_person, "ended", ORIGIN, ("web.chat",)), observed("p1"))
    personal = Plan(
        rows=(*to_rows(CHANGED, (own,)), *to_rows(MATCHING, (address("A"),))),
        desired_controls={**wanted, of_person: wanted[address("A")]},
    )
    of_people = PlanLookup(personal).ground_for_kept_objects([control], SAYS, NOW)
    assert of_people
    assert admin_text(of_people.reason) == "web.chat: 1 object that it no longer asks for is still in place"
    assert (
        governor_text(of_people.reason)
        == "web.chat: some of its settings are still in place, although the school no longer asks for them"
    )
    assert not PlanLookup(
        Plan(rows=to_rows(MATCHING, (address("A"),)), desired_controls=wanted)
    ).ground_for_kept_objects([control], SAYS, NOW)


SCHOOL = """\
school: Example Primary School
short_name: EPS
domains: [example-primary.example]
time_zone: Europe/London
approvers: [Head Teacher]
tenants:
  microsoft365: {tenant_id: emulated, domain: example-primary.example}
roles:
  staff: {microsoft365: all-staff@example-primary.example}
  trip_leaders: {microsoft365: trip-leaders@example-primary.example}
"""
RULES = """\
playbook: rules
controls:
  - web.chat_im_block: {for: staff, block: [whatsapp, signal]}
  - mail.out_of_office: {for: staff, names: listed}
"""
TRIP = """\
exceptions: trips
approved:
  - exception: trip
    control: web.chat_im_block
    for: trip_leaders
    change: {without: [whatsapp]}
    reason: Residential trip
    starts: 2026-11-10 07:00
    ends: 2026-11-10 18:00
    by: Head Teacher
    on: 2026-11-09
    clauses: [SYS-10]
    dpia: DPIA-2026-11
"""
CLAUSES = """\
policy: systems
section: Systems
owner: Head Teacher
clauses:
  - clause: SYS-10
    says: No messengers.
    class: settable
    place: {paragraph: 7, begins: Instant messaging}
    controls: [web.chat_im_block]
  - clause: SYS-11
    says: No chat rooms.
    class: settable
    place: {paragraph: 8, begins: Chat rooms}
    controls: [web.chat_im_block]
"""


@pytest.fixture
def looked(tmp_path: Path) -> Callable[[datetime], RunResults]:
    files = {"00-school": SCHOOL, "40-rules": RULES, "50-policy": CLAUSES, "95-trips": TRIP}
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    playbooks = load(tmp_path)
    return lambda now: RunResults(playbooks, Plan(), [], [], {}, now)


def test_an_exception_counts_while_it_is_live_for_the_clauses_it_names(
    looked: Callable[[datetime], RunResults],
) -> None:
    live, over = looked(NOW), looked(NOW.replace(hour=18))
    named, other = live.playbooks.policy.clauses

    (fact,) = collect_facts(named, live)
    assert (fact.verdict, admin_text(fact.says)) == (
        FactVerdict.EXCEPTED,
        "approved by Head Teacher on 9 November 2026",
    )
    assert (
        admin_text(fact.reason)
        == "the exception trip applies to trip leaders until 18:00 on 10 November 2026: Residential trip"
    )
    assert not list(collect_facts(other, live))
    assert not list(collect_facts(named, over))


def test_nobody_is_named_whatever_the_playbooks_let_a_check_name(looked: Callable[[datetime], RunResults]) -> None:
    playbooks = looked(NOW).playbooks
    kept = hide_names_in_playbooks(playbooks)

    (listed,) = [one.settings for p in playbooks.playbooks for one in p.controls if one.name == "mail.out_of_office"]
    (none,) = [one.settings for p in kept.playbooks for one in p.controls if one.name == "mail.out_of_office"]
    assert (getattr(listed, "names", ""), getattr(none, "names", "")) == ("listed", "none")
    assert kept.departures[0].entry is kept.playbooks[0].controls[0]
