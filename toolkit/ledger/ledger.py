"""The ledger: a chain of entries that only grows, one for each school and target."""

import socket
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, insert, select

from toolkit.errors import Exit, LedgerError, LedgerUnreachable, exit_of_interrupt
from toolkit.ledger.act_kinds import HOLD
from toolkit.ledger.chain import Head, HeadFile, chained_hash, hash_at, last_entry
from toolkit.ledger.database import make_tables, open_engine, reading, sqlite_file, writing
from toolkit.ledger.entries import Entry, HeadLost, RunBegan, RunEnded, StepBegan, entry_text, read_entry
from toolkit.ledger.history import RunHistory, RunStep, history
from toolkit.ledger.projection_store import Stored, change
from toolkit.ledger.projections import consequences
from toolkit.ledger.redact import Redactor
from toolkit.ledger.tables import ENTRY, LEASE, StepState
from toolkit.ledger.unreachable import Patience, Remark, connect_with_patience, drop_remark
from toolkit.private_files import make_private_folder
from toolkit.sdk.lending import object_name
from toolkit.sdk.resource import Address

INTERRUPTED = "interrupted"
"""Why a run came to no answer, as the ledger says it."""

_STATES = {
    StepState.APPLIED: "done",
    StepState.FAILED: "failed",
    StepState.NOT_APPLIED: "not done",
}
_NOT_KNOWN = "its outcome is not known; the next run looks it up"


class OpenRuns:
    """Follows the entries of the runs that this process makes."""

    def __init__(self) -> None:
        self._entries: dict[str, list[Entry]] = {}
        self._ended: set[str] = set()

    def follow(self, entry: Entry) -> None:
        """Take in an entry that is in the ledger."""
        match entry:
            case HeadLost():
                return
            case RunBegan(run=run):
                self._entries[run] = [entry]
            case RunEnded(run=run):
                self._ended.add(run)
            case _ if entry.run in self._entries:  # what is looked up of an earlier run is not of this one
                self._entries[entry.run].append(entry)

    def ends(self, code: Exit) -> Sequence[RunEnded]:
        """Return an entry for each unfinished run that ends it as interrupted."""
        began = [entries[0] for run, entries in self._entries.items() if run not in self._ended]
        return [
            RunEnded(run=entry.run, at=entry.at, exit=code, summary={}, failed=INTERRUPTED)
            for entry in began
            if isinstance(entry, RunBegan)
        ]

    def outcomes(self, run: str) -> Sequence[str]:
        """Return what came of each change that a run began, a line each; holds have a list of their own."""
        if any(isinstance(entry, StepBegan) and entry.address.kind == HOLD for entry in self._entries.get(run, ())):
            return ["`toolkit hold list` shows what was placed or released; run the same command again to finish"]
        return [_outcome(step) for step in self._steps(run)] or ["nothing was written"]

    def begun_changes(self, run: str) -> AbstractSet[tuple[Address, str]]:
        """Name the changes that a run began."""
        return {(step.began.address, str(step.began.action)) for step in self._steps(run)}

    def _steps(self, run: str) -> Sequence[RunStep]:
        return [step for recorded in history(self._entries.get(run, ())) for step in recorded.steps.values()]


def _outcome(step: RunStep) -> str:
    state = _STATES.get(step.state, _NOT_KNOWN)
    return f"{object_name(step.began.address)}: {step.began.action}: {state}"


_AT_ONCE = 1000


