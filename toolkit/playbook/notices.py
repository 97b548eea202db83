"""The form of `notifications:` in the school file, and its conversion to channels that scheduled jobs notify."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from toolkit.errors import Problem
from toolkit.messages import did_you_mean, quoted, shown
from toolkit.playbook.playbook_schema import Clock, FileForm, Line
from toolkit.school.calendar import WEEK
from toolkit.school.notices import ALIVE, Channel, Notices, Quiet
from toolkit.yaml.node import Source, Step, line_of

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def _check_address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError(f"{shown(text)} is not an address, such as office@example-primary.example")
    return text


def _check_channel_name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(f"{shown(text)} is not a name for a channel, such as `it_team`")
    return text


_Address = Annotated[Line, AfterValidator(_check_address)]


def _refuse_url(written: object) -> object:
    if isinstance(written, Mapping) and "url" in written:
        raise ValueError(
            "a URL with which anyone can send messages is a secret. Write `by: url`, and set the URL in the variable "
            "TOOLKIT_NOTIFY_ followed by the channel's name in capitals"
        )
    return written


class AliveForm(FileForm):
    """A monitoring service that raises an alarm if toolkit stops calling it."""

    by: Literal["url"] = Field(
        description="url: the address in the variable TOOLKIT_NOTIFY_ALIVE. The job's name replaces {job} in it."
    )

    @model_validator(mode="before")
    @classmethod
    def _refuse_secret_url(cls, written: object) -> object:
        return _refuse_url(written)


class ChannelForm(FileForm):
    """A channel for notifications."""

    by: Literal["mail", "url"] = Field(
        description="mail: through a tenant of the school. url: Teams, Google Chat, a webhook and other "
        "services that apprise knows, at the URL in the variable TOOLKIT_NOTIFY_ followed by the "
        "channel's name in capitals."
    )
    sender: _Address | None = Field(
        alias="from", default=None, description="With mail: the mailbox from which toolkit may send."
    )
    to: _Address | None = Field(default=None, description="With mail: the recipient's mailbox, or a group.")
    tenant: Line | None = Field(
        default=None, description="With mail: the provider whose tenant sends it. Default: the school's first."
    )
    sends: Literal["findings", "record"] = Field(
        default="findings",
        description="record: once a week only the head of the ledger, for a person who keeps it and does not run "
        "toolkit, such as the clerk. Default: findings.",
    )

    @model_validator(mode="before")
    @classmethod
    def _refuse_secret_url(cls, written: object) -> object:
        return _refuse_url(written)

    @model_validator(mode="after")
    def _check_mail_settings(self) -> "ChannelForm":
        if self.by == "mail" and not (self.sender and self.to):
            raise ValueError("`by: mail` needs `from`, a mailbox of the school, and `to`")
        if self.by == "url" and (self.sender or self.to or self.tenant):
            raise ValueError(
                "`from`, `to` and `tenant` are only for `by: mail`, because a URL contains its own destination"
            )
        return self


class QuietForm(FileForm):
    """The hours in which only critical findings are sent, in the school's time zone."""

    days: list[Weekday] | None = Field(
        default=None,
        min_length=1,
        description="The days of the week on which the quiet hours begin. Default: every day.",
    )
    begins: Clock = Field(alias="from", description="For example 18:00.")
    ends: Clock = Field(
        alias="to",
        description="A time such as 07:00, on the next day if it is earlier than `from`. The same time means a "
        "whole day.",
    )


class NoticesForm(FileForm):
    """The channels to which runs with --notify send new, resolved and critical findings."""

    channels: dict[Annotated[str, AfterValidator(_check_channel_name)], ChannelForm] = Field(
        default={}, description="The channels, by name."
    )
    alive: AliveForm | None = Field(
        default=None,
        description="A watching service that is called after each scheduled job, without names, and raises an "
        "alarm when the calls stop.",
    )
    quiet: list[QuietForm] = Field(default=[], description="Hours in which only critical findings are sent.")
    heartbeat: Weekday | None = Field(
        default=None, description="A day of the week on which a message is sent even if nothing is new."
    )

    @model_validator(mode="after")
    def _check_any_channel(self) -> "NoticesForm":
        if not self.channels and self.alive is None:
            raise ValueError("needs `channels`, `alive` or both")
        if not self.channels and (self.quiet or self.heartbeat):
            raise ValueError("`quiet` and `heartbeat` need `channels`")
        if self.alive and ALIVE.name in self.channels:
            raise ValueError("a channel cannot be called `alive`, because `alive:` uses the same variable")
        return self


class ReportsForm(FileForm):
    """The recipients of reports that --mail sends, who are only the head and the clerk."""

    sender: _Address = Field(alias="from", description="The mailbox from which toolkit may send.")
    head: _Address = Field(description="The mailbox of the head teacher.")
    clerk: _Address = Field(description="The mailbox of the clerk to the governors, on a domain of the school.")
    tenant: Line | None = Field(
        default=None, description="The provider whose tenant sends it. Default: the school's first."
    )


def report_recipients(written: ReportsForm | None, tenants: Collection[str]) -> tuple[Channel, ...]:
    """Return the mail channels to the head and the clerk. Reports are mailed only to them."""
    if written is None:
        return ()
    provider = written.tenant or next(iter(tenants))
    readers = {"head": written.head, "clerk": written.clerk}
    return tuple(Channel(name, provider, written.sender, address) for name, address in readers.items())


def to_notices(written: NoticesForm | None, tenants: Collection[str], zone: str) -> Notices | None:
    """Return the channels for scheduled jobs, or None if the school file does not name any."""
    if written is None or not written.channels:
        return None
    first = next(iter(tenants))
    return Notices(
        zone=ZoneInfo(zone),
        channels=tuple(_to_channel(name, channel, first) for name, channel in written.channels.items()),
        quiet=tuple(
            Quiet(frozenset(WEEK.index(day) for day in hours.days or WEEK), hours.begins, hours.ends)
            for hours in written.quiet
        ),
        heartbeat=None if written.heartbeat is None else WEEK.index(written.heartbeat),
    )


def notice_problems(
    form: NoticesForm | None, reports: ReportsForm | None, tenants: Collection[str], source: Source
) -> Iterator[Problem]:
    """Yield a problem for each channel or report that uses a tenant that the school does not have."""
    channels = form.channels if form else {}
    through: dict[tuple[Step, ...], str | None] = {
        ("notifications", "channels", name, "tenant"): channel.tenant for name, channel in channels.items()
    }
    through["reports", "tenant"] = reports.tenant if reports else None
    for path, tenant in through.items():
        if tenant and tenant not in tenants:
            line = line_of(source.root, path, otherwise=source.root.line)
            message = f"this school has no tenant {quoted(tenant)}{did_you_mean(tenant, tenants)}"
            yield source.problem(line, message)


def _to_channel(name: str, form: ChannelForm, first: str) -> Channel:
    only_record = form.sends == "record"
    if form.by == "url":
        return Channel(name, only_record=only_record)
    return Channel(name, form.tenant or first, form.sender or "", form.to or "", only_record=only_record)
