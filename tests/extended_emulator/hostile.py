"""Malformed responses. Each sort of hostility turns a real response into a response that no service should send."""

import gzip
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from connectors.emulator.service import Answer

_DEEP = 3000
_LARGE = 3 * 1024 * 1024  # bytes
_JSON = "application/json; charset=utf-8"
_ELSEWHERE = "https://localhost\\@127.0.0.1:9/elsewhere"

Leaf = Callable[[Any], Any]
Amend = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def hostile_answer(sort: str, answer: Answer, url: str) -> Answer:
    """Return the hostile response of a sort, made from a real response; `url` is the requested URL."""
    for leading, make in _LEADING.items():
        if sort.startswith(leading):
            return make(answer, sort.removeprefix(leading))
    return _SORTS[sort](answer, url)


def is_sort(sort: str) -> bool:
    """Return whether a sort is in SORTS, or is a link or redirect to any URL, or a changed page."""
    return sort in SORTS or sort.startswith(tuple(_LEADING))


def _content(answer: Answer) -> bytes:
    if isinstance(answer.body, Mapping):
        return json.dumps(answer.body).encode()
    return answer.body or b""


def _json(text: str) -> Answer:
    return Answer(200, text.encode(), {"Content-Type": _JSON})


def _with_leaves(answer: Answer, leaf: Leaf) -> Answer:
    """Change every single value in the response. A response that is not JSON is cut short instead."""
    if not isinstance(answer.body, Mapping):
        return _cut(answer)
    return _json(json.dumps(_change_leaves(answer.body, leaf)))


def _change_leaves(value: Any, leaf: Leaf) -> Any:
    match value:
        case Mapping():
            return {name: _change_leaves(inner, leaf) for name, inner in value.items()}
        case list():
            return [_change_leaves(inner, leaf) for inner in value]
        case _:
            return leaf(value)


def _with_repeated_keys(answer: Answer) -> Answer:
    if isinstance(answer.body, Mapping):
        return _json(_repeating(answer.body))
    # Several parts of a batch, some of which are empty objects.
    parts = re.sub(rb"\{\s*\}", b'{"twice": 1, "twice": 2}', _content(answer))
    parts = re.sub(rb'\{\s*"(?!twice)', b'{"twice": 1, "twice": 2, "', parts)
    return Answer(answer.status, parts, answer.headers)


def _repeating(value: Any) -> str:
    """Return JSON in which each object, even an empty one, has each of its keys twice, the second time with null."""
    match value:
        case Mapping():
            value = value or {"kind": ""}
            pairs = [f"{json.dumps(name)}: {_repeating(inner)}" for name, inner in value.items()]
            return f"{{{', '.join([*pairs, *(f'{json.dumps(name)}: null' for name in value)])}}}"
        case list():
            return f"[{', '.join(map(_repeating, value))}]"
        case _:
            return json.dumps(value)


def _with_lists(answer: Answer, leaf: Leaf) -> Answer:
    if not isinstance(answer.body, Mapping):
        return _cut(answer)
    return _json(json.dumps({name: leaf(value) for name, value in answer.body.items()}))


def _cut(answer: Answer) -> Answer:
    content = _content(answer)
    return Answer(answer.status, content[: len(content) * 2 // 3], {"Content-Type": _JSON, **answer.headers})


def _amend(answer: Answer, amend: Amend) -> Answer:
    """Change the body of a response, or of each part of a batch."""
    if not isinstance(answer.body, Mapping):
        return _cut(answer)
    body = amend(answer.body)
    parts = body.get("responses")
    if isinstance(parts, list):
        body = {**body, "responses": [_amend_part(part, amend) for part in parts]}
    return _json(json.dumps(body))


def _amend_part(part: Any, amend: Amend) -> Any:
    inside = part.get("body") if isinstance(part, Mapping) else None
    return {**part, "body": amend(inside)} if isinstance(inside, Mapping) else part


def _going_on(answer: Answer, link: str) -> Answer:
    going_on = {"@odata.nextLink": link, "nextPageToken": "again"}
    return _amend(answer, lambda body: {"value": [], **body, **going_on})


def _page_with(answer: Answer, changes: str) -> Answer:
    return _amend(answer, lambda body: {**body, **json.loads(changes)})


def _page_without(answer: Answer, name: str) -> Answer:
    return _amend(answer, lambda body: {key: value for key, value in body.items() if key != name})


def _pack(answer: Answer, pack: Callable[[bytes], bytes], encoding: str = "gzip") -> Answer:
    return Answer(200, pack(_content(answer)), {"Content-Type": _JSON, "Content-Encoding": encoding})


def _redirect(place: str) -> Answer:
    return Answer(302, b"", {"Location": place})


_SORTS: Mapping[str, Callable[[Answer, str], Answer]] = {
    "a web page": lambda _a, _u: Answer(200, b"<html>This page is blocked.</html>", {"Content-Type": "text/html"}),
    "nothing": lambda _a, _u: Answer(200, b"", {"Content-Type": _JSON}),
    "bytes": lambda _a, _u: Answer(200, bytes(range(256)), {"Content-Type": _JSON}),
    "cut": lambda answer, _u: _cut(answer),
    "deep": lambda _a, _u: _json('{"value": ' + "[" * _DEEP + "]" * _DEEP + "}"),
    "deep objects": lambda _a, _u: _json('{"value": [' + '{"a":' * 300 + "1" + "}" * 300 + "]}"),
    "half a character": lambda answer, _u: _with_leaves(answer, lambda _: "\ud83d"),
    "words for numbers": lambda answer, _u: _with_leaves(
        answer, lambda leaf: leaf if isinstance(leaf, str) else "many"
    ),
    "numbers for words": lambda answer, _u: _with_leaves(answer, lambda leaf: 7 if isinstance(leaf, str) else leaf),
    "null": lambda answer, _u: _with_leaves(answer, lambda _: None),
    "objects for words": lambda answer, _u: _with_leaves(answer, lambda _: {"odd": ["odd"]}),
    "repeated keys": lambda answer, _u: _with_repeated_keys(answer),
    "endless numbers": lambda answer, _u: _with_leaves(answer, lambda _: float("inf")),
    "words for lists": lambda answer, _u: _with_lists(answer, lambda _: "odd"),
    "words for rows": lambda answer, _u: _with_lists(answer, lambda _: ["odd", 7, None]),
    "a list": lambda _a, _u: _json("[1, 2, 3]"),
    "a circle": _going_on,
    "a link elsewhere": lambda answer, _u: _going_on(answer, _ELSEWHERE),
    "a redirect to itself": lambda _a, url: _redirect(url),
    "a redirect elsewhere": lambda _a, _u: _redirect(_ELSEWHERE),
    "broken gzip": lambda answer, _u: _pack(answer, lambda content: b"\x1f\x8b\x08" + content),
    "cut gzip": lambda answer, _u: _pack(answer, lambda content: gzip.compress(content)[:-9]),
    "a gzip bomb": lambda answer, _u: _pack(answer, lambda _: gzip.compress(b" " * _LARGE)),
    "unknown packing": lambda answer, _u: _pack(answer, lambda content: content, "br"),
    "too large": lambda _a, _u: _json(" " * _LARGE + "{}"),
}
SORTS = tuple(_SORTS)
_LEADING: Mapping[str, Callable[[Answer, str], Answer]] = {
    "a link to ": _going_on,
    "a page with ": _page_with,
    "a page without ": _page_without,
    "a redirect to ": lambda _a, place: _redirect(place),
    "NUL bytes as gzip with ": lambda _a, status: Answer(int(status), bytes(64), {"Content-Encoding": "gzip"}),
}
