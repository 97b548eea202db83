"""Sign in as an emulated person on the emulator's web page, so that practice does not need a browser."""

import re
import ssl
import urllib.request
from html import unescape
from http.client import HTTPMessage
from pathlib import Path
from threading import Thread
from typing import IO
from urllib.error import HTTPError
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

_OFFERED = re.compile(r'name="login_hint" value="([^"]+)"')
_SECONDS = 60.0  # for one page


class _NoRedirectFollowed(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        _request: urllib.request.Request,
        _file: IO[bytes],
        _code: int,
        _text: str,
        _headers: HTTPMessage,
        _to: str,
    ) -> None:
        """Return None, because the caller reads the redirect address from the response."""


def sign_in_in_background(address: str, ca_file: Path | None) -> None:
    """Open a web page of the emulator in the background, choose its first person, and follow the redirect back to the
    caller.
    """
    Thread(target=_sign_in_and_return, args=(address, ca_file), daemon=True).start()


def _sign_in_and_return(address: str, ca_file: Path | None) -> None:
    _, page = _open_page(address, ca_file)
    offered = _OFFERED.search(page)
    choice = f"&login_hint={quote(unescape(offered[1]))}" if offered else "&cancel=1"
    back, _ = _open_page(address + choice, ca_file)
    _open_page(back or _declined_address(address), None)


def _open_page(address: str, ca_file: Path | None) -> tuple[str, str]:
    """Open a web page. Return the address to which it redirects, or "", and the text of the page."""
    context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context), _NoRedirectFollowed
    )
    try:
        with opener.open(address, timeout=_SECONDS) as answer:
            return str(answer.headers.get("Location") or ""), answer.read().decode(errors="replace")
    except HTTPError as shown:  # a redirect that is not followed, or a page with a refusal
        with shown:
            return str(shown.headers.get("Location") or ""), shown.read().decode(errors="replace")


def _declined_address(address: str) -> str:
    """Return the caller's address with the parameters that report a refused sign-in."""
    query = dict(parse_qsl(urlsplit(address).query))
    answer_fields = {
        "error": "access_denied",
        "error_description": "the emulator's page refused access",
        "state": query.get("state", ""),
    }
    return f"{query['redirect_uri']}?{urlencode(answer_fields)}"
