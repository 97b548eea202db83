"""Whom a change reaches: counted, compared with before, and kept from accounts that are protected."""

from collections.abc import Mapping

import pytest

from tests.planning.building import address, desired, observed
from toolkit.planning.audience.reach import ReachInputs, add_reach, find_reached_ids
from toolkit.planning.audience.target_changes import TargetChange
from toolkit.planning.change import Create, Update
from toolkit.planning.limits import Allowances, find_breaches
from toolkit.planning.plan import Plan, to_rows
from toolkit.planning.plan_states import CHANGED
from toolkit.sdk.directory import Directory, Group, GroupNesting, Person
from toolkit.sdk.reason import admin_text
from toolkit.sdk.resource import Growth, Reach
from toolkit.sdk.targets import Targets

BREAKGLASS = "breakglass@example-primary.example"
PEOPLE = {str(n): Person(str(n), f"person{n}@example-primary.example", f"Person {n}") for n in range(60)}
PEOPLE["glass"] = Person("glass", BREAKGLASS, "Break glass")
FEW, STAFF, GUARDED, PROTECTED = "few", "staff", "guarded", "protected"
GROUPS: Mapping[str, frozenset[str]] = {
    FEW: frozenset(["1", "2", "3"]),
    STAFF: frozenset(map(str, range(46))),
    GUARDED: frozenset(["1", "glass"]),
    PROTECTED: frozenset(["glass"]),
}
DIRECTORY = Directory(
    PEOPLE,
    {name: Group(name, name, None, members) for name, members in GROUPS.items()},
    unknown={"hidden": "its members are hidden", "away": "there is no group away"},
    gone=frozenset(["away"]),
)
EVERYBODY, ALL_DEVICES = Targets(everyone=True), Targets(all_devices=True)


def _in(*groups: str, excluded: tuple[str, ...] = ()) -> Targets:
    return Targets(groups=frozenset(groups), excluded=frozenset(excluded))


def _planned(target_change: TargetChange, directory: Directory = DIRECTORY, accounts: tuple[str, ...] = ()) -> Plan:
    """Plan to change one object, or to create it where it was for nobody."""
    change = Update(desired("A"), observed("A"), ()) if target_change.before else Create(desired("A"), ())
    counting = ReachInputs(
        target_changes={address("A"): target_change}, directories={"cloud": directory}, accounts=frozenset(accounts)
    )
    return add_reach(Plan(rows=to_rows(CHANGED, (change,))), counting)


@pytest.mark.parametrize(
    ("targets", "reach"),
    [
        (_in(FEW), Reach(people=3)),
        (_in(FEW, STAFF), Reach(people=46)),
        (_in(STAFF, excluded=(FEW,)), Reach(people=43)),
        (Targets(people=frozenset(["PERSON1@example-primary.example", "1"])), Reach(people=1)),
        (EVERYBODY, Reach(people=61)),
        (ALL_DEVICES, Reach(people=61)),
        (_in("away"), Reach(people=0)),
    ],
)
def test_people_are_counted_once_and_all_devices_are_everybody(targets: Targets, reach: Reach) -> None:
    counted = find_reached_ids(targets, DIRECTORY, GroupNesting.TRANSITIVE)

    assert (counted.reach, counted.unknown) == (reach, "")


@pytest.mark.parametrize(
    ("before", "after", "growth"),
    [
        (_in(FEW), ALL_DEVICES, 58),
        (_in(FEW), EVERYBODY, 58),
        (_in(FEW), _in(STAFF), 43),
        (_in(STAFF), _in(FEW), 0),
        (_in(STAFF, excluded=(STAFF,)), _in(STAFF), 46),
        (EVERYBODY, ALL_DEVICES, 0),
        (ALL_DEVICES, EVERYBODY, 0),
        (_in("away"), _in(FEW), 3),
        (None, EVERYBODY, 0),
    ],
)
def test_growth_is_who_was_not_reached_before(before: Targets | None, after: Targets, growth: int) -> None:
    plan = _planned(TargetChange(before, after))

    assert plan.reach_growth[address("A")].number == growth
    flags = [breach.flag for breach in find_breaches(plan, {}, Allowances())]
    assert flags == ([f"--reach {growth}"] if growth > 25 else [])


@pytest.mark.parametrize("before", [None, _in("hidden"), _in(FEW)])
@pytest.mark.parametrize("after", [_in("hidden"), _in(FEW, "hidden"), _in(FEW, excluded=("hidden",))])
def test_nothing_is_written_for_a_group_whose_members_cannot_be_read(before: Targets | None, after: Targets) -> None:
    plan = _planned(TargetChange(before, after))

    assert plan.changes == ()
    assert [(unknown.address, unknown.for_whom) for unknown in plan.unknown] == [(address("A"), True)]


