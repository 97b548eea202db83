"""Write the governors' report and the case pack into files, and send the files by mail."""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from toolkit.board_report.case_lines import CaseSection, case_sections
from toolkit.board_report.delivery import mail_files, mailboxes, refuse_unable
from toolkit.board_report.document import document
from toolkit.board_report.export import Export, export_run
from toolkit.board_report.pack import Format, Pack
from toolkit.board_report.period import Beginning
from toolkit.board_report.release import finish_draft, record_release
from toolkit.board_report.verify import SUMS, format_digests, read_earlier_export
from toolkit.board_report.writers import report_files
from toolkit.engine.notices.deliver import Delivery
from toolkit.engine.prepare_run import PreparedRun
from toolkit.engine.report_json import JsonReport
from toolkit.engine.run_report import worst
from toolkit.errors import Exit, ToolkitError, UsageError
from toolkit.holds.register import KEY, Register
from toolkit.installed import require
from toolkit.ledger.archive import SUFFIX, encrypt, parse_public_keys
from toolkit.notices.delivery_text import deliveries_json, has_failures
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.school.notices import Channel
from toolkit.school.signers import SignedContent
from toolkit.settings.settings import Settings
from toolkit.signatures import SUFFIX as SIGNATURE_SUFFIX
from toolkit.signatures import sign
from toolkit.values import Body

if TYPE_CHECKING:
    import pyrage  # type: ignore[import-untyped]

