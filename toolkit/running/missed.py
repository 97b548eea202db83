"""Finds the scheduled runs that did not happen, by what the ledger holds."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.running.survey import Context
from toolkit.tenant.schedule import DRIFT, DUE
from toolkit.tenant.school import School

if TYPE_CHECKING:
    from toolkit.record.ledger import Ledger


def missed(context: Context, school: School, ledger: "Ledger | None") -> Iterator[str]:
    """Name each time since the last run of a job in which it should have run; asked before this run is recorded.

    A school file without `schedule:` misses no run, and of a job that never ran nobody knows since when it should have.
    """
    from toolkit.record.memory import Memory

    schedule = school.schedule
    if schedule is None or ledger is None or not ledger.exists():
        return
    memory = Memory(ledger)
    for job in (DRIFT, DUE):
        last = memory.last_run(job)
        if last is None or not schedule.missed(job, last.began.at, context.now):
            continue
        began, now = (moment.astimezone(schedule.zone) for moment in (last.began.at, context.now))
        often = schedule.told(job)
        yield f"no {job} run between {began:%Y-%m-%d %H:%M} and {now:%Y-%m-%d %H:%M}; it is to run {often}"
