"""The generated pages of docs/: `python -m toolkit.render.reference.pages docs` writes them."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from toolkit.controls.control import controls
from toolkit.engine.desired_state import trades
from toolkit.playbook.vocabulary import found
from toolkit.render.reference.control_reference import control_reference
from toolkit.render.reference.kind_reference import kind_reference
from toolkit.render.reference.reference_markdown import reference_page
from toolkit.sdk.providers import emulator_command, providers


def pages() -> Mapping[str, str]:
    """Give every generated page, by its path below docs/."""
    brought = trades(list(providers()))
    kinds = {name: kind_reference(name, kind) for name, (_, kind) in found().kind_names().items()}
    rules = {name: control_reference(control, brought) for name, control in controls().items()}
    return {
        **{f"kinds/{name}.md": reference_page(reference) for name, reference in kinds.items()},
        **{f"controls/{name}.md": reference_page(reference) for name, reference in rules.items()},
        "emulator.md": _emulated(),
    }


def _emulated() -> str:
    command = [*emulator_command(), "operations"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def write(directory: Path) -> None:
    """Write all pages, and remove those of what is no more."""
    wanted = {directory / path: text for path, text in pages().items()}
    for folder in ("kinds", "controls"):
        for path in (directory / folder).glob("*.md"):
            if path not in wanted:
                path.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
