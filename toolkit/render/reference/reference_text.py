"""References on a terminal, in a hundred columns."""

import textwrap
from collections.abc import Iterator, Sequence

from toolkit.render.line import Line, Tone
from toolkit.render.reference.reference import NOT_COMPARED, OverviewLine, PartReference, Reference, SettingGroup
from toolkit.render.reference.setting_reference import SettingReference

WIDTH = 100


def overview_lines(entries: Sequence[OverviewLine]) -> Iterator[Line]:
    """List kinds and controls, a table for each section."""
    for number, section in enumerate(dict.fromkeys(entry.section for entry in entries)):
        rows = [entry for entry in entries if entry.section == section]
        widths = [max(len(text) for text in column) for column in zip(*map(_cells, rows), strict=True)]
        if number:
            yield Line()
        yield Line(section, Tone.HEADING)
        for row in rows:
            cells = [text.ljust(width) for text, width in zip(_cells(row), widths, strict=True)]
            yield Line(f"  {'  '.join(cells)}".rstrip())


def _cells(entry: OverviewLine) -> tuple[str, ...]:
    count = f"{entry.settings:>3} setting{'' if entry.settings == 1 else 's'}"
    return entry.name, entry.title, entry.can, count


def reference_lines(reference: Reference) -> Iterator[Line]:
    """Show one kind or control whole."""
    yield Line(f"{reference.name}: {reference.title}", Tone.HEADING)
    yield from _wrapped(reference.about, "  ")
    yield Line()
    width = max(len(name) for name, _ in reference.facts)
    for name, text in reference.facts:
        yield from _wrapped(text, f"  {name:{width}}  ", hang=width + 4)
    yield Line()
    yield from (Line(f"    {line}", Tone.ADDED) for line in reference.sample.splitlines())
    yield from _parts(reference.parts)
    for group in reference.groups:
        yield from _group(group)
    if reference.ignored:
        yield from (Line(), Line(NOT_COMPARED, Tone.HEADING))
    for paths, reason in reference.ignored:
        text = f"{paths.replace('`', '')}: {reason}"
        yield from _wrapped(text, "  ", hang=4, tone=Tone.QUIET, cut=True)


def _parts(parts: Sequence[PartReference]) -> Iterator[Line]:
    for provider in dict.fromkeys(part.provider for part in parts):
        yield Line()
        yield Line(f"What it is on {provider}", Tone.HEADING)
        for part in (part for part in parts if part.provider == provider):
            yield from _wrapped(f"{part.name}: {part.level}: {part.covers}", "  ", hang=4)
            for note in part.notes:
                yield from _wrapped(f"- {note}", "    ", hang=6)
            yield from (Line(f"    = {address}", Tone.QUIET) for address in part.objects)


def _group(group: SettingGroup) -> Iterator[Line]:
    yield Line()
    yield Line(group.title, Tone.HEADING)
    if group.about:
        yield from _wrapped(group.about, "  ", tone=Tone.QUIET)
    for setting in group.settings:
        yield Line()
        yield from _setting(setting)


def _setting(setting: SettingReference) -> Iterator[Line]:
    both = f"  {setting.name}   ({setting.vendor})"
    yield Line(both if setting.vendor and len(both) <= WIDTH else f"  {setting.name}", Tone.CHANGED)
    if setting.vendor and len(both) > WIDTH:
        yield Line(f"      ({setting.vendor})", Tone.CHANGED)
    yield from _wrapped(setting.meaning, "      ")
    yield from _wrapped(f"takes    {setting.takes}", "      ", hang=15, tone=Tone.QUIET)
    for limit in setting.limits:
        yield from _wrapped(f"limit    {limit}", "      ", hang=15, tone=Tone.QUIET)
    yield from _wrapped(f"silence  {setting.silence}", "      ", hang=15, tone=Tone.QUIET)
    for note in setting.notes:
        yield from _wrapped(f"list     {note}", "      ", hang=15, tone=Tone.QUIET)
    yield Line(f"      {setting.example}", Tone.ADDED)


def _wrapped(
    text: str, indent: str, *, hang: int | None = None, tone: Tone = Tone.PLAIN, cut: bool = False
) -> Iterator[Line]:
    below = " " * (len(indent) if hang is None else hang)
    lines = textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=below, break_on_hyphens=False, break_long_words=cut
    )
    yield from (Line(line, tone) for line in lines)
