"""docs/architecture.md names every command, and only files that exist."""

import ast
import re
from pathlib import Path

from toolkit import api
from toolkit.cli import program

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text()


def test_every_command_has_a_line_that_names_its_module() -> None:
    commands = program.list_commands(program.make_context("toolkit", ["--help"], resilient_parsing=True))

    named = re.findall(r"^\| `([\w-]+)` \| `(toolkit/cli/\w+\.py)` \|", PAGE, re.MULTILINE)

    assert named == [(command, f"toolkit/cli/{command.replace('-', '_')}.py") for command in sorted(commands)]


def test_every_path_on_the_page_exists() -> None:
    paths = re.findall(r"`((?:toolkit|connectors|playbooks|tests)/?[\w/.]*)`", PAGE)

    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_dependency_has_a_reason() -> None:
    from tomllib import loads

    project = loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["notify"], *extras["reports"]]
    names = [re.split(r"[\[<>=]", line)[0] for line in wanted]

    table = PAGE.partition("## Dependencies")[2].casefold()
    assert [name for name in names if name not in table] == []


def test_the_page_lists_the_files_that_take_part_when_drift_says_since_when() -> None:
    """Imports are followed from the command and from the function of the API that it calls.

    Below the feature there are only storage and what every run uses.

    A module that is imported and nowhere says `since` takes no part; the page names it too.
    """
    section = PAGE.partition('### When drift reports the wrong "since"')[2].partition("##")[0]
    listed = re.findall(r"`(toolkit/(?:api|cli|drift)/\w+\.py)`", section)
    called = f"{api.detect_drift.__module__.replace('.', '/')}.py"
    found, waiting = set[str](), ["toolkit/cli/drift.py", called]
    while waiting:
        found.add(path := waiting.pop())
        waiting += [module for module in _imported(path) if module.startswith("toolkit/drift/")]
        waiting = [module for module in waiting if module not in found]
    computing = [path for path in found if _computes_since(path)]

    assert computing == ["toolkit/drift/findings.py"]
    assert set(listed) == found
    assert len([path for path in found if re.search(r"\bsince\b", (ROOT / path).read_text())]) <= 8


def _imported(path: str) -> list[str]:
    nodes = (node for node in ast.walk(ast.parse((ROOT / path).read_text())) if isinstance(node, ast.ImportFrom))
    modules = [f"{node.module}.{name.name}" for node in nodes if node.module for name in node.names]
    paths = [f"{name.replace('.', '/')}.py" for module in modules for name in (module, module.rpartition(".")[0])]
    return [found for found in paths if (ROOT / found).exists()]


def _computes_since(path: str) -> bool:
    """Return whether a module makes a finding and says since when it is there."""
    calls = (node for node in ast.walk(ast.parse((ROOT / path).read_text())) if isinstance(node, ast.Call))
    made = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "FindingWithHistory"]
    return any(keyword.arg == "since" for call in made for keyword in call.keywords)
