"""Paths as a plan file holds them: never absolute, so that a plan says nothing about the computer it was made on."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from toolkit.values import Json


def stored_path(playbooks: Path, school: Path, folder: Path) -> str:
    """Return where playbooks are: relative to the school's folder, or to that of the file where they are outside."""
    real, home = playbooks.resolve(), school.resolve()
    if real.is_relative_to(home):
        return real.relative_to(home).as_posix()
    return Path(os.path.relpath(real, folder.resolve())).as_posix()


def without_root(content: Mapping[str, Json], root: Path) -> dict[str, Json]:
    """Return content in which every path of a playbook is relative to the folder of the playbooks."""
    return {name: _short(value, root) for name, value in content.items()}


def _short(value: Json, root: Path) -> Json:
    match value:
        case str():
            return value.replace(f"{root}/", "") if root.is_absolute() else value
        case Mapping():
            short = {key: _short(item, root) for key, item in value.items()}
            path = value.get("path")
            return {**short, "path": _relative(path, root)} if isinstance(path, str) and value.get("line") else short
        case Sequence():
            return [_short(item, root) for item in value]
        case _:
            return value


def _relative(path: str, root: Path) -> str:
    return Path(path).relative_to(root).as_posix() if Path(path).is_relative_to(root) else path
