"""Freezes: days on which nothing is written to a school of a trust, or to several schools at once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select

from toolkit.engine.prepare_run import open_ledger
from toolkit.ledger.database import open_read_transaction
from toolkit.ledger.entries import read_entry
from toolkit.ledger.school_parts import SchoolFreeze
from toolkit.ledger.tables import ENTRY
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.school.calendar import Days
from toolkit.school.schedule import Freeze, Windows
from toolkit.sdk.dates import day
from toolkit.settings.settings import Settings
from toolkit.trust.decision_log import read_decisions

ALL = "all"
"""The name of every school in `toolkit trust freeze`."""
_FRIDAY, _NOON = 4, time(12)
_FREEZES = "freezes.jsonl"  # earlier versions recorded freezes in this file of the trust's state


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustFreeze:
    """Days up to and including `until` in which nothing is written to a school, or to all schools."""

    school: str
    until: date
    by: str
    reason: str
    at: datetime

    def text(self) -> str:
        """Return the freeze in words."""
        whom = "all schools are" if self.school == ALL else f"{self.school} is"
        return f"{whom} frozen until {day(self.until)} by {self.by} ({self.reason})"


def read_freezes(settings: Settings, trust_state: Path, today: date) -> Sequence[TrustFreeze]:
    """Return the freezes in a tenant that have not ended. A decision in the ledger wins over one in the old file."""
    latest = {**_read_file(trust_state / _FREEZES), **_read_ledger(settings)}
    return [freeze for freeze in latest.values() if freeze and freeze.until >= today]


def _read_ledger(settings: Settings) -> Mapping[str, TrustFreeze | None]:
    """Return the latest decision on each school in a tenant's ledger. None means that a freeze was ended early."""
    query = select(ENTRY.c.text).where(ENTRY.c.text.like('%"kind":"school_freeze"%')).order_by(ENTRY.c.n)
    with open_ledger(settings) as ledger:
        if not ledger.exists():
            return {}
        ledger.make()
        with open_read_transaction(ledger.engine) as connection:
            entries = [read_entry(text) for text in connection.execute(query).scalars()]
    return {entry.school: _to_freeze(entry) for entry in entries if isinstance(entry, SchoolFreeze)}


def _to_freeze(entry: SchoolFreeze) -> TrustFreeze | None:
    if entry.until is None:
        return None
    return TrustFreeze(school=entry.school, until=entry.until, by=entry.by, reason=entry.reason, at=entry.at)


def _read_file(file: Path) -> Mapping[str, TrustFreeze]:
    return {
        entry["school"]: TrustFreeze(
            school=entry["school"],
            until=date.fromisoformat(entry["until"]),
            by=entry["by"],
            reason=entry["reason"],
            at=datetime.fromisoformat(entry["at"]),
        )
        for entry in read_decisions(file)
    }


def freeze_of(freezes: Iterable[TrustFreeze], schools: Iterable[str]) -> TrustFreeze | None:
    """Return a freeze that concerns one of the schools, or None."""
    return next((freeze for freeze in freezes if freeze.school == ALL or freeze.school in schools), None)


def with_freezes(playbooks: Playbooks, settings: Settings, covered: Collection[str]) -> Playbooks:
    """Return a trust's playbooks, whose changes wait for the end of a freeze of a school that the run covers."""
    school = playbooks.school
    recorded = read_freezes(settings, settings.trust_state or settings.state, date.min)
    freezes = [freeze for freeze in recorded if freeze_of([freeze], covered)]
    if not freezes:
        return playbooks
    windows = school.windows or Windows(ZoneInfo(school.time_zone))
    days = [Freeze(Days(freeze.at.astimezone(windows.zone).date(), freeze.until), freeze.text()) for freeze in freezes]
    frozen = replace(windows, freezes=[*windows.freezes, *days])
    return replace(playbooks, school=replace(school, windows=frozen))


def is_closed_for_trust(local: datetime) -> bool:
    """Return whether it is between Friday noon and Monday, when nothing is written to several schools at once."""
    return local.weekday() > _FRIDAY or (local.weekday() == _FRIDAY and local.time() >= _NOON)
