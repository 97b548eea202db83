"""JSON of a service's answer: read whole, or refused with the reason."""

import json
import math
from typing import NoReturn

from toolkit.errors import BadAnswer
from toolkit.values import Json

DEEPEST = 100
"""Levels of nesting; the answers of both clouds have fewer than twenty."""


def read_json(content: bytes, what: str) -> Json:
    """Parse an answer; ValueError where it is not JSON, BadAnswer where it is JSON that nothing here can hold."""
    try:
        value: Json = json.loads(content, parse_constant=_refuse_constant)
    except RecursionError as deep:
        raise BadAnswer(f"{what}: the answer is nested more than {DEEPEST} levels deep") from deep
    return checked(value, what)


def checked(value: Json, what: str) -> Json:
    """Return a parsed answer; BadAnswer where it is too deep, or has half a character or an endless number in it."""
    level: list[Json] = [value]
    for _ in range(DEEPEST):
        inner: list[Json] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(item.values())
                _check_text("".join(item), what)
            elif isinstance(item, list):
                inner.extend(item)
            elif isinstance(item, str):
                _check_text(item, what)
            elif isinstance(item, float) and not math.isfinite(item):
                raise BadAnswer(f"{what}: the answer has a number without an end in it")
        if not inner:
            return value
        level = inner
    raise BadAnswer(f"{what}: the answer is nested more than {DEEPEST} levels deep")


def _check_text(text: str, what: str) -> None:
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as half:
        raise BadAnswer(f"{what}: the answer has half a character (a lone surrogate) in it") from half


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
