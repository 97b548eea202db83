"""Writes the ledger of a school that has used toolkit for years, with the entries of real runs, in one transaction.

Each week has five drift runs, five due runs, a check, a policy run, and an apply that creates or deletes rules under
the same names and sends reminders. Every sixth week has an export. After an even number of weeks the last rules are
deleted, so that the ledger has no rule that the tenant lacks.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import count, islice

from sqlalchemy import Connection, insert

from toolkit.ledger.chain import Head, chained_hash, last_entry
from toolkit.ledger.database import open_write_transaction
from toolkit.ledger.entries import Action, Entry, RunBegan, RunEnded, StepBegan, StepEnded, Transition, entry_text
from toolkit.ledger.findings import DriftSeen, Fixed, Sighting
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.projection_store import DERIVED
from toolkit.ledger.projections import ReplayTables
from toolkit.ledger.tables import ENTRY
from toolkit.planning.finding_state import Ending, FindingState
from toolkit.sdk.resource import Address
from toolkit.values import Settings

_WEEK = timedelta(weeks=1)
_AT_ONCE = 1000
_RULES, _REMINDED = 10, 12  # a week
_SIXTH = 6
_NAMES = 20
_CLOUD = "microsoft365"
_SUMMARY = {"create": 0, "update": 0, "delete": 0, "move": 0, "matching": 61, "unmanaged": 12, "failed": 0}


@dataclass
class Years:
    """Yields entries, week after week. The last week ends before `until`."""

    until: datetime
    weeks: int
    tenants: Mapping[str, str]
    staff: Sequence[str]  # their ids
    clauses: Sequence[str]
    _runs: Iterator[int] = field(default_factory=lambda: count(1))

    def entries(self) -> Iterator[Entry]:
        """Yield the entries of all weeks."""
        for number in range(self.weeks):
            yield from self._week_entries(number, self.until - (self.weeks - number) * _WEEK)

    def _week_entries(self, number: int, begins: datetime) -> Iterator[Entry]:
        yield from self._apply_run(number, begins)
        for day in range(5):
            at = begins + timedelta(days=day, hours=10)
            yield from self._run_entries("due", at)
            yield from self._drift_run(number, day, at + timedelta(hours=10))
        yield from self._run_entries("check", begins + timedelta(days=5))
        statuses = {clause: "met" if (number + place) % 40 else "not met" for place, clause in enumerate(self.clauses)}
        yield from self._run_entries("policy", begins + timedelta(days=5, hours=1), statuses=statuses)
        if number % _SIXTH == 0:
            files = {f"school_governors_{number}.{form}": "ab" * 32 for form in ("json", "html")}
            at = begins + timedelta(days=5, hours=2)
            yield from self._run_entries("audit export", at, statuses=statuses, exported=files)

    def _began(self, command: str, at: datetime) -> RunBegan:
        return RunBegan(
            run=f"{next(self._runs):012x}", at=at, command=command, target="emulator", tenants=self.tenants,
            version="0.1.0", playbooks="ab" * 32,
        )  # fmt: skip

    def _run_entries(
        self, command: str, at: datetime, *, statuses: Mapping[str, str] | None = None,
        exported: Mapping[str, str] | None = None,
    ) -> Iterator[Entry]:  # fmt: skip
        began = self._began(command, at)
        yield began
        yield RunEnded(run=began.run, at=at, exit=0, summary=_SUMMARY, statuses=statuses or {}, exported=exported or {})

    def _drift_run(self, number: int, day: int, at: datetime) -> Iterator[Entry]:
        """Yield a drift run. On Mondays it finds a changed setting, which is back to normal on Tuesday."""
        began = self._began("drift", at)
        name = f"{number:08x}"
        sighting = Sighting(name, f"{_CLOUD}.transport_rule[School disclaimer]", "enabled", "differs",
                         FindingState.OPEN, at, "tenant")  # fmt: skip
        yield began
        yield DriftSeen(
            run=began.run, at=at, found=(sighting,) if day == 0 else (),
            fixed=(Fixed(name, Ending.TENANT),) if day == 1 else (),
        )  # fmt: skip
        yield RunEnded(run=began.run, at=at, exit=3 if day == 0 else 0, summary=_SUMMARY)

    def _apply_run(self, number: int, at: datetime) -> Iterator[Entry]:
        began = self._began("apply", at)
        yield began
        steps = count(1)
        for place in range(_RULES):
            address = Address(_CLOUD, "transport_rule", f"Notice {number // 2 % _NAMES * _RULES + place}")
            settings: Settings = {"prepend_subject": "[notice] ", "enabled": True}
            yield from (
                _step(began, next(steps), address, Action.DELETE, before=settings)
                if number % 2
                else _step(began, next(steps), address, Action.CREATE, sent=settings)
            )
        for place in range(_REMINDED):
            person = self.staff[(number * _REMINDED + place) % len(self.staff)]
            sent: Settings = {"begins": at.isoformat(), "ends": (at + timedelta(days=2)).isoformat()}
            yield from _step(began, next(steps), Address(_CLOUD, "reminder", person), Action.SEND, sent=sent)
        turned = (Transition(exception=f"EXC-{number}", provider=_CLOUD, ended=True, minutes=4),)
        yield RunEnded(run=began.run, at=at, exit=0, summary={**_SUMMARY, "create": _RULES}, turned=turned)


def _step(
    began: RunBegan, step: int, address: Address, action: Action, *, before: Settings | None = None,
    sent: Settings | None = None,
) -> Iterator[Entry]:  # fmt: skip
    yield StepBegan(run=began.run, step=step, at=began.at, address=address, action=action, before=before, sent=sent)
    yield StepEnded(run=began.run, step=step, at=began.at, remote_id="r", name=address.name, returned=sent)


def write_years(ledger: Ledger, years: Years) -> None:
    """Write the entries into an empty ledger, and fill the tables derived from them."""
    ledger.make()
    with open_write_transaction(ledger.engine) as connection:
        head = _append_entries(connection, ledger, years.entries())
    ledger.head_file.write(head)


def _append_entries(connection: Connection, ledger: Ledger, entries: Iterator[Entry]) -> Head:
    replayed, head = ReplayTables(), last_entry(connection)
    while some := list(islice(entries, _AT_ONCE)):
        rows = []
        for entry in some:
            text = entry_text(entry, ledger.redactor)
            rows.append({"n": head.count + 1, "previous": head.hash, "text": text})
            head = Head(head.count + 1, chained_hash(head.hash, text.encode()))
            rows[-1]["hash"] = head.hash
            replayed.add(head.count, entry)
        connection.execute(insert(ENTRY), rows)
    for kind, of_kind in replayed.tables().items():
        if cells := [asdict(row) for row in of_kind]:
            connection.execute(insert(DERIVED[kind]), cells)
    return head
