"""Roll back an earlier run."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Unpack

from toolkit.api.school_files import add_freezes, load, load_school
from toolkit.api.writes import Confirm, with_json_reports
from toolkit.engine.context import RunContext, RunToUndo
from toolkit.engine.prepare_run import PreparedRun
from toolkit.engine.report_json import add_json_writer
from toolkit.engine.rollback import LAST, find_later_runs, find_run_to_undo, roll_back_run
from toolkit.engine.run_record import id_of_undone_run
from toolkit.engine.run_report import Report
from toolkit.engine.selection import EVERYTHING, Selection
from toolkit.errors import PlaybookError
from toolkit.features import RunOptions, open_run
from toolkit.ledger.history import RunHistory
from toolkit.ledger.lease import Lease
from toolkit.playbook.entries import Playbooks
from toolkit.render.answer import rollback_json
from toolkit.settings.settings import read_settings


def rollback(
    playbooks: Playbooks,
    run: str = LAST,
    *,
    confirm: Confirm | None = None,
    selection: Selection = EVERYTHING,
    even_if_changed: bool = False,
    override: str = "",
    **options: Unpack[RunOptions],
) -> Report:
    """Return the tenants to their state before a run, and report the result.

    `run` is the id of a run in the ledger, the beginning of the id, or `last`. The playbooks are only used to find the
    school. Settings that someone has changed since the run are not restored, unless `even_if_changed` is set. A
    rollback is planned, limited, confirmed and recorded in the same way as an `apply`. Without `confirm` nothing is
    written, and the report is the plan. UsageError if the run is unknown or wrote nothing.

        >>> report = api.rollback(school, "last")
        >>> [str(change.address) for change in report.plan.changes]
    """
    settings = options["settings"] = options.get("settings") or read_settings(playbooks.root)
    school = add_freezes(load_school(playbooks.root, selection), settings, selection)
    with open_run(school, selection, command="rollback", writes=confirm is not None, **options) as prepared:
        ledger, runs = prepared.ledger, prepared.ledger.recorded_runs()
        undone = find_run_to_undo(run, runs)
        flags = ["--even-if-changed"] if even_if_changed else []
        context = replace(_rollback_context(prepared, undone, flags, selection), override=override)
        ask = with_json_reports(confirm, rollback_json, ledger.redactor) if confirm else None
        since = find_later_runs(undone, runs)
        with Lease(ledger, run=context.run) if confirm else nullcontext():
            report = roll_back_run(
                context, school, ledger, undone, ask, even_if_changed=even_if_changed, later_runs=since
            )
        return add_json_writer(report, rollback_json, ledger.redactor)


def _rollback_context(prepared: PreparedRun, run: RunHistory, flags: Sequence[str], selection: Selection) -> RunContext:
    """Return the context of a rollback of a run."""
    began = run.began
    same_playbooks = _digest_of(prepared.playbooks.root, selection) == began.playbooks
    return replace(
        prepared.context,
        command_words=("rollback", began.run),
        undo=RunToUndo(run=began.run, redoes=id_of_undone_run(run), same_playbooks=same_playbooks),
        flags=(*prepared.context.flags, *flags),
        undone_run=began.run,
    )


def _digest_of(playbooks: Path, selection: Selection) -> str:
    """Return the digest of all playbooks, or "" if the playbooks cannot be read."""
    try:
        return load(playbooks, selection).digest
    except PlaybookError:
        return ""
