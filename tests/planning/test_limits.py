"""How much one run may touch, and the flag that lifts each limit."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.planning.building import address, desired, observed, origin
from toolkit.engine.prepare_run import limits_of_run
from toolkit.engine.selection import Selection
from toolkit.planning.change import Change, Create, Delete, Update
from toolkit.planning.limits import Allowances, find_breaches
from toolkit.planning.matching import LastApplied
from toolkit.planning.plan import Plan, to_rows
from toolkit.planning.plan_states import CHANGED
from toolkit.sdk.resource import Absent, Address, Desired, Reach


def _known_objects(number: int, reach: Reach | None = None) -> Mapping[Address, LastApplied]:
    return {address(f"{n}"): LastApplied(remote_id=f"{n}", reach=reach) for n in range(number)}


def _update(name: str, reach: Reach | None = None) -> Change:
    return Update(desired(name, reach=reach), observed(name), ())


def _create(name: str, reach: Reach | None = None) -> Change:
    return Create(desired(name, reach=reach), ())


def _delete(name: str) -> Change:
    return Delete(Absent(address(name), "it ended", origin(3)), observed(name))


def _flags(plan: Plan, known: Mapping[Address, LastApplied], allowed: Allowances | None = None) -> list[str]:
    return [breach.flag for breach in find_breaches(plan, known, allowed or Allowances())]


@pytest.mark.parametrize(
    ("updates", "population", "flags"),
    [
        (10, 10, []),
        (10, 1000, []),
        (11, 37, []),
        (11, 36, ["--allow-changes cloud.thing"]),
        (30, 100, []),
        (31, 100, ["--allow-changes cloud.thing"]),
    ],
)
def test_more_than_ten_updates_and_a_third_of_what_was_applied_need_a_flag(
    updates: int, population: int, flags: list[str]
) -> None:
    plan = Plan(rows=to_rows(CHANGED, tuple(_update(f"{n}") for n in range(updates))))

    assert _flags(plan, _known_objects(population)) == flags


def test_updates_of_what_was_never_applied_do_not_count() -> None:
    plan = Plan(rows=to_rows(CHANGED, tuple(_update(f"new {n}") for n in range(50))))

    assert _flags(plan, _known_objects(10)) == []


@pytest.mark.parametrize(("deletes", "flags"), [(2, []), (3, ["--allow-deletes 3"]), (9, ["--allow-deletes 9"])])
def test_more_than_two_deletions_need_a_flag(deletes: int, flags: list[str]) -> None:
    plan = Plan(rows=to_rows(CHANGED, tuple(_delete(f"{n}") for n in range(deletes))))

    assert _flags(plan, _known_objects(100)) == flags


@pytest.mark.parametrize(
    ("before", "after", "flags"),
    [
        (Reach(people=46), Reach(people=71), []),
        (Reach(people=46), Reach(people=72), ["--reach 26"]),
        (Reach(people=46, devices=10), Reach(people=46, devices=100), ["--reach 90"]),
        (Reach(people=300), Reach(people=46), []),
        (None, Reach(people=300), []),
    ],
)
def test_a_reach_that_grows_by_more_than_twenty_five_needs_a_flag(
    before: Reach | None, after: Reach, flags: list[str]
) -> None:
    assert _flags(Plan(rows=to_rows(CHANGED, (_update("0", after),))), _known_objects(1, before)) == flags


def _wide(one: Desired, wide: str) -> Desired:
    return replace(one, everyone=wide == "everyone", all_devices=wide == "all_devices")


@pytest.mark.parametrize("wide", ["everyone", "all_devices"])
def test_going_from_some_to_everyone_needs_a_flag_however_few_these_are(wide: str) -> None:
    update = _update("0", Reach(people=27))
    assert isinstance(update, Update)
    plan = Plan(rows=to_rows(CHANGED, (replace(update, desired=_wide(update.desired, wide)),)))
    known = _known_objects(1, Reach(people=3))

    (breach,) = find_breaches(plan, known, Allowances())

    assert breach.reason.startswith("the plan reaches everyone, 24 more people than before: ")
    assert breach.flag == "--reach 24"
    assert _flags(plan, known, Allowances(reach=24, named_reach=24)) == []
    assert _flags(replace(plan, reached_everyone_before=frozenset({update.address})), known) == []


@pytest.mark.parametrize(
    ("after", "said"),
    [(Reach(people=72, devices=20), "26 more people"), (Reach(people=50, devices=100), "90 more devices")],
)
def test_the_limit_says_whether_it_counted_people_or_devices(after: Reach, said: str) -> None:
    plan = Plan(rows=to_rows(CHANGED, (_update("0", after),)))

    (breach,) = find_breaches(plan, _known_objects(1, Reach(people=46, devices=10)), Allowances())

    assert breach.reason.startswith(f"the plan reaches {said} than before: ")


def test_a_first_application_counts_against_no_limit() -> None:
    plan = Plan(rows=to_rows(CHANGED, tuple(_create(f"{n}", Reach(people=300)) for n in range(50))))

    assert _flags(plan, {}) == []


@pytest.mark.parametrize(
    ("plan", "allowed"),
    [
        (
            Plan(rows=to_rows(CHANGED, tuple(_update(f"{n}") for n in range(20)))),
            Allowances(changes=frozenset({"cloud.thing"})),
        ),
        (Plan(rows=to_rows(CHANGED, tuple(_delete(f"{n}") for n in range(3)))), Allowances(deletes=3)),
        (Plan(rows=to_rows(CHANGED, (_update("0", Reach(people=72)),))), Allowances(reach=26)),
    ],
    ids=["changes", "deletes", "reach"],
)
def test_each_flag_lifts_its_limit(plan: Plan, allowed: Allowances) -> None:
    known = _known_objects(20, Reach(people=46))

    assert _flags(plan, known)
    assert _flags(plan, known, allowed) == []


ONE_AT_FIRST = Allowances(several_at_first=False)


def _made_by(name: str, *controls: str) -> Change:
    return Create(replace(desired(name), made_by=controls), ())


@pytest.mark.parametrize(
    ("changes", "flags"),
    [
        ([], []),
        ([_made_by("a")], []),
        ([_made_by("a", "mail.one"), _made_by("b", "mail.one")], []),
        ([_made_by("a", "mail.one", "mail.two"), _made_by("b", "mail.two")], []),
        ([_made_by("a", "mail.one"), _made_by("b", "mail.one"), _made_by("c", "mail.two")], ["--only mail.two"]),
        ([_made_by("a", "mail.one"), _made_by("b", "mail.one"), _made_by("c")], [f"--only {address('c')}"]),
        ([_made_by("a"), _delete("b")], [f"--only {address('a')}"]),
    ],
)
def test_the_first_write_to_a_live_tenant_is_of_one_control_by_its_name(
    changes: list[Change], flags: list[str]
) -> None:
    plan = Plan(rows=to_rows(CHANGED, tuple(changes)))

    assert _flags(plan, {}, ONE_AT_FIRST) == flags
    assert (_flags(plan, {}), _flags(plan, _known_objects(1), ONE_AT_FIRST)) == ([], [])


def test_the_refusal_of_a_first_write_names_the_controls_and_the_way_back() -> None:
    changes = [_made_by(f"{n}", f"mail.control_{n}") for n in range(10)]

    (breach,) = find_breaches(Plan(rows=to_rows(CHANGED, tuple(changes))), {}, ONE_AT_FIRST)

    assert breach.reason == (
        "no run has written to these tenants yet, so the first run may set up only one control. Controls, with "
        "the number of changes: mail.control_0 (1), mail.control_1 (1), mail.control_2 (1), mail.control_3 (1), "
        "mail.control_4 (1), mail.control_5 (1), mail.control_6 (1), mail.control_7 (1) and 2 more. "
        "`toolkit rollback last` undoes that run"
    )


@pytest.mark.parametrize(
    ("target", "command", "only", "several"),
    [
        ("live", "apply", (), False),
        ("live", "plan", (), False),
        ("live", "apply", ("mail.disclaimer",), True),
        ("live", "due", (), True),
        ("live", "drift", (), True),
        ("emulator", "apply", (), True),
    ],
)
def test_only_a_live_apply_and_its_plan_begin_with_one_control(
    target: str,
    command: str,
    only: tuple[str, ...],
    several: bool,  # noqa: FBT001 - a case
) -> None:
    assert limits_of_run(Selection(only=only), target=target, command=command).several_at_first is several
