"""A `dataclass` decorator that loads quickly.

The standard library compiles six functions for each frozen class. A plan loads 470 of these classes, and compiling
their functions took a tenth of its processor time. Here each class gets its own `__init__` and shares the other
functions. Type checkers see the standard decorator, which is also used for every class that is not frozen or has no
slots.
"""

from collections.abc import Callable, Sequence
from dataclasses import MISSING, FrozenInstanceError, fields
from dataclasses import dataclass as standard
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

_set_field = object.__setattr__


def _make_record_class(cls: type, **options: Any) -> Any:
    """Return a frozen class with slots. As in the standard library, methods that the class defines are kept."""
    defined = {name for name, value in cls.__dict__.items() if value is not None}
    for name, function in _SHARED.items():
        if name not in defined:
            setattr(cls, name, function)
    cls.__doc__ = cls.__doc__ or cls.__name__  # else the standard library describes its signature, which takes long
    built: Any = standard(init=False, repr=False, eq=False, slots=True, **options)(cls)
    built._record_key = _field_reader([field.name for field in fields(built) if field.compare])  # noqa: SLF001 (a class of ours)
    hashed = [field.name for field in fields(built) if (field.compare if field.hash is None else field.hash)]
    built._record_hash = _field_reader(hashed)  # noqa: SLF001 (a class of ours)
    built.__init__ = _make_initializer(built)
    return built


def _make_initializer(built: Any) -> Any:
    """Compile `__init__`, which sets the fields although fields of a frozen class cannot be assigned."""
    if hasattr(built, "__post_init__") or not all(field.init for field in fields(built)):
        raise TypeError(
            f"use dataclasses.dataclass for {built.__qualname__}, because this decorator cannot call __post_init__"
        )
    scope: dict[str, Any] = {"put": _set_field, "MISSING": MISSING}
    positional: list[str] = ["self"]
    keyword_only: list[str] = []
    lines: list[str] = []
    for field in fields(built):
        name, value = field.name, field.name
        if field.default is not MISSING:
            scope[f"default_{name}"] = field.default
            argument = f"{name}=default_{name}"
        elif field.default_factory is not MISSING:
            scope[f"make_{name}"] = field.default_factory
            argument, value = f"{name}=MISSING", f"make_{name}() if {name} is MISSING else {name}"
        else:
            argument = name
        (keyword_only if field.kw_only else positional).append(argument)
        lines.append(f"\n put(self, {name!r}, {value})")
    arguments = ", ".join([*positional, *(["*", *keyword_only] if keyword_only else [])])
    exec(f"def __init__({arguments}):{''.join(lines) or ' pass'}", scope)  # noqa: S102 (only names of fields)
    function = scope["__init__"]
    function.__qualname__ = f"{built.__qualname__}.__init__"
    return function


def _field_reader(names: Sequence[str]) -> Callable[[Any], object]:
    """Return a function that reads the fields with these names from a record.

    If a class has no fields, the function returns the same value for all records, so that all of them are equal.
    """
    return attrgetter(*names) if names else lambda _: None


def _equal(self: Any, other: Any) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    compared = self.__class__._record_key  # noqa: SLF001 (a class of ours)
    return compared(self) == compared(other)


def _hash(self: Any) -> int:
    return hash(self.__class__._record_hash(self))  # noqa: SLF001 (a class of ours)


def _represent(self: Any) -> str:
    text = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in fields(self) if field.repr)
    return f"{self.__class__.__qualname__}({text})"


def _refuse_set(_self: Any, name: str, _value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_delete(_self: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _field_values(self: Any) -> list[object]:
    return [getattr(self, field.name) for field in fields(self)]


def _set_state(self: Any, state: list[object]) -> None:
    for field, value in zip(fields(self), state, strict=True):
        _set_field(self, field.name, value)


_SHARED = {
    "__eq__": _equal,
    "__hash__": _hash,
    "__repr__": _represent,
    "__setattr__": _refuse_set,
    "__delattr__": _refuse_delete,
    "__getstate__": _field_values,
    "__setstate__": _set_state,
}

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls: type | None = None, /, *, kw_only: bool = False, **options: bool) -> Any:
        """Make a class a dataclass, as `dataclasses.dataclass` does."""
        if options != {"frozen": True, "slots": True}:
            return standard(cls, kw_only=kw_only, **options)
        return partial(_make_record_class, kw_only=kw_only)
