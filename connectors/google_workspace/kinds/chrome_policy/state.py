"""What is known of one policy at one target, and how it stands in what was read."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from toolkit.sdk.shapes import listed, mapping, text
from toolkit.values import Body, Json, canonical_text

Words = Mapping[str, str]
"""A playbook's words by Google's constants."""

VALUE, SET_HERE, SPELT = "value", "set here", "words"


@dataclass(frozen=True, slots=True)
class State:
    """A policy at a target: what is in force, what would be without its own, and whether it is its own."""

    value: Body  # in Google's names and constants; empty where nothing was ever set
    above: Body | None  # what a group has is nothing; None at the top unit, which can inherit nothing
    set_here: bool


def stored(state: State, words: Mapping[str, Words]) -> Body:
    """Write what was read, with the schema's words by field as JSON, so that settings can be read from it alone."""
    spelt = canonical_text({field: dict(of) for field, of in words.items()})
    return {VALUE: dict(state.value), SET_HERE: state.set_here, SPELT: spelt}


def value_of(body: Body) -> Body:
    """Give what was in force, in Google's names and constants."""
    return mapping(body.get(VALUE))


def is_set_here(body: Body) -> bool:
    """Say whether the policy is set at the target itself."""
    return body.get(SET_HERE) is True


def spelt_value(body: Body) -> Body:
    """Give what was in force with a playbook's words for constants."""
    words = mapping(json.loads(text(body.get(SPELT)) or "{}"))
    return {
        name: mapping(words.get(name)).get(text(one), one) if name in words else one
        for name, one in value_of(body).items()
    }


def is_from_above(value: Body, above: Body, named: Collection[str]) -> bool:
    """Say whether a value is what is there without it: lists have no order, what is off or empty need not be there.

    What was asked for by name and is off has to be off there too: what nobody ever set is not off.
    """
    off = [name for name in named if value.get(name) is False and above.get(name) is not False]
    return not off and _plainly(value) == _plainly(above)


def same_field(one: Json, other: Json) -> bool:
    """Say whether two values of a field are one."""
    return _comparable(one) == _comparable(other)


def _plainly(value: Body) -> Mapping[str, Json]:
    return {name: seen for name, one in value.items() if (seen := _comparable(one)) is not None}


def _comparable(value: Json) -> Json:
    match value:
        case Mapping():
            inside = {name: str(one) for name, one in value.items() if one is not None}
            return inside or None
        case list() | tuple():
            return sorted({str(one) for one in listed(value)}) or None
        case None | False | "" | "UNSET":
            return None
        case _:
            return value
