"""The form of a playbook file: what may be written, and what each word means."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from toolkit.sdk.resource import Mode
from toolkit.yaml.messages import shown

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CLAUSE = re.compile(r"[A-Z]{2,6}-[0-9]{1,3}")


def _slug(text: str) -> str:
    if not _SLUG.fullmatch(text):
        raise ValueError(f"{shown(text)} is no short name; one looks like mail-disclaimer")
    return text


def _clause(text: str) -> str:
    if not _CLAUSE.fullmatch(text):
        raise ValueError(f"{shown(text)} is no clause; one looks like EML-18")
    return text


Slug = Annotated[str, AfterValidator(_slug)]
Clause = Annotated[str, AfterValidator(_clause)]
_Mode = Annotated[Mode | None, Field(strict=False)]


class _PlaybookForm(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class PlaybookForm(_PlaybookForm):
    """A playbook file; what stands in controls and resources has forms of its own."""

    playbook: Slug = Field(description="A short name, as in mail-disclaimer.")
    title: Annotated[str, Field(min_length=1)] | None = Field(default=None, description="What a governor reads.")
    owner: Annotated[str, Field(min_length=1)] | None = Field(default=None, description="Who answers for it.")
    clauses: list[Clause] | None = Field(default=None, description="The clauses of the policy that it serves.")
    mode: _Mode = Field(default=None, description="For whatever in this file does not say its own.")
    controls: list[object] | None = Field(default=None, description="Rules in the school's words.")
    resources: list[object] | None = Field(default=None, description="Single objects, for what no control covers.")


class ResourceWords(_PlaybookForm):
    """The words that every resource may say beside the settings of its kind."""

    mode: _Mode = Field(default=None, description="enforce: compare and write; check: compare and report; off.")
    adopt: str | None = Field(default=None, description="The name of an existing object to make ours.")
    beside: bool = Field(default=False, description="Create ours although another object does the same job.")
    leave: bool = Field(
        default=False,
        description="Leave the other object and create none; of ours, leave what others keep changing back.",
    )
    ours: bool = Field(default=False, description="Go on repairing what somebody else keeps changing back.")
    renamed_from: str | None = Field(default=None, description="The name that the object had until now.")
