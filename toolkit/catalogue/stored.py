"""Reads the YAML files that come with the catalogue."""

from importlib.resources import files
from typing import Any


def stored(package: str, name: str) -> list[dict[str, Any]]:
    """Read a list of tables from a file of a package."""
    from ruamel.yaml import YAML

    found: list[dict[str, Any]] = YAML(typ="safe", pure=True).load((files(package) / name).read_text(encoding="utf-8"))
    return found
