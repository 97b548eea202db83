"""The ledger: an append-only chain of entries for one school and target."""

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
from toolkit.ledger.database import make_tables, open_engine, open_read_transaction, open_write_transaction, sqlite_file
from toolkit.ledger.entries import Entry, HeadLost, RunBegan, RunEnded, StepBegan, entry_text, read_entry
from toolkit.ledger.history import RunHistory, RunStep, collect_runs
from toolkit.ledger.projection_store import Stored, apply_changes
from toolkit.ledger.projections import changes_of_entry
from toolkit.ledger.redact import Redactor
from toolkit.ledger.tables import ENTRY, LEASE, StepState
from toolkit.ledger.unreachable import Patience, Remark, drop_remark, make_connections_wait
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
_NOT_KNOWN = "the outcome is unknown, and the next run checks it"


class OpenRuns:
    """Keeps track of the runs that this process began and has not ended."""

    def __init__(self) -> None:
        self._entries: dict[str, list[Entry]] = {}
        self._ended: set[str] = set()

    def apply_entry(self, entry: Entry) -> None:
        """Apply an entry that has been stored in the ledger."""
        match entry:
            case HeadLost():
                return
            case RunBegan(run=run):
                self._entries[run] = [entry]
            case RunEnded(run=run):
                self._ended.add(run)
            case _ if entry.run in self._entries:  # a check of an earlier run's step does not belong to this run
                self._entries[entry.run].append(entry)

    def interruption_entries(self, code: Exit) -> Sequence[RunEnded]:
        """Return the entries that end each unfinished run as interrupted."""
        began = [entries[0] for run, entries in self._entries.items() if run not in self._ended]
        return [
            RunEnded(run=entry.run, at=entry.at, exit=code, summary={}, failed=INTERRUPTED, schools=entry.schools)
            for entry in began
            if isinstance(entry, RunBegan)
        ]

    def outcome_lines(self, run: str) -> Sequence[str]:
        """Return a line for the outcome of each change that a run began, except changes to holds."""
        if any(isinstance(entry, StepBegan) and entry.address.kind == HOLD for entry in self._entries.get(run, ())):
            return ["`toolkit hold list` shows the placed and released holds. Run the same command again to finish"]
        return [_outcome_text(step) for step in self._steps(run)] or ["nothing was written"]

    def begun_changes(self, run: str) -> AbstractSet[tuple[Address, str]]:
        """Return the object and action of each change that a run began."""
        return {(step.began.address, str(step.began.action)) for step in self._steps(run)}

    def _steps(self, run: str) -> Sequence[RunStep]:
        return [step for recorded in collect_runs(self._entries.get(run, ())) for step in recorded.steps.values()]


def _outcome_text(step: RunStep) -> str:
    state = _STATES.get(step.state, _NOT_KNOWN)
    return f"{object_name(step.began.address)}: {step.began.action}: {state}"


_AT_ONCE = 1000


