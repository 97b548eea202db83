"""Reads one YAML file safely: nothing is built before its size, depth and shape are known to be harmless."""

from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import Event

from toolkit.errors import PlaybookError, Problem
from toolkit.yaml.node import MappingNode, Source
from toolkit.yaml.scalar import unprintable
from toolkit.yaml.syntax import explain, tabs
from toolkit.yaml.tree import Tree

LARGEST = 1_000_000  # bytes


def read_source(file: Path, *, relative: str) -> Source:
    """Read a file into a tree of values with lines; PlaybookError with everything that is wrong with it.

    `relative` is its path below the directory of the playbooks.
    """
    shown = str(file)
    content = _content(file, shown)
    text = _text(content, shown)
    tree = Tree(shown)
    tree.build(_events(text, shown, tree))
    problems = [*tree.problems, *(Problem(shown, line, message) for line, message in tabs(text, tree.quotes))]
    match tree.root:
        case MappingNode() as root if root.entries and not problems:
            return Source(file=file, relative=relative, content=content, root=root)
        case None:
            message = "the file is empty: delete it, or begin with `playbook:`"
        case _:
            message = "a file begins with a key that says what it is, such as `playbook:`"
    raise PlaybookError(problems or [Problem(shown, 1, message)])


def _content(file: Path, shown: str) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except OSError as error:
        raise PlaybookError([Problem(shown, 1, f"cannot be read: {error.strerror}")]) from error
    if len(content) > LARGEST:
        raise PlaybookError([Problem(shown, 1, "is larger than 1 MB: a playbook is a page or two")])
    return content


def _text(content: bytes, shown: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"is not UTF-8 text (byte 0x{content[error.start]:02X}): save the file as UTF-8"
        raise PlaybookError([Problem(shown, line, message)]) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if found := unprintable(text):
        line = text.count("\n", 0, found.start()) + 1
        message = f"a character that no text holds (U+{ord(found[0]):04X}): delete it"
        raise PlaybookError([Problem(shown, line, message)])
    return text


def _events(text: str, shown: str, tree: Tree) -> Iterator[Event]:
    """Give the parse events one by one, so that a reader can stop early; syntax errors in our own words."""
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except MarkedYAMLError as error:
        raise PlaybookError([*tree.problems, Problem(shown, *explain(error, text))]) from error
    except (YAMLError, ValueError, OverflowError) as error:  # the last two: an escape that names no character
        message = "not valid YAML: an escape in quotes names no character"
        raise PlaybookError([*tree.problems, Problem(shown, tree.line, message)]) from error
