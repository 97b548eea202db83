"""Automatic replies: what a mailbox answers while its owner is away."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from connectors.microsoft365.kinds.automatic_reply.endpoint import (
    PROPERTY,
    WRITES,
    AutomaticReplies,
    replies_in,
    settings_in,
)
from connectors.microsoft365.kinds.automatic_reply.settings import AutomaticReply
from connectors.microsoft365.mailboxes import read_settings
from connectors.microsoft365.permissions import graph
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import ServiceError
from toolkit.sdk.form import parse_instant
from toolkit.sdk.kind import Doubt, Kind, Lifecycle
from toolkit.sdk.lending import reply_put_back
from toolkit.sdk.permission import Permissions
from toolkit.sdk.resource import Desired
from toolkit.sdk.targets import Scale
from toolkit.values import Settings


def doubts(via: Microsoft365, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Look at the mailboxes of those for whom replies are turned on without saying what they are to say.

    Whose mailbox cannot be read is not doubted: no change of it is sent either, since it is read again before.
    """
    silent = {one.address.name: missing for one in desired if (missing := _unsaid(one.settings))}
    for person, answer in read_settings(via.graph, sorted(silent), PROPERTY):
        if not isinstance(answer, ServiceError) and not _replying(settings_in(replies_in(answer)), via.clock()):
            reason = f"this would turn replies on with the text that was sent last; name {silent[person]} too"
            yield Doubt(person, "status", reason)


def _unsaid(settings: Settings) -> str:
    """Name the texts that are not set, though a sender would get them."""
    if settings.get("status", "off") == "off":
        return ""
    needed = ["internal", *([] if settings.get("audience") == "none" else ["external"])]
    return " and ".join(name for name in needed if name not in settings)


def _replying(settings: Settings, now: datetime | None) -> bool:
    """Say whether replies are on, or will be: a schedule stays one after it has ended."""
    if settings["status"] != "scheduled" or now is None:
        return settings["status"] != "off"
    return parse_instant(str(settings["ends"])) > now


KIND = Kind(
    name="automatic_reply",
    title="automatic reply",
    plural="mailboxes",
    spec=AutomaticReply,
    endpoint=AutomaticReplies(),
    reference="https://learn.microsoft.com/graph/api/resources/automaticrepliessetting",
    permissions=Permissions(
        read=(graph("MailboxSettings.Read", narrowed="Application MailboxSettings.Read"),),
        write=(graph(WRITES, narrowed="Application MailboxSettings.ReadWrite"),),
    ),
    settles=10.0,
    whole=False,
    fixed=True,
    per_person=True,
    reach=Scale.MAILBOX,
    lent=True,
    doubts=doubts,
    sample="""\
- microsoft365.automatic_reply: amara.ashdown@example-primary.example
  status: scheduled
  begins: "2026-12-18T16:00:00Z"
  ends: "2027-01-04T08:00:00Z"
  internal: The school is closed until Monday 4 January.
  external: The school is closed until Monday 4 January. If you are worried about a child, call 01632 960000.
""",
    lifecycle=Lifecycle(withdrawn=lambda _: {"status": "off"}, restores=reply_put_back),
)
