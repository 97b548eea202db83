"""What a kind or a control is and takes, gathered from what it declares: one source for the terminal and for pages."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from toolkit.render.line import Line, Tone
from toolkit.render.reference.setting_reference import SettingReference
from toolkit.sdk.part import Level

NOT_COMPARED = "Not compared"
WIDTH = 100
"""Columns of a terminal that a reference takes."""


@dataclass(frozen=True, slots=True)
class SettingGroup:
    """Settings that belong together."""

    title: str
    about: str
    settings: tuple[SettingReference, ...]


@dataclass(frozen=True, slots=True)
class PartReference:
    """One piece of what a provider makes of a control."""

    provider: str
    name: str
    level: Level
    covers: str
    notes: tuple[str, ...]  # limits, and why the level is no better
    objects: tuple[str, ...]  # what it makes in the tenant


@dataclass(frozen=True, slots=True)
class Reference:
    """Everything that a reader needs in order to write one."""

    name: str  # microsoft365.transport_rule, mail.disclaimer
    title: str
    about: str
    facts: tuple[tuple[str, str], ...]  # what is asked about it -> the answer
    sample: str  # YAML
    groups: tuple[SettingGroup, ...]
    parts: tuple[PartReference, ...] = ()
    ignored: tuple[tuple[str, str], ...] = ()  # properties of an answer that are not compared -> the reason


@dataclass(frozen=True, slots=True)
class OverviewLine:
    """One line of the overview."""

    section: str
    name: str
    title: str
    can: str
    settings: int


def sentences(text: str | None) -> str:
    """Give a docstring as one line."""
    return " ".join((text or "").split())


def listed(words: Sequence[str]) -> str:
    """Write requirements one after the other."""
    return "; ".join(words)


def wrapped(
    text: str, indent: str, *, hang: int | None = None, tone: Tone = Tone.PLAIN, cut: bool = False
) -> Iterator[Line]:
    """Break a text into lines; those after the first stand `hang` columns in."""
    below = " " * (len(indent) if hang is None else hang)
    lines = textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=below, break_on_hyphens=False, break_long_words=cut
    )
    yield from (Line(line, tone) for line in lines)
