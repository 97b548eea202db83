"""The effects of changing a setting on the work of a school, for example links that stop working."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias

from toolkit.records import dataclass
from toolkit.values import Settings, Value, entries

ValueChange: TypeAlias = Callable[[Value, Value], bool]
"""Returns whether a change of a setting (before, after) ends a use. For a new object, before is None."""


class Harmless(StrEnum):
    """The reason why changing a setting interrupts nothing."""

    TEXT = "changes only text that people see"
    LABEL = "only names or describes the object"
    RECORD = "only records, or keeps records"
    WARNING = "only shows a warning or a tip"
    NOTICE = "only decides who gets notices, and when"
    CHECKED = "is only compared, and no run writes it"
    ENCODING = "only decides how a message is written for other mail systems"
    RELAXES = "only allows or keeps more"
    BACKGROUND = "works in the background and blocks nothing"
    PART = "only completes another setting, which declares the effect"


class EffectArea(StrEnum):
    """The area of a school's work that a kind's objects can interrupt, such as mail.

    A short plan shows some effects in each area.
    """

    FILES = "files"
    MAIL = "mail"
    ACCOUNTS = "accounts"
    DEVICES = "devices"


@dataclass(frozen=True, slots=True)
class EndedUseCount:
    """A number of people or objects that an effect concerns, for example `41 outside senders posted in 90 days`."""

    number: int
    noun: str  # the words after the number 1, such as "outside sender posted in 90 days"
    plural: str

    def __str__(self) -> str:
        """Return the count as text, for example "41 outside senders"."""
        return f"{self.number} {self.noun if self.number == 1 else self.plural}"


CountStops: TypeAlias = Callable[[Any, Sequence[str], datetime], Mapping[str, EndedUseCount]]
"""Counts the uses that end, by the names of the changed objects (connection, names, now).

Raises the errors of toolkit.errors if they cannot be read. Objects that are missing in the result are not counted.
"""


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that people can no longer do when a setting changes, for example open a link."""

    words: str
    """Such as "public links stop working", in which {name} is the object's name.

    Words that depend on the number of names are written as `[one|several]`: "the mail [rule|rules] {name} [stops|stop]
    working".
    """
    stops: ValueChange
    only_if: Mapping[str, tuple[Value, ...]] = field(
        default_factory=dict
    )  # other settings and the values that they must have after the change
    count: CountStops | None = None
    meets_outside: bool = False  # people outside the school notice it, so a short plan shows it first
    counted_by_note: bool = False  # a Doubt about the object already has the count, so nothing more is read


_NAME = "{name}"
_BY_NUMBER = re.compile(r"\[([^|\[\]]*)\|([^|\[\]]*)\]")


def effect_text(words: str, names: Sequence[str], shown_names: str) -> str:
    """Return the text of an effect on the objects with these names, in the singular or the plural."""
    text = _BY_NUMBER.sub(lambda forms: forms[1] if len(names) == 1 else forms[2], words)
    return text.replace(_NAME, shown_names)


@dataclass(frozen=True, slots=True)
class ObjectScope:
    """A setting that limits when an object acts or whom it affects.

    If a change widens the limit, the object is treated like a new object.
    """

    widens: ValueChange


OPEN_SETTINGS = "*"
"""The key, in the effects of a spec, for settings that are not fields and have the service's own names."""

SettingEffect: TypeAlias = Effect | tuple[Effect, ...] | ObjectScope | Harmless
"""The declared effect of a setting: a use that ends, several uses, or why none ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectEffects:
    """The effects of creating, deleting or changing a whole object of a kind."""

    area: EffectArea | None = None  # None only if no setting has an effect
    deleted: Effect | Harmless | None = None
    """The effect of a deletion. `only_if` is compared with the settings before it. None if a kind deletes nothing."""

    acts: Callable[[Settings], bool] = field(default=lambda _: True)
    """Returns whether an object with these settings is enabled."""


def declare_effects(
    stops: Mapping[str, Effect | tuple[Effect, ...] | ObjectScope],
    harmless: Mapping[Harmless, Sequence[str]] = MappingProxyType({}),
) -> Mapping[str, SettingEffect]:
    """Return the effect of each setting, or the reason why it has none.

    Raise ValueError if a setting is declared twice.
    """
    reasons = [(name, reason) for reason, names in harmless.items() for name in names]
    declared: dict[str, SettingEffect] = {**stops, **dict(reasons)}
    if len(declared) < len(stops) + len(reasons):
        raise ValueError(f"a setting is declared twice: {', '.join([*stops, *(name for name, _ in reasons)])}")
    return declared


def always(_before: Value, _after: Value) -> bool:
    """Return True. It is for effects that every deletion of an object has, whatever its settings are."""
    return True


def switches_on(before: Value, after: Value) -> bool:
    """Return whether a change turns a setting on."""
    return after is True and before is not True


def switches_off(before: Value, after: Value) -> bool:
    """Return whether a change turns a setting off."""
    return after is False and before is not False


def changes(before: Value, after: Value) -> bool:
    """Return whether a change sets a different value. Removing the value does not count."""
    return after is not None and after != before


def clears(before: Value, after: Value) -> bool:
    """Return whether a change removes the value of a setting."""
    return before is not None and after is None


def differs(before: Value, after: Value) -> bool:
    """Return whether a change sets a different value or removes the value."""
    return after != before


def becomes(*strictest_first: Value) -> ValueChange:
    """Return a function that tests whether a setting changes to one of these values.

    List the strictest value first. A change from a stricter value does not count.
    """

    def is_stricter(before: Value, after: Value) -> bool:
        if after not in strictest_first:
            return False
        return before not in strictest_first or strictest_first.index(after) < strictest_first.index(before)

    return is_stricter


def moves_from(*values: Value) -> ValueChange:
    """Return a function that tests whether a setting changes from one of these values to another value."""
    return lambda before, after: before in values and after not in (None, *values)


def adds_entries(before: Value, after: Value) -> bool:
    """Return whether a change adds entries to a list."""
    return bool(set(entries(after)) - set(entries(before)))


def removes_entries(before: Value, after: Value) -> bool:
    """Return whether a change removes entries from a list."""
    return bool(set(entries(before)) - set(entries(after)))


def limits_to_entries(before: Value, after: Value) -> bool:
    """Return whether a change makes a list of allowed entries shorter. An empty list allows everything."""
    had, has = set(entries(before)), set(entries(after))
    return bool(has) and (not had or not had <= has)


def begins(before: Value, after: Value) -> bool:
    """Return whether a change sets a value that was not set before."""
    return before is None and after is not None


def raises(before: Value, after: Value) -> bool:
    """Return whether a change sets a higher number."""
    return _to_number(after) > _to_number(before)


def lowers(before: Value, after: Value) -> bool:
    """Return whether a change sets a lower number. An unset number and 0 mean that there is no limit."""
    return 0 < _to_number(after) < (_to_number(before) or float("inf"))


def _to_number(value: Value) -> float:
    return value if isinstance(value, int | float) else 0


def loosens_condition(before: Value, after: Value) -> bool:
    """Return whether a change makes a condition apply more often: its list gets an entry, or the condition changes."""
    if before is None or after == before:
        return False
    had, has = set(entries(before)), set(entries(after))
    return not (has and has <= had)


def narrows_exception(before: Value, after: Value) -> bool:
    """Return whether a change makes an exception apply less often: its list loses an entry, or the exception
    changes.
    """
    if before is None or after == before:
        return False
    return removes_entries(before, after) if entries(before) else True


CONDITION = ObjectScope(loosens_condition)
EXCEPTION = ObjectScope(narrows_exception)
