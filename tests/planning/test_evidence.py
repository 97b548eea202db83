"""What keeps evidence is not weakened by a run: not by a change, not by what is made, not by what is taken away."""

from collections.abc import Sequence

import pytest

from tests.planning.building import Thing, address, desired, observed, origin
from toolkit.planning.change import action_name
from toolkit.planning.compare import PlanRules, compare
from toolkit.planning.matching import LastApplied
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import ObservedState
from toolkit.planning.plan_states import UNMANAGED
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import EvidenceSemantics, Kind
from toolkit.sdk.permission import Permissions
from toolkit.sdk.resource import Absent, Desired, Handling, Mode, Observed
from toolkit.sdk.targets import Scale
from toolkit.values import AtLeast, Settings, entries

OF_KIND = "cloud.thing"
SHREDDER: Settings = {"text": "delete"}
ARCHIVE: Settings = {"text": "keep", "least": 10, "entries": ("letters", "reports")}


def _weaker(before: Settings | None, after: Settings | None) -> str | None:
    """Judge an archive that keeps its `entries` for `least` days, unless its `text` says that it deletes."""
    if after and after.get("text") == "delete" and (before or {}).get("text") != "delete":
        return "it would delete"
    if before is None or before.get("text") != "keep":
        return None
    if after is None:
        return "nothing would keep it"
    days = [int(str(one.get("least") or 0)) for one in (before, after)]
    kept = [set(entries(one.get("entries"))) for one in (before, after)]
    return "kept for less long" if days[1] < days[0] else None if kept[0] <= kept[1] else "less would be kept"


KIND: Kind[Connection] = Kind(
    reach=Scale.TENANT,
    name="thing",
    title="thing",
    spec=Thing,
    endpoint=None,  # type: ignore[arg-type]  # nothing is sent
    reference="",
    permissions=Permissions((), ()),
    evidence=EvidenceSemantics(weaker=_weaker, weakened_by="`toolkit shred REF`"),
)


def _plan(wanted: Sequence[Desired | Absent], seen: Sequence[Observed] = ()) -> Plan:
    known = {one.address: LastApplied(f"<{one.address.name}>") for one in wanted}
    there = ObservedState({OF_KIND: seen}, {OF_KIND: [one.remote.id for one in seen]})
    return compare(wanted, there, {OF_KIND: KIND}, known, rules=PlanRules())


def _actions_and_refusals(plan: Plan) -> tuple[list[str], list[str]]:
    """Give what would be done, and why the rest would not."""
    return [action_name(change) for change in plan.changes], [one.reason for one in plan.refused]


NEVER = ". Only `toolkit shred A` may do that"


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({"least": 9}, "kept for less long"),
        ({"text": "delete"}, "it would delete"),
        ({"entries": ("letters",)}, "less would be kept"),
        ({"entries": AtLeast((), ("reports",))}, "less would be kept"),
    ],
    ids=["shorter", "deleting", "a list that is shorter", "a list that lacks an entry"],
)
def test_a_change_that_keeps_less_is_refused_and_names_what_may_do_it(wanted: Settings, reason: str) -> None:
    assert _actions_and_refusals(_plan([desired("A", wanted)], [observed("A", ARCHIVE)])) == ([], [reason + NEVER])


@pytest.mark.parametrize(
    "wanted",
    [{"least": 11}, {"html": "<p>x</p>"}, {"entries": AtLeast(("photos",))}],
    ids=["longer", "something else", "one entry more beside those of others"],
)
def test_a_change_that_keeps_as_much_or_more_is_made(wanted: Settings) -> None:
    assert _actions_and_refusals(_plan([desired("A", wanted)], [observed("A", ARCHIVE)])) == (["update"], [])


def test_what_would_delete_something_is_not_made() -> None:
    assert _actions_and_refusals(_plan([desired("A", SHREDDER)])) == ([], ["it would delete" + NEVER])


def test_what_keeps_is_made() -> None:
    assert _actions_and_refusals(_plan([desired("A", ARCHIVE)])) == (["create"], [])


def test_what_keeps_evidence_is_not_taken_away_and_stays_in_the_tenant() -> None:
    plan = _plan([Absent(address("A"), "the control is withdrawn", origin(3))], [observed("A", ARCHIVE)])

    assert _actions_and_refusals(plan) == ([], ["the control is withdrawn, but nothing would keep it" + NEVER])
    assert plan.refused[0].origin == origin(3)
    assert [one.remote.name for one in plan.select(UNMANAGED)] == ["A"]


def test_what_keeps_nothing_is_taken_away() -> None:
    absent = Absent(address("A"), "the control is withdrawn", origin(3))

    assert _actions_and_refusals(_plan([absent], [observed("A", SHREDDER)])) == (["delete"], [])


def test_what_is_adopted_is_judged_by_what_it_was() -> None:
    wanted = desired("Ours", {"least": 9}, handling=Handling(adopt="Theirs"))

    told = _actions_and_refusals(_plan([wanted], [observed("Theirs", ARCHIVE)]))

    assert told == ([], ["kept for less long" + NEVER.replace("A`", "Ours`")])


def test_a_refusal_has_the_change_that_its_command_makes() -> None:
    absent = Absent(address("B"), "the control is withdrawn", origin(3))

    plan = _plan([desired("A", {"least": 9}), absent], [observed("A", ARCHIVE), observed("B", ARCHIVE)])

    assert {one.address.name: one.change and action_name(one.change) for one in plan.refused} == {
        "A": "update",
        "B": "delete",
    }
    assert plan.changes == ()


def test_what_is_only_checked_is_told_as_a_difference() -> None:
    plan = _plan([desired("A", {"least": 9}, mode=Mode.CHECK)], [observed("A", ARCHIVE)])

    assert (_actions_and_refusals(plan), [action_name(change) for change in plan.checked_changes]) == (
        ([], []),
        ["update"],
    )
