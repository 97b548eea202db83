"""Controls about outgoing mail: limits for an account, mail that waits for a moderator, tips, and encryption."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from toolkit.controls.control import Control, TenantWideSettings
from toolkit.school.absence_cells import address
from toolkit.sdk import declare

Address = Annotated[str, AfterValidator(address)]
Limit = Annotated[int, Field(ge=1, le=10_000)]


class OutboundStop(TenantWideSettings):
    """Limits on recipients of an account, and accounts whose mail waits for a moderator.

    An account is never blocked until an administrator enables it, because the office, the head and the DSL must be able
    to write the next day. Ask who sends newsletters before setting a number.
    """

    outside_an_hour: Limit | None = declare("Recipients outside the school that one account may reach an hour.", 400)
    inside_an_hour: Limit | None = declare("Recipients in the school that one account may reach an hour.", 800)
    a_day: Limit | None = declare("Recipients that one account may reach a day.", 800)
    act: Literal["notice", "until_tomorrow"] = declare(
        "The result of passing a limit. notice: administrators get a notice. until_tomorrow: mail stops for the day.",
        default="until_tomorrow",
    )
    policies: list[Annotated[str, Field(min_length=1)]] = Field(
        default=["Default"],
        min_length=1,
        description="The outbound spam policies of Microsoft 365 that get this; `*` is every one. A policy of its own "
        "with higher numbers for those who send newsletters is left alone unless it is named.",
        examples=[["Default"]],
    )
    notify: list[Address] = declare(
        "Who gets a notice when an account is stopped.", ["office@example-primary.example"], default=[]
    )
    held: list[Address] = declare(
        "Accounts whose mail to outside waits until a moderator lets it through, such as a misused one.",
        ["scanner@example-primary.example"],
        default=[],
    )
    moderators: Annotated[list[Address], Field(max_length=10)] = declare(
        "Who lets mail of `held` through.", ["head@example-primary.example"], default=[]
    )

    @model_validator(mode="after")
    def _has_a_moderator(self) -> Self:
        if self.held and not self.moderators:
            raise ValueError("held: name in `moderators` who lets the mail through")
        if both := sorted({entry.casefold() for entry in self.held} & {entry.casefold() for entry in self.moderators}):
            raise ValueError(f"moderators: {both[0]} is in `held` too, and must not let its own mail through")
        return self


class RecipientLimits(TenantWideSettings):
    """Tips before a message goes to many people or outside the school. No number stops a message."""

    many: Annotated[int, Field(ge=1, le=1000)] = declare("From how many recipients a tip warns.", default=10)
    outside: bool = declare("Whether a tip names recipients outside the school.", default=True)


class EncryptMail(TenantWideSettings):
    """Senders can encrypt a message.

    Rules never encrypt mail automatically, because parents' phones must be able to open it.
    """

    pdf: bool = declare("Whether attached PDF files are encrypted with the message.", default=False)


CONTROLS = (
    Control(
        name="data.encrypt_mail",
        title="A button that encrypts confidential e-mail",
        clauses=("GEN-12",),
        settings=EncryptMail,
        reaches_people=False,
        asks=("encrypted_readers",),
    ),
    Control(
        name="mail.outbound_stop",
        title="Limits on outgoing e-mail, and mail that waits for a moderator",
        clauses=("SYS-20", "GEN-05"),
        settings=OutboundStop,
        reaches_people=False,
        asks=("newsletter_senders",),
    ),
    Control(
        name="mail.recipient_limits",
        title="Tips before e-mail goes to many people",
        clauses=("EML-07", "GEN-06"),
        settings=RecipientLimits,
        reaches_people=False,
        asks=("parent_mail",),
    ),
)
