"""Automatic replies: what a change makes of them, and how Outlook shows them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from connectors.emulator import clock
from connectors.emulator.microsoft365.graph.actions import ActionRequest
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.graph.outlook.zones import preferred, read_instant, shown
from connectors.emulator.wire import Body, Json

REPLIES = "automaticRepliesSetting"
START, END = "scheduledStartDateTime", "scheduledEndDateTime"
_MESSAGES = ("internalReplyMessage", "externalReplyMessage")


def wrapped(message: str) -> str:
    """Write a message as Outlook keeps it: inside a page of its own."""
    if not message or "<html" in message.lower():
        return message
    return f"<html>\n<body>\n{message}\n</body>\n</html>\n"


def changed(asking: ActionRequest, before: Json, wanted: Json) -> Body:
    """Lay a change over what there was: a message that it leaves out stays as it is. Raises GraphError."""
    assert isinstance(wanted, Mapping)
    given = {name: value for name, value in wanted.items() if not name.startswith("@") and value is not None}
    given |= {name: wrapped(str(given[name])) for name in _MESSAGES if name in given}
    # Whatever zone a time was sent in, it comes back in UTC.
    given |= {name: shown(read_instant(given[name]), "UTC") for name in (START, END) if name in given}
    after = {**_complete(asking, before), **given}
    if after["status"] == "scheduled" or START in given or END in given:
        _check(asking, read_instant(after[START]), read_instant(after[END]))
    return after


def _check(asking: ActionRequest, start: datetime, end: datetime) -> None:
    if start >= end or end <= clock.now(asking.store, asking.tenant_id):
        text = "The scheduled duration for sending automatic replies isn't valid."
        raise GraphError(400, "ErrorInvalidScheduledOofDuration", text)


def replies_shown(asking: ActionRequest, stored: Json) -> Body:
    """Show replies with their times in the zone asked for, else in the one they are kept in."""
    body = _complete(asking, stored)
    if "prefer" not in asking.call.headers:
        return body
    name = preferred(asking.call)
    return {**body, **{key: shown(read_instant(body[key]), name) for key in (START, END)}}


def _complete(asking: ActionRequest, stored: Json) -> dict[str, Json]:
    """Fill in what was never set: Outlook shows the hour that runs and the same hour tomorrow."""
    hour = clock.now(asking.store, asking.tenant_id).replace(minute=0, second=0, microsecond=0)
    unset: dict[str, Json] = {
        "status": "disabled",
        "externalAudience": "all",
        START: shown(hour, "UTC"),
        END: shown(hour + timedelta(days=1), "UTC"),
        **dict.fromkeys(_MESSAGES, ""),
    }
    return {**unset, **(stored if isinstance(stored, Mapping) else {})}
