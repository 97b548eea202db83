"""Rules about time in tests: a test that sleeps or has a short deadline needs the mark `timing`."""

import ast
import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import SupportsIndex

from tests.emulated import HANG

TESTS = Path(__file__).parent
MARK = "timing"
_WAITS = frozenset({"wait", "join", "get", "acquire", "result", "communicate"})
"""Methods with a timeout as their only positional number. For `get`, only a named timeout counts."""
_MAY_WAIT = re.compile(rf"\bsleep\b|\btimeout(?:_seconds)?\s*=|\.(?:{'|'.join(sorted(_WAITS))})\(\s*[\d.]")
"""Matches every source with a possible sleep or deadline. Other sources are not parsed, which saves time."""


def processor_seconds(pid: int) -> float:
    """Return the processor time of a process so far, which a busy machine hardly changes."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def sleepless() -> Iterator[None]:
    """Fail a test that sleeps. The product may sleep, between two attempts."""
    sleep = time.sleep

    def guarded_sleep(seconds: float | SupportsIndex, /) -> None:
        caller = sys._getframe(1).f_code.co_filename
        if Path(caller).is_relative_to(TESTS):
            raise AssertionError(f"{caller} sleeps: wait for an event, or mark the test with @pytest.mark.{MARK}")
        sleep(seconds)

    time.sleep = guarded_sleep
    try:
        yield
    finally:
        time.sleep = sleep


def hasty(source: str) -> Sequence[str]:
    """Return the sleeps and short deadlines of a test module outside the tests marked `timing`, with their lines."""
    return [f"{line}: {what}" for line, what in _find_haste(ast.parse(source))] if _MAY_WAIT.search(source) else []


def _find_haste(node: ast.AST) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.FunctionDef) and any(_names(decorator, MARK) for decorator in node.decorator_list):
        return
    if isinstance(node, ast.Call) and (what := _haste(node)):
        yield node.lineno, what
    if isinstance(node, ast.ImportFrom) and node.module == "time" and "sleep" in {alias.name for alias in node.names}:
        yield node.lineno, "imports sleep"
    for child in ast.iter_child_nodes(node):
        yield from _find_haste(child)


def _haste(call: ast.Call) -> str:
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if method == "sleep" and isinstance(call.func, ast.Attribute) and _names(call.func.value, "time"):
        return "sleeps"
    named = [keyword.value for keyword in call.keywords if keyword.arg in {"timeout", "timeout_seconds"}]
    positional = call.args[:1] if method in _WAITS - {"get"} else []
    short = any(_number(value) < HANG for value in (*named, *positional))
    return f"has a deadline of less than {HANG} seconds" if short else ""


def _number(value: ast.expr) -> float:
    is_number = isinstance(value, ast.Constant) and type(value.value) in {int, float}
    return float(value.value) if isinstance(value, ast.Constant) and is_number else HANG  # type: ignore[arg-type]


def _names(node: ast.expr, name: str) -> bool:
    match node:
        case ast.Name(id=found) | ast.Attribute(attr=found):
            return found == name
    return False
