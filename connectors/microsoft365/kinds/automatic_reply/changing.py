"""Somebody's automatic replies just before a change, and why Outlook does not take one."""

from collections.abc import Mapping

from connectors.microsoft365.kinds.automatic_reply.settings import BEGINS, ENDS, SCHEDULED, STATUS, AutomaticReply
from toolkit.errors import BadAnswer, Conflict, Refused, Rejected, ServiceError
from toolkit.sdk.endpoint import Write
from toolkit.values import Body, Json, Settings

PROPERTY = "automaticRepliesSetting"
WRITES = "MailboxSettings.ReadWrite"


def replies_in(settings: Body) -> Body:
    """Find the replies among the settings of a mailbox; BadAnswer where there are none, or they make no sense.

    Without a schedule Outlook shows times too, which mean nothing: they are left out.
    """
    found = settings.get(PROPERTY)
    if not isinstance(found, Mapping):
        raise BadAnswer("the settings of the mailbox name no automatic replies")
    timed = found.get(STATUS) == SCHEDULED
    replies = {name: value for name, value in found.items() if timed or name not in (BEGINS, ENDS)}
    settings_in(replies)
    return replies


def settings_in(replies: Body) -> Settings:
    """Read replies as they are compared; BadAnswer where they make no sense."""
    try:
        return AutomaticReply.observed(replies)
    except ValueError as wrong:
        raise BadAnswer(f"the automatic reply cannot be understood: {wrong}") from wrong


def unchanged_since(write: Write, now: Body) -> None:
    """Raise Conflict where somebody changed the replies since they were compared: nothing says whose reply counts."""
    assert write.remote
    before, there = settings_in(write.remote.body), settings_in(now)
    if differing := sorted(name for name in there if there[name] != before[name]):
        raise Conflict(
            f"nothing was changed, since somebody changed {', '.join(differing)} of this reply after it was read; "
            "run it again"
        )


def whole_schedule(sent: Body, now: Body) -> Body:
    """Complete a schedule, which Outlook takes only as a whole, with the times that are there.

    Rejected where it has one time alone: the other one would be whatever Outlook makes of none.
    """
    times = (BEGINS, ENDS)
    if sent.get(STATUS, now[STATUS]) != SCHEDULED or not sent.keys() & {STATUS, *times}:
        return sent
    there = now if now[STATUS] == SCHEDULED else {}
    whole = {STATUS: SCHEDULED, **{name: there[name] for name in times if name in there}, **sent}
    if missing := [word for word, name in zip(("begins", "ends"), times, strict=True) if name not in whole]:
        raise Rejected(f"nothing was changed: a schedule that is new needs {' and '.join(missing)} too")
    return whole


def explained(error: ServiceError, body: Body) -> ServiceError:
    """Say in plain words why Outlook does not take a change."""
    if isinstance(error, Rejected) and "ErrorInvalidScheduledOofDuration" in str(error):
        times = f"from {_told(body.get(BEGINS))} to {_told(body.get(ENDS))}"
        return Rejected(f"Outlook takes no reply {times}: it has to end after it begins, and after now ({error})")
    if isinstance(error, Refused):
        needed = f"this app needs {WRITES}, and Exchange has to let it use this mailbox"
        return Refused(f"{error}; {needed}", missing=WRITES)
    return error


def _told(moment: Json) -> str:
    return str(moment.get("dateTime")) if isinstance(moment, Mapping) else "when it began"
