"""A session, in which several functions of the API share a sign-in and a read of the tenants."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from toolkit.api import reads, writes
from toolkit.api.writes import Confirm
from toolkit.board_report.pack import Format, Pack
from toolkit.board_report.reports import export_report
from toolkit.engine.prepare_run import SessionReading
from toolkit.engine.run_report import Report
from toolkit.engine.selection import EVERYTHING, Selection
from toolkit.features import RunOptions
from toolkit.playbook.entries import Playbooks

if TYPE_CHECKING:
    from toolkit.board_report.export_files import WrittenReport
    from toolkit.drift.run import DriftReport
    from toolkit.engine.check import CheckReport
    from toolkit.engine.policy import PolicyReport
    from toolkit.engine.read_objects import ObjectsReport


class Session:
    """The functions of the API for a school. `api.open` returns a session.

    Each method does the same as the function with its name. The first method that reads signs in and reads the tenants.
    Later methods send only requests that no earlier method has sent, and their reports have the time of the first read.
    If `apply`, `rollback`, `withdraw` or another run records something in the ledger, the tenants may have changed. The
    next method then signs in and reads again.
    """

    def __init__(self, playbooks: Playbooks, **options: Unpack[RunOptions]) -> None:
        self.playbooks = playbooks
        self._reading = SessionReading()
        self._options = options

    @property
    def _shared_options(self) -> RunOptions:
        return {**self._options, "reading": self._reading}

    def refresh(self) -> None:
        """Discard everything that was read, so that the next method signs in and reads again."""
        self._reading.close_connections()

    def plan(self, *, selection: Selection = EVERYTHING) -> Report:
        """Return the plan of an `apply`."""
        return reads.plan(self.playbooks, selection=selection, **self._shared_options)

    def detect_drift(self, *, selection: Selection = EVERYTHING, notify: bool = False) -> "DriftReport":
        """Return the differences between the tenants and the playbooks."""
        return reads.detect_drift(self.playbooks, selection=selection, notify=notify, **self._shared_options)

    def check(self, *, selection: Selection = EVERYTHING) -> "CheckReport":
        """Return the confirmations that are due or overdue, and counts from the tenants."""
        return reads.check(self.playbooks, selection=selection, **self._shared_options)

    def read_objects(self, kinds: Sequence[str] = ()) -> "ObjectsReport":
        """Return the tenants' objects of some kinds."""
        return reads.read_objects(self.playbooks, kinds, **self._shared_options)

    def evaluate_policy(self) -> "PolicyReport":
        """Return the status of each clause of the policy."""
        return reads.evaluate_policy(self.playbooks, **self._shared_options)

    def export_report(
        self,
        directory: Path,
        *,
        packs: Sequence[Pack] = (Pack.GOVERNORS,),
        formats: Sequence[Format] = (Format.HTML,),
        recipients: Sequence[str] = (),
        since: date | None = None,
        compare: Path | None = None,
        mail: bool = False,
        on_file: Callable[[Path], None] = lambda _: None,
    ) -> "WrittenReport":
        """Write the report for governors into a directory."""
        return export_report(
            self.playbooks,
            directory,
            packs=packs,
            formats=formats,
            recipients=recipients,
            since=since,
            compare=compare,
            mail=mail,
            on_file=on_file,
            **self._shared_options,
        )

    def apply(
        self,
        *,
        confirm: Confirm | None = None,
        selection: Selection = EVERYTHING,
        saved_plan: Path | None = None,
        override: str = "",
    ) -> Report:
        """Make the tenants agree with the playbooks. With `confirm`, sign in and read again."""
        return writes.apply(
            self.playbooks,
            confirm=confirm,
            selection=selection,
            saved_plan=saved_plan,
            override=override,
            **self._shared_options,
        )

    def withdraw(
        self,
        *,
        confirm: Confirm | None = None,
        selection: Selection = EVERYTHING,
        saved_plan: Path | None = None,
        override: str = "",
    ) -> Report:
        """Undo everything that this ledger records as made by toolkit."""
        return writes.withdraw(
            self.playbooks,
            confirm=confirm,
            selection=selection,
            saved_plan=saved_plan,
            override=override,
            **self._shared_options,
        )

    def rollback(
        self,
        run: str = "last",
        *,
        confirm: Confirm | None = None,
        selection: Selection = EVERYTHING,
        even_if_changed: bool = False,
        override: str = "",
    ) -> Report:
        """Return the tenants to their state before a run."""
        from toolkit.api.rollbacks import rollback

        return rollback(
            self.playbooks,
            run,
            confirm=confirm,
            selection=selection,
            even_if_changed=even_if_changed,
            override=override,
            **self._shared_options,
        )


@contextmanager
def open_session(playbooks: Playbooks, **options: Unpack[RunOptions]) -> Iterator[Session]:
    """Open a session, in which plan, drift, check, policy and export share a sign-in and a read of the tenants.

    No request is sent before the first method is called. The tenants' data stay in memory until the session ends.

        >>> with api.open(school) as session:
        ...     exits = [session.plan().exit, session.check().exit]
    """
    session = Session(playbooks, **options)
    try:
        yield session
    finally:
        session.refresh()
