"""Reading stored and sent JSON by the type it should have; anything else counts as empty."""

from collections.abc import Mapping, Sequence

from connectors.emulator.wire import Body, Json


def mapping(value: Json) -> Body:
    """Read an object."""
    return value if isinstance(value, Mapping) else {}


def sequence(value: Json) -> Sequence[Json]:
    """Read a list."""
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def text(value: Json) -> str:
    """Read a string."""
    return value if isinstance(value, str) else ""


def texts(value: Json) -> list[str]:
    """Read a list of strings."""
    return [one for one in sequence(value) if isinstance(one, str)]
