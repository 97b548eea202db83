"""Pages: how many rows, from where, and the token that leads on."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from typing import NamedTuple

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.wire import Body, Json

LOST = "lost"  # a token that leads nowhere
_MARK = "page:"


class ListPage(NamedTuple):
    """Which part of a list one answer holds."""

    start: int
    size: int

    def next_token(self, total: int) -> dict[str, Json]:
        """Give the token of the page after this one, as a part of the answer; nothing where this is the last."""
        end = self.start + self.size
        return {"nextPageToken": _token(end)} if end < total else {}


def read_page(parameters: Body, size: int) -> ListPage:
    """Read where a page begins; raises ApiError for a token that nobody was given."""
    token = parameters.get("pageToken")
    return ListPage(_start(str(token)) if token else 0, size)


def page_of(rows: Sequence[Body], page: ListPage) -> Sequence[Body]:
    return rows[page.start : page.start + page.size]


def _token(start: int) -> str:
    return urlsafe_b64encode(f"{_MARK}{start}".encode()).decode().rstrip("=")


def _start(token: str) -> int:
    try:
        _, start = urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().split(_MARK)
        return int(start)
    except (NotBase64, ValueError) as bad:
        raise errors.bad_page_token() from bad
