"""`toolkit.sdk` offers what connectors and controls import, and loads it no sooner than it is needed."""

import subprocess
import sys
from pathlib import Path

import toolkit.sdk

ROOT = Path(__file__).parents[2]


def test_each_name_is_that_of_its_module() -> None:
    for name in dir(toolkit.sdk):
        assert getattr(toolkit.sdk, name) is not None


def test_connectors_and_controls_import_from_nowhere_else() -> None:
    files = [file for folder in ("connectors", "toolkit/controls") for file in (ROOT / folder).rglob("*.py")]

    assert [str(file) for file in files if "from toolkit.sdk." in file.read_text()] == []


def test_one_name_loads_only_its_module() -> None:
    command = "import sys; from toolkit.sdk import Address; print(*sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    assert "toolkit.sdk.resource" in loaded
    assert "toolkit.sdk.kind" not in loaded
