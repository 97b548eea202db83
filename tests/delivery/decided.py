"""The conditions that a prediction must decide, and the others, from `decided.yaml`."""

from pathlib import Path

from ruamel.yaml import YAML

_TABLE = YAML(typ="safe").load(Path(__file__).with_name("decided.yaml"))
DECIDED, OTHERS = (
    frozenset(name for row in _TABLE[part] for name in row["conditions"]) for part in ("decided", "others")
)
SOURCES = tuple(row["source"] for part in ("decided", "others") for row in _TABLE[part])
