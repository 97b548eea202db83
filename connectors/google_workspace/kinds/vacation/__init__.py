"""Gmail's vacation responder: what a mailbox answers automatically while its owner is away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from connectors.google_workspace.kinds.vacation.settings import (
    END,
    NAMES,
    OFF,
    ON,
    PAGE,
    PLAIN,
    START,
    Vacation,
    read_moment,
)
from connectors.google_workspace.per_person import read_again, read_people
from connectors.google_workspace.permissions import needs
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.errors import BadAnswer, Conflict, ServiceError
from toolkit.sdk.endpoint import FixedObjects, Wanted
from toolkit.sdk.form import parse_instant
from toolkit.sdk.kind import Doubt, Kind, Lifecycle
from toolkit.sdk.lending import reply_put_back
from toolkit.sdk.permission import Permissions
from toolkit.sdk.resource import Desired, Remote, Unreadable
from toolkit.sdk.targets import Scale
from toolkit.values import Body, Settings

if TYPE_CHECKING:
    from datetime import datetime


class Vacations(FixedObjects):
    """The automatic replies of people: there with the mailbox, so that none is made or removed."""

    none_created = "{name} has no account, so there is no automatic reply to change"
    none_deleted = "the automatic reply of {name} is turned off, never deleted"

    def read(self, via: GoogleWorkspace, wanted: Wanted) -> Iterable[Remote | Unreadable]:
        """Read the people asked for, fifty in a request."""
        return read_people(via, wanted, via.mailboxes.vacation, _sent)

    def update(self, via: GoogleWorkspace, remote: Remote, name: str, body: Body) -> Remote:
        """Read the reply again and set it whole: what the body does not name goes back as it came.

        Conflict where its owner changed it since it was compared.
        """
        mailbox = via.gmail(remote.id)
        now = _body(mailbox.address, read_again(mailbox.address, via.mailboxes.vacation))
        _check_unchanged(mailbox.address, remote.body, now)
        after = {key: value for key, value in {**now, **body}.items() if value is not None}
        return Remote(remote.id, name, _sent(mailbox.address, mailbox.change_vacation(after)))


def _body(person: str, seen: Body) -> Body:
    """Keep what counts of a reply; BadAnswer where there is none, or a time of it is none."""
    if not isinstance(seen.get(ON), bool):
        raise BadAnswer(f"Gmail does not say whether {person} has an automatic reply")
    _settings(person, seen)
    return {name: seen[name] for name in NAMES if seen.get(name) is not None}


def _sent(person: str, seen: Body) -> Body:
    """Return what Gmail sends of a reply: of two bodies the HTML."""
    body = _body(person, seen)
    return {name: value for name, value in body.items() if name != PLAIN or not body.get(PAGE)}


def _settings(person: str, body: Body) -> Settings:
    try:
        return Vacation.observed(body)
    except (ValueError, OverflowError) as wrong:
        raise BadAnswer(f"the times of the automatic reply of {person} cannot be understood: {wrong}") from wrong


def _check_unchanged(person: str, before: Body, now: Body) -> None:
    then, there = _settings(person, before), _settings(person, now)
    if differing := sorted(name for name in there if there[name] != then[name]):
        raise Conflict(
            f"nothing was changed, since {', '.join(differing)} changed in the automatic reply of {person} "
            "after it was read; run it again"
        )


_OLD = "this would turn replies on with the text that was sent last; name text too"


def doubts(via: GoogleWorkspace, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Look again at the replies that are to be on, and whose text is left to their owners."""
    asked = [one for one in desired if one.settings.get("status", OFF) != OFF and not one.settings.get("text")]
    addresses = [via.accounts.one(one.address.name).address for one in asked]
    for one, reply in zip(asked, via.mailboxes.vacation(addresses), strict=True):
        if isinstance(reply, ServiceError):
            yield Doubt(one.address.name, "text", f"whether it says anything is not known: {reply}")
        elif not _replying(reply, via.clock() or _moment(Vacation.body(one.settings), START)):
            yield Doubt(one.address.name, "text", _OLD)


def _replying(reply: Body, now: datetime | None) -> bool:
    """Say whether a reply is on, or will be: a schedule stays one after it has ended."""
    ends = _moment(reply, END)
    return reply.get(ON) is True and (ends is None or now is None or ends > now)


def _moment(reply: Body, name: str) -> datetime | None:
    moment = read_moment(reply.get(name))
    return None if moment is None else parse_instant(str(moment))


KIND = Kind(
    name="vacation",
    title="automatic reply",
    plural="mailboxes",
    spec=Vacation,
    endpoint=Vacations(),
    reference="https://developers.google.com/workspace/gmail/api/reference/rest/v1/VacationSettings",
    permissions=Permissions(
        needs("directory.users.list", "gmail.users.settings.getVacation"), needs("gmail.users.settings.updateVacation")
    ),
    whole=False,
    fixed=True,
    per_person=True,
    reach=Scale.MAILBOX,
    lent=True,
    doubts=doubts,
    sample="""\
- google_workspace.vacation: amara.ashdown@example-primary.example
  status: scheduled
  begins: "2026-12-18T16:00:00Z"
  ends: "2027-01-04T08:00:00Z"
  text: The school is closed until Monday 4 January. If you are worried about a child, call 01632 960000.
""",
    lifecycle=Lifecycle(withdrawn=lambda _: {"status": "off"}, restores=reply_put_back),
)
