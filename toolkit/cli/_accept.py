"""Accepts a finding: shows the entry, asks, writes it, and takes it back where the playbooks would not hold it."""

import difflib
import os
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from toolkit.cli._audit import opened
from toolkit.cli._run import needed, targeted
from toolkit.cli._terminal import agreed, remark, show
from toolkit.cli._validate import validated
from toolkit.drift.accept import Wish, chosen, entry_for
from toolkit.errors import Exit, PlaybookError, UsageError
from toolkit.ledger.change_history import open_findings
from toolkit.playbook.exceptions_file import Addition, added
from toolkit.playbook.load import load
from toolkit.render.line import Line, Tone
from toolkit.values import Json


def accepted(finding: str, path: Path, wish: Wish, *, yes: bool) -> Exit:
    """Write the entry that accepts a finding, once somebody agreed."""
    playbooks = load(path)
    with opened() as (settings, ledger):
        row = chosen(finding, open_findings(ledger) if ledger.exists() else {})
        needed(settings, playbooks.school)
        with targeted(settings, playbooks.school) as (_, now):
            entry = entry_for(row, wish, playbooks, now)
    addition = added(path, entry.under, entry.written)
    show(_shown(addition))
    if not yes and not agreed(f"Write this into {addition.file}?"):
        remark("toolkit: nothing was written")
        return Exit.REFUSED
    _write(addition, path)
    remark(f"accepted: {addition.file} says so now; `toolkit plan {path}` shows what follows")
    return Exit.AS_WANTED


def read_change(text: str) -> Json:
    """Read what of a control is different: `off`, or its settings in YAML; UsageError where it is neither."""
    if text == "off":
        return text
    try:
        written = YAML().load(text)
    except YAMLError as wrong:
        raise UsageError(
            f"--change {text!r} is no YAML; write off, or settings such as '{{without: [whatsapp]}}'"
        ) from wrong
    if not isinstance(written, dict):
        raise UsageError(f"--change {text!r}: write off, or settings such as '{{without: [whatsapp]}}'")
    change: Json = written
    return change


def _shown(addition: Addition) -> Iterator[Line]:
    """Show the lines that would be added, as a difference of the file."""
    before = (addition.before or "").split("\n")
    for line in difflib.unified_diff(before, addition.after.split("\n"), lineterm="", n=1):
        if not line.startswith(("---", "+++", "@@")):
            yield Line(line, Tone.ADDED if line.startswith("+") else Tone.PLAIN)


def _write(addition: Addition, path: Path) -> None:
    """Replace the file in one move; PlaybookError, and the file as it was, where the playbooks would not hold it."""
    _replace(addition.file, addition.after)
    try:
        validated(path)
    except PlaybookError:
        if addition.before is None:
            addition.file.unlink()
        else:
            _replace(addition.file, addition.before)
        raise


def _replace(file: Path, text: str) -> None:
    fresh = file.with_name(f".{file.name}.{os.getpid()}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(file)
