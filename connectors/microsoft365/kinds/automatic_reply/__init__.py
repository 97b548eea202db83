"""Automatic replies: what a mailbox answers while its owner is away."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from connectors.microsoft365.graph.service import GraphRequest
from connectors.microsoft365.kinds.automatic_reply.settings import BEGINS, ENDS, SCHEDULED, STATUS, AutomaticReply
from connectors.microsoft365.mailboxes import chunks, has_no_account, read_settings, settings_path, told
from connectors.microsoft365.permissions import graph
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import BadAnswer, Conflict, NotFound, Refused, Rejected, RequestFailed, Transient, answered
from toolkit.sdk import (
    AUTOMATIC_REPLY,
    Desired,
    Doubt,
    EffectArea,
    Everything,
    FixedObjects,
    Kind,
    Lifecycle,
    NamedOnly,
    ObjectEffects,
    Permissions,
    Remote,
    Scale,
    Unreadable,
    Wanted,
    Write,
    parse_instant,
)
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


def explained(error: RequestFailed, body: Body) -> RequestFailed:
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
            except RequestFailed as error:
                if not has_no_account(error):
                    yield Unreadable(person, person, told(error), unused=isinstance(error, NotFound))

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> Remote:
        (outcome,) = self.write_many(via, [Write(name, body, remote)])
        return answered(outcome)

    def write_many(self, via: Microsoft365, writes: Sequence[Write]) -> Sequence[Remote | RequestFailed]:
        """Read again, since their owners may have changed them since, and change those that no one did."""
        outcomes: list[Remote | RequestFailed] = []
        for some in chunks(writes):
            outcomes += _changed(via, some)
        return outcomes


def _people(via: Microsoft365, wanted: Wanted) -> Sequence[str]:
    match wanted:
        case Everything():
            return [str(row["id"]) for row in via.graph.pages("/users", select="id", top="999")]
        case NamedOnly(names):
            return sorted(names)


def _changed(via: Microsoft365, writes: Sequence[Write]) -> Sequence[Remote | RequestFailed]:
    """Change the replies of as many people as go into one request; one outcome for each, in their order."""
    looks = via.graph.batch([GraphRequest("GET", settings_path(write.name, PROPERTY)) for write in writes])
    ready = [_ready(write, look) for write, look in zip(writes, looks, strict=True)]
    sent = iter(_sent(via, [one for one in ready if isinstance(one, Write)]))
    return [next(sent) if isinstance(one, Write) else one for one in ready]


def _ready(write: Write, look: Body | RequestFailed) -> Write | RequestFailed:
    """Give a change as it is to be sent, or why it must not be, seen what is there just before it."""
    try:
        now = _again(look)
        unchanged_since(write, now)
        return replace(write, body=whole_schedule(write.body, now))
    except RequestFailed as error:
        return error


def _again(look: Body | RequestFailed) -> Body:
    """Give what was read again; BadAnswer where it cannot be read: it is unknown then, and not to be written."""
    if isinstance(look, Transient):
        raise look
    try:
        return replies_in(answered(look))
    except RequestFailed as error:
        raise BadAnswer(f"nothing was changed, since the reply could not be read again before: {error}") from error


def _sent(via: Microsoft365, writes: Sequence[Write]) -> Sequence[Remote | RequestFailed]:
    requests = [GraphRequest("PATCH", settings_path(write.name), {PROPERTY: write.body}) for write in writes]
    return [_outcome(write, answer) for write, answer in zip(writes, via.graph.batch(requests), strict=True)]


def _outcome(write: Write, answer: Body | RequestFailed) -> Remote | RequestFailed:
    try:
        return Remote(write.name, write.name, replies_in(answered(answer)))
    except RequestFailed as error:
        return explained(error, write.body)


def doubts(via: Microsoft365, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Look at the mailboxes of those for whom replies are turned on without saying what they are to say.

    Whose mailbox cannot be read is not doubted: no change of it is sent either, since it is read again before.
    """
    silent = {one.address.name: missing for one in desired if (missing := _unsaid(one.settings))}
    for person, answer in read_settings(via.graph, sorted(silent), PROPERTY):
        if not isinstance(answer, RequestFailed) and not _replying(settings_in(replies_in(answer)), via.clock()):
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
    temporary=AUTOMATIC_REPLY,
    doubts=doubts,
    sample="""\
- microsoft365.automatic_reply: amara.ashdown@example-primary.example
  status: scheduled
  begins: "2026-12-18T16:00:00Z"
  ends: "2027-01-04T08:00:00Z"
  internal: The school is closed until Monday 4 January.
  external: The school is closed until Monday 4 January. If you are worried about a child, call 01632 960000.
""",
    lifecycle=Lifecycle(
        withdrawn=AUTOMATIC_REPLY.withdraw,
        restores=AUTOMATIC_REPLY.restore,
        residue="the words and times of a reply that is switched off",
    ),
    stops=ObjectEffects(area=EffectArea.MAIL),
)
