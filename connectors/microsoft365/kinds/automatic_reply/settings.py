"""The settings of a mailbox's automatic replies."""

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
    check_moment,
    check_plain_text,
    clears,
    declare,
    declare_effects,
    parse_instant,
    text_in,
    text_to_html,
    to_plain_text,
)
from toolkit.values import Json, Value

STATUS, BEGINS, ENDS = "status", "scheduledStartDateTime", "scheduledEndDateTime"
INTERNAL, EXTERNAL, AUDIENCE = "internalReplyMessage", "externalReplyMessage", "externalAudience"
SCHEDULED = "scheduled"
_STATES = {"disabled": "off", "alwaysEnabled": "always", "scheduled": SCHEDULED}
_AUDIENCES = {"none": "none", "contactsOnly": "contacts", "all": "all"}


def _make_word_form(name: str, words_by_value: Mapping[str, str]) -> Form:
    """Return a form that converts a playbook's words to the service's words."""
    values_by_word = {word: wire for wire, word in words_by_value.items()}

    def read(value: Json) -> Value:
        return None if value is None else words_by_value.get(text_in(value), text_in(value))

    return Form(name, read, lambda value: values_by_word[str(value)])


def _read_moment(value: Json) -> Value:
    return INSTANT.read(read_instant(value).isoformat() if isinstance(value, Mapping) else value)


def _write_moment(value: Value) -> Json:
    return write_instant(parse_instant(str(value)))


_MOMENT = Form(INSTANT.name, _read_moment, _write_moment)
_Words: TypeAlias = Annotated[str | None, Field(min_length=1), AfterValidator(check_plain_text)]


def _read_words(value: Json) -> Value:
    return (to_plain_text(text_in(value)) or None) if value is not None else None


def _write_words(value: Value) -> Json:
    """Return a text as HTML, because Outlook would join all lines of a plain text."""
    return text_to_html(str(value)) if value is not None else ""


WORDS = Form("text, compared as a reader sees it", _read_words, _write_words, rewritten=True)


class AutomaticReply(Spec):
    """The automatic reply of a mailbox. A setting that the playbook leaves out keeps the owner's value."""

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
        Literal["off", "always", "scheduled"],
        Setting(_make_word_form("off, always or scheduled", _STATES), wire=STATUS),
    ] = declare(
        "Turns replies off, on until a person turns them off, or on for a period. Also write the texts "
        "when you turn replies on, because Outlook would otherwise send the previous ones.",
        "scheduled",
        default="off",
    )
    begins: Annotated[str, AfterValidator(check_moment), Setting(_MOMENT, wire=BEGINS)] = declare(
        "Start of scheduled replies, with the time zone.", "2026-12-18T16:00:00Z", default=""
    )
    ends: Annotated[str, AfterValidator(check_moment), Setting(_MOMENT, wire=ENDS)] = declare(
        "End of scheduled replies, with the time zone.", "2027-01-04T08:00:00Z", default=""
    )
    internal: Annotated[_Words, Setting(WORDS, wire=INTERNAL)] = declare(
        "Plain text of the reply to people in the organisation. null sends them no reply.",
        "I am not in school until Monday 4 January.",
    )
    external: Annotated[_Words, Setting(WORDS, wire=EXTERNAL)] = declare(
        "Plain text of the reply to people outside. null sends them no reply.",
        "I am not in school until Monday 4 January. If you are worried about a child, call 01632 960000.",
    )
    audience: Annotated[
        Literal["none", "contacts", "all"], Setting(_make_word_form("none, contacts or all", _AUDIENCES), wire=AUDIENCE)
    ] = declare("People outside who get a reply: no one, the owner's contacts, or all senders.", default="all")

    @model_validator(mode="after")
    def _check_times(self) -> Self:
        named = self.model_fields_set
        if named & {"begins", "ends"} and not ("status" in named and self.status == SCHEDULED):
            raise ValueError("begins and ends apply only to `status: scheduled`. Write that status too")
        if {"begins", "ends"} <= named and parse_instant(self.ends) <= parse_instant(self.begins):
            raise ValueError(f"the reply would end at {self.ends}, which is not after its start at {self.begins}")
        return self
