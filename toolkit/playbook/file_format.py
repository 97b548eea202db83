"""Check the format version of a school's files, and replace renamed keys."""

import os
import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from toolkit.errors import PlaybookError, Problem, UsageError
from toolkit.installed import installed_version
from toolkit.messages import quoted, sentence
from toolkit.playbook.files import find_files
from toolkit.records import dataclass
from toolkit.yaml.node import Items, MappingItem, MappingNode, Node, Scalar, Source, Step, find
from toolkit.yaml.source import read_source

FORMAT = 1
"""The newest format that this version reads. A school file without `format` has format 1."""

_MINOR_VERSIONS = 2  # number of minor versions that also read an earlier name


@dataclass(frozen=True, slots=True)
class RenamedKey:
    """A renamed key. The version that renamed the key, and the next minor version, still read the earlier name."""

    file: str  # the first key of files with the renamed key
    path: tuple[str, ...]  # the path to the earlier name, in which * is any key or list entry
    name: str  # the new name
    since: tuple[int, int]  # the version that introduced the new name, such as (0, 2)

    @property
    def until(self) -> tuple[int, int]:
        """Return the first version of toolkit that refuses the earlier name."""
        major, minor = self.since
        return major, minor + _MINOR_VERSIONS

    def is_readable_by(self, version: str) -> bool:
        """Return whether a version such as 0.3.1 reads the earlier name."""
        major, minor = (int(number) for number in re.findall(r"\d+", version)[:2])
        return (major, minor) < self.until


RENAMED: tuple[RenamedKey, ...] = ()
"""Renamed keys whose earlier name this version knows. A row may be deleted once the earlier name is refused."""


@dataclass(frozen=True, slots=True)
class EarlierKey:
    """A key written under its earlier name, with its line before and after renaming."""

    problem: Problem
    renamed: RenamedKey
    span: tuple[int, int]  # its position among the characters of the file
    before: str
    after: str  # "" if the file has both names


def refuse_newer(source: Source) -> None:
    """Raise PlaybookError if the school file has a newer format."""
    version_entry = source.root.entries.get("format")
    if (
        version_entry
        and isinstance(version_entry.node, Scalar)
        and isinstance(version_entry.node.value, int)
        and version_entry.node.value > FORMAT
    ):
        message = (
            f"the school's files have format {version_entry.node.value}, and this toolkit ({installed_version()}) "
            f"reads formats up to {FORMAT}. Install the version that wrote them, or a later version"
        )
        raise PlaybookError([source.problem(version_entry.line, message)])


def earlier_keys(source: Source, renamed: Sequence[RenamedKey]) -> Sequence[EarlierKey]:
    """Return the keys of a file that are written under an earlier name, in order."""
    keys = [
        _earlier_key(source, key, path)
        for key in renamed
        if key.file == source.first
        for path in _matching_paths(source.root, key.path)
    ]
    return sorted(keys, key=lambda earlier: earlier.span)


def rename_earlier_keys(source: Source, renamed: Sequence[RenamedKey], problems: list[Problem]) -> Source:
    """Return a file in which renamed keys have their new names.

    Earlier names that are refused are added to `problems`.
    """
    root = source.root
    for key in renamed:
        if key.file == source.first:
            root = _rename_key(root, key.path, key.name)
    version = installed_version() if renamed else ""
    problems += [
        earlier.problem
        for earlier in earlier_keys(source, renamed)
        if not (earlier.after and earlier.renamed.is_readable_by(version))
    ]
    return replace(source, root=root)


def write_new_names(path: Path, renamed: Sequence[RenamedKey]) -> Sequence[EarlierKey]:
    """Replace earlier names of keys in the files of a folder, or in a single file, and return the changes.

    Comments, quotes and spaces are kept. A file that is not YAML, or has a key under both names, is not changed.
    """
    files = find_files(path)
    changed: list[EarlierKey] = []
    for file in files.chosen:
        try:
            source = read_source(file, relative=file.relative_to(files.root).as_posix())
        except PlaybookError:
            continue
        if keys := [earlier for earlier in earlier_keys(source, renamed) if earlier.after]:
            _replace_file(file.resolve(), _content_with_new_names(source.content, keys))
            changed += keys
    return changed


