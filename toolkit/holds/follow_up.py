"""Opening the register for a command, following its cases up, and the exit code that they come to."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from toolkit.engine.exit_codes import worst
from toolkit.engine.prepare_run import PreparedRun
from toolkit.errors import Exit
from toolkit.holds.model import FAILED, Case, HoldState
from toolkit.holds.place import GONE, finish, parts_of, read_back
from toolkit.holds.register import Register
from toolkit.holds.session import Desk, desk, remember
from toolkit.ledger.lease import Lease
from toolkit.sdk.legal_holds import HoldStatus


@contextmanager
def open_desk(run: PreparedRun, key: str | None) -> Iterator[Desk]:
    """Open the register and the tenants for one run, with the lease where it writes."""
    register = Register(run.playbooks.root, key)
    with ExitStack() as stack:
        if not run.context.read_only:
            stack.enter_context(Lease(run.ledger, run=run.context.run))
        yield stack.enter_context(desk(run.context, run.playbooks, run.ledger, register))


def follow_up_all(at: Desk) -> HoldState:
    """Confirm what is not confirmed yet, and return how the holds are.

    A hold that was taken off is placed again, and still reported as critical: how long it was off is unknown.
    """
    gone, failed = follow_up(at, list(at.holds.still().values()))
    waiting = bool(failed or at.unreached) or any(exit_codes(list(at.holds.still().values()), waits=True))
    at.journal.finished(code=Exit.UNREAD if waiting else Exit.AS_WANTED, summary={}, unmanaged={})
    return HoldState.NOT_AS_WANTED if gone else HoldState.UNKNOWN if waiting else HoldState.AS_WANTED


def follow_up(at: Desk, cases: Sequence[Case]) -> tuple[bool, Mapping[str, str]]:
    """Read back, finish and remember; return whether anything was gone, and why a cloud could not be read."""
    gone = False
    for case in cases:
        read_back(at, case)
        gone |= any(GONE in part.reason for part in parts_of(case))
        if finish(at, case):
            read_back(at, case)
    return gone, remember(at)


def end_run(at: Desk, cases: Sequence[Case], unread: Mapping[str, str], *, waits: bool = True) -> Exit:
    """End the run in the ledger, where nothing is counted, and return its exit code."""
    code = worst([*exit_codes(cases, waits=waits), *([Exit.UNREAD] if unread else [])])
    at.journal.finished(code=code, summary={}, unmanaged={})
    return code


def exit_codes(cases: Sequence[Case], *, waits: bool) -> Iterator[Exit]:
    """Yield what each hold makes of the exit code; with `waits` one that is only requested is not enough."""
    for case in cases:
        if case.released:
            continue
        for held in (held for person in case.people.values() for held in person.clouds.values()):
            if held.unread:
                yield Exit.UNREAD
            for part in held.parts.values():
                if part.standing == FAILED:
                    yield Exit.FAILED
                elif part.standing not in {HoldStatus.CONFIRMED, HoldStatus.UNAVAILABLE} and (
                    waits or part.standing != HoldStatus.REQUESTED
                ):
                    yield Exit.PENDING
