"""The control of mailing lists: senders to the large lists whose messages wait, and senders who never wait."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from toolkit.controls.control import Control, ControlSettings, Reviewed
from toolkit.sdk import declare

Address = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\sA-Z]+$")]
Addresses = Annotated[list[Address], Field(min_length=1)]

_FOR_PARENTS = re.compile(r"office|admissions|safeguarding|governors|.*alert.*")
_LEAST = 2  # mailboxes that approve messages
_OF_CLASSES = re.compile(r"section_.*|wonde.*|classroom_.*|.*_teachers?_[0-9a-f]+")
"""Before the @: groups that School Data Sync, Wonde and Classroom make for classes."""


class AlwaysSend(BaseModel):
    """The senders of urgent messages, such as a lockdown, a fire or a closure, by post."""

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
    """Lists closed to mail from outside, once the outside senders were reviewed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    lists: Addresses
    outside_senders_reviewed: Reviewed


class MassListModeration(ControlSettings):
    """Large mailing lists on which messages wait for approval. Messages of the posts in `always_send` never wait."""

    lists: Addresses = Field(
        description="The large lists, by their addresses, without lists of classes.",
        examples=[["all-staff@example-primary.example"]],
    )
    moderators: Annotated[list[Address], Field(min_length=_LEAST)] = Field(
        description="Who approves messages: two mailboxes or more, so that messages do not wait for one person.",
        examples=[["office@example-primary.example", "head@example-primary.example"]],
    )
    always_send: AlwaysSend = Field(
        description="The senders of urgent messages, for each of: head, deputies, dsl, business_manager, office, site.",
        examples=[
            {
                post: ["office@example-primary.example"]
                for post in ("head", "deputies", "dsl", "business_manager", "office", "site")
            }
        ],
    )
    urgent_lists: list[Address] = Field(
        description="Lists for lockdown, fire and closure, on which no message ever waits, or [] if there are none.",
        examples=[["lockdown@example-primary.example"]],
    )
    act: Literal["hold", "refuse"] = declare(
        "hold: messages of others wait for a moderator. refuse: others cannot post.", default="hold"
    )
    closed_to_outside: ClosedLists | None = declare(
        "The `lists` that are closed to mail from outside, and who reviewed 90 days of outside senders, and when.",
        {
            "lists": ["all-staff@example-primary.example"],
            "outside_senders_reviewed": {"by": "School Business Manager", "on": "2026-11-09"},
        },
    )

    count_outside: bool = declare(
        "Whether `toolkit check` counts who wrote to the lists from outside in the last 90 days, by message trace "
        "without subjects (Microsoft 365). Lists that are closed to outside are always counted.",
        default=False,
    )

    @property
    def counts_outside(self) -> bool:
        """Return whether messages from outside are counted."""
        return self.count_outside or self.closed_to_outside is not None

    @property
    def closed(self) -> frozenset[str]:
        """Return the lists that are closed to mail from outside."""
        return frozenset(self.closed_to_outside.lists if self.closed_to_outside else ())

    @model_validator(mode="after")
    def _urgent_mail_gets_through(self) -> Self:
        if refusal := next(self._refusals(), ""):
            raise ValueError(refusal)
        return self

    def _refusals(self) -> Iterator[str]:
        if len({address.lower() for address in self.moderators}) < _LEAST:
            yield "moderators: it is one mailbox twice, and messages would wait for one person: name another"
        if both := sorted(set(self.lists) & set(self.urgent_lists)):
            yield f"{both[0]} is in `lists` and in `urgent_lists`: no message to an urgent list waits"
        if others := sorted(self.closed - set(self.lists)):
            yield f"closed_to_outside: {others[0]} is not in `lists`"
        for address in self.lists:
            alias = address.partition("@")[0].lower()
            if _FOR_PARENTS.fullmatch(alias):
                yield f"lists: {address} is where parents and other services write: their mail never waits"
            if _OF_CLASSES.fullmatch(alias):
                yield f"lists: {address} is a group of a class, which another system looks after: leave it out"


CONTROLS = (
    Control(
        name="mail.mass_list_moderation",
        title="Moderation of the large mailing lists",
        clauses=("EML-07", "GEN-05", "GEN-06", "GEN-07", "MIS-11"),
        settings=MassListModeration,
        asks=("urgent_senders", "urgent_lists", "outside_posters"),
    ),
)
