"""The names and the texts in the files of the project, as the rules of the language look at them."""

import ast
import gc
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TypeGuard

REPOSITORY = Path(__file__).parents[2]
TEXT_FILES = frozenset({".md", ".yaml", ".yml", ".toml", ".j2", ".html", ".example"})
"""Files that are read as they are. In Python the docstrings and the texts in quotes are read."""
_TEMPLATES = frozenset({".j2", ".typ", ".toml"})
_MARKUP = re.compile(r"\{\{.*?\}\}|\{%[^\"']*?%\}|<[^>]*>")
_SENTENCE_END = re.compile(r"(?<=\.)\s+")
_PREFORMATTED = re.compile(r"^\s*(?:\\b|\x08)\s*$", re.MULTILINE)
"""The mark of click before a paragraph that is printed as it is, such as an example or a list of exit codes."""
_NOT_PROSE = ("# type:", "# noqa")
_NAMED = frozenset({ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module, ast.JoinedStr})
_WORDS = 4
"""A text in quotes with fewer words is a key, a name or a label."""


class Part(StrEnum):
    """A part of a file that has rules of its own."""

    FUNCTION = "function names"
    FIELD = "field names"
    VARIABLE = "variable names"
    OPENING = "docstring openings"
    DOCSTRING = "docstrings"
    COMMENT = "comments"
    MESSAGE = "messages"


@dataclass(frozen=True, slots=True)
class Passage:
    """A name or a sentence at a line of a file. A field also names its class."""

    part: Part
    line: int
    text: str
    owner: str = ""


@cache
def files() -> Sequence[str]:
    """List the tracked files with texts, except the tests."""
    return [name for name in tracked_files() if not name.startswith("tests/") and _has_text(Path(name))]