@pytest.mark.parametrize("before", [None, Targets(everyone=True, whole_tenant=True)])
def test_a_setting_of_the_tenant_is_not_written_while_everyone_cannot_be_counted(before: Targets | None) -> None:
    target_change = TargetChange(before, Targets(everyone=True, whole_tenant=True), tenant_wide=True)

    unread, read = _planned(target_change, Directory(unknown={"people": "no answer"})), _planned(target_change)

    assert unread.changes == ()
    assert [(unknown.address, unknown.for_whom) for unknown in unread.unknown] == [(address("A"), True)]
    assert "the number of people could not be read: no answer" in admin_text(unread.unknown[0].reason)
    assert [change.address for change in read.changes] == [address("A")]


def test_the_end_of_an_exception_to_a_control_is_no_growth() -> None:
    plan = _planned(TargetChange(_in(STAFF, excluded=(STAFF,)), _in(STAFF), control=True))

    assert plan.reach_growth == {address("A"): Growth()}


@pytest.mark.parametrize(
    ("after", "directory"),
    [(_in("hidden"), DIRECTORY), (EVERYBODY, Directory(groups=DIRECTORY.groups))],
)
def test_nothing_is_written_that_would_reach_others_while_it_is_not_known_whom(
    after: Targets, directory: Directory
) -> None:
    plan = _planned(TargetChange(_in(FEW), after), directory)

    assert plan.changes == ()
    assert [unknown.address for unknown in plan.unknown] == [address("A")]


@pytest.mark.parametrize(
    ("after", "reached"),
    [
        (_in(GUARDED), (BREAKGLASS,)),
        (EVERYBODY, (BREAKGLASS,)),
        (_in(GUARDED, excluded=(PROTECTED,)), ()),
        (_in(FEW), ()),
        (ALL_DEVICES, ()),
        (Targets(everyone=True, whole_tenant=True), ()),
    ],
)
@pytest.mark.parametrize("locks_out", [False, True])
def test_a_protected_account_is_named_and_what_could_lock_it_out_is_refused(
    after: Targets, reached: tuple[str, ...], *, locks_out: bool
) -> None:
    plan = _planned(TargetChange(None, after, locks_out=locks_out), accounts=(BREAKGLASS,))

    refused = bool(reached) and locks_out
    assert [change.address for change in plan.changes] == ([] if refused else [address("A")])
    assert [BREAKGLASS in refusal.reason for refusal in plan.refused] == ([True] if refused else [])
    named = [change.desired.protected for change in plan.changes if isinstance(change, Create)]
    assert named == ([] if refused else [reached])


def test_that_a_protected_account_may_be_reached_is_said_where_people_cannot_be_read() -> None:
    (change,) = _planned(TargetChange(None, EVERYBODY), Directory(groups=DIRECTORY.groups), (BREAKGLASS,)).changes

    assert isinstance(change, Create)
    assert change.desired.protected_unknown == "the people of the tenant were not read"


NESTED = Directory(
    PEOPLE, {"around": Group("a", "Around", None, frozenset(["1", "2"]), inside=1), FEW: DIRECTORY.groups[FEW]}
)


@pytest.mark.parametrize(
    ("nesting", "why"),
    [
        (GroupNesting.TRANSITIVE, ""),
        (GroupNesting.DIRECT, "this service reaches only its own members"),
        (GroupNesting.UNSUPPORTED, "this service does not support groups inside groups"),
        (None, "this service does not support groups inside groups"),
    ],
)
@pytest.mark.parametrize("targets", [_in("around"), _in(FEW, excluded=("around",))])
def test_people_in_groups_inside_a_group_count_only_where_the_mechanism_looks_into_those(
    targets: Targets, nesting: GroupNesting | None, why: str
) -> None:
    plan = _planned(TargetChange(_in(FEW), targets, nesting=nesting), NESTED)
    alone = find_reached_ids(_in(FEW), NESTED, nesting)

    reasons = [admin_text(one.reason) for one in plan.unknown]
    told = f"its reach is unknown: the group Around contains 1 other group, and {why}"
    assert reasons == ([told] if why else [])
    assert [change.address for change in plan.changes] == ([] if why else [address("A")])
    assert (alone.reach, alone.unknown) == (Reach(people=3), "")
