"""Find the settings with which a control matches the tenant as it is now, by trying one setting after another."""

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
    """A draft of a control's entry in a playbook. `texts` contains the text files to which the entry refers."""

    settings: Mapping[str, Json]
    texts: Mapping[str, str] = field(default_factory=dict)

    def with_setting(self, name: str, value: Json) -> "ControlDraft":
        return ControlDraft({**self.settings, name: value}, self.texts)


Cost = Callable[[ControlDraft], int]
"""Returns the distance between a draft and the tenant's state. 0 is an exact match."""


def shortest_draft(control: Control, audience: str) -> ControlDraft:
    """Return the shortest possible playbook entry for a control, with values from the control's examples."""
    written: dict[str, Json] = {_FOR: audience} if control.reaches_people else {}
    texts: dict[str, str] = {}
    for name, setting in _own_settings(control).items():
        if setting.is_required():
            written[name] = setting.examples[0] if setting.examples else None
            if _is_text(setting):
                texts[str(written[name])] = "text"
    return ControlDraft(written, texts)


def fit_to_tenant(
    control: Control, first_draft: ControlDraft, observed_objects: Sequence[Observed], cost: Cost
) -> ControlDraft:
    """Return the draft with settings that fit the tenant.

    Observed values are tried for one setting after another, and a value is kept if it brings the draft closer to the
    tenant.
    """
    candidates = _candidate_values(control, observed_objects)
    texts = _text_files(control, observed_objects)
    best = ControlDraft(first_draft.settings, {**first_draft.texts, **texts})
    costs: dict[str, int] = {}

    def known_cost(choice: ControlDraft) -> int:
        written = repr(choice.settings)  # a later round tries values of an earlier round again
        if written not in costs:
            costs[written] = cost(choice)
        return costs[written]

    least = known_cost(best)
    for _ in range(_ROUNDS):
        before = least
        for name, values in candidates.items():
            for value in values[:_MOST]:
                attempt = best.with_setting(name, value)
                if least and (now := known_cost(attempt)) < least:
                    best, least = attempt, now
        if not least or least == before:
            break
    named = {value for value in best.settings.values() if isinstance(value, str)}
    return ControlDraft(best.settings, {path: text for path, text in best.texts.items() if path in named})


def _own_settings(control: Control) -> Mapping[str, FieldInfo]:
    fields = control.settings.model_fields
    return {
        setting.alias or name: setting for name, setting in fields.items() if name not in ControlSettings.model_fields
    }


def _candidate_values(control: Control, observed_objects: Sequence[Observed]) -> Mapping[str, Sequence[Json]]:
    texts = list(_text_files(control, observed_objects))
    return {
        name: texts if _is_text(setting) else list(_possible_values(setting.annotation, observed_objects))
        for name, setting in _own_settings(control).items()
    }


def _text_files(control: Control, observed_objects: Sequence[Observed]) -> Mapping[str, str]:
    """Return the HTML texts of observed objects as text files for a playbook, by path."""
    slug = control.name.replace(".", "-").replace("_", "-")
    texts = dict.fromkeys(
        text for text in _observed_strings(observed_objects) if "<" in text and _PLACEHOLDER not in text
    )
    return {f"text/{slug}{f'-{n}' if n else ''}.html": f"{text}\n" for n, text in enumerate(texts)}


def _is_text(setting: FieldInfo) -> bool:
    return get_args(TextFile)[1] in setting.metadata


def _possible_values(value_type: Any, observed_objects: Sequence[Observed]) -> Iterator[Json]:
    """Return the values to try for a setting: every value of its type if there are only a few, or otherwise the
    observed values.
    """
    origin, arguments = get_origin(value_type), get_args(value_type)
    if origin is Literal:
        yield from arguments
    elif origin is Annotated:
        yield from _possible_values(arguments[0], observed_objects)
    elif origin in (Union, UnionType):
        yield from (value for argument in arguments for value in _possible_values(argument, observed_objects))
    elif origin is list:
        yield from _possible_lists(arguments[0], observed_objects)
    elif value_type is bool:
        yield from (True, False)
    elif value_type is int:
        yield from _observed_numbers(observed_objects)
    elif value_type is str:
        yield from dict.fromkeys(_observed_strings(observed_objects))


def _possible_lists(entry_type: Any, observed_objects: Sequence[Observed]) -> Iterator[Json]:
    """Return the lists to try for a setting.

    They are the observed lists and, if an entry has only a few possible values, the empty list and every list with one
    entry.
    """
    yield []
    if get_origin(entry_type) is Literal:
        yield from ([word] for word in get_args(entry_type))
        yield list(get_args(entry_type))
    yield from (
        list(value)
        for value in dict.fromkeys(value for value in _observed_values(observed_objects) if isinstance(value, tuple))
    )


def _observed_numbers(observed_objects: Sequence[Observed]) -> Iterator[Json]:
    numbers = (
        value for value in _observed_values(observed_objects) if isinstance(value, int) and not isinstance(value, bool)
    )
    words = (
        int(value.split()[0])
        for value in _observed_strings(observed_objects)
        if value.split() and value.split()[0].isdecimal()
    )
    yield from dict.fromkeys((*numbers, *words))


def _observed_strings(observed_objects: Sequence[Observed]) -> Iterator[str]:
    for value in _observed_values(observed_objects):
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            yield from value


def _observed_values(observed_objects: Sequence[Observed]) -> Iterator[object]:
    return (value for observed in observed_objects for value in observed.settings.values())
