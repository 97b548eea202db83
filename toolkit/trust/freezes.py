"""Freezes: days on which nothing is written to a school of a trust, or to several schools at once."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.school.calendar import Days
from toolkit.school.schedule import Freeze, Windows
from toolkit.sdk.dates import day
from toolkit.trust.decision_log import append_decision, read_decisions

ALL = "all"
"""The name of every school in `toolkit trust freeze`."""
_FRIDAY, _NOON = 4, time(12)
_FREEZES = "freezes.jsonl"


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


def record_freeze(state: Path, freeze: TrustFreeze) -> None:
    """Record a freeze. It replaces an earlier freeze of the same school."""
    entry = {"school": freeze.school, "until": freeze.until.isoformat(), "by": freeze.by, "reason": freeze.reason}
    append_decision(state / _FREEZES, {**entry, "at": freeze.at.isoformat()})


def read_freezes(state: Path, today: date) -> Sequence[TrustFreeze]:
    """Return the freezes that have not ended."""
    latest = {
        entry["school"]: TrustFreeze(
            school=entry["school"],
            until=date.fromisoformat(entry["until"]),
            by=entry["by"],
            reason=entry["reason"],
            at=datetime.fromisoformat(entry["at"]),
        )
        for entry in read_decisions(state / _FREEZES)
    }
    return [freeze for freeze in latest.values() if freeze.until >= today]


def freeze_of(freezes: Iterable[TrustFreeze], schools: Iterable[str]) -> TrustFreeze | None:
    """Return a freeze that concerns one of the schools, or None."""
    return next((freeze for freeze in freezes if freeze.school == ALL or freeze.school in schools), None)


def with_freezes(playbooks: Playbooks, state: Path, covered: Collection[str]) -> Playbooks:
    """Return a trust's playbooks, whose changes wait for the end of a freeze of a school that the run covers."""
    school = playbooks.school
    freezes = [freeze for freeze in read_freezes(state, date.min) if freeze_of([freeze], covered)]
    if not freezes:
        return playbooks
    windows = school.windows or Windows(ZoneInfo(school.time_zone))
    days = [Freeze(Days(freeze.at.astimezone(windows.zone).date(), freeze.until), freeze.text()) for freeze in freezes]
    frozen = replace(windows, freezes=[*windows.freezes, *days])
    return replace(playbooks, school=replace(school, windows=frozen))


def is_closed_for_trust(local: datetime) -> bool:
    """Return whether it is between Friday noon and Monday, when nothing is written to several schools at once."""
    return local.weekday() > _FRIDAY or (local.weekday() == _FRIDAY and local.time() >= _NOON)
