"""Opens the ledger for those who read it, and finds the runs that somebody asks for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from toolkit.cli._run import open_ledger
from toolkit.cli._settings import Settings, read_settings
from toolkit.errors import UsageError
from toolkit.ledger.history import RunHistory, about, history
from toolkit.ledger.ledger import Ledger
from toolkit.sdk.address import Address, parse_address
from toolkit.yaml.messages import closest


@contextmanager
def opened() -> Iterator[tuple[Settings, Ledger]]:
    """Open the ledger of the target without making one."""
    settings = read_settings()
    with open_ledger(settings) as ledger:
        yield settings, ledger


def place(ledger: Ledger) -> str:
    """Say where a ledger is."""
    return str(ledger.file or ledger.engine.url.render_as_string(hide_password=True))


def chosen(ledger: Ledger, *, run: str | None, address: str | None, last: int) -> tuple[Sequence[RunHistory], str]:
    """Give the runs that somebody asks for, and what to say where there are none; UsageError for an unknown run."""
    runs = recorded(ledger)
    if run is not None:
        runs = [one_run(runs, run)]
    if address is None or not runs:
        return runs[:last], "nothing is recorded yet"
    wanted = parsed(address)
    known = {str(step.began.address) for told in runs for step in told.steps.values()}
    meant = closest(address, known)
    return about(runs, wanted)[:last], f"nothing was done to {wanted}" + (f": did you mean `{meant}`?" if meant else "")


def recorded(ledger: Ledger) -> Sequence[RunHistory]:
    """Give every run that the ledger holds, the last first; none where there is no ledger."""
    return history(entry for _, entry in ledger.entries()) if ledger.exists() else []


def parsed(address: str) -> Address:
    """Read an address that somebody typed; UsageError where it is none."""
    try:
        return parse_address(address)
    except ValueError as wrong:
        raise UsageError(str(wrong)) from wrong


def one_run(runs: Sequence[RunHistory], run: str) -> RunHistory:
    """Find a run by the beginning of its id; UsageError where none or several begin so."""
    found = [told for told in runs if told.began.run.startswith(run)]
    match found:
        case [told]:
            return told
        case []:
            known = f"; the last is {runs[0].began.run}" if runs else ": nothing is recorded yet"
            raise UsageError(f"the ledger knows no run {run}{known}")
        case _:
            raise UsageError(f"{len(found)} runs begin with {run}: write more of it")
