"""Reads and writes the school's notice in the signatures of whoever is named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from connectors.google_workspace.kinds.signature.notice import BEGIN, END, HalfNotice, notices, with_notice
from connectors.google_workspace.kinds.signature.settings import NOTICE_IN, notice_of, text_of
from connectors.google_workspace.per_person import read_again, read_people
from toolkit.errors import BadAnswer, Rejected
from toolkit.sdk.endpoint import FixedObjects
from toolkit.sdk.resource import Remote, Unreadable
from toolkit.values import Body

if TYPE_CHECKING:
    from connectors.google_workspace.connection import GoogleWorkspace
    from connectors.google_workspace.gmail import Mailbox
    from toolkit.sdk.endpoint import Wanted

_SHOWN = ("sendAsEmail", "signature")


class Signatures(FixedObjects):
    """The signatures of people: there with the mailbox, so that none is made or removed."""

    none_created = "{name} has no account, so there is no signature to change"
    none_deleted = "the signature of {name} stays: its notice is taken out, never the person's own text"

    def read(self, via: GoogleWorkspace, wanted: Wanted) -> Iterable[Remote | Unreadable]:
        """Read whoever is wanted, fifty in a request."""
        return read_people(via, wanted, via.mailboxes.send_as, lambda person, rows: _shown(_rows(person, rows)))

    def update(self, via: GoogleWorkspace, remote: Remote, name: str, body: Body) -> Remote:
        """Read the signatures again, since their owner may have written since, and change those that need it."""
        mailbox = via.gmail(remote.id)
        text = None if body["text"] is None else str(body["text"])
        seen = _rows(mailbox.address, read_again(mailbox.address, via.mailboxes.send_as))
        return Remote(remote.id, name, _shown([_changed(mailbox, row, text) for row in seen]))


def _rows(person: str, listed: Sequence[Body]) -> Sequence[Body]:
    """Keep what counts of the addresses that somebody sends as; BadAnswer where nobody can tell what is theirs."""
    usable = [row for row in listed if row.get("verificationStatus") != "pending"]
    if not usable:
        raise BadAnswer(f"Gmail names no address that {person} sends as")
    for row in usable:
        _check(person, row)
    return [{name: row.get(name) for name in _SHOWN} for row in usable]


def _shown(listed: Sequence[Body]) -> Body:
    """Return the notice in the signature of each address; the rest of a signature is the person's own."""
    return {"sendAs": [{"sendAsEmail": row["sendAsEmail"], NOTICE_IN: text_of(row)} for row in listed]}


def _check(person: str, row: Body) -> None:
    try:
        notices(str(row.get("signature") or ""))
    except HalfNotice as half:
        raise BadAnswer(
            f"the signature of {row.get('sendAsEmail')} holds half of the school's notice: {half}, so that nobody can "
            f"tell what is the person's own. What to do: have {person} delete what is left of it, {BEGIN} or {END} "
            "included, in Gmail > Settings > See all settings > General > Signature"
        ) from half


def _changed(mailbox: Mailbox, row: Body, text: str | None) -> Body:
    before, address = str(row.get("signature") or ""), str(row["sendAsEmail"])
    if notice_of(row) == text and len(notices(before)) < 2:  # noqa: PLR2004 (a copy of the notice goes)
        return row
    after = mailbox.change_send_as(address, {"signature": with_notice(before, text)})
    kept = {name: after.get(name) for name in _SHOWN}
    _check(mailbox.address, kept)
    if (notice_of(kept) is None) != (text is None):
        raise Rejected(f"Gmail took the signature of {address} and keeps it without what was changed")
    return kept
