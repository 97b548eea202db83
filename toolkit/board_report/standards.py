"""What outside standards ask for beside each control, and how serious a gap is."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


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
    """Read the file beside this module."""
    from ruamel.yaml import YAML

    written = YAML(typ="safe", pure=True).load((files(__package__) / "standards.yaml").read_text(encoding="utf-8"))
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
