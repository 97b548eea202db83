"""docs/threats.md claims nothing without a test that exists, or an open risk."""

import ast
import re
from collections.abc import Iterator
from functools import cache

from tests.docs.blocks import ROOT

PAGE = ROOT / "docs" / "threats.md"
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def _rows() -> Iterator[list[str]]:
    """Yield the cells of each row of a table, without headings."""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[0] != "threat":
            yield cells


@cache
def _tests_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_each_threat_has_a_test_that_exists_or_an_open_risk() -> None:
    rows = list(_rows())
    named = [(path, name) for cells in rows for path, name in _TEST.findall(cells[-1])]

    assert len(rows) > len(set(named)) > 0, "some threats are open risks"
    assert [cells[0] for cells in rows if not (_TEST.search(cells[-1]) or cells[-1].startswith("Open risk: "))] == []
    assert [name for path, name in named if not (ROOT / path).is_file() or name not in _tests_in(path)] == []
