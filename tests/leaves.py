"""Changes every single value of an answer, one at a time, and says which change a kind would not notice."""

from collections.abc import Iterator, Mapping
from typing import Any

from toolkit.errors import ToolkitError
from toolkit.sdk.form import is_annotation, leaves
from toolkit.sdk.spec import Spec

CHANGED = "changed by hand"


def unnoticed(spec: type[Spec], body: Mapping[str, Any]) -> list[str]:
    """List the paths whose change shows neither in the settings nor as unknown, and that are not ignored by name."""
    before = _read(spec, body)
    return [
        path
        for path, changed in changes(body)
        if path not in spec.properties.ignored and _read(spec, changed) == before
    ]


def _read(spec: type[Spec], body: Mapping[str, Any]) -> object:
    """Return what a kind makes of an answer; an answer that it refuses is unknown, which is noticed too."""
    try:
        return spec.observed(body), spec.unknown(body)
    except (ToolkitError, ValueError) as refused:
        return str(refused)


def changes(body: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return the answer with one single value changed, for each of them, with its path."""
    for place, (path, _) in enumerate(leaves(body)):
        yield path, _changed(body, place)


def _changed(body: Mapping[str, Any], place: int) -> Mapping[str, Any]:
    """Return a copy with the value at one place, as `leaves` counts them, changed."""
    counted = iter(range(place + 1))

    def copy(value: Any) -> Any:
        if isinstance(value, Mapping) and value:
            return {name: entry if is_annotation(name) else copy(entry) for name, entry in value.items()}
        if isinstance(value, list) and any(isinstance(entry, Mapping) for entry in value):
            return [copy(entry) for entry in value]
        return _other(value) if next(counted, None) == place else value

    changed: Mapping[str, Any] = copy(body)
    return changed


def _other(value: Any) -> Any:
    """Return another value of the same shape; something that is set where there was nothing."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return f"{value} {CHANGED}".strip()
        case list():
            return [*value, CHANGED]
        case dict():
            return {CHANGED: CHANGED}
        case _:
            return CHANGED