class Ledger:
    """A database of entries and of tables derived from them, which threads and processes may share.

    `directory` is STATE/<target>. It contains the head file and, unless `url` names a database, the ledger's SQLite
    file. Schools that share a PostgreSQL database each use their own schema, named in the URL
    (`?options=-csearch_path=school`).
    """

    def __init__(
        self, directory: Path, *, redactor: Redactor, url: str | None = None, remark: Remark = drop_remark
    ) -> None:
        self.directory = directory
        self.redactor = redactor
        self.patience = Patience(remark)
        self.engine = open_engine(url or f"sqlite:///{directory / 'ledger.db'}", remark)
        make_connections_wait(self.engine, self.patience)
        self.file = sqlite_file(self.engine)
        self.head_file = HeadFile(directory / "ledger.head")
        self._made = False
        self.runs = OpenRuns()
        self.check_lease: Callable[[], None] = check_no_lease
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
        """Return the location of the ledger, without the password of a database."""
        return str(self.file or self.engine.url.render_as_string(hide_password=True))

    def exists(self) -> bool:
        """Return whether the ledger may have entries. Always True for a configured database."""
        return self.file is None or self.file.exists()

    def close(self) -> None:
        self.engine.dispose()

    def append(self, entry: Entry) -> int:
        """Store an entry on disk and return its number.

        Raise LedgerError if the last entry is damaged, if the entry does not follow from earlier entries, if a step
        begins in a run without the lease, or if the process was interrupted. A run with the lease waits for an
        unreachable server, and then checks whether the entry was stored already.
        """
        return self._append(entry, final=False)

    def interrupt(self, error: KeyboardInterrupt) -> None:
        """Record that `error` interrupted the open runs, and add the outcomes of their changes to its notes."""
        if self._interrupted:
            return
        self._interrupted = True
        try:
            for end in self.runs.interruption_entries(exit_of_interrupt(error)):
                self._append(end, final=True)
                error.add_note("\n".join(self.runs.outcome_lines(end.run)))
        except LedgerError as problem:
            error.add_note(f"the end of the run could not be recorded in the ledger: {problem}")

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
                self.runs.apply_entry(entry)
                return stored.count

    def _store(self, entry: Entry, added: list[Head], *, final: bool = False) -> Head:
        """Store an entry, unless an earlier attempt that got no response has stored the entry.

        `added` collects the attempts.
        """
        with open_write_transaction(self.engine) as connection:
            for before in added:
                if hash_at(connection, before.count) == before.hash:
                    return before
            if self._interrupted and not final:
                raise LedgerError("the run was interrupted, so nothing more is sent or recorded")
            added.append(self._add_checked(connection, entry))
        return added[-1]

    def _add_checked(self, connection: Connection, entry: Entry) -> Head:
        last = self._read_checked_head(connection)
        if last is None:
            lost = HeadLost(at=entry.at, host=socket.gethostname())
            last = self._add(connection, last_entry(connection), lost)
        return self._add(connection, last, entry)

    @contextmanager
    def open_rewrite_transaction(self) -> Iterator[tuple[Connection, Callable[[Entry], Head]]]:
        """Open a transaction for rewriting entries.

        Yield the connection, and a function that appends entries within the transaction.
        """
        self.make()
        with open_write_transaction(self.engine) as connection:
            yield connection, partial(self._add_checked, connection)
        self._remember_head()

    def entries(self, first: int = 1, last: int | None = None) -> Iterator[tuple[int, Entry]]:
        """Yield the entries between two numbers in order, without checking for damage."""
        while batch := self._read_entries(first, last):
            yield from batch
            first = batch[-1][0] + 1

    def recorded_runs(self, *, exports: bool = False) -> Sequence[RunHistory]:
        """Return every run, latest first, or none if the ledger does not exist."""
        return collect_runs((entry for _, entry in self.entries()), exports=exports) if self.exists() else []

    @contextmanager
    def open_tables(self) -> Iterator[Stored]:
        """Open the derived tables for reading, creating missing tables."""
        self.make()
        with open_read_transaction(self.engine) as connection:
            yield Stored(connection)

    def head(self) -> Head:
        """Return the head: the number of entries, and the hash of the last entry. Every export includes the head."""
        self.make()
        with open_read_transaction(self.engine) as connection:
            return last_entry(connection)

    def make(self) -> None:
        """Create the ledger's file and tables if they do not exist."""
        if self._made:
            return
        if self.file is not None:
            _make_file(self.file)
        make_tables(self.engine)
        self._made = True

    def _read_entries(self, first: int, last: int | None) -> list[tuple[int, Entry]]:
        self.make()
        query = select(ENTRY.c.n, ENTRY.c.text).where(ENTRY.c.n >= first).order_by(ENTRY.c.n).limit(_AT_ONCE)
        query = query if last is None else query.where(ENTRY.c.n <= last)
        with open_read_transaction(self.engine) as connection:
            return [(n, read_entry(text)) for n, text in connection.execute(query)]

    def _read_checked_head(self, connection: Connection) -> Head | None:
        """Return the head of the chain, checked against the head file, or None if there is no head file.

        Nothing may be added to a chain that was cut off, because the new head file would hide the loss.
        """
        last, remembered = last_entry(connection), self.head_file.read()
        if remembered is None:
            if last.count:
                return None
            self.head_file.write(last)  # before the first entry, so that a missing file was removed later
            return last
        if hash_at(connection, remembered.count) != remembered.hash:
            raise LedgerError(
                f"{self.head_file.path} records {remembered.count} entries, and the ledger does not have"
                " all of them, so nothing is added. Restore the ledger from a backup, or move that file away to"
                " continue without them. The ledger will always show that it was moved"
            )
        return last

    def _add(self, connection: Connection, last: Head, entry: Entry) -> Head:
        text = entry_text(entry, self.redactor)
        stored = read_entry(text)  # rows are derived from the stored entry
        if isinstance(stored, StepBegan):
            _check_lease(connection, stored.run)
        head = Head(last.count + 1, chained_hash(last.hash, text.encode()))
        changes = changes_of_entry(head.count, stored, Stored(connection))
        connection.execute(insert(ENTRY), {"n": head.count, "previous": last.hash, "text": text, "hash": head.hash})
        apply_changes(connection, changes)
        return head

    def _remember_head(self) -> None:
        """Write the head file after a commit. A lock prevents an older head from replacing a newer one."""
        with open_write_transaction(self.engine) as connection:
            self.head_file.write(last_entry(connection))


def check_no_lease() -> None:
    """Raise no error, because this process has no lease that could end."""


def _make_file(path: Path) -> None:
    try:
        make_private_folder(path.parent)
        path.touch(mode=0o600)
    except OSError as error:
        raise LedgerError(f"the ledger {path} cannot be written: {error.strerror}") from error


def _check_lease(connection: Connection, run: str) -> None:
    """Raise LedgerError for a step of a run that has lost the lease, because another run has taken over."""
    holder = connection.execute(select(LEASE.c.run)).scalar_one_or_none()
    if holder != run:
        raise LedgerError(f"run {run} does not hold the lease of this school, so nothing was sent")
