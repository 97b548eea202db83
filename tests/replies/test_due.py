"""What only the calendar makes due, told from what hands and edits changed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import pytest
from pydantic import Field

from tests.planning.building import Thing, address, desired, observed, origin
from toolkit.controls.control import ControlSettings
from toolkit.planning.change import action_name
from toolkit.planning.compare import PlanRules, compare
from toolkit.planning.due_change import EDITED, NEVER, DueChange
from toolkit.planning.matching import LastApplied
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import ObservedState, Unknown
from toolkit.playbook.entries import ControlEntry, Departure
from toolkit.replies.due import DueOccasion, EarlierDesired, History, find_due_replies, keep_due_changes
from toolkit.replies.due_matters import BY_HAND, find_due_exceptions
from toolkit.sdk.connector import Connection
from toolkit.sdk.form import TEXT
from toolkit.sdk.kind import Kind
from toolkit.sdk.permission import Permissions
from toolkit.sdk.reason import AS_RECORDED
from toolkit.sdk.resource import Absent, Address, Desired, Mode, Observed
from toolkit.sdk.spec import Setting
from toolkit.sdk.targets import Scale
from toolkit.sdk.temporary_setting import AUTOMATIC_REPLY

BEFORE, DURING, AFTER = (datetime(2026, 11, day, 16, tzinfo=UTC) for day in (10, 12, 14))
OPEN, CLOSED, OTHER = ({"text": text} for text in ("open", "closed", "other"))
OF_KIND = "cloud.thing"
KIND: Kind[Connection] = Kind(
    reach=Scale.TENANT,
    name="thing",
    title="thing",
    spec=Thing,
    endpoint=None,  # type: ignore[arg-type]
    reference="",
    permissions=Permissions((), ()),
)


def _trip(name: str = "trip", control: str = "web.block") -> Departure:
    entry = ControlEntry(
        name=control,
        settings=ControlSettings(),
        origin=origin(1),
        lines={},
        mode=Mode.ENFORCE,
        playbook="web",
        read=lambda _: ControlSettings(),
    )
    return Departure(
        name=name,
        entry=entry,
        audience="trip_leaders",
        settings=None,
        reason="",
        begins=datetime(2026, 11, 11, 7, tzinfo=UTC),
        ends=datetime(2026, 11, 13, 16, tzinfo=UTC),
        by="Head Teacher",
        on=BEFORE.date(),
        clauses=(),
        dpia=None,
        origin=origin(9),
        lines={},
    )


def _gone(name: str) -> Absent:
    return Absent(address(name), "withdrawn", origin(3))


def _occasion(
    then: Sequence[Desired | Absent],
    wanted: Sequence[Desired | Absent],
    seen: Sequence[Observed],
    known: Mapping[Address, LastApplied] | None = None,
    *,
    now: datetime = AFTER,
    at: datetime = DURING,
    hindrance: str = "",
    trips: Sequence[Departure] = (),
    unknown: Sequence[Unknown] = (),
    kind: Kind[Connection] = KIND,
    never: Collection[Address] = (),
) -> DueOccasion:
    there = ObservedState({} if unknown else {OF_KIND: seen}, {OF_KIND: [one.remote.id for one in seen]}, unknown)
    remembered = {one.address: LastApplied(one.remote.id, at=BEFORE) for one in seen} if known is None else known
    plan = compare(wanted, there, {OF_KIND: kind}, remembered, rules=PlanRules())
    earlier = [EarlierDesired(at, {one.address: one for one in then})]
    return DueOccasion(
        provider="cloud",
        now=now,
        plan=plan,
        desired={one.address: one for one in wanted},
        histories={
            one.address: History(() if one.address in never else earlier, NEVER if one.address in never else hindrance)
            for one in [*then, *wanted]
        },
        earlier=earlier,
        departures=trips or [_trip()],
        known_objects=remembered,
        kinds={OF_KIND: kind},
    )


def _changes(plan: Plan) -> list[str]:
    return [f"{action_name(change)} {change.address.name}" for change in plan.changes]


def test_what_time_alone_changed_is_due_and_since_when_is_told() -> None:
    base, mine = "Block", "Trip"
    rule = desired("Rule", CLOSED)
    during: list[Desired | Absent] = [desired(base, OPEN), desired(mine, OPEN), rule]
    after: list[Desired | Absent] = [desired(base, CLOSED), _gone(mine), rule]
    seen = [observed(base, OPEN), observed(mine, OPEN), observed("Rule", OTHER)]
    occasion = _occasion(during, after, seen)

    (ended,) = find_due_exceptions(occasion)

    assert (ended.exception, ended.ended, ended.blocked, ended.minutes_late(AFTER)) == ("trip", True, "", 24 * 60)
    assert _changes(occasion.plan) == ["delete Trip", "update Block", "update Rule"]
    assert _changes(keep_due_changes(occasion.plan, [ended])) == ["delete Trip", "update Block"]

    began = _occasion(after, during, [observed(base, CLOSED), seen[2]], now=DURING, at=BEFORE)
    (matter,) = find_due_exceptions(began)
    assert (matter.ended, matter.blocked, _changes(keep_due_changes(began.plan, [matter]))) == (
        False,
        "",
        ["update Block", "create Trip"],
    )


THEN, NOW = [desired("Block", OPEN)], [desired("Block", CLOSED)]
BLOCK = address("Block")


@pytest.mark.parametrize(
    ("occasion", "blocked"),
    [
        (_occasion(THEN, NOW, [observed("Block", OTHER)]), BY_HAND),
        (_occasion(THEN, NOW, [observed("Block", OPEN)], {BLOCK: LastApplied("<Block>", at=AFTER)}), BY_HAND),
        (_occasion(THEN, NOW, [observed("Block", OPEN)], hindrance=EDITED), EDITED),
        (_occasion([], NOW, [observed("Block", OTHER)], {}), BY_HAND),  # somebody else's, of the same name
        (_occasion([_gone("Block")], NOW, [], {BLOCK: LastApplied("<Block>")}), BY_HAND),  # deleted by hand
        (_occasion(THEN, [_gone("Block")], [observed("Block", OTHER)]), BY_HAND),
        (
            _occasion(THEN, NOW, [], unknown=[Unknown(OF_KIND, AS_RECORDED(text="no licence"))]),
            "it is unknown: no licence",
        ),
    ],
)
def test_what_somebody_else_had_a_hand_in_is_left(occasion: DueOccasion, blocked: str) -> None:
    (matter,) = find_due_exceptions(occasion)

    assert matter.blocked == f"cloud.thing[Block]: {blocked}"
    assert _changes(keep_due_changes(occasion.plan, [matter])) == []
    assert len(keep_due_changes(occasion.plan, [matter]).refused) == len(occasion.plan.changes)


def test_of_an_exception_all_is_done_or_nothing_and_of_another_one_all_the_same() -> None:
    makers = {"A": "web.block", "B": "web.block", "C": "usb"}
    made = [replace(desired(name, OPEN), made_by=(by,)) for name, by in makers.items()]
    occasion = _occasion(
        made,
        [replace(one, settings=CLOSED) for one in made],
        [observed("A", OPEN), observed("B", OTHER), observed("C", OPEN)],
        trips=[_trip(), _trip("sticks", "usb")],
    )

    trip, sticks = find_due_exceptions(occasion)

    assert [one.name for one in trip.addresses] == ["A", "B"]
    assert (trip.blocked, sticks.blocked) == (f"cloud.thing[B]: {BY_HAND}", "")
    assert _changes(keep_due_changes(occasion.plan, [trip, sticks])) == ["update C"]


def test_what_was_never_applied_is_not_due_and_of_an_exception_all_is_done_or_nothing() -> None:
    then, now = [desired("A", OPEN), desired("B", OPEN)], [desired("A", CLOSED), desired("B", CLOSED)]
    seen = [observed("A", OPEN), observed("B", OPEN)]

    first = list(find_due_exceptions(_occasion(then, now, seen, {}, never=[address("A"), address("B")])))
    (part,) = find_due_exceptions(_occasion(then, now, seen, {address("A"): LastApplied("<A>")}, never=[address("B")]))

    assert first == []
    assert part.blocked == f"cloud.thing[B]: {NEVER}"


class Reply(Thing):
    """A reply as far as it says when it begins."""

    begins: Annotated[str | None, Setting(TEXT)] = Field(default=None)


def _replies(
    known: LastApplied | None, *, made_by: tuple[str, ...] = ("mail.out_of_office",), never: Collection[Address] = ()
) -> list[DueChange]:
    wanted = replace(desired("Ann", {"text": "away", "begins": "2026-11-14T15:00:00Z"}), made_by=made_by)
    kind = replace(KIND, temporary=AUTOMATIC_REPLY, spec=Reply)
    occasion = _occasion(
        [], [wanted], [observed("Ann", OTHER)], {address("Ann"): known} if known else {}, kind=kind, never=never
    )
    return list(find_due_replies(occasion))


def test_a_reply_is_due_unless_it_was_set_so_before_or_a_playbook_writes_it() -> None:
    (first,) = _replies(None)
    longer = _replies(LastApplied(sent={"text": "away", "begins": "2026-11-12T15:00:00Z"}))

    assert (first.text, first.minutes_late(AFTER)) == ("1 automatic reply to set on cloud", 60)
    assert len(longer) == 1
    assert _replies(LastApplied(sent={"text": "away", "begins": "2026-11-14T15:00:00Z"})) == []
    assert _replies(None, made_by=()) == []
    assert _replies(None, never=[address("Ann")]) == []
