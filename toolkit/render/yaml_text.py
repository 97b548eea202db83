"""Format values as YAML that is easy to read and that yields the same values when it is read."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from textwrap import wrap

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from toolkit.printable import printable, printable_lines
from toolkit.values import Json
from toolkit.yaml.node import resolve

_WIDTH = 116
_FLOW = 90  # characters of a list on one line
_MEANS_MORE = re.compile(r"^[-+0-9.:TZ]+$|^[-?:,\[\]{}#&*!|>'\"%@`]|: |:$| #")


def yaml_comment_lines(text: str) -> Iterator[str]:
    """Yield a text as the lines of a YAML comment.

    Long lines are wrapped, and hidden characters are shown as escapes.
    """
    escaped = printable(" ".join(text.splitlines()))
    clean = "".join(sign if sign.isprintable() else " " for sign in escaped)
    return (f"# {line}" for line in wrap(clean, _WIDTH, break_long_words=False, break_on_hyphens=False))


def indent_yaml(text: str) -> str:
    """Indent every line of YAML by one level."""
    return "".join(f"  {line}" if line.strip() else line for line in text.splitlines(keepends=True))


def format_yaml(value: Json) -> str:
    """Format a value as YAML."""
    yaml = YAML()
    yaml.width = 1_000_000  # a broken line could be read back as a different text
    yaml.allow_unicode = True
    yaml.representer.add_representer(type(None), lambda r, _: r.represent_scalar("tag:yaml.org,2002:null", "null"))
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = StringIO()
    yaml.dump(_yaml_node(value), stream)
    text = printable_lines(str(stream.getvalue()))  # ruamel puts them in double quotes, so escapes are read back
    return _remove_list_indent(text) if isinstance(value, list) else text


def _remove_list_indent(text: str) -> str:
    """Remove the indent that the library ruamel adds to a list at the top level."""
    return "".join(line.removeprefix("  ") for line in text.splitlines(keepends=True))


def _yaml_node(value: Json) -> object:
    match value:
        case Mapping():
            return CommentedMap({name: _yaml_node(entry) for name, entry in value.items()})
        case list() | tuple():
            return _yaml_list(list(value))
        case str():
            return _yaml_text(value)
        case _:
            return value


def _yaml_list(value: Sequence[Json]) -> CommentedSeq:
    node = CommentedSeq([_yaml_node(entry) for entry in value])
    if all(not isinstance(entry, Mapping | list | tuple) for entry in value) and _flow_length(value) <= _FLOW:
        node.fa.set_flow_style()
    return node


def _flow_length(value: Iterable[Json]) -> int:
    return sum(len(str(entry)) + 2 for entry in value)


def _yaml_text(value: str) -> object:
    """Return a string in a form in which YAML reads it unchanged, in quotes if they are needed."""
    lines = value.split("\n")
    plain = value == value.strip() and not any(line != line.strip() for line in lines)
    if len(lines) > 1 and plain and value.isprintable() is False and all(line.isprintable() for line in lines):
        return LiteralScalarString(value)
    if not value.isprintable() or value != value.strip() or not _needs_no_quotes(value):
        return DoubleQuotedScalarString(value)
    return value


def _needs_no_quotes(value: str) -> bool:
    try:
        return resolve(value) == value and not _MEANS_MORE.search(value)
    except ValueError:
        return False
