"""Makes the files of an export, and compares one with what was written."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from toolkit.board_report.cases import cases
from toolkit.board_report.cover_email import letter
from toolkit.board_report.delivery import mail, mailboxes, refuse_large, refuse_unable
from toolkit.board_report.document import document
from toolkit.board_report.earlier import earlier
from toolkit.board_report.export import export_run
from toolkit.board_report.pack import Format, Pack
from toolkit.board_report.period import Beginning
from toolkit.board_report.tables import Told
from toolkit.board_report.verify import SUMS, Verified, sums, verified
from toolkit.board_report.writers import forms
from toolkit.cli._options import Selection
from toolkit.cli._run import Run, prepared
from toolkit.cli._settings import Settings, read_settings
from toolkit.cli._terminal import show
from toolkit.drift.run import EXPORT_COMMAND
from toolkit.engine.exit_codes import worst
from toolkit.errors import Exit, ToolkitError, UsageError
from toolkit.holds.register import KEY, Register
from toolkit.ledger.age_file import SUFFIX, closed, readers
from toolkit.notices.delivery_text import delivery_lines, undelivered
from toolkit.playbook.load import load
from toolkit.render.line import Line
from toolkit.sdk.notices import Channel
from toolkit.yaml.messages import did_you_mean, quoted

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger

_Word = TypeVar("_Word", bound=StrEnum)
_LIBRARIES = {Format.HTML: "jinja2", Format.PDF: "weasyprint", Format.XLSX: "openpyxl"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """What an export is asked for, as it was typed."""

    packs: Sequence[str]
    formats: Sequence[str]
    recipients: Sequence[str] = ()
    since: str | None = None
    compare: Path | None = None
    mail: bool = False


def exported(playbooks: Path, directory: Path, asked: ExportOptions) -> Exit:
    """Look at everything once, and write each pack in each form; the holds for those alone who may open them."""
    wanted, forms_wanted = _words(asked.packs, Pack, "--pack"), _words(asked.formats, Format, "--format")
    settings = read_settings()
    _refuse(settings, wanted, forms_wanted)
    if asked.mail:
        _refuse_mail(settings, wanted)
    if asked.recipients and Pack.CASE not in wanted:
        raise UsageError("--recipient is for --pack case: the other packs are not encrypted")
    day = _day(asked)
    register = Register(playbooks, settings.variables.get(KEY)) if Pack.CASE in wanted else None
    held = cases(register.read()) if register else None
    may_open = readers(asked.recipients) or ([register.reader] if register else [])
    with prepared(playbooks, Selection(), command=EXPORT_COMMAND, writes=False) as run:
        beginning = _beginning(run, day, asked.compare)
        channels = mailboxes(run.playbooks) if asked.mail else ()
        refuse_unable(channels, run.context.target)
        export = export_run(run.context, run.playbooks, run.ledger, beginning)
        documents = [document(export, pack) for pack in wanted if pack is not Pack.CASE]
        files = dict(file for one in documents for file in forms(one, forms_wanted))
        if held is not None:
            inside = forms(document(export, Pack.CASE, held), forms_wanted)
            files |= {f"{name}{SUFFIX}": closed(content, may_open) for name, content in inside}
        digests = {name: sha256(content).hexdigest() for name, content in files.items()}
        _write(directory, {**files, SUMS: (_sums(directory) + sums(digests)).encode()})
        export.finished(digests)
        for name in digests:
            show([Line(str(directory / name))])
        return worst([export.exit, mailed(run, documents, files, channels)])


def mailed(run: Run, documents: Sequence[Told], files: Mapping[str, bytes], channels: Sequence[Channel]) -> Exit:
    """Send the files to each channel, and say what became of it."""
    if not channels:
        return Exit.AS_WANTED
    refuse_large(files)
    digests = {name: sha256(content).hexdigest() for name, content in files.items()}
    written = letter(documents, files, digests)
    deliveries = mail(run.context, run.playbooks, run.ledger, channels, letter=written, digests=digests)
    with run.talk.paused():
        show(delivery_lines(deliveries))
    return Exit.FAILED if undelivered(deliveries) else Exit.AS_WANTED


def compared(file: Path, ledger: "Ledger", sound: int, playbooks: Path | None) -> Verified:
    """Compare a file of an export with what was written; of the ledger the first `sound` entries count."""
    return verified(file, ledger, sound, load(playbooks).digest if playbooks else None)


def _day(asked: ExportOptions) -> date | None:
    """Read the day; UsageError for what is none, and for a day and a file at once."""
    if asked.since is None:
        return None
    if asked.compare:
        raise UsageError("--since and --compare both say what the report is compared with: name one of them")
    try:
        return date.fromisoformat(asked.since)
    except ValueError:
        raise UsageError(f"--since: {quoted(asked.since)} is no day; one looks like 2026-09-01") from None


def _beginning(run: Run, since: date | None, file: Path | None) -> Beginning:
    """Say from when on it is told what changed."""
    school = run.playbooks.school
    if file is not None:
        now, target = run.context.now, run.context.target.name
        return earlier(file, run.ledger, school=school.name, target=target, now=now)
    if since is None:
        return Beginning()
    first = datetime.combine(since, time.min, ZoneInfo(school.time_zone))
    if first > run.context.now:
        raise UsageError(f"--since: {since} is still to come")
    return Beginning(day=first)


def _words(written: Sequence[str], known: type[_Word], option: str) -> list[_Word]:
    """Read words, with commas between them or from an option written several times; UsageError for an unknown word."""
    names = [str(one) for one in known]
    found: list[_Word] = []
    for word in filter(None, (one.strip() for one in ",".join(written).split(","))):
        if word not in names:
            raise UsageError(f"{option}: unknown word {quoted(word)}{did_you_mean(word, names)}")
        found.append(known(word))
    if not found:
        raise UsageError(f"{option}: name at least one of {', '.join(names)}")
    return list(dict.fromkeys(found))


def _refuse(settings: Settings, packs: Sequence[Pack], formats: Sequence[Format]) -> None:
    """Raise UsageError for what cannot be made, before anything is asked."""
    if Pack.SUMMARY in packs and settings.target != "live":
        raise UsageError(
            "--pack summary is for anybody to read, and these are emulated tenants: a practice run is not published"
        )
    for form in formats:
        library = _LIBRARIES.get(form)
        if library and find_spec(library) is None:
            raise UsageError(f"--format {form} needs {library}: install toolkit with the extra `reports`")


def _refuse_mail(settings: Settings, packs: Sequence[Pack]) -> None:
    """Raise UsageError for what is not sent by mail."""
    if settings.target != "live":
        raise UsageError("--mail: these are emulated tenants, and a practice run is not mailed to anybody")
    if Pack.CASE in packs:
        raise UsageError("--mail: the pack case is for named investigators: hand it over, it is not mailed")


def _sums(directory: Path) -> str:
    """Give the digests that are there already: older files stay, and so do their lines."""
    beside = directory / SUMS
    return beside.read_text(encoding="utf-8") if beside.exists() else ""


def _write(directory: Path, files: Mapping[str, bytes]) -> None:
    """Write all files, for their owner alone."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            descriptor = os.open(directory / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
    except OSError as error:
        raise ToolkitError(f"{directory} cannot be written: {error.strerror}") from error
