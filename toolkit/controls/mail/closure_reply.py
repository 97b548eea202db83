"""The control for automatic replies while the school is closed."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, StringConstraints

from toolkit.controls.control import Control, ControlSettings, TextFile
from toolkit.sdk.absence_cells import address

REPLY = (
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
    text_file: TextFile = Field(
        default=REPLY,
        description="The reply, in plain text; {school}, {holiday}, {last_day}, {back} (the half day on "
        "which the school reopens), {emergency} and {safeguarding} are filled in. A text without {safeguarding} gets a "
        "sentence with it.",
        examples=["text/closed.txt"],
    )


CONTROL = Control(
    name="mail.closure_reply",
    title="Automatic replies while the school is closed",
    clauses=("EML-21",),
    settings=ClosureReply,
    reaches_people=False,
)
