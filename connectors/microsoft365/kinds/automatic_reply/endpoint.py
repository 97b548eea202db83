"""Reads and changes the automatic replies of the people named, twenty people in a request."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from connectors.microsoft365.graph.service import GraphRequest
from connectors.microsoft365.kinds.automatic_reply.settings import BEGINS, ENDS, SCHEDULED, STATUS, AutomaticReply
from connectors.microsoft365.mailboxes import chunks, has_no_account, read_settings, settings_path, told
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import BadAnswer, Conflict, NotFound, Refused, Rejected, ServiceError, Transient, answered
from toolkit.sdk.endpoint import Everything, FixedObjects, NamedOnly, Wanted, Write
from toolkit.sdk.resource import Remote, Unreadable
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
    """Raise Conflict where the replies were changed since they were compared: it is unknown whose reply counts."""
    assert write.remote
    before, there = settings_in(write.remote.body), settings_in(now)
    if differing := sorted(name for name in there if there[name] != before[name]):
        raise Conflict(
            f"nothing was changed, since {', '.join(differing)} of this reply changed after it was read; run it again"
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


class AutomaticReplies(FixedObjects):
    """The automatic replies of people: there with the mailbox, so that none is made or removed."""

    none_created = "{name} has no mailbox, so there is no automatic reply to change"
    none_deleted = "the automatic reply of {name} is turned off, never deleted"

    def read(self, via: Microsoft365, wanted: Wanted) -> Iterator[Remote | Unreadable]:
        """Read the people asked for who have an account, a raw answer at a time."""
        for person, answer in read_settings(via.graph, _people(via, wanted), PROPERTY):
            try:
                yield Remote(person, person, replies_in(answered(answer)))
            except ServiceError as error:
                if not has_no_account(error):
                    yield Unreadable(person, person, told(error), unused=isinstance(error, NotFound))

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> Remote:
        (outcome,) = self.write_many(via, [Write(name, body, remote)])
        return answered(outcome)

    def write_many(self, via: Microsoft365, writes: Sequence[Write]) -> Sequence[Remote | ServiceError]:
        """Read again, since their owners may have changed them since, and change those that no one did."""
        outcomes: list[Remote | ServiceError] = []
        for some in chunks(writes):
            outcomes += _changed(via, some)
        return outcomes


def _people(via: Microsoft365, wanted: Wanted) -> Sequence[str]:
    match wanted:
        case Everything():
            return [str(row["id"]) for row in via.graph.pages("/users", select="id", top="999")]
        case NamedOnly(names):
            return sorted(names)


def _changed(via: Microsoft365, writes: Sequence[Write]) -> Sequence[Remote | ServiceError]:
    """Change the replies of as many people as go into one request; one outcome for each, in their order."""
    looks = via.graph.batch([GraphRequest("GET", settings_path(write.name, PROPERTY)) for write in writes])
    ready = [_ready(write, look) for write, look in zip(writes, looks, strict=True)]
    sent = iter(_sent(via, [one for one in ready if isinstance(one, Write)]))
    return [next(sent) if isinstance(one, Write) else one for one in ready]


def _ready(write: Write, look: Body | ServiceError) -> Write | ServiceError:
    """Give a change as it is to be sent, or why it must not be, seen what is there just before it."""
    try:
        now = _again(look)
        unchanged_since(write, now)
        return replace(write, body=whole_schedule(write.body, now))
    except ServiceError as error:
        return error


def _again(look: Body | ServiceError) -> Body:
    """Give what was read again; BadAnswer where it cannot be read: it is unknown then, and not to be written."""
    if isinstance(look, Transient):
        raise look
    try:
        return replies_in(answered(look))
    except ServiceError as error:
        raise BadAnswer(f"nothing was changed, since the reply could not be read again before: {error}") from error


def _sent(via: Microsoft365, writes: Sequence[Write]) -> Sequence[Remote | ServiceError]:
    requests = [GraphRequest("PATCH", settings_path(write.name), {PROPERTY: write.body}) for write in writes]
    return [_outcome(write, answer) for write, answer in zip(writes, via.graph.batch(requests), strict=True)]


def _outcome(write: Write, answer: Body | ServiceError) -> Remote | ServiceError:
    try:
        return Remote(write.name, write.name, replies_in(answered(answer)))
    except ServiceError as error:
        return explained(error, write.body)
