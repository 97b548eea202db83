"""What outside standards ask for beside each control, how serious a gap is, and sentences of every export."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside one subject: ids by standard, 3 to 1 for serious, and what may come of a gap."""

    serious: int
    risk: str
    ids: Mapping[str, tuple[str, ...]]
    title: str = ""  # of what no control of ours is about
    clauses: tuple[str, ...] = ()  # that it serves; a control's stand in the policy


@dataclass(frozen=True, slots=True)
class Standards:
    """The standards with their versions, and what each asks for."""

    versions: Mapping[str, str]
    controls: Mapping[str, Beside]

    def beside(self, control: str) -> Beside:
        """Give what stands beside a control; one that nobody ranked is of the least weight."""
        return self.controls.get(control) or Beside(1, "", {})


@cache
def standards() -> Standards:
    """Read the standards."""
    written = _stored("standards.yaml")
    versions = dict(written["versions"])
    known = {
        name: Beside(
            one["serious"],
            one.get("risk", ""),
            {key: tuple(one[key]) for key in versions if key in one},
            one.get("title", ""),
            tuple(one.get("clauses", ())),
        )
        for name, one in written["controls"].items()
    }
    return Standards(versions, known)


@cache
def boilerplate() -> Mapping[str, Any]:
    """Read the sentences of an export that are the same every time."""
    return _stored("boilerplate.yaml")


def _stored(name: str) -> Mapping[str, Any]:
    from ruamel.yaml import YAML

    written: Mapping[str, Any] = YAML(typ="safe", pure=True).load((files(__package__) / name).read_text("utf-8"))
    return written
