"""Render imported settings as YAML files that people can read: a school file, and a playbook for each topic."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from toolkit.engine.imports.imported import ImportedTenant
from toolkit.engine.imports.importing import ImportedKind, PersonalSettings
from toolkit.engine.imports.match_controls import MatchedControl
from toolkit.errors import UsageError
from toolkit.ledger.redact import Redactor
from toolkit.render.values_text import count_text
from toolkit.render.yaml_text import format_yaml, indent_yaml, yaml_comment_lines
from toolkit.school.school import School
from toolkit.sdk.reason import admin_text
from toolkit.values import Json, Settings, as_value


def write_new_files(files: Mapping[str, str], output: Path, *, replace: bool = False) -> Sequence[Path]:
    """Write files below a folder and return their paths.

    Raise UsageError and write nothing if a file exists, unless `replace` is set.
    """
    taken = [str(output / name) for name in files if not replace and (output / name).exists()]
    if taken:
        more = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
        raise UsageError(
            f"{taken[0]}{more} would be overwritten. Move or delete the existing files, or choose another directory. "
            "No file was written"
        )
    try:
        for name, text in files.items():
            (output / name).parent.mkdir(parents=True, exist_ok=True)
            with (output / name).open("w" if replace else "x", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise UsageError(f"{output} cannot be written to: {error.strerror}") from error
    return [output / name for name in files]


_TENANT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def texts_of_imported_files(imported: ImportedTenant) -> Mapping[str, str]:
    """Return the text of each file that an import writes, by the file's path in the output folder."""
    files: dict[str, str] = {}
    if imported.new_school:
        files["00-school.yaml"] = _school_file(imported)
    areas = dict.fromkeys(control.control.partition(".")[0] for control in imported.controls)
    for area in areas:
        fitted = [control for control in imported.controls if control.control.startswith(f"{area}.")]
        files[f"{_slug(imported.provider)}-{area}-controls.yaml"] = _controls_file(imported, area, fitted)
        files |= {path: text for control in fitted for path, text in control.texts.items()}
    for read in imported.kinds:
        if _has_content(read):
            files[f"{_slug(read.name)}.yaml"] = _kind_file(imported, read)
    return files


def write_imported_files(imported: ImportedTenant, output: Path, redactor: Redactor) -> Sequence[Path]:
    """Write the files of an import and return their paths. Raise UsageError and write nothing if a file exists."""
    files = {} if imported.is_empty else texts_of_imported_files(imported)
    return write_new_files({name: redactor.text(text) for name, text in files.items()}, output)


def _has_content(imported_kind: ImportedKind) -> bool:
    """Return whether an import found entries or notes for a kind that the existing playbooks do not have."""
    has_notes = imported_kind.entries or imported_kind.unreadable or imported_kind.personal or imported_kind.others
    return bool(has_notes) or not all(left.already for left in imported_kind.left_out)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _school_file(imported: ImportedTenant) -> str:
    school = imported.school
    lines = [
        *yaml_comment_lines(
            f"Made by `toolkit import` from {_source_text(imported)}. Read it and correct any mistakes."
        ),
        format_yaml({"school": school.name, "short_name": school.short_name, "domains": list(school.domains)}),
        *yaml_comment_lines("Set the school's own time zone, by its name in the list of time zones."),
        format_yaml({"time_zone": school.time_zone}),
        format_yaml({"tenants": _tenants_json(school)}),
        *yaml_comment_lines("check only compares and reports. Turn on one playbook at a time with `mode: enforce`."),
        format_yaml({"mode": "check"}),
    ]
    return "\n".join(line.rstrip("\n") for line in lines) + "\n"


def _tenants_json(school: School) -> Json:
    return {
        name: {"tenant_id" if _TENANT_ID.fullmatch(tenant.id) else "customer_id": tenant.id, "domain": tenant.domain}
        for name, tenant in school.tenants.items()
    }


def _source_text(imported: ImportedTenant) -> str:
    when = imported.now.strftime("%Y-%m-%d %H:%M UTC")
    return f"{imported.title}, {imported.tenant.name} ({imported.tenant.id}), as it was on {when}"


def _head_comment(imported: ImportedTenant, slug: str, title: str) -> Iterator[str]:
    yield from yaml_comment_lines(f"Imported from {_source_text(imported)}.")
    yield format_yaml({"playbook": slug, "title": title, "mode": "check"})


