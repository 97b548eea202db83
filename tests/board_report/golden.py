"""Golden files of the small school's export. `python -m tests.board_report.golden` writes them again."""

import json
import tempfile
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest

from tests.board_report.reading import visible_text
from tests.board_report.school import export_of
from toolkit.board_report.document import document
from toolkit.board_report.pack import Pack
from toolkit.board_report.page import as_html
from toolkit.board_report.writers import as_json

_HERE = Path(__file__).parent
AGAIN = "if this is intended, `.venv/bin/python -m tests.board_report.golden` writes the golden files again"


def read_document(directory: Path, pack: Pack = Pack.GOVERNORS, *, target: str = "emulator") -> Any:
    """Return a document of the small school as read from its file, without the values that each version changes."""
    content = json.loads(as_json(document(export_of(directory, target=target), pack)))
    content["integrity"] = {"sha256": "0" * 64}
    content["run"]["toolkit"] = "0"
    return content


def texts(directory: Path) -> dict[str, str]:
    """Return the expected content of each golden file, by its name."""
    board = read_document(directory / "board")
    summary = read_document(directory / "summary", Pack.SUMMARY, target="live")
    return {
        "governors.json": as_json(board),
        "governors.txt": visible_text(as_html(board)),
        "summary.txt": visible_text(as_html(summary)),
    }


def compare(name: str, text: str) -> None:
    """Fail with the difference from a golden file, and with the command that writes it again."""
    path = _HERE / name
    golden = path.read_text(encoding="utf-8") if path.exists() else ""
    if text != golden:
        lines = unified_diff(golden.splitlines(), text.splitlines(), f"golden {name}", "now", lineterm="", n=1)
        pytest.fail("\n".join([f"{name} is not the golden one; {AGAIN}", *lines]), pytrace=False)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        for name, text in texts(Path(made)).items():
            (_HERE / name).write_text(text, encoding="utf-8")
