"""Read the text files to which playbooks refer, and fill in the school's values."""

import html
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from toolkit.messages import closest, did_you_mean, quoted
from toolkit.real_path import follow_links, real_path
from toolkit.school.school import School
from toolkit.yaml.node import find_unprintable

LARGEST = 100_000  # bytes
LARGEST_TABLE = 2_000_000  # the limit for a CSV file, because a register has a row for each device
_PLACEHOLDER = re.compile(r"\{\{((?:(?!\}\}|\{\{).)*+)\}\}", re.DOTALL)
_HTML = {".html", ".htm"}


class Texts:
    """Reads the text files of a directory of playbooks. `used` has the bytes of the files that were read."""

    def __init__(self, root: Path, school: School | None) -> None:
        self.used: dict[str, bytes] = {}
        self.root = real_path(root)
        self._placeholder_values = None if school is None else _placeholder_values(school)

    def create_reader(self, playbook: Path) -> Callable[[str], str]:
        """Return a function that reads a text file at a path relative to a playbook. It raises ValueError."""
        return lambda written: self._read_text(playbook.parent, written)

    def _read_text(self, folder: Path, written: str) -> str:
        try:
            file = follow_links(folder / written)
            if not file.is_relative_to(self.root):
                raise ValueError(f"{quoted(written)} leaves the directory of the playbooks")
            if not file.is_file():
                raise ValueError(f"there is no file {quoted(written)}{_suggest_file(folder, written)}")
            with file.open("rb") as opened:
                content = opened.read(LARGEST_TABLE + 1)
        except OSError as error:
            raise ValueError(f"{quoted(written)} cannot be read") from error
        text = _decode(content, written)
        self.used[file.relative_to(self.root).as_posix()] = content
        if self._placeholder_values is None:
            return text
        return _fill_placeholders(text, written, self._placeholder_values, in_html=file.suffix.lower() in _HTML)


def _placeholder_values(school: School) -> Mapping[str, str | None]:
    return {
        "school.name": school.name,
        "school.short_name": school.short_name,
        "school.domain": school.domains[0],
        "school.phone": school.phone,
        "school.website": school.website,
    }


def _suggest_file(folder: Path, written: str) -> str:
    place = (folder / written).parent
    names = [file.name for file in place.iterdir()] if place.is_dir() else []
    meant = closest(Path(written).name, names)
    return f": did you mean `{(Path(written).parent / meant).as_posix()}`?" if meant else ""


def _decode(content: bytes, written: str) -> str:
    largest = LARGEST_TABLE if written.lower().endswith(".csv") else LARGEST
    if len(content) > largest:
        raise ValueError(f"{quoted(written)} is larger than {largest // 1000} KB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(f"{written}:{line}: is not UTF-8 text. Save the file as UTF-8") from error
    if match := find_unprintable(text):
        line = text.count("\n", 0, match.start()) + 1
        raise ValueError(f"{written}:{line}: a control character (U+{ord(match[0]):04X}). Delete it")
    if not text.strip():
        raise ValueError(f"{quoted(written)} is empty")
    return text


def _fill_placeholders(text: str, written: str, values: Mapping[str, str | None], *, in_html: bool) -> str:
    mistakes: list[str] = []

    def fill(match: re.Match[str]) -> str:
        name = match[1].strip()
        value = values.get(name)
        if value is None:
            line = text.count("\n", 0, match.start()) + 1
            mistakes.append(f"{written}:{line}: {_placeholder_error(name, values)}")
            return ""
        return html.escape(value) if in_html else value

    filled = _PLACEHOLDER.sub(fill, text)
    if mistakes:
        raise ValueError("; ".join(mistakes))
    return filled


def _placeholder_error(name: str, values: Mapping[str, str | None]) -> str:
    if name in values:
        return f"the school file does not have {quoted(name.removeprefix('school.'))}, which is used here"
    return f"unknown placeholder {quoted(name)}{did_you_mean(name, values)}"
