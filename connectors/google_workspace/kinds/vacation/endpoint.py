"""Reads and changes the automatic replies of whoever is named."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from connectors.google_workspace.kinds.vacation.settings import NAMES, ON, Vacation
from connectors.google_workspace.per_person import read_again, read_people
from toolkit.errors import BadAnswer, Conflict
from toolkit.sdk.endpoint import FixedObjects
from toolkit.sdk.resource import Remote, Unreadable
from toolkit.values import Body, Settings

if TYPE_CHECKING:
    from connectors.google_workspace.connection import GoogleWorkspace
    from toolkit.sdk.endpoint import Wanted


class Vacations(FixedObjects):
    """The automatic replies of people: there with the mailbox, so that none is made or removed."""

    none_created = "{name} has no account, so there is no automatic reply to change"
    none_deleted = "the automatic reply of {name} is turned off, never deleted"

    def read(self, via: GoogleWorkspace, wanted: Wanted) -> Iterable[Remote | Unreadable]:
        """Read whoever is wanted, fifty in a request."""
        return read_people(via, wanted, via.mailboxes.vacation, _body)

    def update(self, via: GoogleWorkspace, remote: Remote, name: str, body: Body) -> Remote:
        """Read the reply again and set it anew, whole: what the body does not name goes back as it came.

        Conflict where its owner changed it since it was compared.
        """
        mailbox = via.gmail(remote.id)
        now = _body(mailbox.address, read_again(mailbox.address, via.mailboxes.vacation))
        _check_unchanged(mailbox.address, remote.body, now)
        after = {key: value for key, value in {**now, **body}.items() if value is not None}
        return Remote(remote.id, name, _body(mailbox.address, mailbox.change_vacation(after)))


def _body(person: str, seen: Body) -> Body:
    """Keep what counts of a reply; BadAnswer where there is none, or a time of it is none."""
    if not isinstance(seen.get(ON), bool):
        raise BadAnswer(f"Gmail does not say whether {person} has an automatic reply")
    _settings(person, seen)
    return {name: seen[name] for name in NAMES if seen.get(name) is not None}


def _settings(person: str, body: Body) -> Settings:
    try:
        return Vacation.observed(body)
    except (ValueError, OverflowError) as wrong:
        raise BadAnswer(f"the times of the automatic reply of {person} cannot be understood: {wrong}") from wrong


def _check_unchanged(person: str, before: Body, now: Body) -> None:
    then, there = _settings(person, before), _settings(person, now)
    if differing := sorted(name for name in there if there[name] != then[name]):
        raise Conflict(
            f"nothing was changed, since somebody changed {', '.join(differing)} of the automatic reply of {person} "
            "after it was read; run it again"
        )
