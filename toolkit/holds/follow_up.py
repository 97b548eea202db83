"""Opening the register for a command, following its cases up, and the exit code that they come to."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from toolkit.engine.exit_codes import worst
from toolkit.engine.prepare_run import PreparedRun
from toolkit.errors import Exit
from toolkit.holds.model import FAILED, NOT_ASKED, NOT_CONFIRMED, NOT_PLACED, Case, HoldsSeen, HoldState, LostCover
from toolkit.holds.place import GONE, finish, parts_of, read_back
from toolkit.holds.register import Register
from toolkit.holds.session import Desk, HoldsRead, desk, remember
from toolkit.ledger.lease import Lease
from toolkit.sdk.legal_holds import HoldStatus
from toolkit.sdk.providers import providers
from toolkit.sdk.reason import Reason


@contextmanager
def open_desk(run: PreparedRun, key: str | None, *, clouds: bool = True) -> Iterator[Desk]:
    """Open the register and, with `clouds`, the tenants for one run, with the lease where it writes."""
    register = Register(run.playbooks.root, key)
    with ExitStack() as stack:
        if not run.context.read_only:
            stack.enter_context(Lease(run.ledger, run=run.context.run))
        yield stack.enter_context(desk(run.context, run.playbooks, run.ledger, register, clouds=clouds))


def follow_up_all(at: Desk) -> HoldsSeen:
    """Confirm what is not confirmed yet, and return how the holds are.

    A hold that was taken off is placed again, and still reported as critical: how long it was off is unknown.
    """
    cases = list(at.holds.still().values())
    gone, read = follow_up(at, cases, settles=False)
    reasons = [*_unread(cases), *(_not_asked(name) for name in dict.fromkeys([*read.failed, *at.unreached]))]
    at.journal.finished(code=Exit.UNREAD if reasons else Exit.AS_WANTED, summary={}, unmanaged={})
    if gone or read.lost:
        return HoldsSeen(HoldState.NOT_AS_WANTED, tuple(reasons))
    if reasons:
        return HoldsSeen(HoldState.UNKNOWN, tuple(reasons))
    return HoldsSeen(HoldState.AS_WANTED if cases else HoldState.NONE)


def _unread(cases: Sequence[Case]) -> Iterator[Reason]:
    """Return why some holds are not known to be in place."""
    parts = [part for case in cases for part in parts_of(case)]
    if any(part.standing == FAILED for part in parts):
        yield NOT_PLACED()
    if any(part.standing not in {FAILED, HoldStatus.CONFIRMED, HoldStatus.UNAVAILABLE} for part in parts):
        yield NOT_CONFIRMED()
    people = [one for case in cases for one in case.people.values()]
    unread = (name for one in people for name, held in one.clouds.items() if held.unread)
    yield from map(_not_asked, dict.fromkeys(unread))


def _not_asked(provider: str) -> Reason:
    return NOT_ASKED(cloud=providers()[provider].title, why="`toolkit hold list` says why")


def follow_up(at: Desk, cases: Sequence[Case], *, settles: bool) -> tuple[bool, HoldsRead]:
    """Read back, finish and remember; return whether anything was gone, and what was read."""
    gone = False
    for case in cases:
        read_back(at, case)
        gone |= any(GONE in part.reason for part in parts_of(case))
        if finish(at, case):
            read_back(at, case)
    return gone, remember(at, settles=settles)


def end_run(
    at: Desk, cases: Sequence[Case], unread: Mapping[str, str], lost: Mapping[str, LostCover], *, waits: bool = True
) -> Exit:
    """End the run in the ledger, where nothing is counted, and return its exit code."""
    found = [*([Exit.UNREAD] if unread else []), *([Exit.PENDING] if lost else [])]
    code = worst([*exit_codes(cases, waits=waits), *found])
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
