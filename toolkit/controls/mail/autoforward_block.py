"""The control for automatic forwarding outside the school."""

from typing import Annotated

from pydantic import Field

from toolkit.controls.control import Control, ControlSettings


class AutoforwardBlock(ControlSettings):
    """Rules and settings that send mail on automatically; forwarding by hand stays possible."""

    explanation: Annotated[str, Field(max_length=1024)] = Field(
        default="The school does not allow mail to be forwarded outside automatically. Ask the office for help.",
        description="What somebody whose forwarding is stopped is told.",
    )


CONTROL = Control(
    name="mail.autoforward_block",
    title="Block on automatic forwarding outside the school",
    clauses=("SYS-20", "MIS-06"),
    settings=AutoforwardBlock,
    shares="the school's mail goes to mailboxes outside it",
)
