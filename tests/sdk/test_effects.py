"""Every setting of every kind declares the uses that a change of it ends, or why it ends none."""

import re
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import pytest

from connectors.google_workspace.kinds.chrome_policy.table import SCHEMAS
from connectors.google_workspace.kinds.policy_setting.table import TYPES
from connectors.microsoft365.kinds import consent_setting, exchange_setting, sharing_setting
from toolkit.sdk import (
    OPEN_SETTINGS,
    Effect,
    Harmless,
    Kind,
    ObjectScope,
    OpenTable,
    changes,
    declare_effects,
    differs,
    kinds,
    setting_effects,
)
from toolkit.sdk.effect import effect_text
from toolkit.sdk.providers import providers

_KINDS = [(f"{cloud}.{name}", kind) for cloud in providers() for name, kind in kinds(cloud).items()]
_NAMED = pytest.mark.parametrize("kind", [kind for _, kind in _KINDS], ids=[name for name, _ in _KINDS])


def _effects(kind: Kind[Any]) -> Iterator[tuple[str, Effect]]:
    for name, declared in setting_effects(kind.spec).items():
        effects = declared if isinstance(declared, tuple) else (declared,)
        yield from ((name, effect) for effect in effects if isinstance(effect, Effect))
    if isinstance(kind.stops.deleted, Effect):
        yield "", kind.stops.deleted


@_NAMED
def test_every_setting_declares_an_effect_or_why_it_has_none(kind: Kind[Any]) -> None:
    fields = {field.alias or name for name, field in kind.spec.model_fields.items()}
    is_open = isinstance(kind.spec.table(), OpenTable)

    assert setting_effects(kind.spec).keys() == fields | ({OPEN_SETTINGS} if is_open else set())
    for declared in setting_effects(kind.spec).values():
        effects = declared if isinstance(declared, tuple) else (declared,)
        assert effects
        assert all(isinstance(effect, Effect | ObjectScope | Harmless) for effect in effects)


_SUBJECT = re.compile(r"(?:the (?:\w+ )*)?A and B (?:no longer )?(?P<verb>\w+)")
_NOUN = re.compile(r"\b(?:the|a) (?:\w+ )*?(?P<noun>\w+) A and B")


@_NAMED
def test_the_words_of_an_effect_agree_with_the_number_of_names(kind: Kind[Any]) -> None:
    for _, effect in _effects(kind):
        single = effect_text(effect.words, ["A"], "A")
        plural = effect_text(effect.words, ["A", "B"], "A and B")
        subject, noun = _SUBJECT.match(plural), _NOUN.search(plural)

        assert not {*"[|]{}"} & {*single, *plural}
        assert subject is None or not subject["verb"].endswith("s"), plural
        assert noun is None or noun["noun"] in {"to", "of"} or noun["noun"].endswith("s"), plural
        assert single == plural.replace("A and B", "A") or "|" in effect.words


@_NAMED
def test_a_kind_with_effects_is_of_an_area(kind: Kind[Any]) -> None:
    assert not list(_effects(kind)) or kind.stops.area is not None


@_NAMED
def test_a_kind_whose_objects_a_run_can_delete_declares_the_effect_of_that(kind: Kind[Any]) -> None:
    assert kind.fixed or kind.read_only or kind.stops.deleted is not None


def test_the_rows_of_tables_hold_their_effects() -> None:
    fields = [field for table in (SCHEMAS, TYPES) for entry in table.values() for field in entry.fields]
    tables = (consent_setting.PROPERTIES, exchange_setting.PROPERTIES, sharing_setting.PROPERTIES)

    assert [field.name for field in fields if field.effect is None] == []
    assert [row.name for table in tables for row in table if row.effect is None] == []


def test_a_setting_has_an_effect_or_a_reason_and_never_both() -> None:
    with pytest.raises(ValueError, match="declared twice: enabled, enabled"):
        declare_effects({"enabled": Effect("mail stops", changes)}, {Harmless.TEXT: ("enabled",)})


@_NAMED
def test_an_effect_is_a_short_clause_and_its_conditions_are_settings(kind: Kind[Any]) -> None:
    fields = {field.alias or name for name, field in kind.spec.model_fields.items()}
    for name, effect in _effects(kind):
        assert effect.words.format(name="x") == effect.words.replace("{name}", "x")
        assert not effect.words.endswith("."), name
        assert len(effect.words) <= 90, (name, effect.words)
        assert effect.only_if.keys() <= fields, name


def _values(annotation: Any) -> tuple[object, ...]:
    """Return all values of a setting that is a flag or one of several words."""
    if annotation is bool:
        return (True, False)
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return tuple(value for part in get_args(annotation) for value in _values(part))


@_NAMED
def test_a_change_that_ends_a_use_ends_none_when_it_is_taken_back(kind: Kind[Any]) -> None:
    """A word that the service does not have, and a flag the wrong way round, would never show the effect."""
    annotations = {field.alias or name: field.annotation for name, field in kind.spec.model_fields.items()}
    effects = [(name, effect) for name, effect in _effects(kind) if name in annotations]
    for name, effect in effects:
        values = _values(annotations[name])
        if len(values) < 2 or effect.stops in (changes, differs):
            continue
        pairs = [(one, other) for one in values for other in values if effect.stops(one, other)]  # type: ignore[arg-type]
        assert pairs, (name, effect.words)
        assert not [pair for pair in pairs if pair[::-1] in pairs], (name, effect.words)
