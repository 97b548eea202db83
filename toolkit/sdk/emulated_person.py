"""An emulated person who signs in on the emulator's page, so that no one needs a browser to practise."""

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


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        _request: urllib.request.Request,
        _file: IO[bytes],
        _code: int,
        _text: str,
        _headers: HTTPMessage,
        _to: str,
    ) -> None:
        """Follow nothing: the address to come back to is read from the answer."""


def sign_in_behind(address: str, ca_file: Path | None) -> None:
    """Open a page of the emulator in the background, choose the first person whom it offers, and come back."""
    Thread(target=_visit, args=(address, ca_file), daemon=True).start()


def _visit(address: str, ca_file: Path | None) -> None:
    _, page = _opened(address, ca_file)
    offered = _OFFERED.search(page)
    choice = f"&login_hint={quote(unescape(offered[1]))}" if offered else "&cancel=1"
    back, _ = _opened(address + choice, ca_file)
    _opened(back or _declined(address), None)


def _opened(address: str, ca_file: Path | None) -> tuple[str, str]:
    """Return where an answer leads, "" if nowhere, and its text."""
    context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context), _StayHere
    )
    try:
        with opener.open(address, timeout=_SECONDS) as answer:
            return str(answer.headers.get("Location") or ""), answer.read().decode(errors="replace")
    except HTTPError as shown:  # a redirect that is not followed, or a page with a refusal
        with shown:
            return str(shown.headers.get("Location") or ""), shown.read().decode(errors="replace")


def _declined(address: str) -> str:
    """Return where a browser goes from a page that shows only a refusal, once the person gives up."""
    asked = dict(parse_qsl(urlsplit(address).query))
    told = {"error": "access_denied", "error_description": "the page showed a refusal", "state": asked.get("state", "")}
    return f"{asked['redirect_uri']}?{urlencode(told)}"