@cache
def tracked_files() -> Sequence[str]:
    """List the files that Git tracks and that are in the folder."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, check=True, capture_output=True, text=True)
    return [name for name in listed.stdout.split("\0") if name and (REPOSITORY / name).is_file()]


def _has_text(path: Path) -> bool:
    return path.suffix == ".py" or path.suffix in TEXT_FILES


def texts(file: str) -> Sequence[tuple[int, str]]:
    """Return the whole texts of a file, each with its line."""
    if file.endswith(".py"):
        return _read_module(file)[1]
    return [(1, (REPOSITORY / file).read_text(encoding="utf-8"))]


def passages_of(file: str) -> Sequence[Passage]:
    """Return the passages of a Python file or a template."""
    if file.endswith(".py"):
        return _read_module(file)[0]
    return list(template_passages((REPOSITORY / file).read_text(encoding="utf-8")))


@cache
def _read_module(file: str) -> tuple[Sequence[Passage], Sequence[tuple[int, str]]]:
    source = (REPOSITORY / file).read_text(encoding="utf-8")
    return read_module(source)


def has_passages(file: str) -> bool:
    """Return whether the language of a file is counted: product code, templates, tables, and helpers of the tests."""
    path = Path(file)
    if path.suffix == ".py":
        return not (path.parts[0] == "tests" and path.name.startswith("test_"))
    return path.suffix in _TEMPLATES and path.parts[0] in {"toolkit", "connectors"}


def template_passages(source: str) -> Iterator[Passage]:
    """Return the lines of a template or a table of texts, without markup, and its comments."""
    for number, line in enumerate(source.splitlines(), 1):
        prose, is_comment, comment = _MARKUP.sub("X", line).partition("# ")
        if prose.strip().count(" ") >= _WORDS - 1:
            yield Passage(Part.MESSAGE, number, prose.strip())
        if is_comment:
            yield Passage(Part.COMMENT, number, comment)


def read_module(source: str) -> tuple[Sequence[Passage], Sequence[tuple[int, str]]]:
    """Return the passages of a module, and its texts, each with its line."""
    gc.disable()  # a tree has no garbage, and looking for it takes a third of the time
    try:
        nodes = list(_nodes(ast.parse(source)))
        passages = list(_python_passages(source, nodes))
        return passages, [(node.lineno, str(node.value)) for node in nodes if _is_text(node)]
    finally:
        gc.enable()


def _python_passages(source: str, nodes: Sequence[ast.AST]) -> Iterator[Passage]:
    """Find the names that a module defines, its docstrings by sentence, its comments and its messages."""
    docstrings: set[int] = set()
    strings: list[ast.Constant | ast.JoinedStr] = []
    fields = {id(target) for target in _field_targets(nodes)}
    for node in nodes:
        if isinstance(node, ast.Name) and id(node) not in fields:
            yield Passage(Part.VARIABLE, node.lineno, node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _function(node)
            yield from _docstring(node.body[0], docstrings, opens=True)
        elif isinstance(node, ast.ClassDef | ast.Module):
            yield from _docstring(node.body[0], docstrings, opens=False) if node.body else ()
            yield from _fields(node)
        elif isinstance(node, ast.JoinedStr) or _is_text(node):
            strings.append(node)
    for string in strings:
        if isinstance(string, ast.Constant) and id(string) not in docstrings:
            text = str(string.value)
            if text.count(" ") >= _WORDS - 1:
                yield Passage(Part.MESSAGE, string.lineno, text)
    yield from _comments(source.splitlines(), strings)


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Return the nodes with names and texts, in a third of the time of `ast.walk`."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Store):
                yield node
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                yield node
        else:
            if type(node) in _NAMED:
                yield node
            for value in vars(node).values():
                if isinstance(value, list):
                    waiting += [entry for entry in value if isinstance(entry, ast.AST)]
                elif isinstance(value, ast.AST):
                    waiting.append(value)


def _is_text(node: ast.AST) -> TypeGuard["ast.Constant"]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Passage]:
    yield Passage(Part.FUNCTION, node.lineno, node.name)
    for argument in (*node.args.args, *node.args.kwonlyargs):
        yield Passage(Part.VARIABLE, node.lineno, argument.arg)


def _fields(node: ast.ClassDef | ast.Module) -> Iterator[Passage]:
    if isinstance(node, ast.ClassDef):
        for statement in node.body:
            if _is_field(statement) and not _is_key(statement.value) and not _is_time(statement.annotation):
                yield Passage(Part.FIELD, statement.lineno, ast.unparse(statement.target), node.name)


def _is_time(annotation: ast.expr) -> bool:
    """Return whether a field holds a date or a time, so that a participle such as `exported` names the event."""
    return any(isinstance(node, ast.Name) and node.id in {"date", "datetime"} for node in ast.walk(annotation))


def _field_targets(nodes: Sequence[ast.AST]) -> Iterator[ast.expr]:
    classes = (node for node in nodes if isinstance(node, ast.ClassDef))
    return (statement.target for node in classes for statement in node.body if _is_field(statement))


def _is_field(statement: ast.stmt) -> TypeGuard[ast.AnnAssign]:
    return isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)


def _is_key(default: ast.expr | None) -> bool:
    """Return whether a field is a key of a file: pydantic describes such a field, and an alias would be the key."""
    if not (isinstance(default, ast.Call) and isinstance(default.func, ast.Name) and default.func.id == "Field"):
        return False
    return not any(keyword.arg == "alias" for keyword in default.keywords)


def _docstring(first: ast.stmt, docstrings: set[int], *, opens: bool) -> Iterator[Passage]:
    if not (isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and _is_text(first.value)):
        return
    docstrings.add(id(first.value))
    prose = _prose_of(str(first.value.value))
    if opens:
        yield Passage(Part.OPENING, first.lineno, prose)
    for sentence in _SENTENCE_END.split(prose):
        yield Passage(Part.DOCSTRING, first.lineno, sentence)


def _prose_of(docstring: str) -> str:
    """Return a docstring in one line, without the paragraphs that click prints as they are."""
    paragraphs = re.split(r"\n\s*\n", docstring)
    return " ".join(" ".join(text for text in paragraphs if not _PREFORMATTED.match(text)).split())


def _comments(lines: Sequence[str], strings: Sequence[ast.Constant | ast.JoinedStr]) -> Iterator[Passage]:
    """Find comments without a tokenizer, which takes longer than everything else: a `#` that is in no string."""
    marked = {number for number, line in enumerate(lines, 1) if "#" in line}
    covered: dict[int, list[tuple[int, int]]] = {}
    for string in strings:
        last = string.end_lineno or string.lineno
        for number in range(string.lineno, last + 1):
            if number in marked:
                start = string.col_offset if number == string.lineno else 0
                end = string.end_col_offset or 0 if number == last else len(lines[number - 1].encode())
                covered.setdefault(number, []).append((start, end))
    for number in sorted(marked):
        line = lines[number - 1].encode()
        for place, byte in enumerate(line):
            if byte == ord("#") and not any(start <= place < end for start, end in covered.get(number, ())):
                comment = line[place:].decode()
                if not comment.startswith(_NOT_PROSE):
                    yield Passage(Part.COMMENT, number, comment)
                break
