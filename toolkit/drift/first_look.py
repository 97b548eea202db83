"""The first look at a school's tenants: a few differences, each with the command that records it as known."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from shlex import quote
from zoneinfo import ZoneInfo

from toolkit.drift.accept import Wish, entry_for
from toolkit.drift.model import of_change
from toolkit.errors import UsageError
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.memory import LedgerMemory
from toolkit.ledger.tables import FindingRow
from toolkit.planning.change import Change, Delete
from toolkit.planning.plan import Plan
from toolkit.playbook.entries import Playbooks
from toolkit.sdk.resource import Address
from toolkit.sdk.schedule import DRIFT

_MOST = 5
_KNOWN_FOR = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class WorthALook:
    """A difference that reaches many people, and what to type where the school knows of it."""

    finding: str
    address: Address
    path: str
    people: int | None  # None: not counted
    command: str


def is_first_look(ledger: Ledger) -> bool:
    """Say whether no drift looked at these tenants before."""
    return not ledger.exists() or LedgerMemory(ledger).last_run(DRIFT) is None


def first_look(
    plan: Plan, playbooks: Playbooks, findings: Mapping[str, FindingRow], now: datetime
) -> Sequence[WorthALook]:
    """Return the differences that reach most people and that an exception can accept, one for each object."""
    changes = sorted((*plan.changes, *plan.watched), key=lambda change: (-(_people(change) or 0), str(change.address)))
    found = (next(_known(change, playbooks, findings, now), None) for change in changes)
    some = (look for look in found if look)
    return [look for look, _ in zip(some, range(_MOST), strict=False)]


def _known(
    change: Change, playbooks: Playbooks, findings: Mapping[str, FindingRow], now: datetime
) -> Iterator[WorthALook]:
    """Give the findings of a change that `toolkit accept` takes, with its command."""
    until = (now.astimezone(ZoneInfo(playbooks.school.time_zone)) + _KNOWN_FOR).date().isoformat()
    wish = Wish(until=until, reason="Known", by=playbooks.school.approvers[0])
    for difference in of_change(change):
        row = findings.get(difference.id)
        if row and _is_accepted(row, wish, playbooks, now):
            folder = quote(str(playbooks.file or playbooks.root))
            words = f"--until {until} --reason {quote(wish.reason)} --by {quote(wish.by)}"
            command = f"toolkit accept {difference.id} {folder} {words}"
            yield WorthALook(difference.id, change.address, difference.path, _people(change), command)


def _is_accepted(row: FindingRow, wish: Wish, playbooks: Playbooks, now: datetime) -> bool:
    try:
        entry_for(row, wish, playbooks, now)
    except UsageError:
        return False
    return True


def _people(change: Change) -> int | None:
    reach = None if isinstance(change, Delete) else change.desired.reach
    return reach.people if reach else None
