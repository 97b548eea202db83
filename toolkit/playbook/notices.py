"""Makes of a school file whom the night jobs tell of what they find, and finds tenants there that nobody knows."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from toolkit.errors import Problem
from toolkit.playbook.notices_schema import ChannelForm
from toolkit.playbook.school_schema import SchoolForm
from toolkit.sdk.calendar import WEEK
from toolkit.sdk.notices import Channel, Notices, Quiet
from toolkit.yaml.messages import did_you_mean, quoted
from toolkit.yaml.node import Source, line_of


def notices_of(form: SchoolForm) -> Notices | None:
    """Make it of a school file in which nothing is wrong; None where nobody is told."""
    written = form.notifications
    if written is None:
        return None
    first = next(iter(form.tenants))
    return Notices(
        zone=ZoneInfo(form.time_zone),
        channels=tuple(_channel(name, one, first) for name, one in written.channels.items()),
        quiet=tuple(
            Quiet(frozenset(WEEK.index(day) for day in one.days or WEEK), one.begins, one.ends) for one in written.quiet
        ),
        heartbeat=None if written.heartbeat is None else WEEK.index(written.heartbeat),
    )


def wrong_in_notices(form: SchoolForm, source: Source) -> Iterator[Problem]:
    """Find channels that send through a tenant that the school has not."""
    channels = form.notifications.channels if form.notifications else {}
    for name, one in channels.items():
        if one.tenant and one.tenant not in form.tenants:
            line = line_of(source.root, ("notifications", "channels", name, "tenant"), otherwise=source.root.line)
            message = f"this school has no tenant {quoted(one.tenant)}{did_you_mean(one.tenant, form.tenants)}"
            yield source.problem(line, message)


def _channel(name: str, form: ChannelForm, first: str) -> Channel:
    if form.by == "url":
        return Channel(name)
    return Channel(name, form.tenant or first, form.sender or "", form.to or "")
