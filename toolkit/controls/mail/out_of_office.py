"""The control for automatic replies of staff who are away."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, model_validator

from toolkit.controls.control import Control, ControlSettings, TextFile
from toolkit.sdk.absence_cells import DateForm, address

ABSENCES = "absences"
"""Under this key of a validation's context stands what finds a file of absences beside the playbook."""

REPLY = (
    "Thank you for your message. I am not in school until {back}. If it cannot wait, please contact {contact}.\n\n"
    "If you are worried about a child, call {safeguarding}. If a child is in danger, call 999."
)
REMINDER = """\
Hello {name},

the school's calendar says that you are away from {from} to {to}, and your mailbox has no automatic reply for all of
that time. Please set one before you go, and say whom to ask while you are away.

This message was sent automatically, once for this absence. If the calendar is wrong, please correct it there.
"""


def _found(written: str, info: ValidationInfo) -> str:
    find = (info.context or {}).get(ABSENCES)
    return str(find(written)) if find else written


class OutOfOffice(ControlSettings):
    """Absences, from calendars and from a file, and the replies to set for them."""

    needs_signals: ClassVar[bool] = True

    after_working_days: int = Field(
        default=1, ge=0, le=20, description="Working days of an absence that need no reply; more than these do."
    )
    ahead_days: int = Field(default=14, ge=1, le=60, description="How many days ahead absences are looked for.")
    act: Literal["report", "remind", "set"] = Field(
        default="report",
        description="report: `toolkit check` counts; remind: `toolkit apply` also writes each of them one message; "
        "set: it sets a reply for whoever has none.",
        examples=["set"],
    )
    absences: Annotated[Annotated[str, AfterValidator(_found)] | None, Field()] = Field(
        default=None,
        description="A CSV file beside the playbook with the columns person,from,to: absences that stand in no "
        "calendar. It holds no reasons.",
        examples=["private/absences.csv"],
    )
    dates: Annotated[DateForm, Field(strict=False)] = Field(
        default=DateForm.ISO, description="How the file writes days: yyyy-mm-dd or dd/mm/yyyy."
    )
    contact: str | None = Field(
        default=None, description="Whom to ask during the absence, as replies name it.", examples=["the school office"]
    )
    safeguarding: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] | None = Field(
        default=None,
        description="Whom to call with a worry about a child, as replies name it; if left out, the school's `phone`, "
        "and the local authority's children's services when the school is closed.",
        examples=["the safeguarding lead through the office, 01632 960000"],
    )
    text_file: TextFile = Field(
        default=REPLY,
        description="The reply that is set, in plain text; {name}, {from}, {to} (the end of the absence), {back} (the "
        "half day of the return), {contact} and {safeguarding} are filled in. A text without {safeguarding} gets a "
        "sentence with it.",
        examples=["text/out-of-office.txt"],
    )
    external_file: TextFile | None = Field(
        default=None, description="The reply to people outside, where it differs.", examples=["text/outside.txt"]
    )
    reminder_file: TextFile = Field(default=REMINDER, description="The message that reminds, filled in likewise.")
    sender: Annotated[str, AfterValidator(address)] | None = Field(
        default=None, description="The one mailbox that reminders are sent from.", examples=["office@example.org"]
    )
    full_pass: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = Field(
        default="monday",
        description="The day on which every calendar is opened, to find what free and busy do not show.",
    )
    names: Literal["none", "listed"] = Field(
        default="none",
        description="listed: `toolkit check` names who lacks a reply to whoever runs it; reports for others never do.",
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
        """Give where the file of absences is."""
        return Path(self.absences) if self.absences else None


CONTROL = Control(
    name="mail.out_of_office",
    title="Automatic replies for staff who are away",
    clauses=("EML-21",),
    settings=OutOfOffice,
)
