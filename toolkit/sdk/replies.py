"""Parse HTTP responses: statuses, waiting times, links and connection errors."""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from socket import gaierror
from urllib.parse import SplitResult, urlsplit

from toolkit.errors import BadAnswer, HostNotFound

_PRINTABLE = re.compile(r"[\x21-\x5b\x5d-\x7e]+")  # ASCII without spaces, control characters and the backslash
_SECURE = "https"
_RETRY_TIME = re.compile(r"retry after (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)", re.IGNORECASE)
_SHOWN = 200  # characters of a refused link


def split_link(link: object, subject: str) -> SplitResult:
    """Return the parts of an absolute HTTPS link.

    Raise BadAnswer if different programs could read different hosts from it.
    """
    if not isinstance(link, str) or not _PRINTABLE.fullmatch(link):
        raise BadAnswer(
            f"{subject}: the response has a link that is not followed: {_shorten_link(link)} is not an address"
        )
    try:
        parts = urlsplit(link)
        _ = parts.port
    except ValueError as wrong:
        raise BadAnswer(
            f"{subject}: the response has a link that is not followed: {_shorten_link(link)}: {wrong}"
        ) from wrong
    if parts.scheme != _SECURE or not parts.hostname or "@" in parts.netloc:
        raise BadAnswer(
            f"{subject}: the response has a link that is not followed: {_shorten_link(link)} is not a plain https link"
        )
    return parts


def link_on_root(link: object, root: str, subject: str) -> str:
    """Return an address that has the origin of `root`, and the path and query of the link.

    Raise BadAnswer for a link to another origin. In this way the access token is sent only to the root's origin.
    """
    parts = split_link(link, subject)
    if not same_origin(parts, urlsplit(root)):
        raise BadAnswer(
            f"{subject}: the next page of the list is at another address, which is not followed: {_shorten_link(link)}"
        )
    own = urlsplit(root)
    return f"{own.scheme}://{own.netloc}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")


def path_below_root(link: object, root: str, subject: str) -> str:
    """Return the part of a link after `root`. Raise BadAnswer for a link that is not below `root`."""
    address = link_on_root(link, root, subject)
    if not address.startswith(f"{root}/"):
        raise BadAnswer(
            f"{subject}: the next page of the list is at another address, which is not followed: {_shorten_link(link)}"
        )
    return address.removeprefix(root)


def same_origin(first: SplitResult, second: SplitResult) -> bool:
    """Return whether two addresses have the same scheme, host and port."""
    return _origin_parts(first) == _origin_parts(second)


def _origin_parts(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, parts.hostname or "", parts.port or 443


def _shorten_link(link: object) -> str:
    return repr(link)[:_SHOWN]


def is_temporary_status(status: int) -> bool:
    """Return whether an error status is temporary: throttling, or a failure of the service."""
    never = (HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.HTTP_VERSION_NOT_SUPPORTED)
    may = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
    return status in may or (status >= HTTPStatus.INTERNAL_SERVER_ERROR and status not in never)


def retry_after(headers: Mapping[str, str], error_text: str = "") -> float | None:
    """Return the number of seconds for which a service asks to wait, or None.

    The header `Retry-After` has a number or a date, and the error text may contain a time. The longer wait counts. If
    the response has a date, a time in the text is compared with the service's clock.
    """
    waits = [wait for wait in (_wait_in_header(headers), _wait_in_error_text(headers, error_text)) if wait is not None]
    return max(waits, default=None)


def _wait_in_error_text(headers: Mapping[str, str], error_text: str) -> float | None:
    if not (named := _RETRY_TIME.search(error_text)):
        return None
    try:
        until = datetime.fromisoformat(named[1])
    except ValueError:  # such as a 30th of February
        return None
    now = parse_date_header(headers.get("date")) or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds())


def _wait_in_header(headers: Mapping[str, str]) -> float | None:
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


def parse_date_header(written: str | None) -> datetime | None:
    """Return the time in a Date header, or None if it has no valid time."""
    try:
        return parsedate_to_datetime(written) if written else None
    except (ValueError, TypeError, OverflowError):
        return None


_KEPT_IN = ("reason", "inner_exception")  # attributes in which urllib3 and azure-core keep the error that they report
_UNRESOLVED = re.compile("Failed to resolve '([^']+)'")


def host_not_found_error(address: str, error: BaseException) -> HostNotFound | None:
    """Return an error for a host name that cannot be resolved, or None if `error` has another cause.

    `address` is the host's address. If a proxy cannot be resolved and the library names the proxy, the error names it
    too.
    """
    if not any(isinstance(cause, gaierror) for cause in _error_and_causes(error)):
        return None
    named = _UNRESOLVED.search(str(error))
    host = named[1] if named else urlsplit(address).hostname or address
    return HostNotFound(
        f"This computer cannot find {host}. Check the internet connection, DNS, and whether the web filter or a proxy "
        "(HTTPS_PROXY, TOOLKIT_CA_FILE) lets it through"
    )


def connection_error_text(error: BaseException) -> str:
    """Return why there was no response, in plain words if the cause is known, otherwise as the library says it."""
    if any(isinstance(cause, ConnectionRefusedError) for cause in _error_and_causes(error)):
        is_proxy = "proxy" in str(error).casefold()
        return "the proxy (HTTPS_PROXY) refused the connection" if is_proxy else "the connection was refused"
    return str(error) or type(error).__name__


def _error_and_causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and its causes, from all attributes in which libraries store a cause."""
    unseen: list[object] = [error]
    seen: set[int] = set()
    while unseen:
        cause = unseen.pop()
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            kept = (getattr(cause, name, None) for name in _KEPT_IN)
            unseen += [cause.__cause__, cause.__context__, *kept, *cause.args]


def untrusted_certificate_error(address: str) -> BadAnswer:
    """Return an error for a service whose certificate this computer does not trust, with advice."""
    return BadAnswer(
        f"{address} has a certificate that this computer does not trust. If a web filter inspects the school's "
        "traffic, save the certificate of its authority as a PEM file and set TOOLKIT_CA_FILE to the file"
    )
