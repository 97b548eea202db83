"""Render values and differences as short text, without the text that people wrote into their automatic replies."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, TypeVar

from toolkit.planning.change import Change, Field, changed_fields
from toolkit.planning.plan_details import RollbackConflict
from toolkit.printable import cut
from toolkit.sdk.lending import is_temporary_setting
from toolkit.sdk.resource import Address
from toolkit.sdk.temporary_setting import AUTOMATIC_REPLY
from toolkit.values import AtLeast, Value, entries

if TYPE_CHECKING:
    from toolkit.ledger.history import RunStep  # loads the ledger, which `validate` does without

OWN = "(words of their own, not shown)"


def hide_private_fields(change: Change) -> tuple[Field, ...]:
    """Return the settings of a change with private text hidden, so that anyone may read them."""
    pairs = {field.path: (field.before, field.after) for field in changed_fields(change)}
    shown = _hide_owner_text(change.address, pairs)
    return tuple(
        replace(field, before=shown[field.path][0], after=shown[field.path][1]) for field in changed_fields(change)
    )


def conflict_values(conflict: RollbackConflict) -> tuple[Value, Value, Value]:
    """Return the three values of a setting in conflict, with private text hidden: its present value, and its
    values after and before toolkit's change.
    """
    if is_temporary_setting(conflict.address) and conflict.path not in AUTOMATIC_REPLY.schedule:
        return OWN, OWN, OWN
    return conflict.now, conflict.after, conflict.before


def values_before_and_after(step: "RunStep") -> Mapping[str, tuple[Value, Value]]:
    """Return the values before and after each change of a run's step, with private text hidden."""
    return _hide_owner_text(step.began.address, step.changes)


def _hide_owner_text(address: Address, pairs: Mapping[str, tuple[Value, Value]]) -> Mapping[str, tuple[Value, Value]]:
    """Return pairs of values with the text that a person wrote hidden: the text before a change, or the text
    that a rollback restores.
    """
    if not is_temporary_setting(address):
        return pairs
    given_back = AUTOMATIC_REPLY.is_off({path: after for path, (_, after) in pairs.items()})
    schedule = AUTOMATIC_REPLY.schedule
    return {
        path: pair if path in schedule else _hide_text(*pair, given_back=given_back) for path, pair in pairs.items()
    }


def _hide_text(before: Value, after: Value, *, given_back: bool) -> tuple[Value, Value]:
    return (before, OWN if after else None) if given_back else (OWN if before else None, after)


T = TypeVar("T")
Key = TypeVar("Key")

_LONG = 60
_LONGEST_ENTRY = 500
_LONGEST_COMPARED = 20_000  # characters of two texts, because the time to compare grows with their square
_AROUND = 3
_HOUR, _DAY = 60, 24  # minutes, hours
_HOURS_EXACT = 3  # from here on, minutes are left out


def format_value(value: Value) -> str:
    """Format a value as text. If a text is long, cut it and add its length."""
    match value:
        case None:
            return "(unset)"
        case bool():
            return "true" if value else "false"
        case AtLeast(items, lacking):
            parts = [f"at least {_join_entries(items)}"] if items else []
            return " and ".join([*parts, *([f"none of {_join_entries(lacking)}"] if lacking else [])])
        case tuple():
            return _join_entries(value)
        case str():
            return _format_text(value)
        case _:
            return str(value)


def _join_entries(texts: Iterable[str]) -> str:
    return ", ".join(cut(text, _LONGEST_ENTRY) for text in texts)


def _format_text(value: str) -> str:
    if len(value) > _LONG:
        folded = re.sub(r"\s+", " ", value)
        return f"{folded[: _LONG - 1]}… ({len(value)} characters)"
    return value if value == value.strip() else f'"{value}"'  # quotes show a space at either end


def format_difference(field: Field, most_listed: int | None = None) -> str:
    """Return text on how a setting changes: the entries of a list, the differing words of a long text, or before ->
    after. If a list has more than `most_listed` new entries, their number and the first entries are shown. Removed
    entries are always shown.
    """
    before, after = field.before, field.after
    if isinstance(before, tuple) or isinstance(after, tuple):
        return _format_list_difference(before, after, most_listed)
    if isinstance(before, str) and isinstance(after, str) and _are_long_texts(before, after):
        return format_differing_words(before, after)
    return f"{format_value(before)} -> {format_value(after)}"


def _are_long_texts(before: str, after: str) -> bool:
    """Return whether two texts are long enough to compare word by word.

    The placeholder for hidden text is never compared.
    """
    is_long = max(len(before), len(after)) > _LONG and len(before) + len(after) <= _LONGEST_COMPARED
    return is_long and OWN not in {before, after}


def _format_list_difference(before: Value, after: Value, most_listed: int | None) -> str:
    had, has = entries(before), entries(after)
    gone = [f"- {cut(entry, _LONGEST_ENTRY)}" for entry in had if entry not in has]
    new = [entry for entry in has if entry not in had]
    if most_listed is not None and len(new) > most_listed:
        return "  ".join([*gone, f"+ {len(new)} entries: {format_first_names(new, _AROUND)}"])
    return "  ".join([*gone, *(f"+ {cut(entry, _LONGEST_ENTRY)}" for entry in new)])


def format_differing_words(before: str, after: str) -> str:
    """Return the words that differ between two texts, with a few of the words around them."""
    old, new = before.split(), after.split()
    pieces = []
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        start = "… " if old_from > _AROUND else ""
        end = " …" if old_to + _AROUND < len(old) else ""
        lead = " ".join(old[max(0, old_from - _AROUND) : old_from])
        tail = " ".join(old[old_to : old_to + _AROUND])
        gone = f"[-{' '.join(old[old_from:old_to])}-]" if old_to > old_from else ""
        come = f"{{+{' '.join(new[new_from:new_to])}+}}" if new_to > new_from else ""
        pieces.append(start + " ".join(piece for piece in (lead, gone, come, tail) if piece) + end)
    return " / ".join(pieces) or "only white space"


def count_text(number: int, singular: str, plural: str | None = None) -> str:
    """Return a number with its noun as text, such as "1 change" or "2 changes"."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def group_by(values: Iterable[T], key: Callable[[T], Key]) -> Mapping[Key, Sequence[T]]:
    """Group values by a key. The groups are in the order in which their keys first occur."""
    groups: dict[Key, list[T]] = {}
    for value in values:
        groups.setdefault(key(value), []).append(value)
    return groups


def format_first_names(names: Sequence[str], most_names: int) -> str:
    """Return the first names and the number of the other names as text, such as "a, b and 3 more"."""
    more = f" and {len(names) - most_names} more" if len(names) > most_names else ""
    return _join_entries(names[:most_names]) + more


def format_duration(minutes: int) -> str:
    """Format a number of minutes as people say it, such as "20 minutes", "1 hour 35 minutes" or "3 days"."""
    hours, rest = divmod(minutes, _HOUR)
    if not hours:
        return count_text(minutes, "minute")
    if hours < _HOURS_EXACT and rest:
        return f"{count_text(hours, 'hour')} {count_text(rest, 'minute')}"
    return count_text(hours, "hour") if hours < 2 * _DAY else count_text(hours // _DAY, "day")


_RUN = ("=", "+", "-", "@", "\t", "\r", "\n")  # first characters of a formula


def escape_for_spreadsheet(value: str) -> str:
    """Return the text for a spreadsheet cell, changed if necessary so that a spreadsheet does not read it as a
    formula.
    """
    return f"'{value}" if value.startswith(_RUN) else value