_PRACTICE = "--mail: these are emulated tenants, and a practice run is not mailed to anyone"
_LIBRARIES = {Format.HTML: "jinja2", Format.PDF: "typst", Format.XLSX: "openpyxl"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """The packs, recipients and formats of an export, and the earlier time that the export is compared with."""

    packs: Sequence[Pack] = (Pack.GOVERNORS,)
    formats: Sequence[Format] = (Format.HTML,)
    recipients: Sequence[str] = ()  # public keys of age, for the pack of holds
    since: date | None = None
    compare: Path | None = None
    mail: bool = False
    signing_key: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenReport(JsonReport):
    """The files of an export with their SHA-256, and the result of each mail."""

    exit: Exit
    files: Mapping[Path, str]
    deliveries: Sequence[Delivery] = ()


def written_answer(report: WrittenReport) -> Body:
    """Return the files of an export with their SHA-256, and the result of each mail, as JSON."""
    return {
        **deliveries_json(report.deliveries),
        "exit": int(report.exit),
        "files": [{"path": str(path), "sha256": digest} for path, digest in report.files.items()],
    }


@dataclass(frozen=True, slots=True)
class SealedCases:
    """The cases of the register of holds, and the public keys with which their file is encrypted."""

    cases: Mapping[str, CaseSection]
    keys: "Sequence[pyrage.x25519.Recipient]"


def read_cases(playbooks: Playbooks, options: ExportOptions, settings: Settings) -> SealedCases | None:
    """Return the cases of the register of holds, or None if they are not exported.

    Raise UsageError for options that cannot be followed, before anything is read.
    """
    refuse_impossible(settings, options)
    if Pack.CASE not in options.packs:
        return None
    register = Register(playbooks.root, settings.variables.get(KEY))
    return SealedCases(case_sections(register.read()), parse_public_keys(options.recipients) or [register.reader])


def write_report(
    run: PreparedRun,
    directory: Path,
    options: ExportOptions,
    sealed: SealedCases | None,
    on_file: Callable[[Path], None] = lambda _: None,
) -> WrittenReport:
    """Read everything, and write each pack in each format. The case pack is encrypted.

    After all files are written, `on_file` is called with each file. Raise ToolkitError if the directory cannot be
    written.
    """
    beginning = period_beginning(run, options)
    channels = mailboxes(run.playbooks, options.packs) if options.mail else ()
    refuse_unable(channels, run.context.target)
    export = export_run(run.context, run.playbooks, run.ledger, beginning)
    return write_export(run, export, directory, options, sealed=sealed, channels=channels, on_file=on_file)


def write_export(
    run: PreparedRun,
    export: Export,
    directory: Path,
    options: ExportOptions,
    *,
    sealed: SealedCases | None = None,
    channels: Sequence[Channel] = (),
    on_file: Callable[[Path], None] = lambda _: None,
) -> WrittenReport:
    """Write each pack of an export in each format, record the digests, and mail the files to the channels."""
    documents = [document(export, pack) for pack in options.packs if pack is not Pack.CASE]
    files = dict(file for report_document in documents for file in report_files(report_document, options.formats))
    if sealed is not None:
        inside = report_files(document(export, Pack.CASE, sealed.cases), options.formats)
        files |= {f"{name}{SUFFIX}": encrypt(content, sealed.keys) for name, content in inside}
    files |= sign_files(files, options.signing_key)
    digests = {name: sha256(content).hexdigest() for name, content in files.items()}
    _write_files(directory, {**files, SUMS: (_existing_digests(directory) + format_digests(digests)).encode()})
    export.record_end(digests)
    for name in digests:
        on_file(directory / name)
    deliveries = mail_files(run.context, run.playbooks, run.ledger, channels, documents=documents, files=files)
    return WrittenReport(
        exit=worst([export.exit, *([Exit.FAILED] if has_failures(deliveries) else [])]),
        files={directory / name: digest for name, digest in digests.items()},
        deliveries=deliveries,
    )


def write_final(
    run: PreparedRun,
    draft: Path,
    directory: Path,
    by: str,
    formats: Sequence[Format],
    *,
    mail: bool = False,
    signing_key: Path | None = None,
) -> WrittenReport:
    """Write the final version of a draft with the school's responses, and record the role that released it.

    No tenant is read. If `mail` is set, the files are sent only to the head and the clerk, after the release is
    recorded.
    """
    for form in formats:
        if library := _LIBRARIES.get(form):
            require(library, "reports", f"--format {form}")
    final = finish_draft(run, draft, by)
    if mail and (final["practice_run"] or not run.context.target.live):
        raise UsageError(_PRACTICE)
    channels = mailboxes(run.playbooks, [Pack(str(final["pack"]))]) if mail else ()
    refuse_unable(channels, run.context.target)
    files = dict(report_files(final, formats))
    files |= sign_files(files, signing_key)
    digests = {name: sha256(content).hexdigest() for name, content in files.items()}
    _write_files(directory, {**files, SUMS: (_existing_digests(directory) + format_digests(digests)).encode()})
    record_release(run, final, by, digests)
    deliveries = mail_files(run.context, run.playbooks, run.ledger, channels, documents=[final], files=files)
    return WrittenReport(
        exit=Exit.FAILED if has_failures(deliveries) else Exit.AS_WANTED,
        files={directory / name: digest for name, digest in digests.items()},
        deliveries=deliveries,
    )


def sign_files(files: Mapping[str, bytes], key: Path | None) -> Mapping[str, bytes]:
    """Return the signature of each file, under the name of its own file, or none if this computer has no key."""
    if key is None:
        return {}
    return {f"{name}{SIGNATURE_SUFFIX}": sign(content, key, SignedContent.REPORTS) for name, content in files.items()}


def period_beginning(run: PreparedRun, options: ExportOptions) -> Beginning:
    school = run.playbooks.school
    if options.compare is not None:
        now, target = run.context.now, run.context.target.name
        return read_earlier_export(options.compare, run.ledger, school=school.name, target=target, now=now)
    if options.since is None:
        return Beginning()
    first = datetime.combine(options.since, time.min, ZoneInfo(school.time_zone))
    if first > run.context.now:
        raise UsageError(f"--since: {options.since} is in the future. Write a date up to {run.context.now.date()}")
    return Beginning(day=first)


def refuse_impossible(settings: Settings, options: ExportOptions) -> None:
    """Raise UsageError for options that cannot be followed, before anything is read."""
    live = settings.target == "live"
    if Pack.SUMMARY in options.packs and not live:
        raise UsageError(
            "--pack summary is for anybody to read, and these are emulated tenants: a practice run is not published"
        )
    for form in options.formats:
        if library := _LIBRARIES.get(form):
            require(library, "reports", f"--format {form}")
    if options.mail and not live:
        raise UsageError(_PRACTICE)
    if options.mail and Pack.CASE in options.packs:
        raise UsageError("--mail: the pack case is for named investigators and is never mailed. Hand it over instead")
    if options.recipients and Pack.CASE not in options.packs:
        raise UsageError("--recipient is only for --pack case, because the other packs are not encrypted")
    if options.since is not None and options.compare:
        raise UsageError("--since and --compare both set the time of the comparison. Use only one of them")


def _existing_digests(directory: Path) -> str:
    """Return the digest file that is already in the directory, because its digests are kept."""
    beside = directory / SUMS
    return beside.read_text(encoding="utf-8") if beside.exists() else ""


def _write_files(directory: Path, files: Mapping[str, bytes]) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            descriptor = os.open(directory / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
    except OSError as error:
        raise ToolkitError(f"{directory} cannot be written: {error.strerror}") from error
