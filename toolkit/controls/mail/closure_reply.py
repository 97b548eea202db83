"""While the school is closed, its mailboxes say so, and whom to call."""

from typing import Annotated

from pydantic import AfterValidator, Field

from toolkit.controls.control import Control, ControlSettings, TextFile
from toolkit.tenant.absence_cells import address

REPLY = """\
{school} is closed for {holiday} and open again on {back}. In an emergency at the school please call {emergency}. If a
child is in danger, call 999; for a concern about a child call {safeguarding}.
"""


class ClosureReply(ControlSettings):
    """A reply from the last school day to the first morning back, on the mailboxes that are named."""

    mailboxes: list[Annotated[str, AfterValidator(address)]] = Field(
        min_length=1,
        description="The mailboxes that answer: shared ones, and staff who asked for it.",
        examples=[["office@example-primary.example"]],
    )
    emergency: str = Field(description="Whom to call about the building.", examples=["01632 960001"])
    safeguarding: str = Field(description="Whom to call about a child.", examples=["the local authority, 01632 960555"])
    days_before: int = Field(default=7, ge=1, le=60, description="How many days before the holiday replies are set.")
    text_file: TextFile = Field(
        default=REPLY,
        description="The reply, in plain text; {school}, {holiday}, {last_day}, {back}, {emergency} and {safeguarding} "
        "are filled in.",
        examples=["text/closed.txt"],
    )


CONTROL = Control(
    name="mail.closure_reply",
    title="In the holidays the school's mailboxes say whom to call",
    clauses=("EML-21",),
    settings=ClosureReply,
    reaches_people=False,
)
