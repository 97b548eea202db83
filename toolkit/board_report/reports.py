"""The Python API of the report for governors: its draft, the responses of the school, and its final version."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from toolkit.board_report.pack import Format, Pack
from toolkit.engine.read_tenants import ignore_message
from toolkit.engine.report_json import add_json_writer
from toolkit.engine.selection import EVERYTHING
from toolkit.features import RunOptions, open_run
from toolkit.playbook.entries import Playbooks
from toolkit.settings.settings import read_settings

if TYPE_CHECKING:
    from toolkit.board_report.export_files import WrittenReport


def export_report(
    playbooks: Playbooks,
    directory: Path,
    *,
    packs: Sequence[Pack] = (Pack.GOVERNORS,),
    formats: Sequence[Format] = (Format.HTML,),
    recipients: Sequence[str] = (),
    since: date | None = None,
    compare: Path | None = None,
    mail: bool = False,
    on_file: Callable[[Path], None] = lambda _: None,
    **options: Unpack[RunOptions],
) -> "WrittenReport":
    """Write the report for governors into a directory, and return its files.

    `files` has the SHA-256 of each path, which the ledger also records. The JSON file is always included. If
    TOOLKIT_SIGNING_KEY_FILE is set, each file has a signature next to it. `exit` is 0,
    4 if something could not be read (the report lists it), or 1 if a mail was not sent. The report shows the changes
    since the last export, since a date (`since`), or since an earlier export (`compare`, its JSON file). If `mail` is
    set, the files are sent to the school's mail channels, and `deliveries` has the result of each. `recipients` are
    public age keys for `Pack.CASE`. After all files are written, `on_file` is called with each path.

    Raise UsageError, before anything is read, for options that cannot be followed, and ToolkitError if the directory
    cannot be written.

        >>> written = api.export_report(school, Path("reports"), formats=[Format.HTML, Format.CSV])
        >>> sorted(path.name for path in written.files)
    """
    from toolkit.board_report.export_files import ExportOptions, read_cases, write_report, written_answer
    from toolkit.drift.run import EXPORT_COMMAND

    settings = options["settings"] = options.get("settings") or read_settings(playbooks.root)
    export_options = ExportOptions(
        packs=packs,
        formats=formats,
        recipients=recipients,
        since=since,
        compare=compare,
        mail=mail,
        signing_key=_report_key(playbooks, options),
    )
    sealed = read_cases(playbooks, export_options, settings)
    with open_run(playbooks, EVERYTHING, command=EXPORT_COMMAND, **options) as run:
        written = write_report(run, directory, export_options, sealed, on_file)
        return add_json_writer(written, written_answer, run.ledger.redactor)


def respond_to_matter(
    playbooks: Playbooks,
    draft: Path,
    matter: str,
    response: str,
    lead: str,
    *,
    due: date | None = None,
    accepted: bool = False,
    **options: Unpack[RunOptions],
) -> None:
    """Record the school's response to a problem of a draft report in the ledger. Earlier responses are kept.

    `draft` is the JSON file of an export. `matter` is the value of `matter` in one of its `gaps`. `lead` is a role, and
    `due` is the date by which the problem will be solved. If `accepted` is set, the school accepts the risk for the
    reason in `response`. Raise UsageError for any other combination.

        >>> due = date(2026, 12, 1)
        >>> api.respond_to_matter(school, draft, "identity.mfa", "All staff register.", "Head Teacher", due=due)
    """
    from toolkit.board_report.release import ProposedResponse, respond

    wish = ProposedResponse(matter=matter, response=response, lead=lead, due=due, accepted=accepted)
    with open_run(playbooks, EVERYTHING, command="report respond", **options) as run:
        respond(run, draft, wish)


def release_report(
    playbooks: Playbooks,
    draft: Path,
    directory: Path,
    by: str,
    *,
    formats: Sequence[Format] = (Format.HTML,),
    mail: bool = False,
    **options: Unpack[RunOptions],
) -> "WrittenReport":
    """Write the final version of a draft into a directory, and record the role that released it. No tenant is read.

    If `mail` is set, the files are sent only to the school's head and clerk, and `deliveries` has the result of each.
    Raise UsageError if the draft differs from the file that this ledger recorded, or was already released.

        >>> api.release_report(school, draft, Path("reports"), "Head Teacher").files
    """
    from toolkit.board_report.export_files import write_final, written_answer

    options["settings"] = options.get("settings") or read_settings(playbooks.root)
    key = _report_key(playbooks, options)
    with open_run(playbooks, EVERYTHING, command="report release", **options) as run:
        written = write_final(run, draft, directory, by, formats, mail=mail, signing_key=key)
        return add_json_writer(written, written_answer, run.ledger.redactor)


def _report_key(playbooks: Playbooks, options: RunOptions) -> Path | None:
    from toolkit.school.signers import SignedContent
    from toolkit.settings.signing_key import listed_signing_key, signing_key

    settings = options.get("settings") or read_settings(playbooks.root)
    remark = options.get("remark", ignore_message)
    return listed_signing_key(signing_key(settings), playbooks.school.signers, SignedContent.REPORTS, remark)
