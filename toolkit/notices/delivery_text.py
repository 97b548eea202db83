"""What became of the messages to a school's channels."""

from collections.abc import Iterator, Sequence

from toolkit.engine.notices.deliver import Delivery, DeliveryResult
from toolkit.render.line import Line, Tone
from toolkit.school.notices import Channel
from toolkit.values import Body


def delivery_lines(deliveries: Sequence[Delivery]) -> Iterator[Line]:
    """Return for each channel what became of its message."""
    for one in deliveries:
        reason = f": {one.reason}" if one.reason else ""
        sign, tone = ("+", Tone.ADDED) if one.result is DeliveryResult.SENT else ("!", Tone.WARNING)
        yield Line(f"{sign} {one.channel.name}, {_way(one.channel)}: {one.result}{reason}", tone)


def delivery_answer(deliveries: Sequence[Delivery]) -> Body:
    """Give the same as JSON."""
    rows = [
        {"channel": one.channel.name, "result": one.result.name.lower(), "reason": one.reason} for one in deliveries
    ]
    return {"format": 1, "deliveries": rows}


def undelivered(deliveries: Sequence[Delivery]) -> bool:
    """Say whether a message that was to go did not; a channel that is not used on this target is none."""
    return any(one.result in {DeliveryResult.NOT_SENT, DeliveryResult.NOT_KNOWN} for one in deliveries)


def _way(channel: Channel) -> str:
    return f"mail from {channel.sender} to {channel.to}" if channel.by_mail else f"the URL in {channel.variable}"
