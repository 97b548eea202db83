"""No one loses cover unsaid, whatever the memberships, the directory and the changes are."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.planning.building import address, observed, origin
from toolkit.planning.audience.cover import Cover, find_object_loss
from toolkit.planning.change import Delete
from toolkit.planning.limits import COVER_LOSS, Allowances, find_breaches
from toolkit.planning.loss import ObjectLoss, sum_cover_losses
from toolkit.planning.plan import Plan, to_rows
from toolkit.planning.plan_states import CHANGED
from toolkit.sdk.directory import DeviceUse, Directory, Group, GroupNesting, Person
from toolkit.sdk.resource import Absent
from toolkit.sdk.targets import Targets

READ, HIDDEN, GONE = ("staff", "pupils", "trip", "office"), "hidden", "gone"
IDS = tuple(map(str, range(8)))
groups = st.frozensets(st.sampled_from([*READ, HIDDEN, GONE]), max_size=3)
targets = st.one_of(
    st.builds(Targets, groups=groups, excluded=st.frozensets(st.sampled_from(READ), max_size=1)),
    st.builds(Targets, people=st.frozensets(st.sampled_from([*IDS, "left"]), max_size=3)),
    st.builds(Targets, everyone=st.just(True), excluded=st.frozensets(st.sampled_from(READ), max_size=1)),
    st.just(Targets()),
)
readable = targets.map(lambda drawn: replace(drawn, groups=drawn.groups - {HIDDEN}))


@st.composite
def directories(draw: st.DrawFn) -> Directory:
    """Return a directory of a few people, in which one group hides its members and another is gone."""
    people = {key: Person(key, f"{key}@school.example", key, enabled=draw(st.booleans())) for key in IDS}
    members = {name: draw(st.frozensets(st.sampled_from(IDS))) for name in READ}
    return Directory(
        people,
        {name: Group(name, name, None, ids) for name, ids in members.items()},
        unknown={HIDDEN: "its members are hidden"},
        gone=frozenset([GONE]),
    )


@dataclass(frozen=True)
class DrawnObject:
    """One object: its targets as observed and as last applied, its targets after the run, its job."""

    seen: Targets
    applied: Targets
    after: Targets
    job: int
    state: str  # written, unchanged, or not written, since the change was refused


drawn_objects = st.lists(
    st.builds(
        DrawnObject,
        seen=targets,
        applied=targets,
        after=readable,
        job=st.integers(0, 1),
        state=st.sampled_from(["written", "written", "unchanged", "refused"]),
    ),
    min_size=1,
    max_size=4,
)


def _has(whom: Targets, person: str, directory: Directory, *, closed: bool = False) -> bool:
    """Return whether targets have a person, one by one and without the code under test."""
    if any(person in directory.groups[name].members for name in whom.excluded):
        return False
    if whom.everyone:
        return closed or directory.people[person].enabled
    return person in whom.people or any(
        person in directory.groups[name].members for name in whom.groups if name in directory.groups
    )


def _covers(drawn: list[DrawnObject]) -> Mapping[str, Cover]:
    names = {f"{place}": one for place, one in enumerate(drawn)}

    def cover(name: str, one: DrawnObject) -> Cover:
        others = [other for other in names if other != name and names[other].job == one.job]
        after = one.seen if one.state == "unchanged" else one.after
        return Cover(
            address=address(name),
            subject=f"control {one.job}",
            before=(one.seen, one.applied),
            after=replace(after, groups=after.groups - {HIDDEN}),
            nesting=GroupNesting.TRANSITIVE,
            successors=tuple(address(other) for other in others if names[other].state != "refused"),
        )

    return {name: cover(name, one) for name, one in names.items()}


@settings(max_examples=200, deadline=None)
@given(directories(), drawn_objects)
def test_no_one_loses_cover_unsaid(directory: Directory, drawn: list[DrawnObject]) -> None:
    covers = _covers(drawn)
    written = [name for name, one in zip(covers, drawn, strict=True) if one.state == "written"]
    unchanged = {address(name) for name, one in zip(covers, drawn, strict=True) if one.state == "unchanged"}
    by_address = {cover.address: cover for cover in covers.values()}
    found = {name: find_object_loss(covers[name], by_address, directory, {}) for name in written}

    unread = {
        name
        for name in written
        if not covers[name].after.everyone and any(HIDDEN in before.groups for before in covers[name].before)
    }
    assert {name for name, loss in found.items() if isinstance(loss, str)} == unread

    known = [name for name in written if name not in unread]
    losses = [
        loss.without_people_still_covered(unchanged) for name in known if isinstance(loss := found[name], ObjectLoss)
    ]
    said = {loss.subject: loss.people for loss in sum_cover_losses(losses, {address(name) for name in known})}
    for job in (0, 1):
        standing = [
            cover
            for (name, cover), one in zip(covers.items(), drawn, strict=True)
            if one.job == job and (name in known or one.state == "unchanged")
        ]
        lost = {
            person
            for name in known
            if drawn[int(name)].job == job
            for person in IDS
            if any(_has(before, person, directory) for before in covers[name].before)
            and not any(_has(cover.after, person, directory, closed=True) for cover in standing)
        }
        assert said.get(f"control {job}", 0) == len(lost)


STAFF = frozenset(map(str, range(46)))
DIRECTORY = Directory(
    {key: Person(key, f"{key}@school.example", key) for key in map(str, range(100))},
    {
        "staff": Group("1", "staff", None, STAFF),
        "trip": Group("2", "trip", None, frozenset(["1", "2", "3"])),
        "others": Group("3", "others", None, frozenset(map(str, range(46, 92)))),
        "nested": Group("4", "nested", None, frozenset(["1", "2"]), inside=1),
        "carts": Group("5", "carts", None, frozenset(), devices=30, device_ids=frozenset(f"d{n}" for n in range(30))),
    },
    devices=DeviceUse(shared=40),
)


def _in(*names: str, excluded: tuple[str, ...] = ()) -> Targets:
    return Targets(groups=frozenset(names), excluded=frozenset(excluded))


EVERYBODY = Targets(everyone=True)


@pytest.mark.parametrize(
    ("before", "after", "people", "devices", "roles"),
    [
        (_in("staff"), _in("trip"), 43, 0, ()),
        (_in("staff"), _in("others"), 46, 0, ("staff", "trip leaders")),
        (_in("trip"), Targets(), 3, 0, ("trip leaders",)),
        (_in("staff"), Targets(), 46, 0, ("staff", "trip leaders")),
        (EVERYBODY, _in("staff"), 54, 0, ("others",)),
        (_in("staff"), EVERYBODY, 0, 0, ()),
        (EVERYBODY, replace(EVERYBODY, excluded=frozenset(["trip"])), 3, 0, ("trip leaders",)),
        (_in("staff", excluded=("trip",)), _in("others"), 43, 0, ("staff",)),
        (_in("nested"), Targets(), 2, 0, ("nested",)),
        (Targets(people=frozenset(["1", "who left"])), Targets(), 1, 0, ()),
        (Targets(people=frozenset(["other.address@school.example"])), Targets(), 1, 0, ()),
        (_in("carts"), Targets(), 0, 30, ()),
        (Targets(all_devices=True), Targets(), 100, 40, ("everyone", "others", "staff", "trip leaders")),
        (Targets(all_devices=True), _in("carts"), 100, 10, ("everyone", "others", "staff", "trip leaders")),
    ],
)
def test_a_loss_is_a_difference_of_sets(
    before: Targets, after: Targets, people: int, devices: int, roles: tuple[str, ...]
) -> None:
    cover = Cover(address=address("A"), subject="A", before=(before,), after=after)

    loss = find_object_loss(cover, {}, DIRECTORY, {"trip": "trip leaders", "others": "others", "staff": "staff"})

    found = sum_cover_losses([loss] if isinstance(loss, ObjectLoss) else [], {address("A")})
    told = [(one.people, one.devices, one.roles) for one in found]
    assert told == ([(people, devices, roles)] if people or devices else [])


def test_everyone_who_cannot_be_read_is_unknown() -> None:
    cover = Cover(address=address("A"), subject="A", before=(EVERYBODY,))

    assert find_object_loss(cover, {}, Directory(), {}) == "the people of the tenant were not read"


@given(st.integers(1, 60), st.booleans(), st.integers(0, 60))
def test_the_flag_allows_exactly_its_number(number: int, whole: bool, given_number: int) -> None:  # noqa: FBT001
    people = frozenset(map(str, range(number)))
    loss = ObjectLoss(address=address("A"), subject="A", people=people, roles={"role": people} if whole else {})
    change = Delete(Absent(address("A"), "", origin(3)), observed("A"))
    plan = Plan(rows=to_rows(CHANGED, (change,)), losses=(loss,))

    found = find_breaches(plan, {}, Allowances())
    with_flag = find_breaches(plan, {}, Allowances(lose=given_number, named_lose=given_number))

    assert [breach.flag for breach in found] == ([f"--lose {number}"] if whole or number > COVER_LOSS else [])
    assert [breach.flag for breach in with_flag] == ([f"--lose {number}"] if number > given_number else [])
    assert find_breaches(plan.replace(CHANGED, ()), {}, Allowances()) == []


@pytest.mark.parametrize(
    ("after", "is_written", "lost"),
    [
        (_in("nested"), True, 3),  # the people whom a service reaches in a group with a group inside are not known
        (_in("staff"), True, 0),
        (_in("staff"), False, 3),
    ],
)
def test_only_a_written_object_with_known_people_takes_over(after: Targets, lost: int, *, is_written: bool) -> None:
    other = Cover(address=address("B"), subject="A", after=after, nesting=GroupNesting.DIRECT)
    cover = Cover(address=address("A"), subject="A", before=(_in("trip"),), successors=(other.address,))

    loss = find_object_loss(cover, {other.address: other}, DIRECTORY, {})

    assert isinstance(loss, ObjectLoss)
    written = {address("A"), address("B")} if is_written else {address("A")}
    assert sum(found.people for found in sum_cover_losses([loss], written)) == lost
