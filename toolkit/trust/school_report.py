"""Write the report for the governors of a school of a trust."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Unpack

from toolkit.board_report.export import ExportCollection, make_export
from toolkit.board_report.export_files import (
    ExportOptions,
    WrittenReport,
    period_beginning,
    refuse_impossible,
    write_export,
    written_answer,
)
from toolkit.board_report.pack import Format, Pack
from toolkit.drift.run import EXPORT_COMMAND
from toolkit.engine.judged_slice import prepare_for_one_school
from toolkit.engine.prepare_run import PreparedRun
from toolkit.engine.refresh import TenantSurvey
from toolkit.engine.report_json import add_json_writer
from toolkit.engine.selection import Selection
from toolkit.errors import UsageError
from toolkit.features import RunOptions
from toolkit.playbook.entries import Playbooks
from toolkit.settings.settings import read_settings
from toolkit.trust.school_policy import read_school


def export_school_report(
    playbooks: Playbooks,
    selection: Selection,
    directory: Path,
    *,
    packs: Sequence[Pack] = (Pack.GOVERNORS,),
    formats: Sequence[Format] = (Format.HTML,),
    since: date | None = None,
    compare: Path | None = None,
    on_file: Callable[[Path], None] = lambda _: None,
    **options: Unpack[RunOptions],
) -> WrittenReport:
    """Write the report for a school of a trust into a directory, and return its files.

    The clauses are judged over the slice of the school. Only changes in ledger entries that name the school count.
    Raise UsageError for the pack of cases, because a trust has one register of holds.
    """
    prepare_for_one_school(playbooks)
    if Pack.CASE in packs:
        raise UsageError("--pack case: the register of holds is for the whole trust, and not for one school")
    settings = options["settings"] = options.get("settings") or read_settings(playbooks.root)
    export_options = ExportOptions(packs=packs, formats=formats, since=since, compare=compare)
    refuse_impossible(settings, export_options)
    (school,) = playbooks.slices.selection
    collections: list[ExportCollection] = []
    runs: list[PreparedRun] = []

    def collect(run: PreparedRun, survey: TenantSurvey) -> None:
        if not collections:
            collections.append(ExportCollection(period_beginning(run, export_options), school))
        collections[0].add(run.context, run.playbooks, run.ledger, survey)
        runs.append(run)

    with read_school(playbooks, selection, EXPORT_COMMAND, collect, **options) as readings:
        if len(runs) > 1 and export_options.compare:
            raise UsageError("--compare: the school is in several tenants, each with a ledger. Use --since")
        past = collections[0].read_past([reading.ledger for reading in readings.readings])
        export = make_export(readings.readings, readings.judge(), collections[0], past)
        written = write_export(runs[0], export, directory, export_options, on_file=on_file)
        return add_json_writer(written, written_answer, readings.redactor)
