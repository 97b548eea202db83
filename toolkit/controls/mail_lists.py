"""The control for moderated mailing lists: the lists, their moderators, and the senders whose mail never waits."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from toolkit.controls.control import Control, ControlSettings, Reviewed
from toolkit.sdk import declare

Address = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\sA-Z]+$")]
Addresses = Annotated[list[Address], Field(min_length=1)]

_FOR_PARENTS = re.compile(r"office|admissions|safeguarding|governors|.*alert.*")
_LEAST = 2  # minimum number of moderators
_OF_CLASSES = re.compile(r"section_.*|wonde.*|classroom_.*|.*_teachers?_[0-9a-f]+")
"""Local parts of the addresses of class groups created by School Data Sync, Wonde and Classroom."""


class AlwaysSend(BaseModel):
    """The senders of urgent messages, such as about a lockdown, a fire or a closure, grouped by post."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    head: Addresses
    deputies: Addresses
    dsl: Addresses
    business_manager: Addresses
    office: Addresses
    site: Addresses

    @property
    def addresses(self) -> list[str]:
        """Return every address once, in lower case."""
        written = (self.head, self.deputies, self.dsl, self.business_manager, self.office, self.site)
        return list(dict.fromkeys(address.lower() for addresses in written for address in addresses))


class ClosedLists(BaseModel):
    """The lists that are closed to mail from outside, and the review of outside senders that preceded the closure."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    lists: Addresses
    outside_senders_reviewed: Reviewed


class MassListModeration(ControlSettings):
    """Large mailing lists on which messages wait for approval.

    Messages from people with a job title in `always_send` never wait.
    """

    lists: Addresses = Field(
        description="The addresses of the large mailing lists, without class lists.",
        examples=[["all-staff@example-primary.example"]],
    )
    moderators: Annotated[list[Address], Field(min_length=_LEAST)] = Field(
        description="At least two mailboxes that approve messages, so that messages do not wait for one person.",
        examples=[["office@example-primary.example", "head@example-primary.example"]],
    )
    always_send: AlwaysSend = Field(
        description="The senders of urgent messages, listed under head, deputies, dsl, business_manager, "
        "office and site.",
        examples=[
            {
                post: ["office@example-primary.example"]
                for post in ("head", "deputies", "dsl", "business_manager", "office", "site")
            }
        ],
    )
    urgent_lists: list[Address] = Field(
        description="Lists for lockdown, fire and closure messages, which never wait, or [] if there are none.",
        examples=[["lockdown@example-primary.example"]],
    )
    act: Literal["hold", "refuse"] = declare(
        "hold: messages from other senders wait for a moderator. refuse: other senders cannot post.", default="hold"
    )
    closed_to_outside: ClosedLists | None = declare(
        "Which of the `lists` are closed to mail from outside, and who reviewed 90 days of outside senders and when.",
        {
            "lists": ["all-staff@example-primary.example"],
            "outside_senders_reviewed": {"by": "School Business Manager", "on": "2026-11-09"},
        },
    )

    count_outside: bool = declare(
        "Whether `toolkit check` counts messages from outside to the lists in the last 90 days, by message trace "
        "without subjects (Microsoft 365). Lists closed to mail from outside are always counted.",
        default=False,
    )

    @property
    def counts_outside(self) -> bool:
        """Return whether messages from outside are counted."""
        return self.count_outside or self.closed_to_outside is not None

    @property
    def closed(self) -> frozenset[str]:
        """Return the addresses of lists that are closed to mail from outside the school."""
        return frozenset(self.closed_to_outside.lists if self.closed_to_outside else ())

    @model_validator(mode="after")
    def _check_lists(self) -> Self:
        if refusal := next(self._find_problems(), ""):
            raise ValueError(refusal)
        return self

    def _find_problems(self) -> Iterator[str]:
        if len({address.lower() for address in self.moderators}) < _LEAST:
            yield "`moderators` has the same mailbox twice, so messages would wait for one person. Name another mailbox"
        if both := sorted(set(self.lists) & set(self.urgent_lists)):
            yield (
                f"{both[0]} is in `lists` and in `urgent_lists`, but messages to an urgent list must not wait. "
                "Delete it from one of the two"
            )
        if others := sorted(self.closed - set(self.lists)):
            yield f"`closed_to_outside`: {others[0]} is not in `lists`"
        for address in self.lists:
            alias = address.partition("@")[0].lower()
            if _FOR_PARENTS.fullmatch(alias):
                yield (
                    f"`lists`: parents and other services write to {address}, so its messages must not wait. Delete it"
                )
            if _OF_CLASSES.fullmatch(alias):
                yield f"`lists`: {address} is a class group that another system manages. Delete it from `lists`"


CONTROLS = (
    Control(
        name="mail.mass_list_moderation",
        title="Moderation of the large mailing lists",
        clauses=("EML-07", "GEN-05", "GEN-06", "GEN-07", "MIS-11"),
        settings=MassListModeration,
        asks=("urgent_senders", "urgent_lists", "outside_posters"),
    ),
)
