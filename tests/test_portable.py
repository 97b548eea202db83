"""The installed package loads on a system that is not POSIX: nothing in it imports a module that Windows lacks."""

import ast
import re
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
_USED = re.compile("|".join(rf"\b{module}\.(?:{'|'.join(sorted(names))})\b" for module, names in WITHOUT.items()))
_IMPORTED = re.compile(rf"^ *(?:import .*|from )\b({'|'.join(sorted(POSIX_ONLY))})\b.*", re.MULTILINE)
FILES = sorted(path for folder in ("toolkit", "connectors") for path in (ROOT / folder).rglob("*.py"))


def test_no_module_imports_what_windows_lacks_not_even_when_it_runs() -> None:
    found = [f"{path}: {found[0]}" for path in FILES for found in _IMPORTED.finditer(path.read_text())]
    assert (len(FILES) > 500, found) == (True, [])


@pytest.mark.parametrize("line", ["import fcntl", "from pwd import getpwuid", "def f():\n    import termios"])
def test_a_posix_import_would_be_found(line: str) -> None:
    assert _IMPORTED.search(line)


def test_what_only_posix_has_in_os_and_signal_is_used_behind_a_question_for_the_platform() -> None:
    found = [
        f"{path}:{node.lineno}: {node.value.id}.{node.attr}"
        for path in FILES
        if _USED.search(source := path.read_text())
        for function in ast.walk(ast.parse(source))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.attr in WITHOUT.get(node.value.id, ())
        and "sys.platform" not in ast.unparse(function)
    ]
    assert found == []
