"""Add an entry to a file of exceptions. The rest of the file, including comments, does not change."""

import re
from collections.abc import Mapping
from datetime import date
from io import StringIO
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from toolkit.errors import UsageError
from toolkit.playbook.files import find_files
from toolkit.records import dataclass
from toolkit.values import Json
from toolkit.yaml.source import read_source

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FILE = "95-exceptions.yaml"
_NEW = """\
# Approved exceptions for a role and a time, and differences that are accepted for a time.
exceptions: accepted
"""


@dataclass(frozen=True, slots=True)
class Addition:
    """A file and its content before and after an entry is added."""

    file: Path
    before: str | None  # None if the file does not exist yet
    after: str


def added(root: Path, under: str, entry: Mapping[str, Json]) -> Addition:
    """Return the file of exceptions with an entry added under `approved` or `accepted`. Nothing is written."""
    files = find_files(root)
    existing = next(
        (file for file in files.chosen if read_source(file, relative=file.name).first == "exceptions"), None
    )
    file = existing or files.root / FILE
    before = file.read_text(encoding="utf-8") if existing else None
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    written = yaml.load(before or _NEW)
    entries = written.get(under)
    if entries is None:
        written[under] = entries = CommentedSeq()
        written.yaml_set_comment_before_after_key(under, before="\n")
    if entries.fa.flow_style():
        raise UsageError(
            f"{file}: {under} is a list in one line with [ ]. Write each entry on its own line, then try again"
        )
    entries.append(_to_yaml_map(entry))
    text = StringIO()
    yaml.dump(written, text)
    return Addition(file, before, text.getvalue())


def _to_yaml_map(written: Mapping[str, Json]) -> CommentedMap:
    entry = CommentedMap({key: _to_date(value) for key, value in written.items()})
    for value in entry.values():
        if isinstance(value, CommentedMap):
            value.fa.set_flow_style()
    return entry


def _to_date(value: Json) -> object:
    """Convert a date in text to a date object, so that YAML writes it without quotes."""
    return date.fromisoformat(value) if isinstance(value, str) and _DAY.fullmatch(value) else value
