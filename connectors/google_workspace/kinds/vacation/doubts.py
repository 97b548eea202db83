"""Whose reply would be turned on with the words of another absence: Gmail keeps what it sent last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from connectors.google_workspace.kinds.vacation.settings import END, OFF, ON, START, Vacation, read_moment
from toolkit.errors import ServiceError
from toolkit.sdk.form import parse_instant
from toolkit.sdk.kind import Doubt
from toolkit.values import Body

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.google_workspace.connection import GoogleWorkspace
    from toolkit.sdk.resource import Desired

_OLD = "this would turn replies on with the text that was sent last; name text too"


def doubts(via: GoogleWorkspace, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Look again at the replies that are to be on, and whose text is left to their owners."""
    asked = [one for one in desired if one.settings.get("status", OFF) != OFF and not one.settings.get("text")]
    addresses = [via.accounts.one(one.address.name).address for one in asked]
    for one, reply in zip(asked, via.mailboxes.vacation(addresses), strict=True):
        if isinstance(reply, ServiceError):
            yield Doubt(one.address.name, "text", f"whether it says anything is not known: {reply}")
        elif not _replying(reply, via.clock() or _moment(Vacation.body(one.settings), START)):
            yield Doubt(one.address.name, "text", _OLD)


def _replying(reply: Body, now: datetime | None) -> bool:
    """Say whether a reply is on, or will be: a schedule stays one after it has ended."""
    ends = _moment(reply, END)
    return reply.get(ON) is True and (ends is None or now is None or ends > now)


def _moment(reply: Body, name: str) -> datetime | None:
    moment = read_moment(reply.get(name))
    return None if moment is None else parse_instant(str(moment))
