"""Controls for outgoing mail: limits for each account, moderated senders, tips about recipients, and encryption."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from toolkit.controls.control import Control, TenantWideSettings
from toolkit.school.absence_cells import read_address
from toolkit.sdk import declare

Address = Annotated[str, AfterValidator(read_address)]
Limit = Annotated[int, Field(ge=1, le=10_000)]


class OutboundStop(TenantWideSettings):
    """Limits on the recipients that one account may reach, and accounts whose mail waits for a moderator.

    An account is never blocked for longer than a day, because the office, the head and the DSL must be able to write
    the next day. Ask who sends newsletters before you set a number.
    """

    outside_an_hour: Limit | None = declare(
        "The maximum number of recipients outside the school to whom one account may send in an hour.", 400
    )
    inside_an_hour: Limit | None = declare(
        "The maximum number of recipients inside the school to whom one account may send in an hour.", 800
    )
    a_day: Limit | None = declare("The maximum number of recipients to whom one account may send in a day.", 800)
    act: Literal["notice", "until_tomorrow"] = declare(
        "The action if an account exceeds a limit. notice: administrators are notified. until_tomorrow: the account "
        "cannot send until the next day.",
        default="until_tomorrow",
    )
    policies: list[Annotated[str, Field(min_length=1)]] = Field(
        default=["Default"],
        min_length=1,
        description="The outbound spam policies of Microsoft 365 that get these limits, or `*` for all. A "
        "separate policy with higher limits for newsletter senders is not changed unless it is "
        "listed.",
        examples=[["Default"]],
    )
    notify: list[Address] = declare(
        "Who is notified if an account exceeds a limit.", ["office@example-primary.example"], default=[]
    )
    held: list[Address] = declare(
        "Accounts whose mail to people outside waits for a moderator's approval, such as a misused account.",
        ["scanner@example-primary.example"],
        default=[],
    )
    moderators: Annotated[list[Address], Field(max_length=10)] = declare(
        "The moderators who approve mail of the accounts in `held`.", ["head@example-primary.example"], default=[]
    )

    @model_validator(mode="after")
    def _check_moderators(self) -> Self:
        if self.held and not self.moderators:
            raise ValueError("`held` needs `moderators`, who approve the mail")
        if both := sorted({entry.casefold() for entry in self.held} & {entry.casefold() for entry in self.moderators}):
            raise ValueError(f"`moderators`: {both[0]} is also in `held`, and must not approve its own mail")
        return self


class RecipientLimits(TenantWideSettings):
    """Tips for the sender before a message goes to many people or outside the school. The message is never blocked."""

    many: Annotated[int, Field(ge=1, le=1000)] = declare(
        "The number of recipients from which a tip is shown.", default=10
    )
    outside: bool = declare("Whether a tip names recipients outside the school.", default=True)


class EncryptMail(TenantWideSettings):
    """A button with which senders can encrypt a message.

    Rules never encrypt mail automatically, because parents must be able to open it on their phones.
    """

    pdf: bool = declare("Whether attached PDF files are encrypted together with the message.", default=False)


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
