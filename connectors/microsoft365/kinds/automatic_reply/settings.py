"""What a mailbox answers automatically while its owner is away, and when."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from connectors.microsoft365.schedules import read_instant, write_instant
from toolkit.sdk import (
    INSTANT,
    Effect,
    Form,
    Harmless,
    Properties,
    Setting,
    Spec,
    becomes,
    checked_moment,
    checked_words,
    clears,
    declare,
    declare_effects,
    page_of,
    parse_instant,
    text_in,
    text_of,
)
from toolkit.values import Json, Value

STATUS, BEGINS, ENDS = "status", "scheduledStartDateTime", "scheduledEndDateTime"
INTERNAL, EXTERNAL, AUDIENCE = "internalReplyMessage", "externalReplyMessage", "externalAudience"
SCHEDULED = "scheduled"
_STATES = {"disabled": "off", "alwaysEnabled": "always", "scheduled": SCHEDULED}
_AUDIENCES = {"none": "none", "contactsOnly": "contacts", "all": "all"}


def _words(name: str, of_the_wire: Mapping[str, str]) -> Form:
    """Make the form of a setting for which the service has other words than people."""
    ours = {word: wire for wire, word in of_the_wire.items()}

    def read(value: Json) -> Value:
        return None if value is None else of_the_wire.get(text_in(value), text_in(value))

    return Form(name, read, lambda value: ours[str(value)])


def _moment(value: Json) -> Value:
    return INSTANT.read(read_instant(value).isoformat() if isinstance(value, Mapping) else value)


def _moment_on_the_wire(value: Value) -> Json:
    return write_instant(parse_instant(str(value)))


_MOMENT = Form(INSTANT.name, _moment, _moment_on_the_wire)
_Words: TypeAlias = Annotated[str | None, Field(min_length=1), AfterValidator(checked_words)]


def _read_words(value: Json) -> Value:
    return (text_of(text_in(value)) or None) if value is not None else None


def _write_words(value: Value) -> Json:
    """Write HTML: of plain text Outlook would run all lines together."""
    return page_of(str(value)) if value is not None else ""


WORDS = Form("text, compared by what a reader sees of it", _read_words, _write_words, rewritten=True)


class AutomaticReply(Spec):
    """The automatic replies of one mailbox; what is left out stays as its owner has it."""

    effects = declare_effects(
        {
            "status": Effect("automatic replies stop", becomes("off")),
            "internal": Effect("colleagues no longer get the automatic reply", clears),
            "external": Effect("people outside no longer get the automatic reply", clears),
            "audience": Effect("fewer people outside get the automatic reply", becomes("none", "contacts")),
        },
        {Harmless.PART: ("begins", "ends")},
    )

    properties: ClassVar[Properties] = Properties(
        compared=frozenset(f"{name}.{part}" for name in (BEGINS, ENDS) for part in ("dateTime", "timeZone"))
    )

    status: Annotated[
        Literal["off", "always", "scheduled"], Setting(_words("off, always or scheduled", _STATES), wire=STATUS)
    ] = declare(
        "Turns replies off, on until a person turns them off, or on for some time. Turning them on needs the texts "
        "too, since Outlook would send again what it sent last.",
        "scheduled",
        default="off",
    )
    begins: Annotated[str, AfterValidator(checked_moment), Setting(_MOMENT, wire=BEGINS)] = declare(
        "Says from when, with its zone; only for replies that are scheduled.", "2026-12-18T16:00:00Z", default=""
    )
    ends: Annotated[str, AfterValidator(checked_moment), Setting(_MOMENT, wire=ENDS)] = declare(
        "Says until when, with its zone; only for replies that are scheduled.", "2027-01-04T08:00:00Z", default=""
    )
    internal: Annotated[_Words, Setting(WORDS, wire=INTERNAL)] = declare(
        "Gives in plain text what people of the organisation are told; null is no reply to them.",
        "I am not in school until Monday 4 January.",
    )
    external: Annotated[_Words, Setting(WORDS, wire=EXTERNAL)] = declare(
        "Gives in plain text what people outside are told; null is no reply to them.",
        "I am not in school until Monday 4 January. If you are worried about a child, call 01632 960000.",
    )
    audience: Annotated[
        Literal["none", "contacts", "all"], Setting(_words("none, contacts or all", _AUDIENCES), wire=AUDIENCE)
    ] = declare("Says who outside gets a reply: no one, the owner's contacts, or all who write.", default="all")

    @model_validator(mode="after")
    def _check_times(self) -> Self:
        named = self.model_fields_set
        if named & {"begins", "ends"} and not ("status" in named and self.status == SCHEDULED):
            raise ValueError("begins and ends count only for `status: scheduled`; name that beside them")
        if {"begins", "ends"} <= named and parse_instant(self.ends) <= parse_instant(self.begins):
            raise ValueError(f"it would end at {self.ends}, not after it begins at {self.begins}")
        return self
