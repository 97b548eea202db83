"""Compare a saved plan with a new plan that is made from the tenant's present state."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from toolkit.planning.change import Change, Create
from toolkit.planning.plan import Plan
from toolkit.values import Body, Json, canonical_text

_NAMED = 5  # differences that are shown
_LONGEST = 120  # characters of a value
_BEFORE = 20  # characters shown before the first difference
_NOTHING = "nothing"
_EMPTY: tuple[Json, ...] = (None, False, [], {})
_Key: TypeAlias = tuple[str, str]


def changed_objects_json(plan: Plan) -> Sequence[Body]:
    """Return as JSON the id and version of every existing object that a plan changes."""
    return [_object_json(change) for change in plan.changes if not isinstance(change, Create)]


def describe_plan_differences(saved_plan: Body, present_plan: Body) -> str:
    """Return the differences between two plans as text: the address, the field, and the value in each plan."""
    named = list(_plan_differences(saved_plan, present_plan))
    more = len(named) - _NAMED
    return "; ".join(named[:_NAMED]) + (f"; and {more} more" if more > 0 else "")


def leave_out_newer_keys(saved_changes: Sequence[Body], present_changes: Sequence[Body]) -> Sequence[Body]:
    """Return the present changes without keys that an earlier version of toolkit did not write, so that a plan
    saved by that version stays valid.
    """
    then = {(row.get("address"), row.get("action")): row for row in saved_changes}
    return [
        _leave_out_newer_keys_of_change(then.get((row.get("address"), row.get("action")), row), row)
        for row in present_changes
    ]


def _leave_out_newer_keys_of_change(saved_change: Body, present_change: Body) -> Body:
    kept = {name: value for name, value in present_change.items() if name in saved_change or value not in _EMPTY}
    if lacks_reach(saved_change):
        kept["reach"] = None
    return kept


def has_reach_keys(saved_change: Body) -> bool:
    """Return whether a change in a saved plan has the number of people whom the object reaches.

    Early versions of toolkit did not save it.
    """
    return "reaches_protected" in saved_change


def lacks_reach(saved_change: Body) -> bool:
    """Return whether a change in a saved plan lacks its reach, because an earlier version of toolkit did not
    save it.
    """
    return not has_reach_keys(saved_change) and saved_change.get("reach", "") is None


def _object_json(change: Change) -> Body:
    assert not isinstance(change, Create)
    remote = change.observed.remote
    return {"address": str(change.address), "id": remote.id, "version": remote.version}


def _plan_differences(saved_plan: Body, present_plan: Body) -> Iterator[str]:
    for name in dict.fromkeys([*saved_plan, *present_plan]):
        before, now = saved_plan.get(name), present_plan.get(name)
        if canonical_text(before) == canonical_text(now):
            continue
        if _is_table(before) and _is_table(now):
            yield from _row_differences(_rows_by_key(before), _rows_by_key(now))
            if [*_rows_by_key(before)] != [*_rows_by_key(now)] and not {*_rows_by_key(before)} ^ {*_rows_by_key(now)}:
                yield f"{name}: shown in another order"
        else:
            yield _value_difference(name, _value_text(before), _value_text(now))


def _row_differences(saved_rows: Mapping[_Key, Body], present_rows: Mapping[_Key, Body]) -> Iterator[str]:
    for address, action in dict.fromkeys([*saved_rows, *present_rows]):
        before, now = saved_rows.get((address, action)), present_rows.get((address, action))
        if before is None or now is None:
            yield f"{address}: shown {action if before else _NOTHING}, now {action if now else _NOTHING}"
            continue
        old, new = dict(_named_values(before)), dict(_named_values(now))
        for name in dict.fromkeys([*old, *new]):
            if old.get(name) != new.get(name):
                yield _value_difference(f"{address}, {name}", old.get(name, _NOTHING), new.get(name, _NOTHING))


def _is_table(value: Json) -> bool:
    return isinstance(value, Sequence) and all(isinstance(row, Mapping) and "address" in row for row in value)


def _rows_by_key(table: Json) -> Mapping[_Key, Body]:
    """Return the rows of a table in a plan by address and action.

    If an address and action occur more than once, the key gets a number.
    """
    assert isinstance(table, Sequence)
    rows: dict[_Key, Body] = {}
    for number, row in enumerate(table):
        assert isinstance(row, Mapping)
        key = (str(row["address"]), str(row.get("action", "object")))
        rows[key if key not in rows else (key[0], f"{key[1]} {number}")] = row
    return rows


def _named_values(saved_change: Body) -> Iterator[tuple[str, str]]:
    """Yield the values of a change in a plan, each with the name that the plan's output shows.

    For a setting, this is its path.
    """
    for name, value in saved_change.items():
        if name == "fields" and isinstance(value, Sequence):
            for number, field in enumerate(value):
                path = field.get("path", number) if isinstance(field, Mapping) else number
                yield str(path), _value_text(field)
        else:
            yield name, _value_text(value)


def _value_text(value: Json) -> str:
    if isinstance(value, Mapping) and value.keys() == {"path", "before", "after"}:
        return f"{canonical_text(value['before'])} -> {canonical_text(value['after'])}"
    return canonical_text(value)


def _value_difference(name: str, saved_value: str, present_value: str) -> str:
    """Return a text on how two values differ. A long value is cut shortly before the first difference."""
    same = next((at for at, (old, new) in enumerate(zip(saved_value, present_value, strict=False)) if old != new), 0)
    return f"{name}: shown {_excerpt(saved_value, same)}, now {_excerpt(present_value, same)}"


def _excerpt(text: str, first_difference: int) -> str:
    if len(text) <= _LONGEST:
        return text
    begin = max(0, first_difference - _BEFORE)
    end = begin + _LONGEST
    return f"{'...' if begin else ''}{text[begin:end]}{'...' if end < len(text) else ''}"
