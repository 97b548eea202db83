"""Runs the commands about holds: they read the register with its key, and say things to whoever runs them alone."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path

from toolkit.cli._options import Selection
from toolkit.cli._run import prepared
from toolkit.cli._settings import read_settings
from toolkit.cli._terminal import remark, show, show_json, typed
from toolkit.engine.exit_codes import worst
from toolkit.errors import Exit, UsageError
from toolkit.holds.answer import holds_answer
from toolkit.holds.model import FAILED, Case, HoldState
from toolkit.holds.place import GONE, finish, parts_of, place, read_back
from toolkit.holds.register import KEY, Register
from toolkit.holds.release import agreed, consents, named, release
from toolkit.holds.session import Desk, desk, remember
from toolkit.holds.text import register_lines, unread_lines
from toolkit.ledger.lease import Lease
from toolkit.sdk.legal_holds import HoldStatus
from toolkit.sdk.signed_in import SignedIn

_ADDRESS = re.compile(r"[^@\s*]+@[^@\s*]+\.[^@\s*]+")
_MOST = 100  # characters of a case's name


def placed(
    playbooks: Path, case: str, people: Sequence[str], review: date | None, *, told: bool, as_json: bool
) -> Exit:
    """Place holds, and say how each of them stands."""
    _checked_case(case)
    with _opened(playbooks, people=people) as (at, addresses):
        found = place(at, case, addresses, review=review, told=told)
        return _shown(at, [found], {}, as_json=as_json, waits=False)


def confirmed(playbooks: Path, case: str | None, *, as_json: bool) -> Exit:
    """Finish, read back and remember."""
    with _opened(playbooks) as (at, _):
        cases = [at.case(case)] if case else list(at.holds.still().values())
        _, failed = _confirm(at, cases)
        return _shown(at, cases, failed, as_json=as_json)


def released(playbooks: Path, name: str, *, provider: str | None, by: str | None, as_json: bool) -> Exit:
    """Have somebody ask for a release, and let go once two people have."""
    with _opened(playbooks) as (at, _):
        case = at.case(name)
        if by:
            named(at, case, by)
        elif not agreed(case):
            consents(at, at.playbooks, case, _signed_in(at, provider))
        failed: Mapping[str, str] = {}
        if agreed(case) and not by:
            release(at, case)
            failed = remember(at)
        shown = _shown(at, [case], failed, as_json=as_json)
        return shown if case.released else worst([shown, Exit.REFUSED])


def _signed_in(at: Desk, provider: str | None) -> SignedIn:
    name = provider or next(iter(at.connections))
    if name not in at.connections:
        raise UsageError(f"--with {name}: the school has {' and '.join(at.connections)}")
    return at.connections[name].signs_in(remark)


def followed_up(playbooks: Path) -> HoldState | None:
    """Confirm what is not confirmed yet, and say nothing of whom; None without the key, or where there is no register.

    What somebody took off is placed again, and still told as critical: how long it was off nobody knows.
    """
    key = read_settings().variables.get(KEY)
    if not key or not Register(playbooks, key).path.exists():
        return None
    with _opened(playbooks) as (at, _):
        gone, failed = _confirm(at, list(at.holds.still().values()))
        waiting = bool(failed or at.unreached) or any(_codes(list(at.holds.still().values()), waits=True))
        at.journal.finished(code=Exit.UNREAD if waiting else Exit.AS_WANTED, summary={}, unmanaged={})
        return HoldState.NOT_AS_WANTED if gone else HoldState.UNKNOWN if waiting else HoldState.AS_WANTED


def _confirm(at: Desk, cases: Sequence[Case]) -> tuple[bool, Mapping[str, str]]:
    """Read back, finish and remember; say whether anything was gone, and which clouds could not be read."""
    gone = False
    for one in cases:
        read_back(at, one)
        gone |= any(GONE in part.reason for part in parts_of(one))
        if finish(at, one):
            read_back(at, one)
    return gone, remember(at)


def listed(playbooks: Path, *, as_json: bool) -> Exit:
    """Read how all of it stands; the register is left as it is."""
    with _opened(playbooks, writes=False) as (at, _):
        for case in at.holds.still().values():
            read_back(at, case, save=False)
        return _shown(at, list(at.holds.cases.values()), {}, as_json=as_json)


@contextmanager
def _opened(
    playbooks: Path, *, people: Sequence[str] = (), writes: bool = True
) -> Iterator[tuple[Desk, Sequence[str]]]:
    """Open everything; whose things are meant is asked for before anybody signs in."""
    settings = read_settings()
    addresses = _addresses(people, live=settings.target == "live")
    register = Register(playbooks, settings.variables.get(KEY))
    with ExitStack() as stack:
        run = stack.enter_context(prepared(playbooks, Selection(), command="hold", writes=writes))
        if writes:
            stack.enter_context(Lease(run.ledger, run=run.context.run))
        at = stack.enter_context(desk(run.context, run.playbooks, run.ledger, register))
        with run.talk.paused():
            yield at, addresses


def _shown(at: Desk, cases: Sequence[Case], failed: Mapping[str, str], *, as_json: bool, waits: bool = True) -> Exit:
    """Show cases, and end the run in the ledger, where nothing is counted."""
    unread = {**{name: str(error) for name, error in at.unreached.items()}, **failed}
    if as_json:
        show_json(holds_answer(cases, at.target, unread))
    else:
        show([*register_lines(cases, at.now), *unread_lines(unread)])
    code = worst([*_codes(cases, waits=waits), *([Exit.UNREAD] if unread else [])])
    at.journal.finished(code=code, summary={}, unmanaged={})
    return code


def _codes(cases: Sequence[Case], *, waits: bool) -> Iterator[Exit]:
    """Say what each hold makes of the exit code; `waits`: one that is only requested is not enough."""
    for case in cases:
        if case.released:
            continue
        for held in (held for one in case.people.values() for held in one.clouds.values()):
            if held.unread:
                yield Exit.UNREAD
            for part in held.parts.values():
                if part.standing == FAILED:
                    yield Exit.FAILED
                elif part.standing not in {HoldStatus.CONFIRMED, HoldStatus.UNAVAILABLE} and (
                    waits or part.standing != HoldStatus.REQUESTED
                ):
                    yield Exit.PENDING


def _checked_case(case: str) -> None:
    if not case.strip() or len(case) > _MOST or not case.isprintable():
        raise UsageError(f"a case is named by a few words, at most {_MOST} characters")


def _addresses(people: Sequence[str], *, live: bool) -> Sequence[str]:
    """Give whose things are meant; what is typed behind a command stays in the shell's history and in process lists."""
    if live and any(word != "-" for word in people):
        raise UsageError("on a live target nobody is named on the command line: write `--person -`")
    named = [one for word in people for one in (_asked() if word == "-" else [word])]
    addresses = list(dict.fromkeys(one.strip().casefold() for one in named if one.strip()))
    if people and not addresses:
        raise UsageError("nobody was named: write one address a line")
    for number, address in enumerate(addresses, start=1):
        if not _ADDRESS.fullmatch(address):
            raise UsageError(f"line {number} is no e-mail address, and nothing was sent")
    return addresses


def _asked() -> list[str]:
    if not sys.stdin.isatty():
        return sys.stdin.read().splitlines()
    return [typed("Whose things are to be held (address)")]
