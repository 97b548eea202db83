"""Automatic replies: what a mailbox answers while its owner is away."""

from connectors.microsoft365.kinds.automatic_reply.changing import WRITES
from connectors.microsoft365.kinds.automatic_reply.doubts import doubts
from connectors.microsoft365.kinds.automatic_reply.endpoint import AutomaticReplies
from connectors.microsoft365.kinds.automatic_reply.settings import AutomaticReply
from connectors.microsoft365.permissions import graph
from toolkit.sdk.kind import Kind, Lifecycle
from toolkit.sdk.lending import reply_put_back
from toolkit.sdk.permission import Permissions

KIND = Kind(
    name="automatic_reply",
    title="automatic reply",
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
