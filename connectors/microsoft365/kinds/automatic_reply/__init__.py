"""The automatic replies that mailboxes send while their owners are away."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from connectors.microsoft365.graph.service import GraphRequest
from connectors.microsoft365.kinds.automatic_reply.settings import BEGINS, ENDS, SCHEDULED, STATUS, AutomaticReply
from connectors.microsoft365.mailboxes import (
    chunks,
    explain_unreadable_mailbox,
    has_no_account,
    read_settings,
    settings_path,
)
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
    ReadScope,
    Remote,
    Scale,
    Unreadable,
    Write,
    parse_instant,
)
from toolkit.values import Body, Json, Settings

PROPERTY = "automaticRepliesSetting"
WRITES = "MailboxSettings.ReadWrite"


def read_replies(settings: Body) -> Body:
    """Return the automatic replies in a mailbox's settings. Raise BadAnswer if they are missing or invalid.

    Times are left out if the replies have no schedule. Outlook shows times even then, but they have no meaning.
    """
    setting = settings.get(PROPERTY)
    if not isinstance(setting, Mapping):
        raise BadAnswer("the settings of the mailbox have no automatic replies")
    timed = setting.get(STATUS) == SCHEDULED
    replies = {name: value for name, value in setting.items() if timed or name not in (BEGINS, ENDS)}
    to_settings(replies)
    return replies


def to_settings(replies: Body) -> Settings:
    """Return the settings of automatic replies. Raise BadAnswer if they are invalid."""
    try:
        return AutomaticReply.observed(replies)
    except ValueError as wrong:
        raise BadAnswer(f"the automatic reply cannot be understood: {wrong}") from wrong


def check_unchanged(write: Write, now: Body) -> None:
    """Raise Conflict if the owner changed the reply after toolkit read it. It is unknown which reply is right."""
    assert write.remote
    before, present = to_settings(write.remote.body), to_settings(now)
    if differing := sorted(name for name in present if present[name] != before[name]):
        raise Conflict(
            f"nothing was changed, because {', '.join(differing)} of this reply changed after toolkit read it. Run "
            "the command again"
        )


def complete_schedule(changes: Body, present_reply: Body) -> Body:
    """Return the changes with a complete schedule, because Outlook accepts no other.

    A missing time is taken from the present reply. Raise Rejected if a time is still missing, because Outlook would
    choose one.
    """
    times = (BEGINS, ENDS)
    if changes.get(STATUS, present_reply[STATUS]) != SCHEDULED or not changes.keys() & {STATUS, *times}:
        return changes
    present = present_reply if present_reply[STATUS] == SCHEDULED else {}
    whole = {STATUS: SCHEDULED, **{name: present[name] for name in times if name in present}, **changes}
    if missing := [word for word, name in zip(("begins", "ends"), times, strict=True) if name not in whole]:
        raise Rejected(f"nothing was changed, because a new schedule also needs {' and '.join(missing)}")
    return whole


def explain_refusal(error: RequestFailed, body: Body) -> RequestFailed:
    """Return Outlook's error with an explanation of why it refused to change a reply."""
    if isinstance(error, Rejected) and "ErrorInvalidScheduledOofDuration" in str(error):
        times = f"from {_format_moment(body.get(BEGINS))} to {_format_moment(body.get(ENDS))}"
        return Rejected(f"Outlook refuses a reply {times}. It must end after it begins, and in the future ({error})")
    if isinstance(error, Refused):
        needed = f"this app needs {WRITES}, and Exchange must allow it to use this mailbox"
        return Refused(f"{error}; {needed}", missing=WRITES)
    return error


def _format_moment(moment: Json) -> str:
    return str(moment.get("dateTime")) if isinstance(moment, Mapping) else "when it began"


