"""Gmail's vacation responder, which sends the automatic reply of a mailbox while its owner is away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from connectors.google_workspace.per_person import read_again, read_people
from connectors.google_workspace.permissions import needs
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.errors import BadAnswer, Conflict, ServiceError
from toolkit.sdk import (
    AUTOMATIC_REPLY,
    INSTANT,
    TEXT,
    Desired,
    Doubt,
    Effect,
    EffectArea,
    FixedObjects,
    Form,
    Harmless,
    Kind,
    Lifecycle,
    ObjectEffects,
    Permissions,
    Properties,
    ReadScope,
    Remote,
    Scale,
    Setting,
    Spec,
    Unreadable,
    becomes,
    check_moment,
    check_plain_text,
    clears,
    declare,
    declare_effects,
    flag,
    html_to_text,
    parse_instant,
    text_in,
    tidy_text,
)
from toolkit.values import Body, Json, Settings, Value

if TYPE_CHECKING:
    from datetime import datetime


ON, START, END = "enableAutoReply", "startTime", "endTime"
SUBJECT, PLAIN, PAGE = "responseSubject", "responseBodyPlainText", "responseBodyHtml"
CONTACTS, DOMAIN = "restrictToContacts", "restrictToDomain"
NAMES = (ON, START, END, SUBJECT, PLAIN, PAGE, CONTACTS, DOMAIN)
OFF, ALWAYS, SCHEDULED = "off", "always", "scheduled"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_AUDIENCES = {
    "all": (False, False),
    "contacts": (True, False),
    "domain": (False, True),
    "contacts_in_domain": (True, True),
}


def _read_text(value: Json) -> Value:
    return None if value is None else tidy_text(text_in(value)) or None


_Moment: TypeAlias = Annotated[str | None, AfterValidator(check_moment), Setting(INSTANT)]
WORDS = Form("text, compared as a reader sees it", _read_text, rewritten=True)


class Vacation(Spec):
    """The automatic reply of a mailbox. A setting that the playbook leaves out keeps the owner's value."""

    effects = declare_effects(
        {
            "status": Effect("automatic replies stop", becomes("off")),
            "text": Effect("people who write to the mailbox no longer get the automatic reply", clears),
            "audience": Effect(
                "fewer people get the automatic reply", becomes("contacts_in_domain", "domain", "contacts")
            ),
        },
        {Harmless.TEXT: ("subject",), Harmless.PART: ("begins", "ends")},
    )

    properties: ClassVar[Properties] = Properties(compared=frozenset(NAMES))

    status: Annotated[Literal["off", "always", "scheduled"], Setting(TEXT)] = declare(
        "Turns the reply off, on until it is turned off, or on for a period. To turn it on, "
        "`text` is also needed, because Gmail would otherwise send the last text again.",
        SCHEDULED,
        default="off",
    )
    begins: _Moment = declare(
        "Gives the start with its time zone, only for a scheduled reply. null begins the reply immediately.",
        "2026-12-18T16:00:00Z",
    )
    ends: _Moment = declare(
        "Gives the end with its time zone, only for a scheduled reply. null means until someone turns the reply off.",
        "2027-01-04T08:00:00Z",
    )
    subject: Annotated[str | None, Field(min_length=1), Setting(TEXT)] = declare(
        "Gives the text before the subject of the original message.", "Away until Monday: "
    )
    text: Annotated[str | None, Field(min_length=1), AfterValidator(check_plain_text), Setting(WORDS)] = declare(
        "Gives the reply to the sender in plain text.", "I am not in school until Monday 4 January."
    )
    audience: Annotated[Literal["all", "contacts", "domain", "contacts_in_domain"], Setting(TEXT)] = declare(
        "Says who gets a reply: every sender, the owner's contacts, people of the school's domain, or "
        "contacts in the domain.",
        default="all",
    )

    @model_validator(mode="after")
    def _check_times(self) -> Self:
        named_settings = self.model_fields_set
        scheduled = "status" in named_settings and self.status == SCHEDULED
        if (self.begins or self.ends) and not scheduled:
            raise ValueError("begins and ends apply only to `status: scheduled`. Write that status too")
        if scheduled and not (self.begins or self.ends):
            raise ValueError("a scheduled reply needs begins, ends, or both. Otherwise write `status: always`")
        if self.begins and self.ends and parse_instant(self.ends) <= parse_instant(self.begins):
            raise ValueError(f"the reply would end at {self.ends}, which is not after its start at {self.begins}")
        return self

    @classmethod
    def observed(cls, body: Body) -> Settings:
        """Return the settings of a mailbox's reply. Raise ValueError or OverflowError if a time is not valid."""
        timed = bool(body.get(START) or body.get(END))
        page = body.get(PAGE)
        restricted = (flag(body.get(CONTACTS)), flag(body.get(DOMAIN)))
        return {
            "status": (SCHEDULED if timed else ALWAYS) if flag(body.get(ON)) else OFF,
            "begins": read_moment(body.get(START)),
            "ends": read_moment(body.get(END)),
            "subject": TEXT.read(body.get(SUBJECT)),
            "text": html_to_text(text_in(page)) or None if page else WORDS.read(body.get(PLAIN)),
            "audience": next(name for name, flags in _AUDIENCES.items() if flags == restricted),
        }

    @classmethod
    def body(cls, settings: Settings) -> Body:
        """Return the settings for Gmail's API. A setting that is None is not sent, so that Gmail unsets it."""
        written: dict[str, Json] = {}
        for name in (
            name for name in cls.table() if name in settings
        ):  # status comes first, because `always` has no times
            written.update(_to_gmail_setting(name, settings[name]))
        return written