def _controls_file(imported: ImportedTenant, area: str, fitted: Sequence[MatchedControl]) -> str:
    lines = [
        *_head_comment(imported, f"{_slug(imported.provider)}-{area}-controls", f"{imported.title}: rules of {area}")
    ]
    lines.append("controls:")
    lines += [indent_yaml(format_yaml([{control.control: control.settings}])) for control in fitted]
    return "\n".join(line.rstrip("\n") for line in lines) + "\n"


def _kind_file(imported: ImportedTenant, imported_kind: ImportedKind) -> str:
    lines = [*_head_comment(imported, _slug(imported_kind.name), f"{imported.title}: {imported_kind.kind.title}")]
    lines += [line for note in _note_lines(imported_kind) for line in yaml_comment_lines(note)]
    if imported_kind.entries:
        lines.append("resources:")
    for portrait in imported_kind.entries:
        observed, named = portrait.observed, portrait.observed.address
        for left in portrait.left_out:
            lines += [f"  {line}" for line in yaml_comment_lines(f"left out: {left.setting}, since {left.reason}")]
        entry: dict[str, Json] = {named.kind_path: None if imported_kind.kind.names.only else named.name}
        if imported_kind.kind.is_ours is not None and not imported_kind.kind.is_ours(observed.remote):
            entry["adopt"] = named.name
        for name, setting, identifier, meaning in imported_kind.meanings:
            if name == named.name:
                lines += [f"  {line}" for line in yaml_comment_lines(f"{setting}: {identifier} is {meaning}")]
        for unknown in observed.unknown:
            if unknown.narrows:
                value = as_value(unknown.value)
                shown = ", ".join(value) if isinstance(value, tuple) else value
                lines += [f"  {line}" for line in yaml_comment_lines(f"unmanaged: {unknown.path} is {shown}")]
        unmanaged: dict[str, Json] = dict(portrait.unmanaged_properties)
        listed: dict[str, Json] = {"unmanaged_properties": unmanaged} if unmanaged else {}
        lines.append(indent_yaml(format_yaml([{**entry, **listed, **(portrait.settings or {})}])))
    return "\n".join(line.rstrip("\n") for line in lines) + "\n"


def _note_lines(imported_kind: ImportedKind) -> Iterator[str]:
    by_reason: dict[str, list[str]] = {}
    for portrait in imported_kind.portraits:
        for left in portrait.left_out:
            if portrait.settings is None:
                what = f"{left.name}: {left.setting}" if left.setting else left.name
                by_reason.setdefault(left.reason, []).append(what)
    if imported_kind.kind.names.not_looked_for:
        yield f"not looked for: {imported_kind.kind.names.not_looked_for}"
    for reason, names in by_reason.items():
        yield f"left out, since {reason}: {', '.join(names)}"
    if imported_kind.kind.other_objects is not None and imported_kind.others:
        names_of_others = ", ".join(other.name for other in imported_kind.others)
        yield f"not covered, {imported_kind.kind.other_objects.title}: {names_of_others}"
    if imported_kind.personal is not None:
        yield note_on_personal_settings(imported_kind.personal)
    if imported_kind.kind.per_person and imported_kind.unreadable and imported_kind.personal:
        yield f"{count_text(len(imported_kind.unreadable), 'more person', 'more people')} could not be read"
        return
    for unknown in imported_kind.unreadable:
        of = f"{unknown.address.display_name}: " if unknown.address else ""
        yield f"could not be read: {of}{admin_text(unknown.reason)}"


def note_on_personal_settings(personal_settings: PersonalSettings) -> str:
    """Return a note that says why the playbooks have no entry for settings that belong to individual people."""
    people = count_text(personal_settings.people, "person", "people")
    if personal_settings.alike is not None:
        shared = _join_setting_names(personal_settings.alike)
        return f"left out: settings that {people} share ({shared}), because no control fits them"
    if personal_settings.most is None:
        return f"left out: the settings of {people}, because no control fits them"
    return f"left out: settings of {people}, because they differ (at most {personal_settings.most} have equal settings)"


def _join_setting_names(settings: Settings) -> str:
    said = {path: value for path, value in settings.items() if value not in (None, False)}
    return ", ".join(said) if said else "nothing is set"
