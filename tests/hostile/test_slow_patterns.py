"""No text of a service or a file makes a regular expression take long."""

import ast
import importlib
import pkgutil
import re
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import pytest

import connectors
import toolkit
from tests.hostile.slow_patterns import slow_texts

SECONDS = 0.15
"""Of the processor, for a text on which a linear pattern takes a millisecond."""
_SEARCHING = frozenset({"search", "sub", "subn", "finditer", "findall", "split"})
_ANCHORED = frozenset({"match", "fullmatch"})
_SHORT_TEXTS = {
    "toolkit.ledger.display_names._BEFORE",  # 80 characters before an address
}
"""Patterns that are given a text whose length the code limits."""


@cache
def modules() -> Sequence[ModuleType]:
    """Import every module of the product; the emulator is another program."""
    found = [name for package in (toolkit, connectors) for name in _names(package)]
    return [importlib.import_module(name) for name in found if "emulator" not in name.split(".")[:2]]


def _names(package: ModuleType) -> Iterator[str]:
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.endswith("__main__"):
            yield module.name


@cache
def patterns() -> Mapping[str, tuple[re.Pattern[Any], frozenset[str]]]:
    """Return each pattern by its first name, with the methods that are called on it."""
    named: dict[re.Pattern[Any], list[tuple[ModuleType, str]]] = {}
    for module in modules():
        for name, value in vars(module).items():
            for pattern in _inside(value, 0):
                named.setdefault(pattern, []).append((module, name))
        for pattern, method in _written_in_functions(module):
            named.setdefault(pattern, []).append((module, f"{method} {pattern.pattern[:40]!r}"))
    return {f"{places[0][0].__name__}.{places[0][1]}": (it, _methods(places)) for it, places in named.items()}


def _inside(value: Any, depth: int) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth > 3 or isinstance(value, type | ModuleType):
        return
    elif isinstance(value, Mapping):
        for inner in [*value.keys(), *value.values()]:
            yield from _inside(inner, depth + 1)
    elif isinstance(value, tuple | list | set | frozenset):
        for inner in value:
            yield from _inside(inner, depth + 1)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _inside(getattr(value, field.name, None), depth + 1)


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(str(module.__file__)).read_text())


def _written_in_functions(module: ModuleType) -> Iterator[tuple[re.Pattern[Any], str]]:
    for node in ast.walk(_tree(module)):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="re"), attr=method), args=[ast.Constant(value=text), *_]
            ):
                if method in _SEARCHING | _ANCHORED and isinstance(text, str | bytes):
                    yield re.compile(text), method


def _methods(places: Sequence[tuple[ModuleType, str]]) -> frozenset[str]:
    """Return what is called on a pattern in the modules that have it; every method if it is handed on."""
    called: set[str] = set()
    for module, name in places:
        if " " in name:
            called.add(name.partition(" ")[0])
            continue
        mentioned = 0
        for node in ast.walk(_tree(module)):
            match node:
                case ast.Name(id=word, ctx=ast.Load()) if word == name:
                    mentioned += 1
                case ast.Attribute(value=ast.Name(id=word), attr=method) if word == name:
                    called.add(method)
                    mentioned -= 1
        if mentioned:
            return _SEARCHING | _ANCHORED
    return frozenset(called) & (_SEARCHING | _ANCHORED) or _SEARCHING | _ANCHORED


def test_the_patterns_are_found() -> None:
    assert len(patterns()) > 150
    assert {"toolkit.sdk.lending._MAIL", "toolkit.ledger.redact._LOOKS_SECRET"} <= patterns().keys()
    assert patterns()["toolkit.cli.shared.people._ADDRESS"][1] == {"fullmatch"}


class _TooLong(Exception):
    """A pattern used up its time."""


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise _TooLong


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a clock of the processor, which Windows lacks")
def test_each_pattern_takes_steps_in_proportion_to_the_length_of_a_text() -> None:
    before = signal.signal(signal.SIGVTALRM, _stop)
    try:
        slow = [found for name in patterns() if name not in _SHORT_TEXTS for found in _slow(name)]
    finally:
        signal.signal(signal.SIGVTALRM, before)

    assert slow == []


def _slow(name: str) -> Iterator[str]:
    """Yield the first text on which a pattern takes too long."""
    pattern, methods = patterns()[name]
    ways = [way for way, of in (("search", _SEARCHING), ("fullmatch", _ANCHORED)) if methods & of]
    for text in dict.fromkeys(slow_texts(pattern)):
        for way in ways:
            if _takes_long(pattern, way, text):
                yield f"{name}: {way}: {text[:40]!r}... {text[-10:]!r}"
                return


def _takes_long(pattern: re.Pattern[Any], way: str, text: str) -> bool:
    given = text.encode(errors="replace") if isinstance(pattern.pattern, bytes) else text
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        try:
            for _ in pattern.finditer(given) if way == "search" else [pattern.fullmatch(given), pattern.match(given)]:
                pass
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except _TooLong:
        return True
    return False


@pytest.mark.parametrize(
    "quadratic",
    [r"a+b", r"\s*,", r"[\w.]+@[\w.]+", r"(?:a|b)*c", r"'(?:\\.|[^'\\])*'", r"\{\{(.*?)\}\}", r"(?:ab*)+y"],
)
def test_a_pattern_that_is_not_linear_is_noticed(quadratic: str) -> None:
    before = signal.signal(signal.SIGVTALRM, _stop)
    try:
        assert any(_takes_long(re.compile(quadratic), "search", text) for text in slow_texts(re.compile(quadratic)))
    finally:
        signal.signal(signal.SIGVTALRM, before)
