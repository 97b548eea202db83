"""Texts that people read, and the turns of phrase in them that rules.yaml forbids."""

import ast
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

REPOSITORY = Path(__file__).parents[2]
COUNTS = Path(__file__).with_name("counts.yaml")
_RULES = Path(__file__).with_name("rules.yaml")
_WHOLE = {".md", ".yaml", ".yml", ".toml", ".j2", ".html", ".example"}
"""Files of these kinds are read as they are; of Python the docstrings and the texts in quotes."""


@dataclass(frozen=True)
class Rule:
    """A turn of phrase, as a regular expression, and what to write instead."""

    turn: str
    why: str


@dataclass(frozen=True)
class Hit:
    """One place where a turn occurs."""

    file: str
    line: int
    rule: Rule
    words: str


@cache
def rules() -> Sequence[Rule]:
    """Return every rule of the table."""
    return [Rule(**row) for row in YAML(typ="safe", pure=True).load(_RULES)]


@cache
def _any_turn() -> re.Pattern[str]:
    """Return what finds a text with a turn: most have none, and are not searched for each."""
    return re.compile("|".join(f"(?:{rule.turn})" for rule in rules()), re.IGNORECASE | re.MULTILINE)


def files() -> Sequence[str]:
    """List the tracked files with texts, except the tests."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, check=True, capture_output=True, text=True)
    names = [name for name in listed.stdout.split("\0") if name]
    return [name for name in names if not name.startswith("tests/") and _is_read(Path(name))]


def _is_read(path: Path) -> bool:
    return path.suffix in {".py", *_WHOLE}


def hits(file: str) -> Iterator[Hit]:
    """Find the turns in one file."""
    for line, text in texts(file):
        for rule in rules() if _any_turn().search(text) else ():
            for found in re.finditer(rule.turn, text, re.IGNORECASE | re.MULTILINE):
                yield Hit(file, line + text.count("\n", 0, found.start()), rule, found[0])


@cache
def texts(file: str) -> Sequence[tuple[int, str]]:
    """Read the texts of a file, each with its line."""
    source = (REPOSITORY / file).read_text(encoding="utf-8")
    return list(_python_texts(ast.parse(source))) if file.endswith(".py") else [(1, source)]


def _python_texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Find the texts of a module in half the time of `ast.walk`."""
    left: list[object] = [tree]
    while left:
        node = left.pop()
        if isinstance(node, list):
            left += node
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                yield node.lineno, node.value
        elif isinstance(node, ast.AST):
            left += vars(node).values()


@cache
def counted() -> Mapping[str, int]:
    """Count the turns of every file that has any."""
    counts = {file: sum(1 for _ in hits(file)) for file in files()}
    return {file: count for file, count in sorted(counts.items()) if count}


@cache
def allowed() -> Mapping[str, int]:
    """Return how many turns each file may still have."""
    loaded: Mapping[str, int] = YAML(typ="safe", pure=True).load(COUNTS) or {}
    return loaded
