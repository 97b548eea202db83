"""Opens the ledger for those who read it, and finds the runs that somebody asks for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from toolkit.cli._run import open_ledger
from toolkit.cli._settings import Settings, read_settings
from toolkit.errors import UsageError
from toolkit.record.history import Told, history
from toolkit.record.ledger import Ledger
from toolkit.tenant.address import Address, parse_address
from toolkit.wording import did_you_mean


@contextmanager
def opened() -> Iterator[tuple[Settings, Ledger]]:
    """Open the ledger of the target without making one."""
    settings = read_settings()
    with open_ledger(settings) as ledger:
        yield settings, ledger


def place(ledger: Ledger) -> str:
    """Say where a ledger is."""
    return str(ledger.file or ledger.engine.url.render_as_string(hide_password=True))


def chosen(ledger: Ledger, *, run: str | None, address: str | None, last: int) -> Sequence[Told]:
    """Give the runs that somebody asks for; UsageError for a run or an object that the ledger does not know."""
    runs = history(entry for _, entry in ledger.entries()) if ledger.exists() else []
    if run is not None:
        runs = [_one(runs, run)]
    if address is not None:
        runs = _about(runs, parsed(address))
    return runs[:last]


def parsed(address: str) -> Address:
    """Read an address that somebody typed; UsageError where it is none."""
    try:
        return parse_address(address)
    except ValueError as wrong:
        raise UsageError(str(wrong)) from wrong


def _one(runs: Sequence[Told], run: str) -> Told:
    found = [told for told in runs if told.began.run.startswith(run)]
    match found:
        case [told]:
            return told
        case []:
            known = f"; the last is {runs[0].began.run}" if runs else ": nothing is recorded yet"
            raise UsageError(f"the ledger knows no run {run}{known}")
        case _:
            raise UsageError(f"{len(found)} runs begin with {run}: write more of it")


def _about(runs: Sequence[Told], address: Address) -> Sequence[Told]:
    """Keep of each run what was done to one object."""
    known = {str(step.began.address) for told in runs for step in told.steps.values()}
    if known and str(address) not in known:
        raise UsageError(f"the ledger knows no {address}{did_you_mean(str(address), known)}")
    narrowed = [
        replace(told, steps={n: step for n, step in told.steps.items() if step.began.address == address})
        for told in runs
    ]
    return [told for told in narrowed if told.steps]
