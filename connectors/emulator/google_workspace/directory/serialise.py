"""How the Directory API shows an object: with its kind and an etag, which a write may name."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.paging import ListPage, page_of
from connectors.emulator.google_workspace.api.request import MethodCall
from connectors.emulator.wire import Body, Json


def shown(kind: str, body: Body) -> dict[str, Json]:
    """Show one object: admin#directory#user and so on."""
    return {"kind": f"admin#directory#{kind}", **body, "etag": etag(body)}


def etag(body: Body) -> str:
    """Tell one state of an object from another."""
    digest = sha256(json.dumps(body, sort_keys=True).encode()).digest()
    return f'"emulator/{urlsafe_b64encode(digest[:20]).decode().rstrip("=")}"'


def check_etag(asked: MethodCall, body: Body) -> None:
    """Refuse a write to a state that is no longer there, where the write names one."""
    wanted = asked.headers.get("if-match")
    if wanted and wanted not in ("*", etag(body)):
        raise errors.condition_not_met(place="If-Match")


def listed(kind: str, name: str, rows: Sequence[Body], page: ListPage, total: int) -> Body:
    """Show one page of a list; a list of none leaves its property out."""
    items: dict[str, Json] = {name: list(rows)} if rows else {}
    tokens = page.next_token(total)
    return {"kind": f"admin#directory#{kind}", "etag": etag({**items, **tokens}), **items, **tokens}


def paged(kind: str, name: str, rows: Sequence[Body], page: ListPage) -> Body:
    """Show the page of a list that is there as a whole."""
    return listed(kind, name, page_of(rows, page), page, len(rows))
