"""Convert an observed object to a playbook entry, as far as its kind has settings for its properties.

An unset setting is written as null if omitting it would leave the setting to the tenant. Drift then reports a later
change.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress

from pydantic import ValidationError

from toolkit.planning.draft import AnyKind
from toolkit.planning.imports.trial_entries import (
    NOT_ASKED,
    differing_settings,
    explain_failed_entry,
    is_accepted_entry,
    matches_object,
    parse_entry,
)
from toolkit.planning.unknown_properties import fingerprints_by_path
from toolkit.records import dataclass
from toolkit.sdk.form import SECRET_NOT_SHOWN
from toolkit.sdk.resource import EVERY, Observed
from toolkit.sdk.spec import Spec
from toolkit.values import Json, Settings, Value, entries, plain, satisfied
from toolkit.yaml.node import find_unprintable

IsSecret = Callable[[str, Json], bool]
"""Whether a setting and its value are a secret."""

SECRET = "it is a secret"  # noqa: S105 - a reason, no password
HIDDEN = "it has a control character, which a playbook must not contain"
_LONGEST_NAME = 256


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A setting or a whole object that an import leaves out, with the reason."""

    name: str  # the object's
    setting: str  # "" for the whole object
    reason: str
    already: bool = False  # the existing playbooks ask for it


@dataclass(frozen=True, slots=True)
class ImportedObject:
    """An imported object, with the playbook entry that would leave the object unchanged.

    The entry is None if no entry is possible.
    """

    observed: Observed
    settings: Mapping[str, Json] | None
    left_out: tuple[LeftOut, ...] = ()

    @property
    def unmanaged_properties(self) -> Mapping[str, str]:
        """Return the properties of an object that toolkit does not know and that may limit the object, by path.

        Each has a short digest of its value.
        """
        return fingerprints_by_path(self.observed.unknown)


def import_objects(kind: AnyKind, observed_objects: Sequence[Observed], is_secret: IsSecret) -> list[ImportedObject]:
    """Return a playbook entry for each observed object, in the order of the service."""
    names = [observed.address.name.casefold() for observed in observed_objects]
    ambiguous = frozenset(name for name in names if names.count(name) > 1)
    return [_to_playbook_entry(kind, observed, is_secret, ambiguous) for observed in observed_objects]


def _to_playbook_entry(
    kind: AnyKind, observed: Observed, is_secret: IsSecret, ambiguous_names: frozenset[str]
) -> ImportedObject:
    name = observed.address.name
    hidden = HIDDEN if any(map(_has_control_characters, observed.settings.values())) else None
    if reason := _explain_unusable_name(kind, name, is_secret, ambiguous_names) or hidden:
        return ImportedObject(observed, None, (LeftOut(name, "", reason),))
    spec = kind.spec
    unwritable = {
        path: SECRET
        for path, value in observed.settings.items()
        if value == SECRET_NOT_SHOWN or is_secret(path, plain(value))
    }
    unwritable = {**spec.unwritable(observed.remote.body), **unwritable}
    marks = [path for path, setting in spec.table().items() if setting.mark]
    seen = {path: value for path, value in observed.settings.items() if path not in marks}
    writable = {path: value for path, value in seen.items() if path not in unwritable}
    strange = {path: wrong for path in writable if (wrong := kind.names.check_setting(name, path))}
    writable = {path: value for path, value in writable.items() if path not in strange}
    if kind.fixed and all(value is None for value in writable.values()) and not unwritable:
        return ImportedObject(observed, None, (LeftOut(name, "", "no setting of the object has a value"),))
    seen |= {path: spec.always_set_settings().get(path) for path in marks}
    written = _acceptable_settings(spec, writable, seen)
    if reason := explain_failed_entry(spec, written, seen, unwritable):
        return ImportedObject(observed, None, (LeftOut(name, "", reason),))
    desired = parse_entry(spec, written) or {}
    left_out = [LeftOut(name, path, reason) for path, reason in unwritable.items()]
    left_out += [
        LeftOut(name, path, _explain_inexpressible_value(desired.get(path), value))
        for path, value in writable.items()
        if not _contains_observed_value(desired.get(path), value)
    ]
    left_out += [LeftOut(name, path, wrong) for path, wrong in strange.items() if seen[path] is not None]
    if kind.fixed and not written:
        return ImportedObject(observed, None, (LeftOut(name, "", _join_reasons(left_out)),))
    return ImportedObject(observed, spec.nest_settings(written), tuple(left_out))


def _join_reasons(left_out: Sequence[LeftOut]) -> str:
    """Return the reasons why all settings of an object are left out, each with the names of the settings."""
    reasons = dict.fromkeys(left.reason for left in left_out)
    return "; ".join(
        f"{reason} ({', '.join(left.setting for left in left_out if left.reason == reason)})" for reason in reasons
    )


def _has_control_characters(value: Value) -> bool:
    """Return whether a value contains a control character that playbooks must not contain."""
    return any(find_unprintable(text) for text in _texts_in(value))


def _texts_in(value: Value) -> Sequence[str]:
    return (value,) if isinstance(value, str) else entries(value)


def _explain_unusable_name(
    kind: AnyKind, name: str, is_secret: IsSecret, ambiguous_names: frozenset[str]
) -> str | None:
    """Return why a playbook cannot refer to an object by its name, or None if a playbook can."""
    if name.casefold() in ambiguous_names:
        return "another object has the same name"
    if is_secret("name", name):
        return "its name is a secret"
    if name != name.strip() or not name.isprintable() or not 0 < len(name) <= _LONGEST_NAME or name == EVERY:
        return "a playbook cannot name it"
    return kind.names.check(name)


