"""Changes the values of a response one by one, and finds the changes that a kind would not notice."""

from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any

from toolkit.errors import ToolkitError
from toolkit.sdk.form import is_annotation, leaves
from toolkit.sdk.spec import Spec

CHANGED = "changed by hand"


def unnoticed_paths(spec: type[Spec], body: Mapping[str, Any]) -> list[str]:
    """Return the paths whose change shows neither in the settings nor as unknown, and which are not ignored by name."""
    readings = [(read, _read(read, body)) for read in (spec.observed, spec.unknown)]
    return [
        path
        for path, changed in changes(body, but=spec.properties.ignored)
        if all(_read(read, changed) == before for read, before in readings)
    ]


def _read(read: Callable[[Mapping[str, Any]], object], body: Mapping[str, Any]) -> object:
    """Return the result of a reading. A refused response is unknown, so a refusal counts as a result."""
    try:
        return read(body)
    except (ToolkitError, ValueError) as refused:
        return str(refused)


def changes(body: Mapping[str, Any], *, but: Container[str] = ()) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield copies of the response, each with one value changed, and the path of the value."""
    for place, (path, _) in enumerate(leaves(body)):
        if path not in but:
            yield path, _changed(body, place)


def _changed(body: Mapping[str, Any], place: int) -> Mapping[str, Any]:
    """Return a copy in which one value is changed; `place` is its number in `leaves`."""
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
    """Return another value of the same type, or a text in place of None."""
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
