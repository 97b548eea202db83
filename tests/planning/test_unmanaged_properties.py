"""Properties that a playbook lists as unmanaged: their values are known, and another value is a difference."""

from dataclasses import replace
from typing import Any, cast

from tests.planning.building import Thing, desired, observed
from toolkit.planning.compare import PlanRules, compare
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import ObservedState
from toolkit.planning.plan_states import UNREAD_PROPERTY
from toolkit.planning.unknown_properties import fingerprints_by_path
from toolkit.sdk.form import UnknownProperty
from toolkit.sdk.kind import Kind
from toolkit.sdk.permission import Permissions
from toolkit.sdk.resource import Mode
from toolkit.sdk.targets import Scale
from toolkit.values import Json

KIND: Kind[Any] = Kind(
    reach=Scale.TENANT,
    name="thing",
    title="thing",
    spec=Thing,
    endpoint=cast(Any, None),
    reference="",
    permissions=Permissions((), ()),
)
_FILTER = "assignments[].filter"


def _unknown(*values: Json, narrows: bool = True) -> tuple[UnknownProperty, ...]:
    return tuple(UnknownProperty(_FILTER, value, narrows) for value in values)


def _planned(known: tuple[UnknownProperty, ...], there: tuple[UnknownProperty, ...]) -> Plan:
    wanted = replace(desired("one", mode=Mode.CHECK), unmanaged_properties=fingerprints_by_path(known))
    seen = ObservedState({"cloud.thing": [replace(observed("one"), unknown=there)]}, {})
    return compare([wanted], seen, {"cloud.thing": KIND}, {}, rules=PlanRules())


def test_a_listed_property_is_a_difference_only_with_another_value() -> None:
    assert _planned(_unknown("include"), _unknown("include")).checked_changes == ()
    (change,) = _planned(_unknown("include"), _unknown("exclude")).checked_changes
    assert [field.path for field in getattr(change, "fields", ())] == [_FILTER]


def test_a_property_that_is_not_listed_is_a_difference() -> None:
    assert len(_planned((), _unknown("include")).checked_changes) == 1


def test_the_order_of_entries_does_not_count_and_their_number_does() -> None:
    assert fingerprints_by_path(_unknown("include", "none")) == fingerprints_by_path(_unknown("none", "include"))
    assert fingerprints_by_path(_unknown("include")) != fingerprints_by_path(_unknown("include", "include"))


def test_a_property_that_does_not_narrow_has_no_fingerprint_and_is_a_remark() -> None:
    there = _unknown("include", narrows=False)

    assert fingerprints_by_path(there) == {}
    assert [one.path for one in _planned((), there).select(UNREAD_PROPERTY)] == [_FILTER]
