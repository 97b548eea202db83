"""Read a file at a public address, such as a policy on a school's website."""

import hashlib
import ssl
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from toolkit.records import dataclass

_SECONDS = 20.0
_MOST = 20 * 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A file at an address: its SHA-256 and host or, if it cannot be read, the HTTP status or connection error."""

    sha256: str = ""
    host: str | None = None  # the last host, if the address redirects
    status: int | None = None  # the status of an HTTP error
    error: str | None = None  # a connection error, as the system words it


def read_served_file(link: str, ca_file: Path | None) -> ServedFile:
    """Read the file at an address, up to 20 MB, within 20 seconds.

    `ca_file` contains the certificate authorities to use instead of the usual ones.
    """
    try:
        return _read_within_limits(link, ca_file)
    except urllib.error.HTTPError as error:
        return ServedFile(status=error.code)
    except (OSError, HTTPException, ValueError) as error:
        return ServedFile(error=str(getattr(error, "reason", error)))


def _read_within_limits(link: str, ca_file: Path | None) -> ServedFile:
    trusted = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    request = urllib.request.Request(link, headers={"User-Agent": "toolkit"})  # noqa: S310 - the form accepts only http
    with urllib.request.urlopen(request, timeout=_SECONDS, context=trusted) as answer:  # noqa: S310
        content = answer.read(_MOST + 1)
        if len(content) > _MOST:
            raise ValueError(f"it serves more than {_MOST // 1024**2} MB")
        return ServedFile(hashlib.sha256(content).hexdigest(), urlsplit(answer.url).hostname)
