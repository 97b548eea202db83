"""Controls for e-mail: attachments, forwarding, daily reading, the disclaimer, and labels on messages."""

import re
from html.parser import HTMLParser
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from toolkit.controls.control import Control, ControlSettings, TextFile
from toolkit.sdk import declare

Extension = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,20}$")]

SCRIPTS: tuple[str, ...] = ("bat", "cmd", "hta", "js", "jse", "lnk", "ps1", "scr", "vbe", "vbs", "wsf", "wsh")
"""Extensions of files that run when opened but that Exchange does not treat as executable content."""


class AttachmentBlock(ControlSettings):
    """The file name extensions that are blocked, and the action for a message with such an attachment."""

    extensions: list[Extension] = Field(
        default=list(SCRIPTS),
        min_length=1,
        description="File name extensions, without the dot, that are blocked in addition to executable content.",
        examples=[["exe", "cmd", "vbe"]],
    )
    act: Literal["reject", "quarantine"] = declare(
        "reject: the message is returned to the sender. quarantine: an administrator can release it.", default="reject"
    )
    reason: Annotated[str, Field(max_length=1024)] = declare(
        "The text that the sender of a rejected message gets.",
        default="The school does not accept attachments that can run programs.",
    )


class AutoforwardBlock(ControlSettings):
    """The control that blocks automatic forwarding. People can still forward a message by hand."""

    explanation: Annotated[str, Field(max_length=1024)] = declare(
        "The message to a person whose forwarding is blocked.",
        default="The school does not allow mail to be forwarded automatically to outside addresses. Ask the office "
        "for help.",
    )


class DailyAccess(ControlSettings):
    """The number of people who opened their e-mail recently, without names.

    Nothing is counted until a DPIA covers it.
    """

    working_days: int = Field(
        default=1, ge=1, le=20, description="Working days within which people must have opened their mail."
    )
    dpia: str | None = Field(
        default=None,
        min_length=1,
        description="The impact assessment (DPIA) that covers this check. Without it nothing is read.",
        examples=["DPIA-2026-04"],
    )


class _VisibleTextParser(HTMLParser):
    """An HTML parser that collects the visible text."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


def visible_text(html: str) -> str:
    """Return the visible text of an HTML fragment, with runs of white space collapsed."""
    parser = _VisibleTextParser()
    parser.feed(html)
    parser.close()
    return re.sub(r"\s+", " ", " ".join(parser.pieces)).strip()


class Disclaimer(ControlSettings):
    """The text at the end of every e-mail that people at the school send."""

    scope: Literal["all", "outgoing"] = Field(
        description="outgoing: mail that leaves the school. all: also mail inside the school.", examples=["outgoing"]
    )
    text_file: TextFile = Field(
        description="An HTML file in the folder of the playbook, at most 5,000 characters.",
        examples=["text/disclaimer.html"],
    )
    phrase: Annotated[str, Field(min_length=8, max_length=128)] = Field(
        description="Words from the disclaimer, by which toolkit recognises a message that already has it.",
        examples=["sent from Example Primary School"],
    )
    fallback: Literal["wrap", "ignore", "reject"] = declare(
        "The action for messages to which no text can be added: wrap them, send them without the disclaimer, or "
        "reject them.",
        default="wrap",
    )
    machines: list[str] = declare(
        "Addresses, or parts of addresses, of machines whose mail gets no disclaimer, such as a till or a scanner.",
        ["till.example-primary.example"],
        default=[],
    )

    instead: list[Literal["signatures", "group_footers"]] = declare(
        "The places on Google Workspace for the text, because no API can set Google's own footer. With an empty list, "
        "an administrator sets the footer by hand.",
        ["signatures"],
        default=["signatures", "group_footers"],
    )

    @model_validator(mode="after")
    def _check_phrase(self) -> Self:
        """Raise ValueError if the phrase is not in the text, because then each reply would get another disclaimer."""
        seen = visible_text(self.text_file)
        if "{{" in seen:  # values of the school file are missing, and that error is reported already
            return self
        if "<" in self.text_file and re.sub(r"\s+", " ", self.phrase).casefold() not in seen.casefold():
            raise ValueError(f"`phrase`: {self.phrase!r} is not in the visible text of `text_file`")
        return self


class ExternalTag(ControlSettings):
    """A mark on messages that shows that the sender is outside the school."""

    is_tenant_wide = True

    trusted: list[str] = declare(
        "Domains or addresses whose mail is not marked. Entries that people added outside toolkit are kept.",
        ["localauthority.example"],
        default=[],
    )


Label = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z -]{1,30}$")]


class PersonalLabel(ControlSettings):
    """The words that mark an e-mail as personal."""

    labels: list[Label] = Field(
        default=["personal"],
        min_length=1,
        description="Words that mark a message as personal if its subject begins with one of them.",
        examples=[["personal", "private"]],
    )


CONTROLS = (
    Control(
        name="mail.attachment_block",
        title="Block on attachments that can run programs",
        clauses=("SYS-17", "SYS-19"),
        settings=AttachmentBlock,
    ),
    Control(
        name="mail.autoforward_block",
        title="Block on automatic forwarding outside the school",
        clauses=("SYS-20", "MIS-06"),
        settings=AutoforwardBlock,
        shares="school mail is forwarded to mailboxes outside the school",
    ),
    Control(
        name="mail.daily_access",
        title="Reading e-mail every working day",
        clauses=("EML-19",),
        settings=DailyAccess,
    ),
    Control(
        name="mail.disclaimer",
        title="Disclaimer on every e-mail",
        clauses=("EML-18", "GEN-08"),
        settings=Disclaimer,
    ),
    Control(
        name="mail.external_tag",
        title="Mark on e-mail from outside the school",
        clauses=("SYS-04", "SYS-17"),
        settings=ExternalTag,
    ),
    Control(
        name="mail.personal_label",
        title="Label on personal e-mail",
        clauses=("EML-02", "EML-03", "PER-04"),
        settings=PersonalLabel,
    ),
)
