"""An import in a function or for types only saves time at the start. It is not there to break a circle."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
KNOWN = {
    ("connectors.emulator.extension", "connectors.emulator.dispatch"),
    ("connectors.emulator.extension", "connectors.emulator.emulation"),
    ("connectors.google_workspace.api.calls", "connectors.google_workspace.api.client"),
    ("connectors.microsoft365.http", "connectors.microsoft365.transports"),
    ("connectors.microsoft365.sign_in", "connectors.microsoft365.transports"),
    ("toolkit.engine.journal", "toolkit.engine.context"),
}
"""The circles that are left, each by the module that imports late and the module that it imports."""


def test_no_late_import_breaks_a_circle() -> None:
    files = {_module(file): file for top in ("toolkit", "connectors") for file in (ROOT / top).rglob("*.py")}
    imports = {module: [*_imports(ast.parse(file.read_text()), files)] for module, file in files.items()}
    at_once = {module: {name for name, late in found if not late} for module, found in imports.items()}
    late = {(module, name) for module, found in imports.items() for name, is_late in found if is_late}
    needed = {name: _reachable(name, at_once) for _, name in late}

    assert {(module, name) for module, name in late if module in needed[name]} == KNOWN


def _module(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _imports(node: ast.AST, known: Mapping[str, object], *, late: bool = False) -> Iterator[tuple[str, bool]]:
    """Yield the imported modules, and whether each import is in a function or under TYPE_CHECKING."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            continue
        if isinstance(child, ast.ImportFrom) and child.module:
            names = {f"{child.module}.{alias.name}" for alias in child.names}
            yield from ((name if name in known else child.module, late) for name in names)
        is_late = isinstance(child, ast.FunctionDef) or (
            isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
        )
        yield from _imports(child, known, late=late or is_late)


def _reachable(module: str, imports: Mapping[str, set[str]]) -> set[str]:
    found, waiting = set[str](), [module]
    while waiting:
        new = imports.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found
