"""What Gmail answers automatically while a person is away, to whom, and when."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, ClassVar, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from toolkit.sdk.endpoint import flag
from toolkit.sdk.form import INSTANT, TEXT, Form, Properties, checked_moment, parse_instant, text_in
from toolkit.sdk.markup import checked_words, text_of_html, tidied
from toolkit.sdk.spec import Setting, Spec, declare
from toolkit.values import Body, Json, Settings, Value

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


def _words(value: Json) -> Value:
    return None if value is None else tidied(text_in(value)) or None


_Moment: TypeAlias = Annotated[str | None, AfterValidator(checked_moment), Setting(INSTANT)]
WORDS = Form("text, compared by what a reader sees of it", _words, rewritten=True)


class Vacation(Spec):
    """The automatic reply of one mailbox; what is left out stays as its owner has it."""

    properties: ClassVar[Properties] = Properties(compared=frozenset(NAMES))

    status: Annotated[Literal["off", "always", "scheduled"], Setting(TEXT)] = declare(
        "Turns the reply off, on until it is turned off, or on for some time. Turning it on needs "
        "the text too, since Gmail would send again what it sent last.",
        SCHEDULED,
        default="off",
    )
    begins: _Moment = declare(
        "Says from when, with its zone; only for a reply that is scheduled. null is as soon as it is set.",
        "2026-12-18T16:00:00Z",
    )
    ends: _Moment = declare(
        "Says until when, with its zone; only for a reply that is scheduled. null is until it is turned off.",
        "2027-01-04T08:00:00Z",
    )
    subject: Annotated[str | None, Field(min_length=1), Setting(TEXT)] = declare(
        "Gives what stands before the subject of the message that is answered.", "Away until Monday: "
    )
    text: Annotated[str | None, Field(min_length=1), AfterValidator(checked_words), Setting(WORDS)] = declare(
        "Gives the reply to the sender in plain text.", "I am not in school until Monday 4 January."
    )
    audience: Annotated[Literal["all", "contacts", "domain", "contacts_in_domain"], Setting(TEXT)] = declare(
        "Says who gets a reply: all who write, the owner's contacts, people of the school's domain, or "
        "those of them who are contacts.",
        default="all",
    )

    @model_validator(mode="after")
    def _check_times(self) -> Self:
        named = self.model_fields_set
        scheduled = "status" in named and self.status == SCHEDULED
        if (self.begins or self.ends) and not scheduled:
            raise ValueError("begins and ends count only for `status: scheduled`; name that beside them")
        if scheduled and not (self.begins or self.ends):
            raise ValueError("a reply that is scheduled needs begins, ends, or both; else write `status: always`")
        if self.begins and self.ends and parse_instant(self.ends) <= parse_instant(self.begins):
            raise ValueError(f"it would end at {self.ends}, not after it begins at {self.begins}")
        return self

    @classmethod
    def observed(cls, body: Body) -> Settings:
        """Read a mailbox's reply; ValueError or OverflowError where a time of it is none."""
        timed = bool(body.get(START) or body.get(END))
        page = body.get(PAGE)
        restricted = (flag(body.get(CONTACTS)), flag(body.get(DOMAIN)))
        return {
            "status": (SCHEDULED if timed else ALWAYS) if flag(body.get(ON)) else OFF,
            "begins": read_moment(body.get(START)),
            "ends": read_moment(body.get(END)),
            "subject": TEXT.read(body.get(SUBJECT)),
            "text": text_of_html(text_in(page)) or None if page else WORDS.read(body.get(PLAIN)),
            "audience": next(name for name, flags in _AUDIENCES.items() if flags == restricted),
        }

    @classmethod
    def body(cls, settings: Settings) -> Body:
        """Put settings on the wire; None unsets, since what Gmail is not sent it forgets."""
        written: dict[str, Json] = {}
        for name in (name for name in cls.table() if name in settings):  # status first: always has no times
            written.update(_wire(name, settings[name]))
        return written


def _wire(name: str, value: Value) -> Body:
    match name:
        case "status":
            return {ON: value != OFF, **(dict.fromkeys((START, END)) if value == ALWAYS else {})}
        case "begins":
            return {START: _write_moment(value)}
        case "ends":
            return {END: _write_moment(value)}
        case "subject":
            return {SUBJECT: None if value is None else str(value)}
        case "text":  # of two bodies Gmail sends the HTML
            return {PLAIN: None if value is None else str(value), PAGE: None}
        case _:
            return dict(zip((CONTACTS, DOMAIN), _AUDIENCES[str(value)], strict=True))


def read_moment(value: Json) -> Value:
    """Read milliseconds since 1970, which come as text; none is no moment."""
    return None if not value else INSTANT.read((_EPOCH + int(str(value)) * _MILLISECOND).isoformat())


def _write_moment(value: Value) -> Json:
    return None if value is None else str((parse_instant(str(value)) - _EPOCH) // _MILLISECOND)
