"""Decide which schools may be written to next: a wave begins after the wave before it has settled."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeAlias

from toolkit.errors import Exit
from toolkit.records import dataclass
from toolkit.render.values_text import count_text
from toolkit.trust.model import Trust
from toolkit.trust.rounds import Round, finished_rounds

LedgerRuns: TypeAlias = Sequence[Mapping[str, Any]]
"""The runs in a tenant's ledger as `toolkit audit log --json` prints them, newest first."""
ReadRuns: TypeAlias = Callable[[str], LedgerRuns]
"""Reads the runs in the ledger of a tenant."""
_SCHOOL_WEEK = 5


@dataclass(frozen=True, slots=True)
class Wave:
    """The tenants of a wave. `waits` says why it must wait, or is empty."""

    number: int  # from 1
    tenants: Sequence[str]
    waits: str = ""


def plan_waves(trust: Trust, state: Path, base: str, read_runs: ReadRuns) -> Sequence[Wave]:
    """Return the waves in order. A wave waits until each tenant of the waves before it has settled on this base.

    A tenant that schools of several waves share belongs to the last of them. Without `waves:` there is one wave.
    """
    waves: list[Wave] = []
    reason = ""
    for number, tenants in enumerate(_tenants_by_wave(trust), 1):
        waves.append(Wave(number, tenants, reason))
        if not reason:
            pending = [
                f"{tenant} {why}" for tenant in tenants if (why := _unsettled(trust, state, base, tenant, read_runs))
            ]
            reason = f"wave {number}: {'; '.join(pending)}" if pending else ""
    return waves


def _tenants_by_wave(trust: Trust) -> Sequence[Sequence[str]]:
    last = {
        name: max((trust.wave_of(school.short_name) for school in trust.schools_of(name)), default=0)
        for name in trust.tenants
    }
    numbers = range(max(len(trust.waves), 1))
    return [[name for name, wave in last.items() if wave == number] for number in numbers]


def _unsettled(trust: Trust, state: Path, base: str, tenant: str, read_runs: ReadRuns) -> str:
    """Return why a tenant has not settled on a base, or ""."""
    applied = _first_apply_of_base(finished_rounds(state, "apply"), base, tenant)
    if applied is None:
        return "has not applied this base"
    runs = read_runs(tenant)
    times = [_time(run) for run in runs if run["command"] == "apply" and run["exit"] == Exit.AS_WANTED]
    since = min((at for at in times if at >= applied), default=None)
    if since is None:
        return "has no complete apply of this base in its ledger"
    later = [run for run in runs if run["command"] == "drift" and _time(run) >= since and run["ended"]]
    unclean = [_day(trust, run) for run in later if run["exit"] != Exit.AS_WANTED]
    after = max([_local_day(trust, since), *unclean])
    clean = {_day(trust, run) for run in later if run["exit"] == Exit.AS_WANTED and _day(trust, run) > after}
    days = sum(_is_school_day(trust, day) for day in clean)
    if days >= trust.settle:
        return ""
    return f"has {days} of {count_text(trust.settle, 'school day')} with a clean drift"


def _first_apply_of_base(rounds: Iterable[Round], base: str, tenant: str) -> datetime | None:
    """Return when a tenant first applied a base completely, if it has applied no other base since."""
    first = None
    for past in rounds:
        answer = past.read_answer(tenant)
        if answer is not None and past.base != base:
            break
        if answer is not None and answer["exit"] == Exit.AS_WANTED:
            first = past.at
    return first


def _time(run: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(run["at"])


def _day(trust: Trust, run: Mapping[str, Any]) -> date:
    return _local_day(trust, _time(run))


def _local_day(trust: Trust, at: datetime) -> date:
    return at.astimezone(trust.zone).date()


def _is_school_day(trust: Trust, day: date) -> bool:
    return trust.calendar.is_school_day(day) if trust.calendar else day.weekday() < _SCHOOL_WEEK
