"""Values of a service's answer by their shape: what is missing is empty, and another shape is not understood."""

from collections.abc import Mapping

from toolkit.errors import BadAnswer
from toolkit.values import Body, Json


def text(value: Json) -> str:
    """Return a text, empty where there is none; BadAnswer for a value that is not text."""
    if isinstance(value, str | None):
        return value or ""
    raise _not_understood(value, "text")


_INVISIBLE = str.maketrans("", "", "\u200b\ufeff")


def plain_name(value: Json) -> str:
    """Return a name for comparing: services put invisible characters and blanks at the ends of some."""
    return text(value).translate(_INVISIBLE).strip().casefold()


def flag(value: Json, *, missing: bool = False) -> bool:
    """Return true or false, `missing` where there is neither; BadAnswer for another value."""
    if isinstance(value, bool | None):
        return missing if value is None else value
    raise _not_understood(value, "true or false")


def mapping(value: Json) -> Body:
    """Return an object, empty where there is none; BadAnswer for a value that is not an object."""
    if isinstance(value, Mapping | None):
        return value or {}
    raise _not_understood(value, "an object")


def listed(value: Json) -> list[Json]:
    """Return a list, empty where there is none; BadAnswer for a value that is not a list."""
    if isinstance(value, list | tuple | None):
        return list(value or ())
    raise _not_understood(value, "a list")


def texts(value: Json) -> list[str]:
    """Return a list of texts, empty where there is none; BadAnswer for any other value."""
    return [text(entry) for entry in listed(value) if entry is not None]


def mappings(value: Json) -> list[Body]:
    """Return a list of objects, empty where there is none; BadAnswer for any other value."""
    entries = listed(value)
    found = [entry for entry in entries if isinstance(entry, Mapping)]
    if len(found) < len(entries):
        raise BadAnswer(f"its answer could not be understood: {len(entries) - len(found)} entries are not objects")
    return found


def read_rows(rows: Json, what: str) -> list[Body]:
    """Return the rows of an answer that is a list; BadAnswer where it is not one, or a row is not an object.

    A row that is left out would look like an object that is not in the tenant.
    """
    if not isinstance(rows, list):
        raise BadAnswer(f"{what}: the answer holds no list")
    found = [row for row in rows if isinstance(row, Mapping)]
    if len(found) < len(rows):
        raise BadAnswer(f"{what}: {len(rows) - len(found)} of {len(rows)} rows of the answer are not objects")
    return found


def _not_understood(value: Json, shape: str) -> BadAnswer:
    return BadAnswer(f"its answer could not be understood: {str(value)[:40]!r} is not {shape}")
