"""Log each request to a tenant for `--trace`: method, path, status, milliseconds, and the service's request id."""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import TypeAlias
from urllib.parse import unquote, urlsplit

REQUESTS = logging.getLogger("toolkit.requests")
_IDS = ("request-id", "x-ms-request-id", "client-request-id", "x-request-id")
_PERSON = re.compile(r"(?<=/users/)[^/]+|(?<![^/@\s()'\"=,:])[^/@\s()'\"=,:]++@[^/@\s()'\"=,:]++")
RecordResponse: TypeAlias = Callable[[int, Mapping[str, str]], None]


@contextmanager
def log_request(method: str, url: str) -> Iterator[RecordResponse]:
    """Log a request when its response arrives or the request fails. The block reports the status and the headers.

    The query and people's ids and addresses in the path are left out, so that no log shows who is on hold or away.
    """
    status, request_id, began = "-", "-", monotonic()

    def record_response(code: int, headers: Mapping[str, str]) -> None:
        nonlocal status, request_id
        lower = {name.lower(): value for name, value in headers.items()}
        status, request_id = str(code), next((lower[name] for name in _IDS if lower.get(name)), "-")

    try:
        yield record_response
    finally:
        if REQUESTS.isEnabledFor(logging.INFO):
            host, path = urlsplit(url).netloc, path_without_people(url)
            REQUESTS.info("%s %s%s %s %.0f ms %s", method, host, path, status, _milliseconds_since(began), request_id)


def path_without_people(url: str) -> str:
    """Return the path of an address, without its query and without people's ids and addresses."""
    return _PERSON.sub("(person)", unquote(urlsplit(url).path))


def _milliseconds_since(began: float) -> float:
    return (monotonic() - began) * 1000
