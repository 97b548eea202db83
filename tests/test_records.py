"""Records against the standard library's dataclasses, over every class of the product that is one."""

import copy
import dataclasses
import inspect
import pickle
import re
from dataclasses import FrozenInstanceError, field, fields, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from toolkit.records import dataclass

_ROOT = Path(__file__).parents[1]
_FROZEN = re.compile(r"@dataclass\(frozen=True, slots=True(, kw_only=True)?\)")


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    label: str = field(default="", compare=False)
    tags: list[str] = field(default_factory=list, repr=False, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Point):
    name: str
    size: int = 1


@dataclass(frozen=True, slots=True)
class Nothing:
    pass


def test_every_frozen_class_of_the_product_is_made_quickly() -> None:
    slow = [
        str(file.relative_to(_ROOT))
        for file in _files()
        if "emulator" not in file.parts  # another program, which shares no code
        and _FROZEN.search(text := file.read_text())
        and "from toolkit.records import dataclass" not in text
    ]
    assert slow == []


def _files() -> list[Path]:
    return [file for package in ("toolkit", "connectors") for file in sorted((_ROOT / package).rglob("*.py"))]


def _records() -> list[Any]:
    """Find every class of the product that `toolkit.records` made."""
    for file in _files():
        module = ".".join(file.relative_to(_ROOT).with_suffix("").parts).removesuffix(".__init__")
        if not module.endswith("__main__"):
            import_module(module)
    return [
        cls for cls in _below(object) if "_record_key" in vars(cls) and cls.__module__.startswith(("toolkit", "conn"))
    ]


def _below(cls: type) -> set[type]:
    found: set[type] = set()
    one: type
    for one in type.__subclasses__(cls):
        found |= {one} | _below(one)
    return found


def test_every_record_takes_what_the_standard_library_would_take() -> None:
    records: list[Any] = _records()
    assert len(records) > 400

    for cls in records:
        described: list[Any] = [(one.name, object, _field(one)) for one in fields(cls)]
        standard: Any = dataclasses.make_dataclass(cls.__name__, described, frozen=True, slots=True)
        assert _taken(cls) == _taken(standard), cls
        assert cls.__match_args__ == standard.__match_args__, cls


def _field(one: Any) -> Any:
    """Declare a field again as it was declared."""
    return field(
        default=one.default,
        default_factory=one.default_factory,
        kw_only=one.kw_only,
        compare=one.compare,
        repr=one.repr,
        hash=one.hash,
    )


def _taken(cls: Any) -> list[tuple[str, object, bool]]:
    parameters = inspect.signature(cls.__init__).parameters.values()
    return [(one.name, one.kind, one.default is inspect.Parameter.empty) for one in parameters]


def test_a_record_is_compared_hashed_and_shown_by_its_fields() -> None:
    assert Point(1, "a") == Point(1, "b")
    assert Point(1) != Point(2)
    assert Point(1) != Named(x=1, name="n")
    assert hash(Point(1, tags=["t"])) == hash(Point(1, "b"))
    assert Point(1).tags is not Point(1).tags
    assert repr(Named(x=1, name="n")) == "Named(x=1, label='', name='n', size=1)"
    assert Nothing() == Nothing()
    assert hash(Nothing()) == hash(Nothing())
    assert {Point(1): "kept"}[replace(Point(2), x=1)] == "kept"


def test_a_record_cannot_be_changed_and_can_be_copied() -> None:
    point: Any = Point(1, "a", ["t"])

    with pytest.raises(FrozenInstanceError):
        point.x = 2
    with pytest.raises(FrozenInstanceError):
        del point.x
    with pytest.raises(TypeError):
        Point()  # type: ignore[call-arg]
    copied = copy.deepcopy(point)
    assert (copied, copied.label, copied.tags) == (point, "a", ["t"])
    assert copied.tags is not point.tags
    assert pickle.loads(pickle.dumps(point)) == point


def test_what_is_not_frozen_with_slots_is_left_to_the_standard_library() -> None:
    @dataclass(slots=True)
    class Open:
        x: int

    @dataclass(frozen=True, slots=True, order=True)
    class Ordered:
        x: int

    changed = Open(1)
    changed.x = 2
    assert changed == Open(2)
    assert Ordered(1) < Ordered(2)
    assert not hasattr(Ordered, "_record_key")
