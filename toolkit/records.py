"""`dataclass`, made to load quickly.

For each frozen class the standard library compiles six functions. A plan loads 470 such classes, which took a tenth of
its processor time. Here a class gets an `__init__` of its own and shares the other functions; what a type checker sees
is the standard library's decorator. Any class that is not both frozen and with slots is left to that one.
"""

from collections.abc import Callable, Sequence
from dataclasses import MISSING, FrozenInstanceError, fields
from dataclasses import dataclass as standard
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

_put = object.__setattr__


def _made(cls: type, **options: Any) -> Any:
    """Make a frozen class with slots; what its body defines stays as it is, as in the standard library."""
    own = {name for name, value in cls.__dict__.items() if value is not None}
    for name, function in _SHARED.items():
        if name not in own:
            setattr(cls, name, function)
    cls.__doc__ = cls.__doc__ or cls.__name__  # else the standard library describes its signature, which takes long
    made: Any = standard(init=False, repr=False, eq=False, slots=True, **options)(cls)
    made._record_key = _reader([one.name for one in fields(made) if one.compare])  # noqa: SLF001 (a class of ours)
    hashed = [one.name for one in fields(made) if (one.compare if one.hash is None else one.hash)]
    made._record_hash = _reader(hashed)  # noqa: SLF001 (a class of ours)
    made.__init__ = _initializer(made)
    return made


def _initializer(made: Any) -> Any:
    """Compile the function that sets the fields: they cannot be set otherwise."""
    if hasattr(made, "__post_init__") or not all(one.init for one in fields(made)):
        raise TypeError(f"{made.__qualname__} needs dataclasses.dataclass, which calls __post_init__")
    scope: dict[str, Any] = {"put": _put, "MISSING": MISSING}
    taken: list[str] = ["self"]
    named: list[str] = []
    lines: list[str] = []
    for one in fields(made):
        name, value = one.name, one.name
        if one.default is not MISSING:
            scope[f"default_{name}"] = one.default
            argument = f"{name}=default_{name}"
        elif one.default_factory is not MISSING:
            scope[f"make_{name}"] = one.default_factory
            argument, value = f"{name}=MISSING", f"make_{name}() if {name} is MISSING else {name}"
        else:
            argument = name
        (named if one.kw_only else taken).append(argument)
        lines.append(f"\n put(self, {name!r}, {value})")
    arguments = ", ".join([*taken, *(["*", *named] if named else [])])
    exec(f"def __init__({arguments}):{''.join(lines) or ' pass'}", scope)  # noqa: S102 (names of fields alone)
    function = scope["__init__"]
    function.__qualname__ = f"{made.__qualname__}.__init__"
    return function


def _reader(names: Sequence[str]) -> Callable[[Any], object]:
    """Return what reads some fields at once; with none, all records of the class are equal."""
    return attrgetter(*names) if names else lambda _: None


def _equal(self: Any, other: Any) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    compared = self.__class__._record_key  # noqa: SLF001 (a class of ours)
    return compared(self) == compared(other)


def _hash(self: Any) -> int:
    return hash(self.__class__._record_hash(self))  # noqa: SLF001 (a class of ours)


def _shown(self: Any) -> str:
    shown = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
    return f"{self.__class__.__qualname__}({shown})"


def _refuse_set(_self: Any, name: str, _value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_delete(_self: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[object]:
    return [getattr(self, one.name) for one in fields(self)]


def _set_state(self: Any, state: list[object]) -> None:
    for one, value in zip(fields(self), state, strict=True):
        _put(self, one.name, value)


_SHARED = {
    "__eq__": _equal,
    "__hash__": _hash,
    "__repr__": _shown,
    "__setattr__": _refuse_set,
    "__delattr__": _refuse_delete,
    "__getstate__": _state,
    "__setstate__": _set_state,
}

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls: type | None = None, /, *, kw_only: bool = False, **options: bool) -> Any:
        """Make a class as `dataclasses.dataclass` does."""
        if options != {"frozen": True, "slots": True}:
            return standard(cls, kw_only=kw_only, **options)
        return partial(_made, kw_only=kw_only)