class Ledger:
    """Entries in a database, with the tables derived from them; threads and processes may share it.

    `directory` is STATE/<target>: the ledger's file, unless a database is named, and always the head file. Schools
    that share a PostgreSQL database have a schema each, named in their URL (`?options=-csearch_path=school`).
    """

    def __init__(
        self, directory: Path, *, redactor: Redactor, url: str | None = None, remark: Remark = drop_remark
    ) -> None:
        self.directory = directory
        self.redactor = redactor
        self.patience = Patience(remark)
        self.engine = open_engine(url or f"sqlite:///{directory / 'ledger.db'}", remark)
        connect_with_patience(self.engine, self.patience)
        self.file = sqlite_file(self.engine)
        self.head_file = HeadFile(directory / "ledger.head")
        self._made = False
        self.runs = OpenRuns()
        self._interrupted = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, KeyboardInterrupt):
            self.interrupt(error)
        self.close()

    @property
    def place(self) -> str:
        """Return where the ledger is, without the password of a database."""
        return str(self.file or self.engine.url.render_as_string(hide_password=True))

    def exists(self) -> bool:
        """Say whether there is anything to ask; a database that is named may hold something."""
        return self.file is None or self.file.exists()

    def close(self) -> None:
        self.engine.dispose()

    def append(self, entry: Entry) -> int:
        """Store an entry, on disk when this returns, and give its number.

        LedgerError where the end of the chain is damaged, the entry does not follow from those before it, a step
        begins in a run that does not hold the lease, or the process is interrupted: then nothing more is begun. A run
        that holds the lease waits for a server that went away, and looks whether its entry was stored before it
        stores it again.
        """
        return self._append(entry, final=False)

    def interrupt(self, error: KeyboardInterrupt) -> None:
        """End the runs that are going on as interrupted, and note on the error what came of their changes so far."""
        if self._interrupted:
            return
        self._interrupted = True
        try:
            for end in self.runs.ends(exit_of_interrupt(error)):
                self._append(end, final=True)
                error.add_note("\n".join(self.runs.outcomes(end.run)))
        except LedgerError as problem:
            error.add_note(f"the ledger could not record the end of the run: {problem}")

    def _append(self, entry: Entry, *, final: bool) -> int:
        self.make()
        added: list[Head] = []
        while True:
            try:
                stored = self._store(entry, added, final=final)
                self._remember_head()
            except LedgerUnreachable as away:
                if final or not self.patience.wait(away.what):
                    raise
            else:
                self.runs.follow(entry)
                return stored.count

    def _store(self, entry: Entry, added: list[Head], *, final: bool = False) -> Head:
        """Store an entry, unless an attempt before, of which no answer came, has; `added` collects the attempts."""
        with writing(self.engine) as connection:
            for before in added:
                if hash_at(connection, before.count) == before.hash:
                    return before
            if self._interrupted and not final:
                raise LedgerError("the run was interrupted; nothing more is sent or recorded")
            added.append(self._add_checked(connection, entry))
        return added[-1]

    def _add_checked(self, connection: Connection, entry: Entry) -> Head:
        last = self._checked_end(connection)
        if last is None:
            lost = HeadLost(at=entry.at, host=socket.gethostname())
            last = self._add(connection, last_entry(connection), lost)
        return self._add(connection, last, entry)

    @contextmanager
    def rewriting(self) -> Iterator[tuple[Connection, Callable[[Entry], Head]]]:
        """Open one transaction, with what appends entries in it: at its end all of it is stored, or nothing."""
        self.make()
        with writing(self.engine) as connection:
            yield connection, partial(self._add_checked, connection)
        self._remember_head()

    def entries(self, first: int = 1, last: int | None = None) -> Iterator[tuple[int, Entry]]:
        """Read the entries from a number on, in order; none after the last one that is asked for, sound or not."""
        while batch := self._some(first, last):
            yield from batch
            first = batch[-1][0] + 1

    def recorded_runs(self, *, exports: bool = False) -> Sequence[RunHistory]:
        """Return every run, the last first; none if there is no ledger."""
        return history((entry for _, entry in self.entries()), exports=exports) if self.exists() else []

    @contextmanager
    def stored(self) -> Iterator[Stored]:
        """Open what the tables say, made where they are missing, to read."""
        self.make()
        with reading(self.engine) as connection:
            yield Stored(connection)

    def head(self) -> Head:
        """Say how many entries there are, and the hash of the last: what every export carries."""
        self.make()
        with reading(self.engine) as connection:
            return last_entry(connection)

    def make(self) -> None:
        """Make the file and the tables, once."""
        if self._made:
            return
        if self.file is not None:
            _make_file(self.file)
        make_tables(self.engine)
        self._made = True

    def _some(self, first: int, last: int | None) -> list[tuple[int, Entry]]:
        self.make()
        query = select(ENTRY.c.n, ENTRY.c.text).where(ENTRY.c.n >= first).order_by(ENTRY.c.n).limit(_AT_ONCE)
        query = query if last is None else query.where(ENTRY.c.n <= last)
        with reading(self.engine) as connection:
            return [(n, read_entry(text)) for n, text in connection.execute(query)]

    def _checked_end(self, connection: Connection) -> Head | None:
        """Read where the chain ends; None where nothing but the chain itself says so.

        An entry added to a cut chain would hide the cut, as the head file would follow it.
        """
        last, remembered = last_entry(connection), self.head_file.read()
        if remembered is None:
            if last.count:
                return None
            self.head_file.write(last)  # before the first entry, so that a file that is missing later was taken away
            return last
        if hash_at(connection, remembered.count) != remembered.hash:
            raise LedgerError(
                f"{self.head_file.path} says that the ledger had {remembered.count} entries, and it does not have"
                " those; nothing is added. Restore it from a backup, or move that file away to go on without them:"
                " the ledger will say so for ever"
            )
        return last

    def _add(self, connection: Connection, last: Head, entry: Entry) -> Head:
        text = entry_text(entry, self.redactor)
        stored = read_entry(text)  # what is derived follows from what is stored, not from what was meant
        if isinstance(stored, StepBegan):
            _check_lease(connection, stored.run)
        head = Head(last.count + 1, chained_hash(last.hash, text.encode()))
        changes = consequences(head.count, stored, Stored(connection))
        connection.execute(insert(ENTRY), {"n": head.count, "previous": last.hash, "text": text, "hash": head.hash})
        change(connection, changes)
        return head

    def _remember_head(self) -> None:
        """Write the head file once the entry is committed: under the same lock, so that it never goes back."""
        with writing(self.engine) as connection:
            self.head_file.write(last_entry(connection))


def _make_file(path: Path) -> None:
    try:
        make_private_folder(path.parent)
        path.touch(mode=0o600)
    except OSError as error:
        raise LedgerError(f"the ledger {path} cannot be written: {error.strerror}") from error


def _check_lease(connection: Connection, run: str) -> None:
    """Let a run that lost its lease begin no step: another one has looked at what it left, and goes on."""
    holder = connection.execute(select(LEASE.c.run)).scalar_one_or_none()
    if holder != run:
        raise LedgerError(f"run {run} does not hold the lease of this school; nothing was sent")