def write_school_id(path: Path, identifier: str) -> Problem | None:
    """Write an id into a school file that has none, above its `short_name`.

    Return the place, or None if nothing changed. A file that cannot be read, or does not have one key on each line, is
    not changed.
    """
    files = find_files(path)
    for file in files.chosen:
        try:
            source = read_source(file, relative=file.relative_to(files.root).as_posix())
        except PlaybookError:
            continue
        short_name = source.root.entries.get("short_name")
        if source.first != "school" or short_name is None or "id" in source.root.entries:
            continue
        characters, begins = _split_characters(source.content), short_name.span[0]
        if begins and characters[begins - 1] not in {"\n", "\r\n"}:
            continue
        end = "\r\n" if "\r\n" in characters else "\n"
        characters[begins:begins] = [f"id: {identifier}{end}"]
        _replace_file(file.resolve(), _encode_like(source.content, characters))
        return source.problem(short_name.line, f"`id: {identifier}`")
    return None


def _matching_paths(node: Node, path: Sequence[str]) -> Iterator[tuple[Step, ...]]:
    """Yield each path of a file that matches a path with wildcards."""
    step, *below = path
    steps: Sequence[Step] = ()
    if isinstance(node, MappingNode):
        steps = [key for key in node.entries if step in {key, "*"}]
    elif isinstance(node, Items) and step == "*":
        steps = range(len(node.nodes))
    for here in steps:
        under = find(node, [here])
        if not below:
            yield (here,)
        elif under is not None:
            yield from ((here, *rest) for rest in _matching_paths(under, below))


def _rename_key(node: MappingNode, path: Sequence[str], name: str) -> MappingNode:
    """Return a table in which the key has its new name.

    If both names are present, the key with the earlier name is dropped.
    """
    step, *below = path
    if not below:
        kept = {key for key in node.entries if key != step or name not in node.entries}
        return replace(
            node, entries={name if key == step else key: entry for key, entry in node.entries.items() if key in kept}
        )
    entries = {
        key: replace(entry, node=_rename_key_below(entry.node, below, name)) if step in {key, "*"} else entry
        for key, entry in node.entries.items()
    }
    return replace(node, entries=entries)


def _rename_key_below(node: Node, path: Sequence[str], name: str) -> Node:
    if isinstance(node, MappingNode):
        return _rename_key(node, path, name)
    if isinstance(node, Items) and path[0] == "*":
        return replace(node, nodes=tuple(_rename_key_below(entry, path[1:], name) for entry in node.nodes))
    return node


def _earlier_key(source: Source, key: RenamedKey, path: Sequence[Step]) -> EarlierKey:
    table = find(source.root, path[:-1])
    assert isinstance(table, MappingNode)
    entry = table.entries[str(path[-1])]
    before, after = _line_before_and_after(source, entry, key.name)
    old, new = quoted(str(path[-1])), quoted(key.name)
    if key.name in table.entries:
        message = f"{old} is the earlier name of {new}, but both are present. Delete {old}"
        return EarlierKey(source.problem(entry.line, message), key, entry.span, before, "")
    since, until = (f"toolkit {major}.{minor}" for major, minor in (key.since, key.until))
    message = (
        f"{old} is called {new} since {since}, and {until} and later versions refuse {old}. Write "
        f"`{sentence(after)}`, or run `toolkit validate --fix`"
    )
    return EarlierKey(source.problem(entry.line, message), key, entry.span, before, after)


def _line_before_and_after(source: Source, entry: MappingItem, name: str) -> tuple[str, str]:
    """Return the line of a key as it is now, and as it is with the new name."""
    text = "".join(_split_characters(source.content)).replace("\r\n", "\n")
    begins, ends = entry.span
    first = text.rfind("\n", 0, begins) + 1
    last = text.find("\n", ends)
    rest = text[ends:] if last < 0 else text[ends:last]
    return (text[first:ends] + rest).strip(), (text[first:begins] + name + rest).strip()


def _split_characters(content: bytes) -> list[str]:
    """Return a file's characters as the parser counts them, with a line end as one character."""
    return re.findall(r"\r\n|.", content.decode("utf-8-sig"), re.DOTALL)


def _content_with_new_names(content: bytes, keys: Sequence[EarlierKey]) -> bytes:
    characters = _split_characters(content)
    for earlier in reversed(keys):
        begins, ends = earlier.span
        characters[begins:ends] = [earlier.renamed.name]
    return _encode_like(content, characters)


def _encode_like(content: bytes, characters: Sequence[str]) -> bytes:
    """Encode changed characters, and keep the byte order mark of the original file."""
    mark = BOM_UTF8 if content.startswith(BOM_UTF8) else b""
    return mark + "".join(characters).encode()


def _replace_file(file: Path, content: bytes) -> None:
    """Replace a file atomically."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}.new")
    try:
        fresh.write_bytes(content)
        fresh.chmod(file.stat().st_mode)
        fresh.replace(file)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error
