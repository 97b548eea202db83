"""Render the references of kinds and controls for a terminal with a width of 100 columns."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from toolkit.controls.control import controls
from toolkit.engine.desired_state import cloud_catalogues
from toolkit.errors import UsageError
from toolkit.messages import did_you_mean
from toolkit.part_modules import BrokenModule
from toolkit.playbook.vocabulary import installed_vocabulary
from toolkit.render.line import FORMAT, Line, Tone
from toolkit.render.reference.control_reference import control_overview, control_reference
from toolkit.render.reference.reference import (
    NOT_COMPARED,
    WIDTH,
    OverviewLine,
    PartReference,
    Reference,
    SettingGroup,
    kind_overview,
    kind_reference,
    wrap_text,
)
from toolkit.render.reference.setting_reference import SettingReference
from toolkit.sdk.providers import providers
from toolkit.values import Body, Json


def overview_lines(entries: Sequence[OverviewLine], broken_modules: Sequence[BrokenModule] = ()) -> Iterator[Line]:
    """Yield lines that list kinds and controls, with a table for each section, and then the modules that cannot
    be loaded.
    """
    for number, section in enumerate(dict.fromkeys(entry.section for entry in entries)):
        rows = [entry for entry in entries if entry.section == section]
        widths = [max(len(text) for text in column) for column in zip(*map(_overview_cells, rows), strict=True)]
        if number:
            yield Line()
        yield Line(section, Tone.HEADING)
        for row in rows:
            cells = [text.ljust(width) for text, width in zip(_overview_cells(row), widths, strict=True)]
            yield Line(f"  {'  '.join(cells)}".rstrip())
    if broken_modules:
        yield Line()
        yield from broken_module_lines(broken_modules)


def broken_module_lines(broken_modules: Sequence[BrokenModule]) -> Iterator[Line]:
    """Yield lines about each module that cannot be loaded, with the file and line of the cause."""
    yield from (Line(f"! {module}", Tone.WARNING) for module in broken_modules)


def broken_modules_json(broken_modules: Sequence[BrokenModule]) -> list[Json]:
    return [{"module": module.module, "place": module.place, "cause": module.cause} for module in broken_modules]


def _overview_cells(entry: OverviewLine) -> tuple[str, ...]:
    count = f"{entry.settings:>3} setting{'' if entry.settings == 1 else 's'}"
    return entry.name, entry.title, entry.can, count


def reference_lines(reference: Reference) -> Iterator[Line]:
    """Yield the lines of the complete reference of a kind or control."""
    yield Line(f"{reference.name}: {reference.title}", Tone.HEADING)
    yield from wrap_text(reference.about, "  ")
    yield Line()
    width = max(len(name) for name, _ in reference.facts)
    for name, text in reference.facts:
        yield from wrap_text(text, f"  {name:{width}}  ", indent_of_rest=width + 4)
    yield Line()
    yield from (Line(f"    {line}", Tone.ADDED) for line in reference.sample.splitlines())
    yield from _part_lines(reference.parts)
    for group in reference.groups:
        yield from _group_lines(group)
    if reference.ignored:
        yield from (Line(), Line(NOT_COMPARED, Tone.HEADING))
    for paths, reason in reference.ignored:
        text = f"{paths.replace('`', '')}: {reason}"
        yield from wrap_text(text, "  ", indent_of_rest=4, tone=Tone.QUIET, is_cut=True)


def _part_lines(parts: Sequence[PartReference]) -> Iterator[Line]:
    for provider in dict.fromkeys(part.provider for part in parts):
        yield Line()
        yield Line(f"Parts on {provider}", Tone.HEADING)
        for part in (part for part in parts if part.provider == provider):
            yield from wrap_text(f"{part.name}: {part.level}: {part.covers}", "  ", indent_of_rest=4)
            for note in part.notes:
                yield from wrap_text(f"- {note}", "    ", indent_of_rest=6)
            yield from (Line(f"    = {address}", Tone.QUIET) for address in part.objects)


def _group_lines(group: SettingGroup) -> Iterator[Line]:
    yield Line()
    yield Line(group.title, Tone.HEADING)
    if group.about:
        yield from wrap_text(group.about, "  ", tone=Tone.QUIET)
    for setting in group.settings:
        yield Line()
        yield from _setting_lines(setting)


def _setting_lines(setting: SettingReference) -> Iterator[Line]:
    both = f"  {setting.name}   ({setting.vendor})"
    yield Line(both if setting.vendor and len(both) <= WIDTH else f"  {setting.name}", Tone.CHANGED)
    if setting.vendor and len(both) > WIDTH:
        yield Line(f"      ({setting.vendor})", Tone.CHANGED)
    yield from wrap_text(setting.meaning, "      ")
    yield from wrap_text(f"takes    {setting.takes}", "      ", indent_of_rest=15, tone=Tone.QUIET)
    for limit in setting.limits:
        yield from wrap_text(f"limit    {limit}", "      ", indent_of_rest=15, tone=Tone.QUIET)
    yield from wrap_text(f"default  {setting.silence}", "      ", indent_of_rest=15, tone=Tone.QUIET)
    for note in setting.notes:
        yield from wrap_text(f"list     {note}", "      ", indent_of_rest=15, tone=Tone.QUIET)
    yield Line(f"      {setting.example}", Tone.ADDED)


def build_overview() -> Sequence[OverviewLine]:
    """Return the lines of the overview: every kind of every provider, and then every control."""
    kinds = installed_vocabulary().kind_names()
    brought = cloud_catalogues(list(providers()))
    return [
        *(kind_overview(name, kind, providers()[provider].title) for name, (provider, kind) in kinds.items()),
        *(control_overview(control, brought) for control in controls().values()),
    ]


def find_reference(name: str) -> Reference | None:
    """Return the reference of a kind or control by its name, or None if there is no such kind or control."""
    kinds = installed_vocabulary().kind_names()
    if name in kinds:
        return kind_reference(name, kinds[name][1])
    if name in controls():
        return control_reference(controls()[name], cloud_catalogues(list(providers())))
    if broken := installed_vocabulary().find_broken_module(name):
        raise UsageError(str(broken))
    full_names = {_short_name(full_name): full_name for full_name in (*kinds, *controls())}
    return find_reference(full_names[name]) if name in full_names else None


def overview_of_names_with_prefix(prefix: str) -> Sequence[OverviewLine]:
    """Return the overview's lines for the kinds and controls whose name begins with a prefix, with or without its first
    part. Raise UsageError if there are none, and suggest a similar name.
    """
    names = (*installed_vocabulary().kind_names(), *controls())
    if prefix and any(prefix in _possible_prefixes(name, len(prefix)) for name in names):
        return [entry for entry in build_overview() if prefix in _possible_prefixes(entry.name, len(prefix))]
    meant = did_you_mean(prefix, names) or ": `toolkit kinds` lists them"
    raise UsageError(f"no kind or control is called {prefix}{meant}")


def _possible_prefixes(name: str, length: int) -> tuple[str, str]:
    return name[:length], _short_name(name)[:length]


def _short_name(full_name: str) -> str:
    """Return the name of a kind without its cloud, or of a control without its area."""
    return full_name.partition(".")[2]


def overview_json(entries: Sequence[OverviewLine], broken_modules: Sequence[BrokenModule] = ()) -> Body:
    return {
        "format": FORMAT,
        "exit": 0,
        "kinds": [asdict(entry) for entry in entries],
        "broken": broken_modules_json(broken_modules),
    }


def reference_json(reference: Reference) -> Body:
    facts = [{"name": name, "text": text} for name, text in reference.facts]
    return {"format": FORMAT, "exit": 0, **asdict(reference), "facts": facts}
