"""The control for attachments that can run programs."""

from typing import Annotated, Literal

from pydantic import Field

from toolkit.controls.control import Control, ControlSettings

Extension = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,20}$")]

SCRIPTS: tuple[str, ...] = ("bat", "cmd", "hta", "js", "jse", "lnk", "ps1", "scr", "vbe", "vbs", "wsf", "wsh")
"""What runs when it is opened and is not executable content in Exchange's sense."""


class AttachmentBlock(ControlSettings):
    """Which file name extensions are blocked, and what happens to the message."""

    extensions: list[Extension] = Field(
        default=list(SCRIPTS),
        min_length=1,
        description="File name extensions without the dot that are stopped beside executable content.",
        examples=[["exe", "cmd", "vbe"]],
    )
    act: Literal["reject", "quarantine"] = Field(
        default="reject", description="reject: the sender is told; quarantine: an administrator can release it."
    )
    reason: Annotated[str, Field(max_length=1024)] = Field(
        default="The school does not accept attachments that can run programs.",
        description="What the sender of a rejected message is told.",
    )


CONTROL = Control(
    name="mail.attachment_block",
    title="Block on attachments that can run programs",
    clauses=("SYS-17", "SYS-19"),
    settings=AttachmentBlock,
)
