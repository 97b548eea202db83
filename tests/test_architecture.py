"""docs/architecture.md names every command, and only files that exist."""

import re
from pathlib import Path

from toolkit.cli import program

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text()


def test_every_command_has_a_line_that_names_its_module() -> None:
    commands = program.list_commands(program.make_context("toolkit", ["--help"], resilient_parsing=True))

    named = re.findall(r"^\| `(\w+)` \| `(toolkit/cli/\w+\.py)` \|", PAGE, re.MULTILINE)

    assert named == [(command, f"toolkit/cli/{command}.py") for command in sorted(commands)]


def test_every_path_on_the_page_exists() -> None:
    paths = re.findall(r"`((?:toolkit|connectors|playbooks|tests)/?[\w/.]*)`", PAGE)

    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_dependency_has_a_reason() -> None:
    from tomllib import loads

    project = loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["emulator"], *extras["reports"]]
    names = [re.split(r"[\[<>=]", line)[0] for line in wanted]

    table = PAGE.partition("## Dependencies")[2].casefold()
    assert [name for name in names if name not in table] == []
