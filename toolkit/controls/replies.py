"""Controls for automatic replies to absences and holidays, with their parts, which are the same for every cloud."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self, TypedDict

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, model_validator

from toolkit.controls.control import Control, ControlSettings, TextFile
from toolkit.school.absence_cells import DateForm, address
from toolkit.school.signals import Due
from toolkit.sdk import ControlContext, Level, Part, Resource, declare, person_code

CLOSURE_REPLY = (
    "{school} is closed for {holiday} from the end of {last_day} and reopens on {back}.\n\n"
    "In an emergency at the school, call {emergency}. If you are worried about a child, call {safeguarding}. "
    "If a child is in danger, call 999."
)
Contact = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class ClosureReply(ControlSettings):
    """An automatic reply on the named mailboxes, from the last school day to the first morning back."""

    needs_signals: ClassVar[bool] = True

    mailboxes: list[Annotated[str, AfterValidator(address)]] = Field(
        min_length=1,
        description="The mailboxes that answer: shared ones, and staff who asked for it.",
        examples=[["office@example-primary.example"]],
    )
    emergency: Contact = Field(description="Whom to call about the building.", examples=["01632 960001"])
    safeguarding: Contact = Field(
        description="Whom to call with a worry about a child.", examples=["the local authority, 01632 960555"]
    )
    days_before: int = Field(default=7, ge=1, le=60, description="How many days before the holiday replies are set.")
    text_file: TextFile = declare(
        "The reply, in plain text; {school}, {holiday}, {last_day}, {back} (the half day on "
        "which the school reopens), {emergency} and {safeguarding} are filled in. A text without {safeguarding} gets a "
        "sentence with it.",
        "text/closed.txt",
        default=CLOSURE_REPLY,
    )


ABSENCES = "absences"
"""The key of the function that finds a file of absences, in a validation's context."""

ABSENCE_REPLY = (
    "Thank you for your message. I am not in school until {back}. If it cannot wait, please contact {contact}.\n\n"
    "If you are worried about a child, call {safeguarding}. If a child is in danger, call 999."
)
REMINDER = """\
Hello {name},

the school's calendar says that you are away from {from} to {to}, and your mailbox has no automatic reply for all of
that time. Please set one before you go, and say whom to ask while you are away.

This message was sent automatically, once for this absence. If the calendar is wrong, please correct it there.
"""


def _find_file(written: str, info: ValidationInfo) -> str:
    find = (info.context or {}).get(ABSENCES)
    return str(find(written)) if find else written


class OutOfOffice(ControlSettings):
    """Absences, from calendars and from a file, and the replies to set for them."""

    needs_signals: ClassVar[bool] = True

    after_working_days: int = Field(
        default=1,
        ge=0,
        le=20,
        description="Working days of an absence that do not need a reply. A longer absence does.",
    )
    ahead_days: int = Field(default=14, ge=1, le=60, description="How many days ahead absences are looked for.")
    act: Literal["report", "remind", "set"] = declare(
        "report: `toolkit check` counts; remind: `toolkit apply` also writes each of them one message; "
        "set: it sets a reply for people who have none.",
        "set",
        default="report",
    )
    absences: Annotated[str, AfterValidator(_find_file)] | None = declare(
        "A CSV file beside the playbook with the columns person,from,to: absences that are in no "
        "calendar. It holds no reasons.",
        "private/absences.csv",
    )
    dates: Annotated[DateForm, Field(strict=False)] = declare(
        "How the file writes days: yyyy-mm-dd or dd/mm/yyyy.", default=DateForm.ISO
    )
    contact: str | None = declare("Whom to ask during the absence, as replies name it.", "the school office")
    safeguarding: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] | None = declare(
        "Whom to call with a worry about a child, as replies name it; if left out, the school's `phone`, "
        "and the local authority's children's services when the school is closed.",
        "the safeguarding lead through the office, 01632 960000",
    )
    text_file: TextFile = declare(
        "The reply that is set, in plain text; {name}, {from}, {to} (the end of the absence), {back} (the "
        "half day of the return), {contact} and {safeguarding} are filled in. A text without {safeguarding} gets a "
        "sentence with it.",
        "text/out-of-office.txt",
        default=ABSENCE_REPLY,
    )
    external_file: TextFile | None = declare("The reply to people outside, if it differs.", "text/outside.txt")
    reminder_file: TextFile = declare("The message that reminds, filled in likewise.", default=REMINDER)
    sender: Annotated[str, AfterValidator(address)] | None = declare(
        "The one mailbox that reminders are sent from.", "office@example.org"
    )
    full_pass: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = declare(
        "The day on which every calendar is opened, to find absences that free and busy do not show.", default="monday"
    )
    names: Literal["none", "listed"] = declare(
        "listed: `toolkit check` names people without a reply to the admin who runs it. Reports for others never do.",
        default="none",
    )

    @model_validator(mode="after")
    def _needs(self) -> Self:
        if self.act == "remind" and self.sender is None:
            raise ValueError("`act: remind` needs `sender`, the one mailbox that reminders are sent from")
        if self.act == "set" and self.contact is None and "{contact}" in self.text_file + (self.external_file or ""):
            raise ValueError("`act: set` needs `contact`, whom the reply says to contact")
        return self

    @property
    def file(self) -> Path | None:
        """Return the path of the file of absences."""
        return Path(self.absences) if self.absences else None


