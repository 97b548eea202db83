"""When runs last made a tenant agree with the playbooks, as the ledger tells it."""

from collections.abc import Iterator, Sequence

from toolkit.errors import Exit
from toolkit.planning.calendar.due import EDITED, Past
from toolkit.record.entries import Piloted
from toolkit.record.memory import Memory, RecordedRun

APPLY, DUE = "apply", "due"
_CHANGES = ("create", "update", "delete", "move")


def past(memory: Memory, digest: str, provider: str) -> Past:
    """Give the moments from which on only time can have changed what these playbooks want of one tenant.

    Somebody has to have applied the playbooks as they are; a run for some objects alone says nothing of the others.
    """
    applied = next(_counting(memory, [APPLY], provider), None)
    if applied is None:
        return Past()
    if applied.began.playbooks != digest:
        since = (run.began.at for run in _until(memory, provider, applied))
        return Past(tuple(since), EDITED)
    moments = []
    for run in _counting(memory, [APPLY, DUE], provider):
        if run.began.playbooks != digest:
            if run.began.command == APPLY:
                break
            continue
        moments.append(run.began.at)
        if run.ended and run.ended.exit == Exit.AS_WANTED:
            break
    return Past(tuple(moments), "")


def pilots(memory: Memory, provider: str) -> Sequence[Piloted]:
    """Give the controls that only a pilot had when somebody last applied playbooks to one tenant."""
    last = next((run.ended for run in _counting(memory, [APPLY], provider) if run.ended), None)
    return [one for one in last.pilots if one.provider == provider] if last else []


def _until(memory: Memory, provider: str, applied: RecordedRun) -> Iterator[RecordedRun]:
    for run in _counting(memory, [APPLY, DUE], provider):
        yield run
        if run.began.run == applied.began.run:
            return


def _counting(memory: Memory, commands: Sequence[str], provider: str) -> Iterator[RecordedRun]:
    """Give the runs that wrote, or found nothing to write, the last first; one that was answered no is none."""
    for run in memory.runs_of(commands):
        whole = provider in run.began.tenants and not any(flag.startswith("--only") for flag in run.began.flags)
        if whole and (_found_nothing(run) or memory.wrote(run.began.run)):
            yield run


def _found_nothing(run: RecordedRun) -> bool:
    return run.ended is not None and not any(run.ended.summary.get(name) for name in _CHANGES)
