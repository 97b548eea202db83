"""What the status and the headers of an answer over HTTP say by themselves."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from toolkit.errors import BadAnswer


def is_passing(status: int) -> bool:
    """Say whether an error status is one that goes away: too many calls, or the service's own failure."""
    never = (HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.HTTP_VERSION_NOT_SUPPORTED)
    may = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
    return status in may or (status >= HTTPStatus.INTERNAL_SERVER_ERROR and status not in never)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read how many seconds a service asks to wait: a number, or the date until which."""
    written = headers.get("retry-after", "").strip()
    try:
        seconds = float(written)
        return max(0.0, seconds) if math.isfinite(seconds) else None
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(written) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):  # no date, or one without a time zone
        return None


def instant_of(written: str | None) -> datetime | None:
    """Return the time in a Date header; None where there is none, or nothing that is a time."""
    try:
        return parsedate_to_datetime(written) if written else None
    except (ValueError, TypeError, OverflowError):
        return None


def untrusted_certificate(where: str) -> BadAnswer:
    """Return the error of a service whose certificate is not trusted, with what to do."""
    return BadAnswer(
        f"{where} shows a certificate that this computer does not trust; if a web filter opens the school's traffic, "
        "save its authority's certificate as a PEM file and set TOOLKIT_CA_FILE to it"
    )
