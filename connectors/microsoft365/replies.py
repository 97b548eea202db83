"""A response from a Microsoft service: a whole HTTP response, or the response to one part of a batch."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import NoReturn

from toolkit.errors import BadAnswer, Unavailable
from toolkit.records import dataclass
from toolkit.sdk import connection_error_text, host_not_found_error, read_json, untrusted_certificate_error
from toolkit.values import Json


@dataclass(frozen=True, slots=True)
class Reply:
    """A response as the service sent it. `body` is None if it is not JSON. Header names are in lower case.

    `text` is the content of a response that is not JSON, or None if it is not text.
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
    """Return a response from its bytes. Raise BadAnswer if its JSON is too large or too deeply nested."""
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        return Reply(status, lower, read_json(content, what))
    except ValueError:  # also for bytes that are not text
        return Reply(status, lower, None, _decode_text(content))


def _decode_text(content: bytes) -> str | None:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def read_part(part: Mapping[str, Json]) -> Reply:
    """Return the response to one part of a batch. Raise BadAnswer if the part is not a response."""
    status, headers = part.get("status"), part.get("headers")
    if not isinstance(status, int | str) or not str(status).isdecimal():
        raise BadAnswer("a part of the response to a batch has no status")
    lower = {name.lower(): str(value) for name, value in headers.items()} if isinstance(headers, Mapping) else {}
    return Reply(int(status), lower, part.get("body"))


def raise_unreachable(where: str, error: Exception) -> NoReturn:
    """Raise Unavailable because of a client library's error that means that there was no response."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        raise untrusted_certificate_error(where) from error
    if unresolved := host_not_found_error(where, error):
        raise unresolved from error
    raise Unavailable(f"{where} does not respond: {connection_error_text(error)}") from error
