"""The code blocks of README.md and of the pages under docs/ that people write."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))
    if path.name not in {"reference.md", "emulator.md"}
)
_BLOCK = re.compile(
    r"(?: *<!-- not run: (?P<why>[^\n]+?) -->\n+)?^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
LEFT_OUT = "[...]"
"""Stands in an output for lines that the page leaves out."""


@dataclass(frozen=True, slots=True)
class Block:
    """A code block; `why` is the reason in a comment before it why it cannot run."""

    page: str
    line: int
    language: str
    text: str
    why: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a console block, and the output that the page shows for it."""

    words: str
    output: str

    @property
    def pieces(self) -> Sequence[str]:
        """Return the shown output without line breaks, split at the marks for left-out lines."""
        return [words for piece in self.output.split(LEFT_OUT) if (words := flat(piece))]


def blocks(page: str) -> Iterator[Block]:
    """Yield the blocks of a page."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for match in _BLOCK.finditer(text):
        line = text.count("\n", 0, match.start("language")) + 1
        yield Block(page, line, match["language"], dedent(match["text"]), match["why"] or "")


def commands(block: Block) -> Iterator[Command]:
    """Yield the commands of a console block, which are lines that begin with a prompt."""
    text = re.sub(r"\\\n +", "", block.text)  # a command on two lines
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        words, _, shown = part.partition("\n")
        yield Command(words, shown)


def flat(text: str) -> str:
    """Return a text on one line, as a terminal of any width would show it."""
    return " ".join(text.split())
