"""Decompress the bodies of HTTP responses within the limits, and parse their JSON strictly."""

import json
import math
import zlib
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import NoReturn

from toolkit.errors import BadAnswer
from toolkit.sdk.limits import Limits
from toolkit.values import Json

ACCEPTED = "gzip, deflate"
"""The encodings that a request accepts. Any other encoding is refused."""

PIECE = 65536
_EITHER_HEADER = 32 + zlib.MAX_WBITS  # gzip or zlib
_PLAIN = ("", "identity")
_MOST_LAYERS = 2


class _NotUnpacked(BadAnswer):
    """Raised if a body cannot be decompressed with the encoding in its header."""


class BodyReader:
    """Collects the pieces of a response's body.

    Raises BadAnswer if the body is too large or has another encoding than its header says. If an error response cannot
    be decompressed, its body is empty, because the status is enough. Exchange sends 403 with NUL bytes and the header
    gzip.
    """

    def __init__(self, where: str, encoding: str, limits: Limits, *, status: int = HTTPStatus.OK) -> None:
        self._where = where
        self._limits = limits
        self._is_refusal = status >= HTTPStatus.BAD_REQUEST
        self._is_unpackable = True
        self._unpackers: Sequence[_Unpacker] = ()
        try:
            self._unpackers = _create_unpackers(where, encoding)
        except _NotUnpacked as error:
            self._raise_unless_error_response(error)
        self._arrived = 0
        self._unpacked = bytearray()

    def add(self, piece: bytes) -> None:
        """Add the next piece of the response's body."""
        self._arrived += len(piece)
        if self._arrived > self._limits.answer_bytes:
            raise BadAnswer(
                f"{self._where}: the response is larger than {self._limits.answer_megabytes:g} MB. To allow more, set "
                "TOOLKIT_ANSWER_MEGABYTES"
            )
        if self._is_unpackable:
            try:
                self._add_unpacked(piece, 0)
            except _NotUnpacked as error:
                self._raise_unless_error_response(error)

    def _raise_unless_error_response(self, error: _NotUnpacked) -> None:
        """Raise the error, unless the response is an error response, whose status is enough without a body."""
        if not self._is_refusal:
            raise error
        self._is_unpackable = False

    def read_body(self) -> bytes:
        """Return the complete body of the response. Call this after adding the last piece."""
        if self._is_refusal and not (self._is_unpackable and all(unpacker.ended for unpacker in self._unpackers)):
            return b""
        if self._arrived and any(not unpacker.ended for unpacker in self._unpackers):
            raise BadAnswer(f"{self._where}: the response is incomplete, because its compressed content is cut off")
        return bytes(self._unpacked)

    def _add_unpacked(self, piece: bytes, layer: int) -> None:
        if layer < len(self._unpackers):
            for part in self._unpackers[layer].unpack(piece):
                self._add_unpacked(part, layer + 1)
            return
        self._unpacked += piece
        if len(self._unpacked) > self._limits.unpacked_bytes:
            raise BadAnswer(
                f"{self._where}: the response is larger than {self._limits.unpacked_megabytes:g} MB when "
                "decompressed. To allow more, set TOOLKIT_UNPACKED_MEGABYTES"
            )


def _create_unpackers(where: str, encoding: str) -> "Sequence[_Unpacker]":
    names = [name.strip().lower() for name in encoding.split(",")]
    unpackers = [_Unpacker(where, name) for name in reversed(names) if name not in _PLAIN]
    if len(unpackers) > _MOST_LAYERS:
        raise _NotUnpacked(f"{where}: the response is compressed {len(unpackers)} times, which toolkit does not accept")
    return unpackers


class _Unpacker:
    def __init__(self, where: str, name: str) -> None:
        if name not in ("gzip", "x-gzip", "deflate"):
            raise _NotUnpacked(f"{where}: the response has an encoding that was not requested: {name[:20]!r}")
        self._where = where
        self._deflate = name == "deflate"
        self._first = True
        self._stream = zlib.decompressobj(_EITHER_HEADER)

    @property
    def ended(self) -> bool:
        return self._stream.eof

    def unpack(self, piece: bytes) -> Iterator[bytes]:
        """Yield the decompressed bytes of a compressed piece, at most PIECE bytes at a time."""
        if self._deflate and self._first and piece:
            self._first = False
            if not _has_header(piece):
                self._stream = zlib.decompressobj(-zlib.MAX_WBITS)  # without a header, as some servers send it
        try:
            while piece and not self._stream.eof:
                yield self._stream.decompress(piece, PIECE)
                piece = self._stream.unconsumed_tail
        except zlib.error as wrong:
            raise _NotUnpacked(f"{self._where}: the response cannot be decompressed: {wrong}") from wrong


def _has_header(piece: bytes) -> bool:
    return piece[0] & 0x0F == zlib.DEFLATED


class RepeatedKey(ValueError):
    """Raised if a JSON object has the same key twice, because parsers differ in which value they use."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the response has the key {key[:40]!r} twice in one object, so its value is unknown")


def without_repeated_keys(pairs: Sequence[tuple[str, Json]]) -> dict[str, Json]:
    """Return the JSON object with these keys and values. Raise RepeatedKey if a key occurs twice."""
    json_object = dict(pairs)
    if len(json_object) != len(pairs):
        keys = [key for key, _ in pairs]
        raise RepeatedKey(next(key for key in json_object if keys.count(key) > 1))
    return json_object


DEEPEST = 100
"""The maximum depth of nesting. Responses of both clouds have fewer than twenty levels."""


def read_json(content: bytes, description: str) -> Json:
    """Parse a response. Raise ValueError if it is not JSON, or BadAnswer for JSON that toolkit cannot process."""
    try:
        value: Json = json.loads(content, parse_constant=_refuse_constant, object_pairs_hook=without_repeated_keys)
    except RepeatedKey as repeated:
        raise BadAnswer(f"{description}: {repeated}") from repeated
    except RecursionError as deep:
        raise BadAnswer(f"{description}: the response is nested more than {DEEPEST} levels deep") from deep
    return check_nesting(value, description)


def check_nesting(value: Json, description: str) -> Json:
    """Return a parsed response unchanged. Raise BadAnswer for deep nesting, a lone surrogate or an infinite number."""
    level: list[Json] = [value]
    for _ in range(DEEPEST):
        inner: list[Json] = []
        for inner_value in level:
            if isinstance(inner_value, dict):
                inner.extend(inner_value.values())
                _check_text("".join(inner_value), description)
            elif isinstance(inner_value, list):
                inner.extend(inner_value)
            elif isinstance(inner_value, str):
                _check_text(inner_value, description)
            elif isinstance(inner_value, float) and not math.isfinite(inner_value):
                raise BadAnswer(f"{description}: the response contains an infinite number")
        if not inner:
            return value
        level = inner
    raise BadAnswer(f"{description}: the response is nested more than {DEEPEST} levels deep")


def _check_text(text: str, description: str) -> None:
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as half:
        raise BadAnswer(f"{description}: the response contains half a character (a lone surrogate)") from half


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
