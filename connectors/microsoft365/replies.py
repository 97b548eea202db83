"""One answer of a Microsoft service, as it came over HTTP or as a part of a batch."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import NoReturn

from toolkit.errors import BadAnswer, Unavailable
from toolkit.records import dataclass
from toolkit.sdk import host_not_found, read_json, untrusted_certificate
from toolkit.values import Json


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came; `body` is None where it is no JSON, header names are in lower case.

    `text` is what came instead of JSON, None where that is no text.
    """

    status: int
    headers: Mapping[str, str]
    body: Json
    text: str | None = None

    @property
    def fine(self) -> bool:
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def redirects(self) -> bool:
        return HTTPStatus.MULTIPLE_CHOICES <= self.status < HTTPStatus.BAD_REQUEST


def read_reply(status: int, headers: Mapping[str, str], content: bytes, *, what: str) -> Reply:
    """Read an answer off the wire; BadAnswer for JSON that nothing here can hold."""
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        return Reply(status, lower, read_json(content, what))
    except ValueError:  # also of bytes that are no text
        return Reply(status, lower, None, _text(content))


def _text(content: bytes) -> str | None:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def read_part(part: Mapping[str, Json]) -> Reply:
    """Read the answer to one part of a batch; BadAnswer where the part is none."""
    status, headers = part.get("status"), part.get("headers")
    if not isinstance(status, int | str) or not str(status).isdecimal():
        raise BadAnswer("a part of a batch came back without a status")
    lower = {name.lower(): str(value) for name, value in headers.items()} if isinstance(headers, Mapping) else {}
    return Reply(int(status), lower, part.get("body"))


def raise_unreachable(where: str, error: Exception) -> NoReturn:
    """Raise what a client library says when no answer came."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        raise untrusted_certificate(where) from error
    if unresolved := host_not_found(where, error):
        raise unresolved from error
    raise Unavailable(f"{where} gives no answer: {str(error) or type(error).__name__}") from error
