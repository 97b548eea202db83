"""Write the message that only has the head of the ledger, for people who keep it and do not run toolkit."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from toolkit.engine.notices.deliver import Compose, Notice
from toolkit.engine.notices.transports import PlainMessage
from toolkit.ledger.chain import Head
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.notifications_sent import ChannelState
from toolkit.ledger.outside_heads import head_text
from toolkit.school.school import School
from toolkit.school.signals import Attachment
from toolkit.school.signers import SignedContent
from toolkit.sdk.dates import day
from toolkit.signatures import SUFFIX, sign

_INTERVAL = timedelta(days=7)
RECORD = "record"
"""The key of the fact that a channel has received a head."""


def record_messages(ledger: Ledger, school: School, now: datetime, *, live: bool, key: Path | None) -> Compose:
    """Return a function that writes the message for a channel, at most once in seven days."""

    def compose(channel_state: ChannelState) -> Notice | None:
        if channel_state.at is not None and now < channel_state.at + _INTERVAL:
            return None
        head = ledger.head()
        return Notice(record_message(head, school, now, live=live, key=key), {RECORD: str(head.count)})

    return compose


def record_message(head: Head, school: School, now: datetime, *, live: bool, key: Path | None) -> PlainMessage:
    """Return a message with the head, and instructions to check it.

    With a key, the first sentence is attached as a file, together with its signature.
    """
    local = now.astimezone(ZoneInfo(school.time_zone))
    practice = "" if live else "Practice run: "
    sentence = (
        f"The record of toolkit for {school.name} on {local:%A} {day(local)} at {local:%H:%M}: {head_text(head)}."
    )
    lines = [
        sentence,
        *([] if live else ["This is a practice run on emulated tenants. Nothing in this message is real."]),
        "",
        "Keep this message. It shows later whether anyone changed the record before this moment. To check, save the",
        "message as a file, and ask the person who runs toolkit to run this on the school's computer while you watch:",
        "toolkit audit verify --head FILE",
    ]
    subject = f"{practice}{school.name}: the record on {day(local)}"
    return PlainMessage(
        subject, "\n".join([*lines, ""]), _signed_files(f"{sentence}\n".encode(), f"{local:%Y-%m-%d}", key)
    )


def _signed_files(content: bytes, date: str, key: Path | None) -> tuple[Attachment, ...]:
    if key is None:
        return ()
    name = f"record_{date}.txt"
    signature = sign(content, key, SignedContent.REPORTS)
    return Attachment(name, "text/plain", content), Attachment(f"{name}{SUFFIX}", "text/plain", signature)
