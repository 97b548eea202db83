"""Write the message that only has the head of the ledger, for people who keep it and do not run toolkit."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from toolkit.engine.notices.deliver import Compose, Notice
from toolkit.engine.notices.transports import PlainMessage
from toolkit.ledger.chain import Head
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.notifications_sent import ChannelState
from toolkit.ledger.outside_heads import head_text
from toolkit.school.school import School
from toolkit.sdk.dates import day

_INTERVAL = timedelta(days=7)
RECORD = "record"
"""The key of the fact that a channel has received a head."""


def record_messages(ledger: Ledger, school: School, now: datetime, *, live: bool) -> Compose:
    """Return a function that writes the message for a channel, at most once in seven days."""

    def compose(channel_state: ChannelState) -> Notice | None:
        if channel_state.at is not None and now < channel_state.at + _INTERVAL:
            return None
        head = ledger.head()
        return Notice(record_message(head, school, now, live=live), {RECORD: str(head.count)})

    return compose


def record_message(head: Head, school: School, now: datetime, *, live: bool) -> PlainMessage:
    """Return a message with the head, and what to do with it."""
    local = now.astimezone(ZoneInfo(school.time_zone))
    practice = "" if live else "Practice run: "
    lines = [
        f"The record of toolkit for {school.name} on {local:%A} {day(local)} at {local:%H:%M}: {head_text(head)}.",
        *([] if live else ["This is a practice run on emulated tenants. Nothing in this message is real."]),
        "",
        "Keep this message. It shows later whether anyone changed the record before this moment. To check, save the",
        "message as a file, and ask the person who runs toolkit to run this on the school's computer while you watch:",
        "toolkit audit verify --head FILE",
    ]
    return PlainMessage(f"{practice}{school.name}: the record on {day(local)}", "\n".join([*lines, ""]))
