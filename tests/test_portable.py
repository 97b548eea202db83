"""The installed package loads on a system that is not POSIX: nothing in it needs a module that Windows lacks."""

import ast
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
POSIX_ONLY = frozenset("crypt fcntl grp nis ossaudiodev posix pty pwd resource spwd syslog termios tty".split())
WITHOUT = {
    "os": frozenset(
        "O_NOFOLLOW WNOHANG chown fchmod fchown fork forkpty geteuid getgid getlogin getpgid getuid killpg lchown "
        "mkfifo setsid setuid sysconf uname wait".split()
    ),
    "signal": frozenset("SIGALRM SIGCHLD SIGHUP SIGKILL SIGPIPE SIGQUIT SIGUSR1 SIGUSR2 SIGWINCH alarm".split()),
}
"""What `os` and `signal` lack on Windows."""
FILES = sorted(path for folder in ("toolkit", "connectors") for path in (ROOT / folder).rglob("*.py"))
LOADED = """
import builtins, pkgutil, sys
real = builtins.__import__
def checked(name, globals=None, locals=None, fromlist=(), level=0):
    if name.partition(".")[0] in BLOCKED and str((globals or {}).get("__name__")).startswith(("toolkit", "connectors")):
        raise ModuleNotFoundError(f"No module named {name!r}: imported by {globals['__name__']}")
    return real(name, globals, locals, fromlist, level)
builtins.__import__ = checked
import toolkit, connectors
names = [m.name for p in (toolkit, connectors) for m in pkgutil.walk_packages(p.__path__, f"{p.__name__}.")]
for name in names:
    if not name.endswith("__main__"):
        real(name)
print(len(names))
"""


@cache
def _trees() -> Sequence[tuple[Path, ast.Module]]:
    """Read every module once."""
    return [(path.relative_to(ROOT), ast.parse(path.read_text())) for path in FILES]


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or ""


def test_no_module_imports_what_windows_lacks_not_even_when_it_runs() -> None:
    found = [
        f"{path}:{line}: {name}"
        for path, tree in _trees()
        for line, name in _imports(tree)
        if name.partition(".")[0] in POSIX_ONLY
    ]
    assert (len(FILES) > 500, found) == (True, [])


def test_every_module_loads_where_those_modules_are_missing() -> None:
    program = f"BLOCKED = {set(POSIX_ONLY)!r}\n{LOADED}"

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 500


@pytest.mark.parametrize("line", ["import fcntl", "from pwd import getpwuid", "def f():\n    import termios"])
def test_a_posix_import_would_be_found(line: str) -> None:
    assert [name for _, name in _imports(ast.parse(line)) if name in POSIX_ONLY]


def test_what_only_posix_has_in_os_and_signal_is_used_behind_a_question_for_the_platform() -> None:
    found = [
        f"{path}:{node.lineno}: {node.value.id}.{node.attr}"
        for path, tree in _trees()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.attr in WITHOUT.get(node.value.id, ())
        and "sys.platform" not in ast.unparse(function)
    ]
    assert found == []
