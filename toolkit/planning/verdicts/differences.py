"""Describe how an object differs from the playbooks, and decide whether the difference concerns a control."""

from collections.abc import Iterable, Iterator, Mapping

from toolkit.planning.change import Change, Create, Delete, Move, Update
from toolkit.sdk.reason import About, Reason, ReasonCode
from toolkit.values import Json, Value, entries

_MISSING = ReasonCode("object_missing", admin="{about} is missing", governor="{about}: not set up")
_DIFFERS = ReasonCode(
    "object_differs",
    admin="{about} is not as the playbooks say ({settings})",
    governor="{about}: different from the agreed set-up",
)
_UNWANTED = ReasonCode(
    "object_unwanted", admin="{about} exists, but must not exist", governor="{about}: present, but must not be"
)
_MISPLACED = ReasonCode(
    "object_misplaced", admin="{about} is in the wrong place", governor="{about}: in the wrong place"
)


def describe_difference(change: Change, about: About) -> Reason:
    match change:
        case Create():
            return _MISSING(about=about)
        case Update(fields=fields):
            return _DIFFERS(about=about, settings=", ".join(field.path for field in fields))
        case Delete():
            return _UNWANTED(about=about)
        case Move():
            return _MISPLACED(about=about)


def concerns_control(change: Change, control_settings: Mapping[str, Json] | None) -> bool:
    """Return whether a change of a shared object concerns a control, because it changes settings that the control
    requires. Settings that only other controls require do not count, and neither do other controls' missing entries in
    a shared list.
    """
    if not control_settings or not isinstance(change, Update):
        return True
    desired, others = change.desired.settings, change.desired.origins.keys() - control_settings.keys()
    words = {word.casefold() for word in _setting_names(control_settings.values())}
    return any(
        _concerns_control_entries(desired.get(f.path), f.before, words) for f in change.fields if f.path not in others
    )


def _concerns_control_entries(desired_value: Value, value_before: Value, control_entries: set[str]) -> bool:
    listed = {entry.casefold() for entry in entries(desired_value)}
    missing = listed - {entry.casefold() for entry in entries(value_before)}
    return not (missing and listed & control_entries) or bool(missing & control_entries)


def _setting_names(values: Iterable[Json]) -> Iterator[str]:
    for value in values:
        match value:
            case str():
                yield value
            case Mapping():
                yield from _setting_names(value.values())
            case [*items]:
                yield from _setting_names(items)
