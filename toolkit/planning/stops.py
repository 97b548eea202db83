"""Find the uses of a service that the changes of a plan would end, from the effects that each kind declares."""

from collections.abc import Iterator, Mapping, Sequence

from toolkit.planning.change import Change, Create, Delete, Update, changed_fields
from toolkit.planning.draft import AnyKind
from toolkit.records import dataclass
from toolkit.sdk.effect import OPEN_SETTINGS, Effect, EffectArea, EndedUseCount, ObjectScope
from toolkit.sdk.resource import Address
from toolkit.sdk.spec import setting_effects
from toolkit.values import Settings


@dataclass(frozen=True, slots=True)
class EndedUse:
    """A use of a service that is possible now and that the changes of a plan would end."""

    words: str  # in a school's words, with {name} for an object's name
    area: EffectArea | None
    meets_outside: bool
    addresses: tuple[Address, ...]
    settings: tuple[str, ...]
    count: EndedUseCount | None = None  # None: not counted
    error: str = ""  # why it could not be counted, if that was tried


def find_declared_effects(kind: AnyKind, change: Change) -> Iterator[tuple[str, Effect]]:
    """Yield the effects of a change that its kind declares, each with the setting that causes it.

    For a deletion, the setting is "".
    """
    if isinstance(change, Delete):
        deleted, before = kind.stops.deleted, change.observed.settings
        if isinstance(deleted, Effect) and kind.stops.acts(before) and _is_in_scope(deleted, before):
            yield "", deleted
        return
    if not isinstance(change, Create | Update):
        return
    before = change.observed.settings if isinstance(change, Update) else {}
    after = {**before, **{field.path: field.after for field in changed_fields(change)}}
    if not kind.stops.acts(after):
        return
    effects = setting_effects(kind.spec)
    if _affects_more(kind, before, after):
        before = {}
    for path in dict.fromkeys((*before, *after)):
        declared = effects.get(path, effects.get(OPEN_SETTINGS))
        for effect in declared if isinstance(declared, tuple) else (declared,):
            if not isinstance(effect, Effect) or not _is_in_scope(effect, after):
                continue
            if effect.stops(before.get(path), after.get(path)):
                yield path, effect


def _affects_more(kind: AnyKind, before: Settings, after: Settings) -> bool:
    """Return whether an object will affect more people or cases than before, or any for the first time."""
    if not before or not kind.stops.acts(before):
        return True
    scopes = setting_effects(kind.spec).items()
    return any(
        isinstance(scope, ObjectScope) and scope.widens(before.get(path), after.get(path)) for path, scope in scopes
    )


def _is_in_scope(effect: Effect, settings: Settings) -> bool:
    return all(settings.get(path) in values for path, values in effect.only_if.items())


def find_ended_effects(
    changes: Sequence[Change], kinds: Mapping[str, AnyKind]
) -> Mapping[tuple[str, str], Sequence[tuple[Address, str, Effect]]]:
    """Return the effects of a plan's changes, by kind and description.

    Each effect has the object and the setting that cause it.
    """
    effects: dict[tuple[str, str], list[tuple[Address, str, Effect]]] = {}
    for change in changes:
        of_kind = change.address.kind_path
        for path, effect in find_declared_effects(kinds[of_kind], change):
            effects.setdefault((of_kind, effect.words), []).append((change.address, path, effect))
    return effects
