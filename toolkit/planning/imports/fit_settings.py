"""Find the settings with which a control asks for the tenant's state, one setting after another."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from toolkit.controls.control import Control, ControlSettings, TextFile
from toolkit.records import dataclass
from toolkit.sdk.resource import Observed
from toolkit.values import Json

_ROUNDS = 4
_MOST = 60  # the most values to try for one setting
_PLACEHOLDER = "{{"
_FOR = "for"


@dataclass(frozen=True, slots=True)
class ControlDraft:
    """One way to write a control; `texts` holds the files that it names."""

    written: Mapping[str, Json]
    texts: Mapping[str, str] = field(default_factory=dict)

    def having(self, name: str, value: Json) -> "ControlDraft":
        return ControlDraft({**self.written, name: value}, self.texts)


Cost = Callable[[ControlDraft], int]
"""Says how far a control that is written so is from what is there; 0 is exactly that."""


def plainest(control: Control, audience: str) -> ControlDraft:
    """Write a control as its examples do, with nothing said that can be left out."""
    written: dict[str, Json] = {_FOR: audience} if control.reaches_people else {}
    texts: dict[str, str] = {}
    for name, one in _own(control).items():
        if one.is_required():
            written[name] = one.examples[0] if one.examples else None
            if _is_text(one):
                texts[str(written[name])] = "text"
    return ControlDraft(written, texts)


def tailored(control: Control, start: ControlDraft, seen: Sequence[Observed], cost: Cost) -> ControlDraft:
    """Change one setting after another to an observed value while the distance to the tenant decreases."""
    offered = _offered(control, seen)
    texts = _texts(control, seen)
    best = ControlDraft(start.written, {**start.texts, **texts})
    known: dict[str, int] = {}

    def known_cost(choice: ControlDraft) -> int:
        written = repr(choice.written)  # a later round tries values of an earlier round again
        if written not in known:
            known[written] = cost(choice)
        return known[written]

    least = known_cost(best)
    for _ in range(_ROUNDS):
        before = least
        for name, values in offered.items():
            for value in values[:_MOST]:
                tried = best.having(name, value)
                if least and (now := known_cost(tried)) < least:
                    best, least = tried, now
        if not least or least == before:
            break
    named = {value for value in best.written.values() if isinstance(value, str)}
    return ControlDraft(best.written, {path: text for path, text in best.texts.items() if path in named})


def _own(control: Control) -> Mapping[str, FieldInfo]:
    fields = control.settings.model_fields
    return {one.alias or name: one for name, one in fields.items() if name not in ControlSettings.model_fields}


def _offered(control: Control, seen: Sequence[Observed]) -> Mapping[str, Sequence[Json]]:
    texts = list(_texts(control, seen))
    return {
        name: texts if _is_text(one) else list(_values(one.annotation, seen)) for name, one in _own(control).items()
    }


def _texts(control: Control, seen: Sequence[Observed]) -> Mapping[str, str]:
    """Return longer observed texts as files for a playbook."""
    slug = control.name.replace(".", "-").replace("_", "-")
    found = dict.fromkeys(text for text in _strings(seen) if "<" in text and _PLACEHOLDER not in text)
    return {f"text/{slug}{f'-{n}' if n else ''}.html": f"{text}\n" for n, text in enumerate(found)}


def _is_text(one: FieldInfo) -> bool:
    return get_args(TextFile)[1] in one.metadata


def _values(kind: Any, seen: Sequence[Observed]) -> Iterator[Json]:
    """Return all values of a small type, or else the observed ones."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        yield from arguments
    elif origin is Annotated:
        yield from _values(arguments[0], seen)
    elif origin in (Union, UnionType):
        yield from (value for one in arguments for value in _values(one, seen))
    elif origin is list:
        yield from _lists(arguments[0], seen)
    elif kind is bool:
        yield from (True, False)
    elif kind is int:
        yield from _numbers(seen)
    elif kind is str:
        yield from dict.fromkeys(_strings(seen))


def _lists(of: Any, seen: Sequence[Observed]) -> Iterator[Json]:
    """Return the observed lists. For a small type, also return single-entry lists and the empty list."""
    yield []
    if get_origin(of) is Literal:
        yield from ([word] for word in get_args(of))
        yield list(get_args(of))
    yield from (list(value) for value in dict.fromkeys(value for value in _all(seen) if isinstance(value, tuple)))


def _numbers(seen: Sequence[Observed]) -> Iterator[Json]:
    numbers = (value for value in _all(seen) if isinstance(value, int) and not isinstance(value, bool))
    words = (int(value.split()[0]) for value in _strings(seen) if value.split() and value.split()[0].isdecimal())
    yield from dict.fromkeys((*numbers, *words))


def _strings(seen: Sequence[Observed]) -> Iterator[str]:
    for value in _all(seen):
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            yield from value


def _all(seen: Sequence[Observed]) -> Iterator[object]:
    return (value for one in seen for value in one.settings.values())