def _to_gmail_setting(name: str, value: Value) -> Body:
    match name:
        case "status":
            return {ON: value != OFF, **(dict.fromkeys((START, END)) if value == ALWAYS else {})}
        case "begins":
            return {START: _write_moment(value)}
        case "ends":
            return {END: _write_moment(value)}
        case "subject":
            return {SUBJECT: None if value is None else str(value)}
        case "text":  # if there are two bodies, Gmail sends the HTML
            return {PLAIN: None if value is None else str(value), PAGE: None}
        case _:
            return dict(zip((CONTACTS, DOMAIN), _AUDIENCES[str(value)], strict=True))


def read_moment(value: Json) -> Value:
    """Return the time in a text of milliseconds since 1970, or None if there is no text."""
    return None if not value else INSTANT.read((_EPOCH + int(str(value)) * _MILLISECOND).isoformat())


def _write_moment(value: Value) -> Json:
    return None if value is None else str((parse_instant(str(value)) - _EPOCH) // _MILLISECOND)


class Vacations(FixedObjects):
    """Reads and sets people's automatic replies.

    Every mailbox has one, so toolkit neither creates nor deletes a reply.
    """

    none_created = "{name} has no account, so there is no automatic reply to change"
    none_deleted = "toolkit cannot delete the automatic reply of {name}, only turn it off"

    def read(self, via: GoogleWorkspace, selection: ReadScope) -> Iterable[Remote | Unreadable]:
        """Yield the automatic replies of the selected people. One request reads 50 people."""
        return read_people(via, selection, via.mailboxes.vacation, _choose_sent_text)

    def update(self, via: GoogleWorkspace, remote: Remote, name: str, body: Body) -> Remote:
        """Read a reply again, and send all its settings. A setting that the body does not name keeps its value.

        Raise Conflict if the owner has changed the reply since toolkit read it.
        """
        mailbox = via.gmail(remote.id)
        current = _select_used_settings(mailbox.address, read_again(mailbox.address, via.mailboxes.vacation))
        _check_unchanged(mailbox.address, remote.body, current)
        after = {key: value for key, value in {**current, **body}.items() if value is not None}
        return Remote(remote.id, name, _choose_sent_text(mailbox.address, mailbox.change_vacation(after)))


def _select_used_settings(person: str, reply: Body) -> Body:
    """Return the used settings of a reply. Raise BadAnswer if there is no reply, or if a time is not valid."""
    if not isinstance(reply.get(ON), bool):
        raise BadAnswer(f"Gmail does not show whether {person} has an automatic reply")
    _read_settings(person, reply)
    return {name: reply[name] for name in NAMES if reply.get(name) is not None}


def _choose_sent_text(person: str, reply: Body) -> Body:
    """Return the text that Gmail sends for a reply. If the reply has a plain and an HTML text, Gmail sends the HTML."""
    body = _select_used_settings(person, reply)
    return {name: value for name, value in body.items() if name != PLAIN or not body.get(PAGE)}


def _read_settings(person: str, body: Body) -> Settings:
    try:
        return Vacation.observed(body)
    except (ValueError, OverflowError) as invalid_time:
        raise BadAnswer(
            f"the times of the automatic reply of {person} cannot be understood: {invalid_time}"
        ) from invalid_time


def _check_unchanged(person: str, before: Body, current: Body) -> None:
    settings_before, settings_now = _read_settings(person, before), _read_settings(person, current)
    if differing := sorted(name for name in settings_now if settings_now[name] != settings_before[name]):
        raise Conflict(
            f"nothing was changed, because {', '.join(differing)} changed in the automatic reply of {person} after "
            "toolkit read it. Run the command again"
        )


_OLD = "this would turn replies on with the text that was sent last. Write `text` too"


def doubts(via: GoogleWorkspace, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Yield a doubt for each reply that would be turned on with its previous text. The replies are read again."""
    resources_without_text = [
        resource
        for resource in desired
        if resource.settings.get("status", OFF) != OFF and not resource.settings.get("text")
    ]
    addresses = [via.accounts.find(resource.address.name).address for resource in resources_without_text]
    for resource, reply in zip(resources_without_text, via.mailboxes.vacation(addresses), strict=True):
        if isinstance(reply, ServiceError):
            yield Doubt(resource.address.name, "text", f"toolkit could not read whether the reply has a text: {reply}")
        elif not _is_replying(reply, via.clock() or _read_reply_time(Vacation.body(resource.settings), START)):
            yield Doubt(resource.address.name, "text", _OLD)


def _is_replying(reply: Body, now: datetime | None) -> bool:
    """Return whether a reply is on, or is scheduled for a time that has not ended."""
    ends = _read_reply_time(reply, END)
    return reply.get(ON) is True and (ends is None or now is None or ends > now)


def _read_reply_time(reply: Body, name: str) -> datetime | None:
    moment = read_moment(reply.get(name))
    return None if moment is None else parse_instant(str(moment))


KIND = Kind(
    name="vacation",
    title="automatic reply",
    plural="mailboxes",
    spec=Vacation,
    endpoint=Vacations(),
    reference="https://developers.google.com/workspace/gmail/api/reference/rest/v1/VacationSettings",
    permissions=Permissions(
        needs("directory.users.list", "gmail.users.settings.getVacation"), needs("gmail.users.settings.updateVacation")
    ),
    whole=False,
    fixed=True,
    per_person=True,
    reach=Scale.MAILBOX,
    temporary=AUTOMATIC_REPLY,
    doubts=doubts,
    sample="""\
- google_workspace.vacation: amara.ashdown@example-primary.example
  status: scheduled
  begins: "2026-12-18T16:00:00Z"
  ends: "2027-01-04T08:00:00Z"
  text: The school is closed until Monday 4 January. If you are worried about a child, call 01632 960000.
""",
    lifecycle=Lifecycle(
        withdrawn=AUTOMATIC_REPLY.withdraw,
        restores=AUTOMATIC_REPLY.restore,
        residue="the text and times of a reply that is turned off",
    ),
    stops=ObjectEffects(area=EffectArea.MAIL),
)