class AutomaticReplies(FixedObjects):
    """The automatic replies of people.

    Every mailbox has exactly one, so toolkit neither creates nor deletes a reply.
    """

    none_created = "{name} has no mailbox and so no automatic reply to change"
    none_deleted = "toolkit cannot delete the automatic reply of {name}, only turn it off"

    def read(self, via: Microsoft365, selection: ReadScope) -> Iterator[Remote | Unreadable]:
        """Yield the replies of the selected people who have an account."""
        for person, response in read_settings(via.graph, _list_selected_people(via, selection), PROPERTY):
            try:
                yield Remote(person, person, read_replies(answered(response)))
            except RequestFailed as error:
                if not has_no_account(error):
                    yield Unreadable(
                        person, person, explain_unreadable_mailbox(error), unused=isinstance(error, NotFound)
                    )

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> Remote:
        (outcome,) = self.write_many(via, [Write(name, body, remote)])
        return answered(outcome)

    def write_many(self, via: Microsoft365, writes: Sequence[Write]) -> Sequence[Remote | RequestFailed]:
        """Read the replies again, and change them. A reply that its owner has changed meanwhile is not changed."""
        outcomes: list[Remote | RequestFailed] = []
        for some in chunks(writes):
            outcomes += _change_replies(via, some)
        return outcomes


def _list_selected_people(via: Microsoft365, selection: ReadScope) -> Sequence[str]:
    match selection:
        case Everything():
            return [str(row["id"]) for row in via.graph.pages("/users", select="id", top="999")]
        case NamedOnly(names):
            return sorted(names)


def _change_replies(via: Microsoft365, writes: Sequence[Write]) -> Sequence[Remote | RequestFailed]:
    """Change people's replies in one batch. Return the outcome for each reply, in order."""
    responses = via.graph.batch([GraphRequest("GET", settings_path(write.name, PROPERTY)) for write in writes])
    ready = [_prepare_write(write, response) for write, response in zip(writes, responses, strict=True)]
    sent = iter(_send_writes(via, [prepared for prepared in ready if isinstance(prepared, Write)]))
    return [next(sent) if isinstance(prepared, Write) else prepared for prepared in ready]


def _prepare_write(write: Write, response: Body | RequestFailed) -> Write | RequestFailed:
    """Return the change to send, or the error if the present reply cannot be read or has changed."""
    try:
        now = _read_present_reply(response)
        check_unchanged(write, now)
        return replace(write, body=complete_schedule(write.body, now))
    except RequestFailed as error:
        return error


def _read_present_reply(response: Body | RequestFailed) -> Body:
    """Return the replies in a response.

    Raise BadAnswer if they cannot be read, because toolkit must then not change them.
    """
    if isinstance(response, Transient):
        raise response
    try:
        return read_replies(answered(response))
    except RequestFailed as error:
        raise BadAnswer(f"nothing was changed, because the reply could not be read again first: {error}") from error


def _send_writes(via: Microsoft365, writes: Sequence[Write]) -> Sequence[Remote | RequestFailed]:
    requests = [GraphRequest("PATCH", settings_path(write.name), {PROPERTY: write.body}) for write in writes]
    return [_to_outcome(write, response) for write, response in zip(writes, via.graph.batch(requests), strict=True)]


def _to_outcome(write: Write, response: Body | RequestFailed) -> Remote | RequestFailed:
    try:
        return Remote(write.name, write.name, read_replies(answered(response)))
    except RequestFailed as error:
        return explain_refusal(error, write.body)


def doubts(via: Microsoft365, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Yield a doubt for each change that turns replies on without a text, unless the mailbox already replies.

    A mailbox that cannot be read has no doubt. The run reads it again before a change, and then stops.
    """
    silent = {entry.address.name: missing for entry in desired if (missing := _list_missing_texts(entry.settings))}
    for person, response in read_settings(via.graph, sorted(silent), PROPERTY):
        if not isinstance(response, RequestFailed) and not _is_replying(
            to_settings(read_replies(response)), via.clock()
        ):
            reason = f"this would turn replies on with the previous text. Also name {silent[person]}"
            yield Doubt(person, "status", reason)


def _list_missing_texts(settings: Settings) -> str:
    if settings.get("status", "off") == "off":
        return ""
    needed = ["internal", *([] if settings.get("audience") == "none" else ["external"])]
    return " and ".join(name for name in needed if name not in settings)


def _is_replying(settings: Settings, now: datetime | None) -> bool:
    """Return whether replies are on, or scheduled for a time that has not ended."""
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
        residue="the text and times of a reply that is turned off",
    ),
    stops=ObjectEffects(area=EffectArea.MAIL),
)
