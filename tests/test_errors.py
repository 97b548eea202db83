"""A read that fails is a value, and a refused sign-in ends the run, in one place."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from toolkit.errors import BadAnswer, NotFound, Refused, ServiceError, SignInRefused, Unexpected
from toolkit.sdk.endpoint import attempt

ROOT = Path(__file__).parents[1]


def _raising(error: Exception) -> object:
    raise error


@pytest.mark.parametrize("error", [Refused("no"), NotFound("gone"), BadAnswer("half")])
def test_an_attempt_returns_the_value_or_the_error_of_a_read(error: ServiceError) -> None:
    assert attempt("users", lambda: 3) == 3
    assert attempt("users", lambda: _raising(error)) is error


def test_an_attempt_returns_an_error_that_the_reader_did_not_expect() -> None:
    for cause, kind in ((ValueError("x"), BadAnswer), (KeyError("x"), Unexpected)):
        assert isinstance(attempt("users", lambda cause=cause: _raising(cause)), kind)  # type: ignore[misc]


def test_an_attempt_raises_a_refused_sign_in() -> None:
    assert not issubclass(SignInRefused, ServiceError)
    with pytest.raises(SignInRefused, match="wrong secret"):
        attempt("users", lambda: _raising(SignInRefused("wrong secret")))


def test_no_module_catches_a_refused_sign_in_only_to_raise_it_again() -> None:
    files = [file for top in ("toolkit", "connectors") for file in (ROOT / top).rglob("*.py")]

    assert [f"{file.relative_to(ROOT)}:{line}" for file in files for line in _passing_on(file)] == []


def _passing_on(file: Path) -> Iterator[int]:
    for handler in ast.walk(ast.parse(file.read_text())):
        if isinstance(handler, ast.ExceptHandler) and handler.type and "SignInRefused" in ast.unparse(handler.type):
            match handler.body:
                case [ast.Raise(exc=None)]:
                    yield handler.lineno
