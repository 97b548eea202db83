"""Changes every single value of an answer, one at a time, and says which change a kind would not notice."""

from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any

from toolkit.errors import ToolkitError
from toolkit.sdk.form import is_annotation, leaves
from toolkit.sdk.spec import Spec

CHANGED = "changed by hand"


def unnoticed(spec: type[Spec], body: Mapping[str, Any]) -> list[str]:
    """List the paths whose change shows neither in the settings nor as unknown, and that are not ignored by name."""
    readings = [(read, _read(read, body)) for read in (spec.observed, spec.unknown)]
    return [
        path
        for path, changed in changes(body, but=spec.properties.ignored)
        if all(_read(read, changed) == before for read, before in readings)
    ]


def _read(read: Callable[[Mapping[str, Any]], object], body: Mapping[str, Any]) -> object:
    """Return what a kind makes of an answer; an answer that it refuses is unknown, which is noticed too."""
    try:
        return read(body)
    except (ToolkitError, ValueError) as refused:
        return str(refused)


def changes(body: Mapping[str, Any], *, but: Container[str] = ()) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return the answer with one single value changed, for each of them but some, with its path."""
    for place, (path, _) in enumerate(leaves(body)):
        if path not in but:
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
