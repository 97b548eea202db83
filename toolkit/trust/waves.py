"""Decide which schools may be written to next: a wave begins after the wave before it has settled."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
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
_SCHOOL = "--school "


@dataclass(frozen=True, slots=True)
class Wave:
    """The schools of a wave. `waits` says why it must wait, or is empty."""

    number: int  # from 1
    schools: Sequence[str]
    waits: str = ""


@dataclass(frozen=True, slots=True)
class _Rollout:
    """The base that is rolled out, and the records of its runs."""

    trust: Trust
    state: Path
    base: str
    read_runs: ReadRuns

    def pending_tenants(self, wave: Collection[str]) -> Iterator[str]:
        """Yield each tenant of a wave that has not settled, with the reason."""
        for tenant in self.trust.tenants:
            members = frozenset(school.short_name for school in self.trust.schools_of(tenant))
            schools = members & frozenset(wave)
            if schools and (why := self._explain_wait(tenant, schools, members)):
                yield f"{tenant} ({', '.join(sorted(schools))}) {why}"

    def _explain_wait(self, tenant: str, schools: frozenset[str], members: frozenset[str]) -> str:
        """Return why the schools of a tenant have not settled on the base, or ""."""
        applied = _first_apply_of_base(finished_rounds(self.state, "apply"), self.base, tenant, schools)
        if applied is None:
            return "has not applied this base"
        runs = [(_read_schools(run, members), run) for run in self.read_runs(tenant) if run["ended"]]
        times = [
            _time(run)
            for covered, run in runs
            if run["command"] == "apply" and run["exit"] == Exit.AS_WANTED and covered >= schools
        ]
        since = min((at for at in times if at >= applied), default=None)
        if since is None:
            return "has no complete apply of this base in its ledger"
        drifts = [(covered, run) for covered, run in runs if run["command"] == "drift" and _time(run) >= since]
        # A drift of further schools proves nothing against these, because the others have not applied the base yet.
        unclean = {self._day(run) for covered, run in drifts if run["exit"] != Exit.AS_WANTED and covered <= schools}
        clean = {self._day(run) for covered, run in drifts if run["exit"] == Exit.AS_WANTED and covered >= schools}
        after = max([self._local_day(since), *unclean])
        days = sum(self._is_school_day(day) for day in clean if day > after)
        settle = self.trust.settle
        return "" if days >= settle else f"has {days} of {count_text(settle, 'school day')} with a clean drift"

    def _day(self, run: Mapping[str, Any]) -> date:
        return self._local_day(_time(run))

    def _local_day(self, at: datetime) -> date:
        return at.astimezone(self.trust.zone).date()

    def _is_school_day(self, day: date) -> bool:
        calendar = self.trust.calendar
        return calendar.is_school_day(day) if calendar else day.weekday() < _SCHOOL_WEEK


def plan_waves(trust: Trust, state: Path, base: str, read_runs: ReadRuns) -> Sequence[Wave]:
    """Return the waves of trust.yaml. A wave waits until every school of the waves before it has settled on this base.

    A school has settled if its tenants applied the base and had a clean drift of its slice on `settle` school days.
    """
    rollout = _Rollout(trust, state, base, read_runs)
    waves: list[Wave] = []
    reason = ""
    for number, schools in enumerate(trust.waves, 1):
        waves.append(Wave(number, schools, reason))
        if not reason:
            pending = list(rollout.pending_tenants(schools))
            reason = f"wave {number}: {'; '.join(pending)}" if pending else ""
    return waves


def _first_apply_of_base(rounds: Iterable[Round], base: str, tenant: str, schools: frozenset[str]) -> datetime | None:
    """Return when schools of a tenant first applied a base completely, if they have applied no other base since."""
    first = None
    for past in rounds:
        answer = past.find_answer(tenant, schools)
        if answer and past.base != base:
            break
        if answer and answer["exit"] == Exit.AS_WANTED:
            first = past.at
    return first


def _read_schools(run: Mapping[str, Any], members: frozenset[str]) -> frozenset[str]:
    """Return the schools whose slices a run read."""
    named = frozenset(flag.removeprefix(_SCHOOL) for flag in run["flags"] if flag.startswith(_SCHOOL))
    return named or members


def _time(run: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(run["at"])