Make = Callable[[Due], Resource]
_GIVEN_BACK = "the words that were kept for a reply that was off are given back, without what formatted them"


def away_part(settings: OutOfOffice, context: ControlContext, make: Make, limits: tuple[str, ...] = ()) -> Part:
    """Return the part that sets replies, or the part that only counts people without a reply."""
    sets = settings.act == "set"
    due_replies = [due for due in context.signals.due if sets and _is_asked(due)]
    spared = {address.casefold() for address in context.school.protected.accounts}
    return Part(
        name="automatic replies",
        level=Level.ENFORCED if sets else Level.CHECKED,
        covers=f"people who are away for more than {_days(settings.after_working_days)}, by their calendar"
        + (" or the file of absences" if settings.absences else ""),
        reason="" if sets else "`toolkit check` counts who has no reply",
        limits=(
            "people who keep no calendar and are in no file are not seen",
            "of several absences the next one counts",
            *(["words of people's own stay; where they end too early only the end is moved"] if sets else []),
            *(["a person who turns off what was set is not asked again for that absence"] if sets else []),
            *([_GIVEN_BACK] if sets else []),
            *limits,
        ),
        resources=tuple(make(due) for due in due_replies if due.person.address.casefold() not in spared),
    )


def _is_asked(due: Due) -> bool:
    """Return whether a reply should be set, because it is missing or is ours, and was not turned off."""
    return (not due.is_covered or due.is_from_toolkit) and not due.is_declined


def closure_part(context: ControlContext, make: Make) -> Part:
    """Return the part that sets a reply on each mailbox without its own text for the holiday."""
    due_replies = [due for due in context.signals.due if due.owner_reply is None and not due.is_declined]
    return Part(
        name="closure replies",
        covers="the named mailboxes, from the last day before a holiday to the first morning back",
        limits=(
            "words of a mailbox's own stay",
            "an address without an account on this cloud is left out",
            _GIVEN_BACK,
        ),
        resources=tuple(make(due) for due in due_replies),
    )


def person_label(settings: OutOfOffice, due: Due) -> str:
    """Return the name of a person who is away, as far as the playbook allows it."""
    return due.person.address if settings.names == "listed" else f"a person who is away ({person_code(due.person.id)})"


class ReplyTimes(TypedDict):
    """The times of a reply, as both clouds write them."""

    status: Literal["scheduled"]
    begins: str
    ends: str


def only_times(due: Due) -> ReplyTimes:
    """Return the times of a reply. For a reply with the owner's text, the times are only extended."""
    begins, ends = due.begins, due.ends
    if due.owner_reply is not None:
        begins = min(due.owner_reply.begins or begins, begins)
        ends = max(due.owner_reply.ends or ends, ends)
    return {"status": "scheduled", "begins": _instant(begins), "ends": _instant(ends)}


def _instant(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _days(number: int) -> str:
    return f"{number} working day{'' if number == 1 else 's'}"


CLOSURE_REPLIES = Control(
    name="mail.closure_reply",
    title="Automatic replies while the school is closed",
    clauses=("EML-21",),
    settings=ClosureReply,
    reaches_people=False,
)
OUT_OF_OFFICE = Control(
    name="mail.out_of_office",
    title="Automatic replies for staff who are away",
    clauses=("EML-21",),
    settings=OutOfOffice,
)
CONTROLS = (CLOSURE_REPLIES, OUT_OF_OFFICE)
