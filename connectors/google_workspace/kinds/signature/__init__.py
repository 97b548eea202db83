"""Adds the school's notice to people's signatures, after their own text. Gmail on the web shows it in new mail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import AfterValidator, Field

from connectors.google_workspace.kinds.signature.markup import (
    BEGIN,
    END,
    HalfNotice,
    canonical_notice,
    check_notice,
    notices,
    put_notice,
)
from connectors.google_workspace.per_person import read_again, read_people
from connectors.google_workspace.permissions import needs
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.errors import BadAnswer, Rejected
from toolkit.sdk import (
    HTML,
    FixedObjects,
    Form,
    Harmless,
    Kind,
    Lifecycle,
    Permissions,
    Properties,
    ReadScope,
    Remote,
    Scale,
    Setting,
    Spec,
    Unreadable,
    declare,
    declare_effects,
    text_in,
)
from toolkit.values import Body, Json, Settings, Value

if TYPE_CHECKING:
    from connectors.google_workspace.gmail import Mailbox


_MOST = 5000  # Gmail accepts signatures of up to 10,000 characters, and the person's own signature needs space too


def _read_notices(value: Json) -> Value:
    return None if value is None else canonical_notice(text_in(value)) or None


def _check_text(text: str | None) -> str | None:
    return None if text is None else check_notice(text)


NOTICE_IN = "notice"
"""The key of the notice in one address's signature."""

NOTICE = Form(HTML.name, _read_notices, rewritten=True)


class Signature(Spec):
    """The school's notice in a person's signature. toolkit does not change the person's own text."""

    effects = declare_effects({}, {Harmless.TEXT: ("text",)})

    properties: ClassVar[Properties] = Properties(
        compared=frozenset({f"sendAs[].{NOTICE_IN}"}),
        ignored={"sendAs[].sendAsEmail": "names the address whose notice is compared"},
    )

    text: Annotated[
        str | None, Field(min_length=1, max_length=_MOST), AfterValidator(_check_text), Setting(NOTICE, wire="text")
    ] = declare(
        f"Gives the notice in HTML. The notice is between {BEGIN} and {END}, which readers see, after the person's "
        "own text. Every address that the person sends as gets it. null removes it.",
        "<p>Example Primary School. Is this not for you? Please tell us and delete it.</p>",
    )

    @classmethod
    def observed(cls, body: Body) -> Settings:
        """Return the notice if it is the same for all addresses, otherwise a text with the notice of every address."""
        notices_by_address = {str(row["sendAsEmail"]): NOTICE.read(row.get(NOTICE_IN)) for row in rows(body)}
        if len(set(notices_by_address.values())) == 1:
            return {"text": next(iter(notices_by_address.values()))}
        return {
            "text": "\n".join(
                f"{address}: {_describe_notice(text)}" for address, text in sorted(notices_by_address.items())
            )
        }


def rows(body: Body) -> Sequence[Body]:
    """Return the person's send-as addresses, each with its signature, from an object's body."""
    listed = body.get("sendAs")
    return [row for row in listed if isinstance(row, Mapping)] if isinstance(listed, Sequence) else []


def notice_of(row: Body) -> Value:
    """Return the notice of an address in the form for comparison.

    Raise HalfNotice if a marker of the notice is missing.
    """
    return _read_notices(text_of(row))


def text_of(row: Body) -> str | None:
    """Return the notice of an address, unchanged. Raise HalfNotice if a marker of the notice is missing."""
    notices_found = notices(str(row.get("signature") or ""))
    return notices_found[0].text if notices_found else None


def _describe_notice(text: Value) -> str:
    """Return an address's notice between its markers. It never equals a desired notice, which has no markers."""
    return f"no {BEGIN}" if text is None else f"{BEGIN} {text}"


_USED_PROPERTIES = ("sendAsEmail", "signature")


class Signatures(FixedObjects):
    """Reads and changes people's signatures.

    Every mailbox has signatures, so toolkit neither creates nor deletes them.
    """

    none_created = "{name} has no account, so there is no signature to change"
    none_deleted = (
        "toolkit does not delete the signature of {name}. It removes only the school's notice, never the person's "
        "own text"
    )

    def read(self, via: GoogleWorkspace, selection: ReadScope) -> Iterable[Remote | Unreadable]:
        """Yield the signatures of the selected people. One request reads 50 people."""
        return read_people(
            via, selection, via.mailboxes.send_as, lambda person, rows: _to_body(_select_used_properties(person, rows))
        )

    def update(self, via: GoogleWorkspace, remote: Remote, name: str, body: Body) -> Remote:
        """Read a person's signatures again, because the person may have changed them. Then change each wrong notice."""
        mailbox = via.gmail(remote.id)
        text = None if body["text"] is None else str(body["text"])
        current_rows = _select_used_properties(mailbox.address, read_again(mailbox.address, via.mailboxes.send_as))
        return Remote(remote.id, name, _to_body([_change_signature(mailbox, row, text) for row in current_rows]))


def _select_used_properties(person: str, listed: Sequence[Body]) -> Sequence[Body]:
    """Return the used properties of each send-as address.

    Raise BadAnswer if a person's own text cannot be identified.
    """
    usable = [row for row in listed if row.get("verificationStatus") != "pending"]
    if not usable:
        raise BadAnswer(f"Gmail does not list an address that {person} sends as")
    for row in usable:
        _check_markers(person, row)
    return [{name: row.get(name) for name in _USED_PROPERTIES} for row in usable]


def _to_body(listed: Sequence[Body]) -> Body:
    """Return the body of an object: the notice in the signature of each address, without the person's own text."""
    return {"sendAs": [{"sendAsEmail": row["sendAsEmail"], NOTICE_IN: text_of(row)} for row in listed]}


def _check_markers(person: str, row: Body) -> None:
    try:
        notices(str(row.get("signature") or ""))
    except HalfNotice as half:
        raise BadAnswer(
            f"the signature of {row.get('sendAsEmail')} contains half of the school's notice ({half}), so toolkit "
            "cannot "
            f"identify the person's own text. Ask {person} to delete the rest of the notice, {BEGIN} or {END} "
            "included, in Gmail > Settings > See all settings > General > Signature"
        ) from half


def _change_signature(mailbox: Mailbox, row: Body, text: str | None) -> Body:
    before, address = str(row.get("signature") or ""), str(row["sendAsEmail"])
    if notice_of(row) == text and len(notices(before)) < 2:  # noqa: PLR2004 (a copy of the notice goes)
        return row
    after = mailbox.change_send_as(address, {"signature": put_notice(before, text)})
    stored = {name: after.get(name) for name in _USED_PROPERTIES}
    _check_markers(mailbox.address, stored)
    if (notice_of(stored) is None) != (text is None):
        raise Rejected(f"Gmail accepted the signature of {address}, but did not store the change")
    return stored


KIND = Kind(
    name="signature",
    title="signature",
    plural="mailboxes",
    spec=Signature,
    endpoint=Signatures(),
    reference="https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.settings.sendAs",
    permissions=Permissions(
        needs("directory.users.list", "gmail.users.settings.sendAs.list"), needs("gmail.users.settings.sendAs.patch")
    ),
    whole=False,
    fixed=True,
    per_person=True,
    reach=Scale.MAILBOX,
    sample="""\
- google_workspace.signature: amara.ashdown@example-primary.example
  text: <p>This message is meant for whom it is addressed to. Did it reach you by mistake? Please tell us.</p>
""",
    lifecycle=Lifecycle(withdrawn=lambda _: {"text": None}),
)
