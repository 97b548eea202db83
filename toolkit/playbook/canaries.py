"""Read the files of canaries: messages that must get through the school's rules, or must be stopped by them."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from toolkit.errors import Problem
from toolkit.messages import did_you_mean, quoted, shown
from toolkit.playbook.error_messages import read_form
from toolkit.playbook.playbook_schema import FileEntry, FileForm, Line, Slug
from toolkit.school.school import School
from toolkit.yaml.node import Source, line_of


def _check_address(text: str) -> str:
    name, at, host = text.strip().casefold().partition("@")
    if not (name and at and "." in host) or any(character in text for character in " ,;<>"):
        raise ValueError(f"{shown(text)} is not an e-mail address. Write it as name@example.org")
    return text.strip().casefold()


Address = Annotated[Line, AfterValidator(_check_address)]


class Expectation(StrEnum):
    """The result that a canary must have for each recipient."""

    GET_THROUGH = "get_through"
    BE_STOPPED = "be_stopped"
    WAIT = "wait"


class Canary(FileEntry):
    """A message, with the result that it must have."""

    name: Line = Field(
        description="A name for the message, without names of people.", examples=["Newsletter to parents"]
    )
    sender: Address = Field(alias="from", description="The address of the sender.", examples=["office@school.example"])
    to: Annotated[list[Address], Field(min_length=1)] = Field(
        description="The addresses of the recipients. A mailing list is replaced by its members.",
        examples=[["parent@parents.example"]],
    )
    subject: Line | None = Field(default=None, description="The subject. Without it, the subject is unknown.")
    attachments: list[Line] = Field(
        default_factory=list,
        description="Names of files, such as form.docx. Their content is as the names suggest.",
    )
    type: Literal["AutoForward", "Calendaring", "Encrypted", "OOF", "Signed"] | None = Field(
        default=None, description="The type of a special message. AutoForward is mail that a mailbox forwards."
    )
    must: Literal["get_through", "be_stopped", "wait"] = Field(
        description="With get_through, no rule may stop, delay or divert it. With be_stopped, a rule must reject, "
        "delete or quarantine it. With wait, it must wait for a moderator."
    )
    cloud: Slug | None = Field(default=None, description="The only cloud that counts. Default: all clouds.")

    @property
    def expectation(self) -> Expectation:
        return Expectation(self.must)


class CanariesForm(FileForm):
    """A file of canaries."""

    canaries: Slug = Field(description="A short name, such as mail.")
    messages: list[Canary] = Field(description="The messages.")


def read_canaries(sources: Iterable[Source], school: School | None, problems: list[Problem]) -> Sequence[Canary]:
    """Return the canaries of files. Problems in the files are added to `problems`."""
    canaries: dict[str, Canary] = {}
    tenants = list(school.tenants) if school else []
    for source in sources:
        form = read_form(CanariesForm, source, "the file of canaries", problems)
        for position, canary in enumerate(form.messages if form else ()):
            line = line_of(source.root, ("messages", position, "name"), otherwise=source.root.line)
            if earlier := canaries.get(canary.name):
                message = f"the canary {quoted(canary.name)} is also at {earlier.origin}. Give one of them another name"
                problems.append(source.problem(line, message))
            if school and canary.cloud and canary.cloud not in tenants:
                advice = did_you_mean(canary.cloud, tenants) or f": the school has {', '.join(tenants)}"
                problems.append(source.problem(line, f"unknown cloud {quoted(canary.cloud)}{advice}"))
            canaries.setdefault(canary.name, canary).place(source.origin(line))
    return tuple(canaries.values())
