"""Looks at everything for an export: how the clauses stand now, and what happened since the export before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from toolkit.board_report.attribution_by_role import Differences, differences
from toolkit.board_report.period import Beginning, ReportPast
from toolkit.board_report.period_scan import read_past
from toolkit.engine.check import read_board
from toolkit.engine.context import RunContext
from toolkit.engine.journal import Journal
from toolkit.engine.policy import PolicyReport, looked_at
from toolkit.engine.refresh import Survey
from toolkit.engine.tenants import Opened
from toolkit.errors import Exit, UsageError
from toolkit.ledger.chain import Head
from toolkit.planning.checks.expiry import ExpiryEntry
from toolkit.playbook.entries import Playbooks
from toolkit.sdk.verdict import FactVerdict

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Everything that an export tells."""

    report: PolicyReport
    beginning: Beginning
    past: ReportPast
    differences: Differences  # of what is not as wanted now: since when, why, and by whom
    head: Head  # of the ledger, when the export was made
    journal: Journal
    board: Sequence[ExpiryEntry] = ()  # what expires in the tenants, and what the school recorded
    unread_clouds: Sequence[str] = ()  # of which nothing of that could be read

    @property
    def exit(self) -> Exit:
        """Say whether everything could be read."""
        unread = any(fact.verdict is FactVerdict.UNREAD for one in self.report.statuses for fact in one.evidence)
        return Exit.UNREAD if unread else Exit.AS_WANTED

    def finished(self, files: Mapping[str, str]) -> None:
        """Record how the clauses stand and what was written, each file with its SHA-256."""
        report = self.report
        self.journal.finished(
            code=self.exit,
            summary=report.summary,
            unmanaged={},
            statuses=report.words,
            lacking=report.lacking,
            exported=files,
        )


def export_run(context: RunContext, playbooks: Playbooks, ledger: "Ledger", beginning: Beginning) -> Export:
    """Look at everything once and record that it was done; UsageError where the playbooks hold no policy."""
    if not playbooks.policy.clauses:
        raise UsageError(f"{playbooks.root}: no file of these playbooks begins with `policy:`, so there are no clauses")
    past = read_past(ledger, beginning) if ledger.exists() else ReportPast(before=beginning.earlier)
    differing, board = Differences(), list[ExpiryEntry]()

    def beside(survey: Survey) -> None:
        nonlocal differing
        differing = differences(context, survey, ledger, past)
        board.extend(read_board(context, _reached(playbooks, survey), Opened(survey.connections, survey.tenants, {})))

    report = looked_at(context, playbooks, ledger, beside)
    journal = Journal(ledger, context.run, context.now)
    journal.began(context, playbooks, report.tenants)
    return Export(
        report=report,
        beginning=beginning,
        past=past,
        differences=differing,
        head=ledger.head(),
        journal=journal,
        board=board,
        unread_clouds=[name for name in playbooks.school.tenants if name not in report.tenants],
    )


def _reached(playbooks: Playbooks, survey: Survey) -> Playbooks:
    """Return the playbooks of a school that has only the tenants that could be reached."""
    reached = {name: tenant for name, tenant in playbooks.school.tenants.items() if name in survey.connections}
    return replace(playbooks, school=replace(playbooks.school, tenants=reached))
