"""Makes the files of an export, and compares one with what was written."""

import os
from collections.abc import Iterator, Sequence
from enum import StrEnum
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from toolkit.cli._options import Selection
from toolkit.cli._run import prepared
from toolkit.cli._settings import Settings, read_settings
from toolkit.errors import Exit, ToolkitError, UsageError
from toolkit.playbook.load import load
from toolkit.playbook.wording import did_you_mean, quoted
from toolkit.record.envelope import SUFFIX, closed, readers
from toolkit.record.register import KEY, Register
from toolkit.report.export.cases import cases
from toolkit.report.export.document import document
from toolkit.report.export.pack import Format, Pack
from toolkit.report.export.verified import SUMS, Verified, sums, verified
from toolkit.report.export.written import forms
from toolkit.running.export import COMMAND, Export, export_run

if TYPE_CHECKING:
    from toolkit.record.ledger import Ledger

_Word = TypeVar("_Word", bound=StrEnum)
_LIBRARIES = {Format.HTML: "jinja2", Format.PDF: "weasyprint", Format.XLSX: "openpyxl"}


def exported(playbooks: Path, directory: Path, packs: str, formats: str, recipients: Sequence[str] = ()) -> Exit:
    """Look at everything once, and write each pack in each form; the holds for those alone who may open them."""
    wanted, forms_wanted = _words(packs, Pack, "--pack"), _words(formats, Format, "--format")
    settings = read_settings()
    _refuse(settings, wanted, forms_wanted)
    if recipients and Pack.CASE not in wanted:
        raise UsageError("--recipient is for --pack case: the other packs are not encrypted")
    register = Register(playbooks, settings.variables.get(KEY)) if Pack.CASE in wanted else None
    held = cases(register.read()) if register else None
    may_open = readers(recipients) or ([register.reader] if register else [])
    with prepared(playbooks, Selection(), command=COMMAND, writes=False) as run:
        export = export_run(run.context, run.playbooks, run.ledger)
        files = [file for pack in wanted if pack is not Pack.CASE for file in _files(export, pack, forms_wanted)]
        if held is not None:
            inside = forms(document(export, Pack.CASE, held), forms_wanted)
            files += [(f"{name}{SUFFIX}", closed(content, may_open)) for name, content in inside]
        digests = {name: sha256(content).hexdigest() for name, content in files}
        _write(directory, [*files, (SUMS, (_sums(directory) + sums(digests)).encode())])
        export.finished(digests)
    for name in digests:
        click.echo(directory / name)
    return export.exit


def compared(file: Path, ledger: "Ledger", playbooks: Path | None) -> Verified:
    """Compare a file of an export with what was written."""
    return verified(file, ledger, load(playbooks).digest if playbooks else None)


def _files(export: Export, pack: Pack, wanted: Sequence[Format]) -> Iterator[tuple[str, bytes]]:
    return forms(document(export, pack), wanted)


def _words(written: str, known: type[_Word], option: str) -> list[_Word]:
    """Read words with commas between them; UsageError for one that is not known."""
    names = [str(one) for one in known]
    found: list[_Word] = []
    for word in filter(None, (one.strip() for one in written.split(","))):
        if word not in names:
            raise UsageError(f"{option}: {quoted(word)} is none of {', '.join(names)}{did_you_mean(word, names)}")
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


def _sums(directory: Path) -> str:
    """Give the digests that are there already: older files stay, and so do their lines."""
    beside = directory / SUMS
    return beside.read_text(encoding="utf-8") if beside.exists() else ""


def _write(directory: Path, files: Sequence[tuple[str, bytes]]) -> None:
    """Write all files, for their owner alone."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in files:
            descriptor = os.open(directory / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
    except OSError as error:
        raise ToolkitError(f"{directory} cannot be written: {error.strerror}") from error
