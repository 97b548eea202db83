"""Render changes for an administrator: a sign, the values before and after, and the playbook line."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from toolkit.messages import one_of
from toolkit.planning.change import Change, Create, Delete, Field, Move, Update, changed_fields, playbook_entry_of
from toolkit.planning.plan import Plan
from toolkit.render.line import Line, Tone
from toolkit.render.values_text import (
    OWN,
    count_text,
    format_difference,
    format_first_names,
    format_value,
    group_by,
    hide_private_fields,
)
from toolkit.sdk.lending import object_name, without_person
from toolkit.sdk.providers import kinds, providers
from toolkit.sdk.resource import Desired, Mode
from toolkit.values import Value

_SIGNS = {Create: "+", Update: "~", Delete: "-", Move: ">"}
_TONES = {Create: Tone.ADDED, Update: Tone.CHANGED, Delete: Tone.REMOVED, Move: Tone.CHANGED}
_LISTED = 6  # entries shown of a list
_NAMED = 3
"""The number of names shown for the same change. The JSON has all names."""


ExtraLines = Callable[[Sequence[Change]], Iterator[Line]]
"""Yields more about changes that are shown together."""


def warning_lines(group: Sequence[Change]) -> Iterator[Line]:
    """Yield the warnings about a group of changes.

    A warning that is not about the whole group names its objects.
    """
    for text, about in object_names_by_warning(group).items():
        whose = "" if len(about) == len(group) else f"{format_first_names(about, _NAMED)}: "
        yield Line(f"    ! {whose}{text}", Tone.WARNING)


def change_lines(changes: Sequence[Change], extra_lines: ExtraLines = warning_lines) -> Iterator[Line]:
    """Yield lines about the changes that a run makes, grouped by kind."""
    kind = ""
    for group in group_identical_changes(changes):
        if group[0].address.kind_path != kind:
            kind = group[0].address.kind_path
            yield Line()
            yield Line(kind, Tone.HEADING)
        yield from _group_lines(group)
        yield from extra_lines(group)


def check_mode_lines(changes: Sequence[Change], extra_lines: ExtraLines = warning_lines) -> Iterator[Line]:
    """Yield lines about objects that a run only checks and never writes: how they differ from the playbooks."""
    if not changes:
        return
    yield Line()
    yield Line(f"Only checked, not written{check_mode_note(changes)}:", Tone.HEADING)
    for group in group_identical_changes(changes):
        yield from _group_lines(group, f"{group[0].address.kind} ")
        yield from extra_lines(group)


def check_mode_note(changes: Sequence[Change]) -> str:
    """Return a note for a heading that says that some changes are not written because their controls are in check mode.

    Return "" if all changes are written.
    """
    desired_states = (change.desired for change in changes if not isinstance(change, Delete))
    return " (mode: check)" if any(desired.mode is Mode.CHECK for desired in desired_states) else ""


def object_names_by_warning(changes: Sequence[Change]) -> Mapping[str, Sequence[str]]:
    """Return the names of the objects that each warning is about, by the text of the warning."""
    pairs = ((text, object_name(change.address)) for change in changes for text in _warning_texts(change))
    return {text: [name for _, name in rows] for text, rows in group_by(pairs, lambda row: row[0]).items()}


def _warning_texts(change: Change) -> Iterator[str]:
    if change.remark:
        yield change.remark
    if isinstance(change, Create | Update) and change.desired.protected:
        yield f"reaches {', '.join(change.desired.protected)}, which the school file protects"
    if isinstance(change, Create | Update) and change.desired.protected_unknown:
        yield f"it is not known whether this reaches a protected account: {change.desired.protected_unknown}"


def group_identical_changes(changes: Sequence[Change]) -> Iterator[Sequence[Change]]:
    """Group changes that are identical except for their objects. Every other change is in a group of its own."""

    def same(change: Change) -> object:
        what = (type(change), change.address.kind_path, changed_fields(change), playbook_entry_of(change).origin)
        return what if isinstance(change, Update) else change.address

    for group in group_by(changes, same).values():
        yield from [group] if len(group) > _NAMED else [[change] for change in group]


def _group_lines(group: Sequence[Change], prefix: str = "") -> Iterator[Line]:
    first, *others = group
    if not others:
        yield from _change_lines(first, prefix + without_person(first.address).display_name)
        return
    head, *rest = _change_lines(first, f"{prefix}{object_count_text(group)}", group)
    names = format_first_names([without_person(change.address).display_name for change in group], _NAMED)
    yield from (head, Line(f"    {names}", Tone.QUIET), *rest)


def object_count_text(group: Sequence[Change]) -> str:
    """Return the number of changed objects with a noun as text, such as "14 groups" or "268 mailboxes"."""
    address = group[0].address
    return f"{len(group)} {kinds(address.provider)[address.kind].plural}"


def _change_lines(change: Change, name: str, group: Sequence[Change] = ()) -> Iterator[Line]:
    tone = _TONES[type(change)]
    yield Line(f"{_SIGNS[type(change)]} {name}{_format_origin(change, group or [change])}", tone)
    match change:
        case Create(desired, settings):
            named = (field for field in settings if field.path in desired.origins)
            yield from (
                Line(f"    {field.path}: {_format_value(field.after)}{_format_setting_origin(desired, field.path)}")
                for field in named
            )
        case Update(desired):
            settings = hide_private_fields(change)
            yield from (
                Line(f"    {field.path}: {_format_difference(field)}{_format_setting_origin(desired, field.path)}")
                for field in settings
            )
        case Move(_, _, after):
            yield Line(f"    goes directly after {after.name}" if after else "    goes before the other managed rules")
        case Delete():
            pass


def _format_value(value: Value) -> str:
    """Format the value of a setting as text. A long list is shortened to the number of entries and the first few."""
    if isinstance(value, tuple) and len(value) > _LISTED:
        return f"{len(value)} entries: {format_first_names(value, _NAMED)}"
    return format_value(value)


def _format_difference(setting: Field) -> str:
    """Return text on how a setting changes. Long lists of new entries are shortened, and private text stays hidden."""
    if OWN in (setting.before, setting.after):
        return f"{format_value(setting.before)} -> {format_value(setting.after)}"
    return format_difference(setting, _LISTED)


def _format_origin(change: Change, group: Sequence[Change]) -> str:
    if isinstance(change, Delete):
        return f"   ({change.absent.origin})"
    return f"   ({', '.join([*change.desired.made_by, str(change.desired.origin), *reach_texts(group)])})"


def reach_texts(changes: Sequence[Change], *, at_most: bool = False) -> Iterator[str]:
    """Yield the numbers of people and devices that changes reach, as text.

    With `at_most`, the numbers are upper limits. Objects that belong to one person are not counted.
    """
    desired = [change.desired for change in changes if not isinstance(change, Delete)]
    if any(state.all_devices for state in desired):
        yield "all devices"
    touching = [state for state in desired if not state.address.label]
    reaches = [state.reach for state in touching if state.reach]
    if people := [reach.people for reach in reaches if reach.people is not None]:
        clouds = {state.address.provider for state in touching}
        everyone = not at_most and len(clouds) == 1 and all(state.everyone for state in touching)
        title = f" with an active {providers()[clouds.pop()].title} account" if everyone else ""
        yield _format_range(people, "person", "people", at_most=at_most) + title
    if devices := [reach.devices for reach in reaches if reach.devices is not None]:
        yield _format_range(devices, "device", "devices", at_most=at_most)


def count_first_reach(plan: Plan) -> Mapping[str, int]:
    """Return the number of objects that are applied for the first time, by audience.

    Objects that belong to one person are not counted.
    """
    desired = [
        change.desired
        for change in plan.changes
        if not isinstance(change, Delete) and change.address in plan.first_time
    ]
    first = [state for state in desired if not state.address.label]
    people = (state.reach.people or 0 for state in first if state.reach and not (state.everyone or state.all_devices))
    return {
        "objects": len(first),
        "everyone": sum(state.everyone and not state.all_devices for state in first),
        "all_devices": sum(state.all_devices for state in first),
        "most_people": max(people, default=0),
    }


def first_reach_lines(plan: Plan) -> Iterator[Line]:
    """Yield a line about the audience of objects that are applied for the first time, because the limits do not
    count it.
    """
    count = count_first_reach(plan)
    some = count["objects"] - count["everyone"] - count["all_devices"]
    whom = {
        "all accounts": count["everyone"],
        "all devices": count["all_devices"],
        f"up to {count_text(count['most_people'], 'person', 'people')}": some if count["most_people"] else 0,
    }
    if audiences := [f"{number} for {name}" for name, number in whom.items() if number]:
        tone = Tone.WARNING if count["everyone"] + count["all_devices"] else Tone.QUIET
        objects = count_text(sum(whom.values()), "object")
        if plan.shared_with:
            schools = one_of(plan.shared_with, "and")
            text = (
                f"This tenant also has objects of {schools}, so the limits apply even to the first apply of {objects}"
            )
            yield Line(text, tone)
            return
        yield Line(f"No limit counts the first apply of {objects}: {', '.join(audiences)}", tone)


def _format_range(numbers: Sequence[int], singular: str, plural: str, *, at_most: bool) -> str:
    least, most = min(numbers), max(numbers)
    if least == most:
        return count_text(most, singular, plural)
    return f"up to {count_text(most, singular, plural)}" if at_most else f"{least} to {most} {plural} each"


def _format_setting_origin(desired: Desired, path: str) -> str:
    """Return the file and line of a setting, or a remark if the playbook does not name it.

    Return "" if the setting is on the line of its resource or control.
    """
    origin = desired.origins.get(path)
    if origin is None:
        return _remark_if_unnamed(desired, path)
    return "" if desired.made_by or origin == desired.origin else f"   ({origin})"


def _remark_if_unnamed(desired: Desired, path: str) -> str:
    """Return a remark on a setting that the playbook does not name: the value is the default, or unset."""
    if path not in desired.settings:
        return ""
    unset = desired.settings[path] is None
    return "   (the playbook does not ask for it)" if unset else "   (default)"
