"""Opens the register for a command, checks the holds of its cases, and returns the exit code."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from toolkit.engine.prepare_run import PreparedRun
from toolkit.engine.run_report import worst
from toolkit.errors import Exit
from toolkit.holds.model import FAILED, WANTED, Case, ChangedHold, HoldsSeen, HoldState, state_for
from toolkit.holds.place import finish_holds, hold_records, read_back
from toolkit.holds.reasons import (
    LICENCE_ENDED,
    LOST,
    LOST_OF_OTHERS,
    NOT_ASKED,
    NOT_CONFIRMED,
    NOT_PLACED,
    NOWHERE,
    SHOWN,
)
from toolkit.holds.register import Register
from toolkit.holds.session import HoldSession, HoldsRead, open_hold_session, record_holds
from toolkit.ledger.lease import Lease
from toolkit.sdk.legal_holds import HoldStatus, Service
from toolkit.sdk.providers import cloud_title
from toolkit.sdk.reason import Reason, admin_text


@contextmanager
def register_session(run: PreparedRun, key: str | None, *, clouds: bool = True) -> Iterator[HoldSession]:
    """Open the register for one run and, with `clouds`, connect to the tenants. A run that writes takes the lease."""
    register = Register(run.playbooks.root, key)
    with ExitStack() as stack:
        if not run.context.read_only:
            stack.enter_context(Lease(run.ledger, run=run.context.run))
        yield stack.enter_context(open_hold_session(run.context, run.playbooks, run.ledger, register, clouds=clouds))


def follow_up_all(session: HoldSession) -> HoldsSeen:
    """Confirm holds that are not confirmed yet, and return the state of all holds.

    A hold that someone removed is placed again but still reported as critical, because no one knows how long it was
    missing.
    """
    cases = list(session.holds.open_cases().values())
    read = follow_up(session, cases, settles=False)
    reasons = [
        *_unread_reasons(cases),
        *(_not_read_reason(name) for name in dict.fromkeys([*read.failed, *session.unreachable])),
    ]
    changed = (change.reason for change in read.changed)
    of_others = (LOST_OF_OTHERS(cloud=cloud_title(name)) for name in read.lost_covers)
    lost = list(dict.fromkeys((*changed, *_lost_reasons(cases), *of_others)))
    people = [person for case in cases for person in case.people.values()]
    held = any(cloud.id for person in people for cloud in person.clouds.values())
    state = state_for(reasons, is_open=held)
    reasons += [NOWHERE()] if any(person.is_nowhere for person in people) else []
    seen = HoldsSeen(HoldState.NOT_AS_WANTED if lost else state, (*lost, *reasons))
    forget_losses(session, cases, repaired=True)
    session.journal.record_end(code=seen.state.exit, summary={}, unmanaged={})
    return seen


def forget_losses(session: HoldSession, cases: Sequence[Case], *, repaired: bool) -> None:
    """Stop reporting lost holds that a person has seen.

    With `repaired`, forget only the lost holds that were placed again.
    """
    for part in (part for case in cases for part in hold_records(case)):
        if part.is_held or not repaired:
            part.lost = ""
    if cases:  # no register is made for the holds placed by others
        session.save()


def _lost_reasons(cases: Sequence[Case]) -> Iterator[Reason]:
    """Yield a reason for each cloud in which a hold that toolkit placed is missing, or was missing before this run."""
    clouds = [
        cloud_hold for case in cases for custodian in case.people.values() for cloud_hold in custodian.clouds.items()
    ]
    gone = (name for name, held in clouds if any(part.lost or not part.is_held for part in held.parts.values()))
    yield from (LOST(cloud=cloud_title(name)) for name in dict.fromkeys(gone))


def record_account_changes(cases: Sequence[Case], changed: Sequence[ChangedHold]) -> None:
    """Mark mailboxes whose licence has ended or whose owner can see the hold, so that this run's output shows it."""
    for change in changed:
        for case in cases:
            held = case.people[change.address].clouds.get(change.provider) if change.address in case.people else None
            mailbox = held.parts.get(Service.MAILBOX) if held else None
            if mailbox and not mailbox.lost and change.reason.code in (LICENCE_ENDED, SHOWN):
                mailbox.lost = admin_text(change.reason)


def _unread_reasons(cases: Sequence[Case]) -> Iterator[Reason]:
    """Yield the reasons why some holds are not known to be in place."""
    parts = [part for case in cases for part in hold_records(case)]
    if any(part.standing == FAILED for part in parts):
        yield NOT_PLACED()
    if any(part.standing in {WANTED, HoldStatus.REQUESTED} for part in parts):
        yield NOT_CONFIRMED()
    people = [custodian for case in cases for custodian in case.people.values()]
    unread = (name for custodian in people for name, held in custodian.clouds.items() if held.unread)
    yield from map(_not_read_reason, dict.fromkeys(unread))


def _not_read_reason(provider: str) -> Reason:
    return NOT_ASKED(cloud=cloud_title(provider), why="`toolkit hold list` shows why")


def follow_up(session: HoldSession, cases: Sequence[Case], *, settles: bool) -> HoldsRead:
    """Read holds back, finish and record them, and return the holds that were read.

    `settles` means that a person sees the output.
    """
    for case in cases:
        read_back(session, case)
        if finish_holds(session, case, again=settles):
            read_back(session, case)
    return record_holds(session, settles=settles)


def end_run(
    session: HoldSession,
    cases: Sequence[Case],
    unread: Mapping[str, str],
    lost: Collection[object],
    *,
    waits: bool = True,
) -> Exit:
    """Record the end of the run in the ledger and return its exit code. `lost` contains every hold that has ended."""
    codes = [*([Exit.UNREAD] if unread else []), *([Exit.PENDING] if lost else [])]
    code = worst([*exit_codes(cases, waits=waits), *codes])
    session.journal.record_end(code=code, summary={}, unmanaged={})
    return code


def exit_codes(cases: Sequence[Case], *, waits: bool) -> Iterator[Exit]:
    """Yield the exit code of each hold. With `waits`, a hold that is only requested counts as unfinished.

    Without `waits`, a person without an account in any cloud counts as unfinished, and so does a service that cannot
    hold all of their data.
    """
    for case in cases:
        if case.released:
            continue
        if not waits and any(person.is_nowhere for person in case.people.values()):
            yield Exit.PENDING
        for held in (held for person in case.people.values() for held in person.clouds.values()):
            if held.unread:
                yield Exit.UNREAD
            for part in held.parts.values():
                if part.standing == FAILED:
                    yield Exit.FAILED
                elif part.lacking and not waits:
                    yield Exit.UNREAD
                elif not part.is_held or part.standing == WANTED or (waits and part.standing == HoldStatus.REQUESTED):
                    yield Exit.PENDING
