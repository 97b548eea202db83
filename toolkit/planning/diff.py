"""Compare the settings of a desired object with the observed settings."""

from dataclasses import replace

from toolkit.planning.change import Field
from toolkit.planning.matching import LastApplied
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind, Renaming
from toolkit.sdk.resource import Desired, Observed
from toolkit.sdk.spec import Spec
from toolkit.values import AtLeast, Settings, Value, effective, plain, satisfied, unique

NAME = "name"


def exclude_former_entries(desired: Desired, last_applied: LastApplied | None, spec: type[Spec]) -> Desired:
    """Return the desired object with lists that exclude toolkit's former entries.

    A former entry was added by toolkit, and no playbook names it any more. Lists that no playbook names any more are
    included, if the playbooks still require other settings of the object.
    """
    table = spec.table()
    silent = _lists_no_longer_named(desired, last_applied) if last_applied else ()
    named = [path for path, desired_value in desired.settings.items() if isinstance(desired_value, AtLeast)]
    lists: dict[str, AtLeast] = {}
    for path in (*named, *(path for path in silent if path in table and table[path].at_least)):
        desired_value = desired.settings.get(path)
        at_least = desired_value if isinstance(desired_value, AtLeast) else AtLeast(())
        if stale := _entries_no_longer_desired(at_least, last_applied, path) - desired.spared.get(path, frozenset()):
            lists[path] = AtLeast(at_least.items, unique((*at_least.lacking, *stale)))
    return replace(desired, settings={**desired.settings, **lists}) if lists else desired


def _lists_no_longer_named(desired: Desired, last_applied: LastApplied) -> list[str]:
    """Return the list settings to which toolkit added entries and which no playbook names any more.

    Return none if the playbooks do not require any setting that the last apply sent.
    """
    if not desired.settings.keys() & last_applied.sent.keys():
        return []
    return [path for path in last_applied.added if path in last_applied.sent and path not in desired.settings]


def leave_out_mark(desired: Desired, spec: type[Spec]) -> Desired:
    """Return the desired object without its owner's mark, because an object that is only compared may belong to
    any school.
    """
    table = spec.table()
    return replace(desired, settings={path: value for path, value in desired.settings.items() if not table[path].mark})


def _entries_no_longer_desired(desired_list: AtLeast, last_applied: LastApplied | None, path: str) -> frozenset[str]:
    return (last_applied.added.get(path, frozenset()) if last_applied else frozenset()) - set(desired_list.items)


def find_differences(
    desired: Desired, observed: Observed, spec: type[Spec], last_applied: LastApplied | None = None
) -> tuple[Field, ...]:
    """Return the settings in which an object differs from the playbooks, beginning with its name."""
    table = spec.table()
    renamed = observed.remote.name != desired.address.name
    name = [Field(NAME, observed.remote.name, desired.address.name)] if renamed else []
    return (
        *name,
        *(
            Field(path, observed.settings.get(path), effective(desired_value, observed.settings.get(path)))
            for path, desired_value in desired.settings.items()
            if not satisfied(desired_value, observed.settings.get(path))
            and not (table[path].fills and observed.settings.get(path) is not None)
            and not (
                table[path].form.rewritten
                and _is_text_rewritten_by_service(path, desired_value, observed, last_applied)
            )
        ),
    )


def find_fixable_differences(
    kind: Kind[Connection], desired: Desired, observed: Observed, last_applied: LastApplied | None = None
) -> tuple[Field, ...]:
    """Return the settings in which a desired object differs from the observed object.

    A different name counts only if the service can change it.
    """
    return leave_out_unchangeable_name(
        kind, find_differences(desired, observed, kind.spec, last_applied), desired, observed
    )


def leave_out_unchangeable_name(
    kind: Kind[Connection], fields: tuple[Field, ...], desired: Desired, observed: Observed
) -> tuple[Field, ...]:
    """Return the settings that differ.

    The name is left out if the service cannot change it. If toolkit's mark contains the name, the mark is changed
    instead.
    """
    if kind.renaming is Renaming.SERVICE:
        return fields
    rest = tuple(field for field in fields if field.path != NAME)
    mark = kind.names.mark
    if not mark or rest == fields or mark not in desired.settings or any(field.path == mark for field in rest):
        return rest
    words = (f'{plain(desired.settings[mark])} as "{name}"' for name in (observed.remote.name, desired.address.name))
    return (Field(mark, *words), *rest)


def _is_text_rewritten_by_service(
    path: str, desired_text: Value, observed: Observed, last_applied: LastApplied | None
) -> bool:
    """Return whether the observed text is the text that toolkit sent, rewritten by the service.

    Return False for an empty text.
    """
    if last_applied is None or observed.settings.get(path) is None:
        return False
    return last_applied.sent.get(path) == desired_text and last_applied.returned.get(path) == observed.settings[path]


def fields_of_new_object(settings: Settings) -> tuple[Field, ...]:
    """Return the settings of a new object that have a value, as fields of a change."""
    given = ((path, effective(desired_value, None)) for path, desired_value in settings.items())
    return tuple(Field(path, None, after) for path, after in given if after is not None)


def settings_to_send(
    fields: tuple[Field, ...], desired: Desired, observed: Observed | None, spec: type[Spec]
) -> Settings:
    """Return the values to send for some changed settings, with the other settings that the same request must
    contain.
    """
    table = spec.table()
    desired_settings = desired.settings
    changed = {
        field.path: desired_settings[field.path]
        if table[field.path].mark and field.path in desired_settings
        else field.after
        for field in fields
        if field.path != NAME
    }
    companions = {path for group in spec.together if group & changed.keys() for path in group} - changed.keys()
    before = observed.settings if observed else {}
    for path in sorted(companions):
        value = effective(desired.settings[path], before.get(path)) if path in desired.settings else before.get(path)
        if value is not None:
            changed[path] = value
    return changed
