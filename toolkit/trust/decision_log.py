"""Store decisions about a trust's runs, each as a line of JSON. No line is changed."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from toolkit.private_files import make_private_folder


def append_decision(file: Path, entry: Mapping[str, str]) -> None:
    """Add a decision to a file."""
    make_private_folder(file.parent)
    with file.open("a", encoding="utf-8") as opened:
        opened.write(json.dumps(entry) + "\n")


def read_decisions(file: Path) -> Iterator[dict[str, Any]]:
    """Yield the decisions in a file, oldest first."""
    if file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)
