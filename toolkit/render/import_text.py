"""Render the result of an import as a table of kinds and as JSON."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from toolkit.engine.imports.imported import ImportedTenant
from toolkit.engine.imports.importing import ALREADY, ImportedKind
from toolkit.render.import_yaml import note_on_personal_settings
from toolkit.render.line import FORMAT, Line, Tone, row, rows
from toolkit.render.reference.reference_text import broken_module_lines, broken_modules_json
from toolkit.render.values_text import count_text, format_first_names, group_by
from toolkit.sdk.kind import OtherObject
from toolkit.sdk.lending import without_names
from toolkit.sdk.reason import admin_text
from toolkit.values import Body

_NAMED = 3


def import_lines(imported: ImportedTenant, files: Sequence[Path], target: str) -> Iterator[Line]:
    """Yield lines about an import: the imported objects by kind, the objects that were left out, and the written
    files.
    """
    where = "on emulated tenants on this machine (simulated data)" if target == "emulator" else "live"
    yield Line(f"Imported {imported.title}, {imported.tenant.name} ({imported.tenant.id}), {where}", Tone.HEADING)
    yield Line()
    yield from _table_lines(imported)
    yield from _reason_lines(imported)
    yield from _other_object_lines(imported)
    yield from broken_module_lines(imported.broken_kinds)
    yield Line()
    if not files:
        yield Line("Nothing to import: no file was written.", Tone.WARNING, essential=True)
        return
    directory = min((path.parent for path in files), key=lambda parent: len(parent.parts))
    text = f"{count_text(len(files), 'file')} written to {directory}, all in mode check"
    yield Line(text, Tone.ADDED, essential=True)
    yield Line(f"Next: toolkit plan {directory}")


def _table_lines(imported: ImportedTenant) -> Iterator[Line]:
    counts = {read.name.partition(".")[2]: _count_entries(read) for read in imported.kinds}
    rows = {name: count for name, count in counts.items() if any(count)}
    width = max(map(len, rows), default=0)
    if rows:
        yield Line(f"{'kind':<{width}}  imported  left out  unreadable", Tone.HEADING)
    for name, (entries, left, unread) in rows.items():
        text = f"{name:<{width}}  {entries:>8}  {left:>8}  {unread:>10}".rstrip()
        yield Line(text, Tone.WARNING if unread else Tone.PLAIN)
    if none := [name for name in counts if name not in rows]:
        yield Line(f"no objects of {count_text(len(none), 'other kind')}: {', '.join(none)}", Tone.QUIET)
    if imported.controls:
        yield Line()
        names = ", ".join(control.control for control in imported.controls)
        yield Line(f"Imported as {count_text(len(imported.controls), 'control')}: {names}")


def _count_entries(imported_kind: ImportedKind) -> tuple[int, int, str]:
    objects = [portrait for portrait in imported_kind.portraits if portrait.settings is None]
    left = len(objects) + imported_kind.already + (imported_kind.personal.people if imported_kind.personal else 0)
    whole = any(unknown.address is None for unknown in imported_kind.unreadable)
    return (
        imported_kind.by_controls + len(imported_kind.entries),
        left,
        "all" if whole else str(len(imported_kind.unreadable) or ""),
    )


def _reason_lines(imported: ImportedTenant) -> Iterator[Line]:
    licences = group_by((read for read in imported.kinds if read.unavailable), lambda read: read.unavailable)
    lines = [
        Line(
            f"{format_first_names([read.name for read in reads], _NAMED)}: nothing to import, since {reason}",
            Tone.QUIET,
        )
        for reason, reads in licences.items()
    ]
    for read in imported.kinds:
        lines += (Line(f"{read.name}: {text}", Tone.QUIET) for text in _reasons_left_out(read))
        lines += (Line(f"{read.name}: {text}", Tone.QUIET, essential=True) for text in _unreadable_texts(read))
    if imported.whole:
        uncovered = [read for read in imported.kinds if read.kind.read_only and read.entries]
        lines += (Line(f"{read.name}: {_uncovered_text(read)}", Tone.QUIET) for read in uncovered)
    yield from (Line(), *lines) if lines else ()


def _other_object_lines(imported: ImportedTenant) -> Iterator[Line]:
    for read in imported.kinds:
        if read.kind.other_objects is None or not read.others:
            continue
        yield Line()
        yield Line(f"{read.kind.other_objects.title}: {len(read.others)}", Tone.HEADING)
        for other in read.others:
            setters = _controls_setting_the_same(imported, other)
            also = f", as {', '.join(setters)} would" if setters else ""
            sets = f"sets {', '.join(other.sets)}{also}" if other.sets else "no kind covers it"
            yield Line(f"{other.name}: {sets}", Tone.WARNING)


def _controls_setting_the_same(imported: ImportedTenant, other: OtherObject) -> list[str]:
    """Return the names of the controls that would set the same settings as an object."""
    return list(dict.fromkeys(control for setting in other.sets for control in imported.set_by.get(setting, ())))


def _reasons_left_out(imported_kind: ImportedKind) -> Iterator[str]:
    for reason, objects in group_by(imported_kind.left_out, lambda left: left.reason).items():
        names = [f"{left.setting} of {left.name}" if left.setting else left.name for left in objects]
        yield f"left out, since {reason}: {format_first_names(names, _NAMED)}"
    if unmanaged := [f"{path} of {name}" for name, path in _unmanaged_properties(imported_kind)]:
        yield f"written as unmanaged, because no setting covers it: {format_first_names(unmanaged, _NAMED)}"
    if imported_kind.already:
        yield f"left out, since {ALREADY}: {count_text(imported_kind.already, 'person', 'people')}"
    if imported_kind.kind.names.not_looked_for:
        yield f"not looked for: {imported_kind.kind.names.not_looked_for}"
    if imported_kind.personal:
        yield note_on_personal_settings(imported_kind.personal)
    if imported_kind.unused_accounts:
        people = count_text(imported_kind.unused_accounts, "person", "people")
        yield f"nothing to read for {people}: account closed, or no mailbox"


def _unreadable_texts(imported_kind: ImportedKind) -> Iterator[str]:
    whys = dict.fromkeys(
        without_names(unknown.address, admin_text(unknown.reason), unknown.kind) for unknown in imported_kind.unreadable
    )
    if imported_kind.kind.per_person and imported_kind.personal and imported_kind.unreadable:
        people = count_text(len(imported_kind.unreadable), "person", "people")
        yield f"{people} could not be read. The first reason is: {next(iter(whys))}"
        return
    yield from (f"could not be read: {why}" for why in whys)


def _unmanaged_properties(imported_kind: ImportedKind) -> Iterator[tuple[str, str]]:
    """Yield the name of each object that is written as unmanaged, with the property that is the reason."""
    for portrait in imported_kind.entries:
        yield from ((portrait.observed.address.name, path) for path in portrait.unmanaged_properties)


def _uncovered_text(imported_kind: ImportedKind) -> str:
    """Return the number of objects of a read-only kind that no control covers, with the first names, as text."""
    names = [entry.observed.address.name for entry in imported_kind.entries]
    total = len(names) + imported_kind.by_controls
    return f"{len(names)} of {total} are not covered by a control: {format_first_names(names, _NAMED)}"


def import_json(imported: ImportedTenant, files: Sequence[Path], target: str) -> Body:
    return {
        "format": FORMAT,
        "target": target,
        "provider": imported.provider,
        "tenant": imported.tenant.id,
        "files": [str(path) for path in files],
        "broken": broken_modules_json(imported.broken_kinds),
        "controls": [{"control": control.control, "settings": dict(control.settings)} for control in imported.controls],
        "kinds": [{**_kind_json(read), **_other_objects_json(imported, read)} for read in imported.kinds],
    }


def _other_objects_json(imported: ImportedTenant, imported_kind: ImportedKind) -> Body:
    overlapping = [other for other in imported_kind.others if other.sets]
    return {
        "others": len(imported_kind.others),
        "others_that_set_the_same": len(overlapping),
        "other_objects": [
            {"object": other.name, "sets": list(other.sets), "controls": _controls_setting_the_same(imported, other)}
            for other in imported_kind.others
        ],
    }


def _kind_json(imported_kind: ImportedKind) -> Body:
    entries, left, _ = _count_entries(imported_kind)
    return {
        "kind": imported_kind.name,
        "imported": entries,
        "left_out": left,
        "not_readable": len(imported_kind.unreadable),
        "unused": imported_kind.unused_accounts,
        "unavailable": imported_kind.unavailable or None,
        "unmanaged_properties": [
            {"object": name, "property": path} for name, path in _unmanaged_properties(imported_kind)
        ],
        "left_out_settings": rows(imported_kind.left_out, "object=name", "setting", "reason"),
        "unknown": [
            {
                **row(unknown, "address"),
                "reason": without_names(unknown.address, admin_text(unknown.reason), unknown.kind),
            }
            for unknown in imported_kind.unreadable
        ],
    }
