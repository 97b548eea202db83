"""Which changes wait for a fact that no tenant has shown, and which do not."""

from typing import Any

import pytest

from toolkit.planning.change import Change, Create, Delete, Field, Update
from toolkit.planning.plan import Plan, to_rows
from toolkit.planning.plan_states import CHANGED, CHECKED, UNVERIFIED
from toolkit.planning.unproven import UnprovenFact, only_compare_unproven_changes, relies_on
from toolkit.sdk.first_run import DependentChanges, VendorFact
from toolkit.sdk.resource import Absent, Address, Desired, Observed, Origin, Remote
from toolkit.values import Value

ORIGIN = Origin("10.yaml", 1)


def _change(sort: str, name: str = "Rule", kind: str = "rule", **fields: tuple[Value, Value]) -> Change:
    address = Address("cloud", kind, name)
    desired = Desired(address, {}, {}, ORIGIN)
    observed = Observed(address, {}, Remote("1", name, {}))
    sent = tuple(Field(path, before, after) for path, (before, after) in fields.items())
    match sort:
        case "create":
            return Create(desired, sent)
        case "update":
            return Update(desired, observed, sent)
        case _:
            return Delete(Absent(address, "", ORIGIN), observed)


def _fact(**rests: Any) -> VendorFact:
    return VendorFact(
        name="fact", says="it holds", how="a request", rests=(DependentChanges(**{"kind": "rule", **rests}),)
    )


@pytest.mark.parametrize(
    ("rests", "change", "waits"),
    [
        ({}, _change("create"), True),
        ({}, _change("update", text=("a", "b")), True),
        ({}, _change("delete"), False),
        ({}, _change("create", kind="other"), False),
        ({"actions": ("update",)}, _change("create"), False),
        ({"named": ("users.A",)}, _change("create", "users.A @ /Staff"), True),
        ({"named": ("users.A",)}, _change("create", "users.B @ /Staff"), False),
        ({"settings": ("people",)}, _change("create", people=(None, ("a",))), True),
        ({"settings": ("people",)}, _change("create", text=(None, "a")), False),
        ({"settings": ("people",)}, _change("update", people=(("a",), None)), False),
        ({"clears": True}, _change("update", people=(("a",), None)), True),
        ({"clears": True}, _change("update", people=(("a",), ("b",))), False),
        ({"clears": True}, _change("create", people=(None, ("a",))), False),
    ],
)
def test_a_change_rests_on_a_fact_by_kind_name_settings_and_action(
    rests: dict[str, Any], change: Change, *, waits: bool
) -> None:
    assert relies_on(change, "cloud", _fact(**rests)) is waits
    assert not relies_on(change, "another", _fact(**rests))


def test_what_waits_is_compared_and_not_written_and_the_rest_stays() -> None:
    waiting, free = _change("update", people=(("a",), None)), _change("update", "Other", text=("a", "b"))
    plan = Plan(rows=to_rows(CHANGED, (waiting, free)))

    held = only_compare_unproven_changes(plan, [UnprovenFact("cloud", _fact(clears=True))])

    assert held.changes == (free,)
    assert held.checked_changes == (waiting,)
    assert [(one.fact.name, one.address) for one in held.select(UNVERIFIED)] == [("fact", waiting.address)]
    assert only_compare_unproven_changes(plan, []) == plan
    assert [row.state for row in held.rows] == [CHANGED, CHECKED, UNVERIFIED]
