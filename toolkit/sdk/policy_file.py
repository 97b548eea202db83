"""Read a domain's MTA-STS policy file, which requires mail to the domain to be encrypted.

Follows RFC 8461, 3.2 and 3.3: over HTTPS, from a fixed address, without following redirects.
"""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from typing import TYPE_CHECKING

from toolkit.errors import ServiceError, Unavailable
from toolkit.sdk.timed_tls import AnswerClock, with_response_time_limit

if TYPE_CHECKING:
    from toolkit.sdk.connector import CloudServices

POLICY_FILE = ".well-known/mta-sts.txt"
"""The path of a domain's policy file."""

_SECONDS = 20.0
_MOST = 64 * 1024  # bytes
_PASSING = (408, 425, 429, *range(500, 600))  # statuses after which the host may respond differently later


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Return None, so that no redirect is followed."""


class PolicyFiles:
    """Reads domains' policy files for a run, each file once.

    Raises Unavailable if a host does not send a usable response.
    """

    def __init__(
        self, address: Callable[[str], str], trusted: Callable[[], ssl.SSLContext], proxies: dict[str, str] | None
    ) -> None:
        self._address = address
        self._trusted = trusted
        self._proxies = proxies
        self._answers: dict[str, tuple[str, str] | ServiceError] = {}

    def read(self, domain: str) -> tuple[str, str]:
        """Return the text at a domain's address, and the reason why the text is not a policy file, or "" if it may be
        one.
        """
        if domain not in self._answers:
            self._answers[domain] = self._read_or_error(domain)
        answer = self._answers[domain]
        if isinstance(answer, ServiceError):
            raise answer
        return answer

    def _read_or_error(self, domain: str) -> tuple[str, str] | ServiceError:
        address = self._address(domain)
        request = urllib.request.Request(address, headers={"User-Agent": "toolkit"})  # noqa: S310 - always https
        clock = AnswerClock()
        secured = urllib.request.HTTPSHandler(context=with_response_time_limit(self._trusted(), clock))
        proxies = urllib.request.ProxyHandler(self._proxies)
        clock.start(_SECONDS)
        opener = urllib.request.build_opener(_NoRedirect, proxies, secured)
        try:
            with opener.open(request, timeout=_SECONDS) as answer:
                served, sort = answer.read(_MOST + 1), answer.headers.get_content_type()
        except urllib.error.HTTPError as error:
            if error.code in _PASSING:
                return Unavailable(f"GET {address}: the host responds with status {error.code}")
            return "", f"its address responds with status {error.code}"
        except (OSError, HTTPException) as error:
            return Unavailable(f"GET {address}: {getattr(error, 'reason', error)}")
        if sort != "text/plain":
            return "", f"its address serves {sort} instead of text/plain"
        if len(served) > _MOST:
            return "", f"its address serves more than {_MOST // 1024} KB"
        return served.decode("utf-8", "replace"), ""


def open_policy_files(cloud: CloudServices, tenant: str) -> PolicyFiles:
    """Return a reader of domains' policy files.

    On the emulator, it reads the files that the emulator serves for a tenant's domains.
    """

    def address(domain: str) -> str:
        return (
            f"{cloud.root}/mta-sts/{tenant}/{domain}/{POLICY_FILE}"
            if cloud.emulated
            else f"https://mta-sts.{domain}/{POLICY_FILE}"
        )

    def ssl_context() -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(cloud.ca_file) if cloud.ca_file else None)

    return PolicyFiles(address, ssl_context, {} if cloud.emulated else None)  # None uses HTTPS_PROXY