def _acceptable_settings(spec: type[Spec], writable_settings: Settings, observed: Settings) -> Mapping[str, Json]:
    """Return as many settings of an object as its kind accepts together.

    Unset settings that make no difference are left out.
    """
    whole = {path: next(_possible_forms(spec, path, value)) for path, value in writable_settings.items()}
    silence = spec.always_set_settings()
    silent = [path for path in whole if path in silence and writable_settings[path] == silence[path]]
    short = {path: way for path, way in whole.items() if path not in silent}
    if matches_object(spec, short, observed):
        return short
    if matches_object(spec, whole, observed):
        return _drop_unnecessary_settings(spec, whole, silent, observed)
    grown = _build_entry(spec, writable_settings, observed)
    return grown if matches_object(spec, grown, observed) else _remove_refused_settings(spec, whole) or grown


def _drop_unnecessary_settings(
    spec: type[Spec], entry: Mapping[str, Json], unset_settings: Sequence[str], observed: Settings
) -> Mapping[str, Json]:
    """Remove settings that make no difference from an entry, trying one after another."""
    written = dict(entry)
    for path in unset_settings:
        fewer = {name: way for name, way in written.items() if name != path}
        if matches_object(spec, fewer, observed):
            written = fewer
    return written


def _remove_refused_settings(spec: type[Spec], entry: Mapping[str, Json]) -> Mapping[str, Json]:
    """Remove refused settings from an entry until the kind accepts the remaining settings.

    Return an empty entry if the kind never accepts them.
    """
    written = dict(entry)
    while written and (refused := _refused_settings(spec, written)):
        written = {path: way for path, way in written.items() if path not in refused}
    return written if parse_entry(spec, written) is not None else {}


def _refused_settings(spec: type[Spec], entry: Mapping[str, Json]) -> frozenset[str]:
    """Return the settings of an entry that validation refuses.

    If settings are refused only in combination, return the one setting without which the other settings are accepted.
    """
    try:
        spec.desired(entry)
    except ValidationError as invalid:
        named = frozenset(str(error["loc"][0]) for error in invalid.errors() if error["loc"]) & entry.keys()
        return named or frozenset(_settings_refused_together(spec, entry)[:1])
    except (ValueError, TypeError, ArithmeticError):
        return frozenset(_settings_refused_together(spec, entry)[:1])
    return frozenset()


def _settings_refused_together(spec: type[Spec], entry: Mapping[str, Json]) -> Sequence[str]:
    fewer = {left_out: {path: way for path, way in entry.items() if path != left_out} for left_out in entry}
    return [left_out for left_out, rest in fewer.items() if parse_entry(spec, rest) is not None]


def _build_entry(spec: type[Spec], writable_settings: Settings, observed: Settings) -> Mapping[str, Json]:
    """Build an entry with as many settings as the kind accepts, adding one setting after another."""
    written: dict[str, Json] = {}
    waiting = dict(writable_settings)
    has_grown = True
    while has_grown:  # a setting may be valid only together with a later one
        has_grown = False
        for path, value in list(waiting.items()):
            accepted = next(
                (
                    way
                    for way in _possible_forms(spec, path, value)
                    if is_accepted_entry(spec, {**written, path: way}, writable_settings)
                ),
                None,
            )
            if accepted is not None:
                written[path], has_grown = accepted, True
                del waiting[path]
    for path, value in waiting.items():  # for a shared list, the entries that a playbook may name
        some = _accepted_entries(
            entries(value),
            lambda part: is_accepted_entry(spec, {**written, path: part}, writable_settings),  # noqa: B023 - used at once
        )
        if some and spec.table()[path].at_least:
            written[path] = some
    for path in differing_settings(spec, written, observed):  # implied settings that differ
        if observed.get(path) is None and is_accepted_entry(spec, {**written, path: None}, {}):
            written[path] = None
    return {path: written[path] for path in (*spec.table(), *written) if path in written}


def _accepted_entries(list_entries: Sequence[str], is_accepted: Callable[[list[str]], bool]) -> list[str]:
    """Return the entries of a list that the kind accepts.

    Halves of the list are tried, because usually only a few entries are refused.
    """
    if not list_entries or is_accepted(list(list_entries)):
        return list(list_entries)
    middle = len(list_entries) // 2
    return (
        [*_accepted_entries(list_entries[:middle], is_accepted), *_accepted_entries(list_entries[middle:], is_accepted)]
        if middle
        else []
    )


def _possible_forms(spec: type[Spec], path: str, value: Value) -> Iterator[Json]:
    """Yield the forms in which a value can be written in a playbook: as people write it, unchanged, as the
    service writes it, and as text.
    """
    form = spec.table()[path].form
    yield form.to_playbook(value)
    yield plain(value)
    with suppress(KeyError, ValueError):  # a word that the service has and its form does not know
        yield form.write(value)
    yield str(value)


def _explain_inexpressible_value(desired_value: Value, observed_value: Value) -> str:
    if not entries(desired_value):
        return NOT_ASKED
    missing = (entry for entry in entries(observed_value) if entry not in entries(desired_value))
    return f"a playbook has no setting for {', '.join(missing)}"


def _contains_observed_value(desired_value: Value, observed_value: Value) -> bool:
    """Return whether the desired value contains the whole observed value or, for a list, every observed entry."""
    return satisfied(desired_value, observed_value) and set(entries(observed_value)) <= set(entries(desired_value))
