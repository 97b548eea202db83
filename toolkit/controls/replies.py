"""Controls for automatic replies during absences and holidays, which work in the same way on every cloud."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self, TypedDict

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, model_validator

from toolkit.controls.control import Control, ControlSettings, TextFile
from toolkit.school.absence_cells import DateForm, read_address
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

    mailboxes: list[Annotated[str, AfterValidator(read_address)]] = Field(
        min_length=1,
        description="The mailboxes that reply: shared mailboxes, and mailboxes of staff who asked for it.",
        examples=[["office@example-primary.example"]],
    )
    emergency: Contact = Field(description="Whom to call about the building.", examples=["01632 960001"])
    safeguarding: Contact = Field(
        description="Whom to call with a worry about a child.", examples=["the local authority, 01632 960555"]
    )
    days_before: int = Field(
        default=7, ge=1, le=60, description="Days before the holiday on which the replies are set."
    )
    text_file: TextFile = declare(
        "The reply in plain text. {school}, {holiday}, {last_day}, {back} (the half day on which the school "
        "reopens), {emergency} and {safeguarding} are replaced. If the text lacks {safeguarding}, a sentence with it "
        "is added.",
        "text/closed.txt",
        default=CLOSURE_REPLY,
    )


ABSENCES = "absences"
"""The key in the validation context for the function that finds a file of absences."""

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


def _check_absences_file(written: str, info: ValidationInfo) -> str:
    find = (info.context or {}).get(ABSENCES)
    return str(find(written)) if find else written


class OutOfOffice(ControlSettings):
    """Automatic replies for staff absences, which are read from calendars and from a file."""

    needs_signals: ClassVar[bool] = True

    after_working_days: int = Field(
        default=1,
        ge=0,
        le=20,
        description="Working days that an absence may last without a reply. Longer absences need a reply.",
    )
    ahead_days: int = Field(default=14, ge=1, le=60, description="Days ahead for which absences are read.")
    act: Literal["report", "remind", "set"] = declare(
        "report: `toolkit check` counts people without a reply. remind: `toolkit apply` also sends each of them one "
        "reminder. set: `toolkit apply` sets a reply for them.",
        "set",
        default="report",
    )
    absences: Annotated[str, AfterValidator(_check_absences_file)] | None = declare(
        "A CSV file next to the playbook with absences that are not in a calendar. Its columns are person,from,to. "
        "It must not contain reasons.",
        "private/absences.csv",
    )
    dates: Annotated[DateForm, Field(strict=False)] = declare(
        "The date format of the file: yyyy-mm-dd or dd/mm/yyyy.", default=DateForm.ISO
    )
    contact: str | None = declare("The contact during the absence, as written in the reply.", "the school office")
    safeguarding: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] | None = declare(
        "The person or service to call with a worry about a child, in the words of the reply. Default: the school's "
        "`phone`, or the "
        "local authority's children's services when the school is closed.",
        "the safeguarding lead through the office, 01632 960000",
    )
    text_file: TextFile = declare(
        "The reply in plain text. {name}, {from}, {to} (the end of the absence), {back} (the half day of the "
        "return), {contact} and {safeguarding} are replaced. If the text lacks {safeguarding}, a sentence with it is "
        "added.",
        "text/out-of-office.txt",
        default=ABSENCE_REPLY,
    )
    external_file: TextFile | None = declare(
        "The reply to people outside the school, if it differs.", "text/outside.txt"
    )
    reminder_file: TextFile = declare("The text of the reminder, with the same replacements.", default=REMINDER)
    sender: Annotated[str, AfterValidator(read_address)] | None = declare(
        "The mailbox from which reminders are sent.", "office@example.org"
    )
    full_pass: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = declare(
        "The day of the week on which every calendar is read in full, to find absences that "
        "free/busy times do not show.",
        default="monday",
    )
    names: Literal["none", "listed"] = declare(
        "listed: `toolkit check` names people without a reply to the admin who runs it. Reports for other people "
        "never name them.",
        default="none",
    )

    @model_validator(mode="after")
    def _check_required_settings(self) -> Self:
        if self.act == "remind" and self.sender is None:
            raise ValueError("`act: remind` needs `sender`, the mailbox from which reminders are sent")
        if self.act == "set" and self.contact is None and "{contact}" in self.text_file + (self.external_file or ""):
            raise ValueError("`act: set` needs `contact`, because the text of the reply uses {contact}")
        return self

    @property
    def file(self) -> Path | None:
        """Return the path of the file of absences."""
        return Path(self.absences) if self.absences else None


Make = Callable[[Due], Resource]
_GIVEN_BACK = "afterwards the owner's earlier reply text is restored, without its formatting"


def absence_replies_part(
    settings: OutOfOffice, context: ControlContext, make: Make, limits: tuple[str, ...] = ()
) -> Part:
    """Return the part that sets replies during absences, or that only counts people without a reply."""
    sets = settings.act == "set"
    due_replies = [due for due in context.signals.due if sets and _needs_reply(due)]
    spared = {address.casefold() for address in context.school.protected.accounts}
    return Part(
        name="automatic replies",
        level=Level.ENFORCED if sets else Level.CHECKED,
        covers=f"people who are away for longer than {_working_days_text(settings.after_working_days)}, by their "
        + ("calendar or the file of absences" if settings.absences else "calendar"),
        reason="" if sets else "`toolkit check` counts people without a reply",
        limits=(
            "absences that are neither in a calendar nor in the file are not detected",
            "if a person has several absences, only the next one counts",
            *(
                [("people's own reply texts are not changed, and a reply that ends too early is only extended")]
                if sets
                else []
            ),
            *(["if a person turns the reply off, it is not set again for that absence"] if sets else []),
            *([_GIVEN_BACK] if sets else []),
            *limits,
        ),
        resources=tuple(make(due) for due in due_replies if due.person.address.casefold() not in spared),
    )


def _needs_reply(due: Due) -> bool:
    """Return whether toolkit should set a reply: none is set, or toolkit set it and the person did not turn it off."""
    return (not due.is_covered or due.is_from_toolkit) and not due.is_declined


def closure_part(context: ControlContext, make: Make) -> Part:
    """Return the part that sets replies for a holiday on mailboxes that do not have their own reply."""
    due_replies = [due for due in context.signals.due if due.owner_reply is None and not due.is_declined]
    return Part(
        name="closure replies",
        covers="replies on the named mailboxes, from the last day before a holiday to the first morning back",
        limits=(
            "a mailbox's own reply text is not changed",
            "addresses without an account on this cloud are ignored",
            _GIVEN_BACK,
        ),
        resources=tuple(make(due) for due in due_replies),
    )


def person_label(settings: OutOfOffice, due: Due) -> str:
    """Return the address of an absent person, or a code for the person if the playbook does not allow names."""
    return due.person.address if settings.names == "listed" else f"a person who is away ({person_code(due.person.id)})"


class ReplyTimes(TypedDict):
    """The start and end of a reply, in the form that both clouds use."""

    status: Literal["scheduled"]
    begins: str
    ends: str


def reply_times_to_set(due: Due) -> ReplyTimes:
    """Return the start and end to set for a reply. If the owner wrote the reply, its period is only ever extended."""
    begins, ends = due.begins, due.ends
    if due.owner_reply is not None:
        begins = min(due.owner_reply.begins or begins, begins)
        ends = max(due.owner_reply.ends or ends, ends)
    return {"status": "scheduled", "begins": _utc_text(begins), "ends": _utc_text(ends)}


def _utc_text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _working_days_text(number: int) -> str:
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
