"""The files of a report that people review: external standards, what a matter risks, and fixed sentences."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class StandardsEntry:
    """What standards say on one subject: how serious a gap is, 3 to 1, and the ids by standard."""

    serious: int
    ids: Mapping[str, tuple[str, ...]]
    title: str = ""  # of a subject that no control is about
    clauses: tuple[str, ...] = ()  # that it serves; those of a control are in the policy


@dataclass(frozen=True, slots=True)
class Standards:
    """The standards with their versions, and what each asks for."""

    versions: Mapping[str, str]
    controls: Mapping[str, StandardsEntry]

    def entry(self, control: str) -> StandardsEntry:
        """Return the entry of a control; a control without one has the least weight."""
        return self.controls.get(control) or StandardsEntry(1, {})


@cache
def standards() -> Standards:
    """Read the standards."""
    written = _stored("standards.yaml")
    versions = dict(written["versions"])
    known = {
        name: StandardsEntry(
            entry["serious"],
            {key: tuple(entry[key]) for key in versions if key in entry},
            entry.get("title", ""),
            tuple(entry.get("clauses", ())),
        )
        for name, entry in written["controls"].items()
    }
    return Standards(versions, known)


@cache
def risks() -> Mapping[str, str]:
    """Read what may happen where a control does not hold, by its name."""
    written = tomllib.loads((files(__package__) / "risks.toml").read_text("utf-8"))
    return {f"{area}.{name}": line for area, lines in written.items() for name, line in lines.items()}


@cache
def boilerplate() -> Mapping[str, Any]:
    """Read the sentences of an export that are the same every time."""
    return _stored("boilerplate.yaml")


def _stored(name: str) -> Mapping[str, Any]:
    from ruamel.yaml import YAML

    written: Mapping[str, Any] = YAML(typ="safe", pure=True).load((files(__package__) / name).read_text("utf-8"))
    return written
