"""Show whether messages have reached the school's notification channels."""

from collections.abc import Iterator, Sequence

from toolkit.engine.notices.deliver import Delivery, DeliveryResult
from toolkit.render.line import Line, Tone
from toolkit.school.notices import Channel
from toolkit.values import Body


def delivery_lines(deliveries: Sequence[Delivery]) -> Iterator[Line]:
    """Yield a line for each channel with the result of sending its message."""
    for delivery in deliveries:
        reason = f": {delivery.reason}" if delivery.reason else ""
        sign, tone = ("+", Tone.ADDED) if delivery.result is DeliveryResult.SENT else ("!", Tone.WARNING)
        yield Line(
            f"{sign} {delivery.channel.name}, {_delivery_route(delivery.channel)}: {delivery.result}{reason}", tone
        )


def deliveries_json(deliveries: Sequence[Delivery]) -> Body:
    """Return the result of each message as JSON."""
    rows = [
        {"channel": delivery.channel.name, "result": delivery.result.name.lower(), "reason": delivery.reason}
        for delivery in deliveries
    ]
    return {"format": 1, "deliveries": rows}


def has_failures(deliveries: Sequence[Delivery]) -> bool:
    """Return whether sending a message failed. It is not a failure if the target does not use the channel."""
    return any(delivery.result in {DeliveryResult.NOT_SENT, DeliveryResult.NOT_KNOWN} for delivery in deliveries)


def _delivery_route(channel: Channel) -> str:
    return f"mail from {channel.sender} to {channel.to}" if channel.by_mail else f"the URL in {channel.variable}"
