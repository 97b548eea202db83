"""Verify a file of an export, and read the document of an earlier export."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.board_report.pack import FORMAT
from toolkit.board_report.page import as_html
from toolkit.board_report.period import Beginning, EarlierStatuses
from toolkit.board_report.seal import SEAL, broken_parts
from toolkit.board_report.tables import ReportData
from toolkit.board_report.writers import as_csv, as_json
from toolkit.errors import UsageError
from toolkit.ledger.archive import SUFFIX
from toolkit.ledger.entries import RunEnded
from toolkit.ledger.school_extract import check_extract, is_extract
from toolkit.records import dataclass

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


SUMS = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class FileComparison:
    """The result of verifying a file: the matches, the faults, and the facts that could not be compared."""

    fine: Sequence[str]
    faults: Sequence[str]
    remarks: Sequence[str]


def format_digests(files: Mapping[str, str]) -> str:
    """Return the digests of files in the format of `sha256sum -c`."""
    return "".join(f"{digest}  {name}\n" for name, digest in files.items())


def verify_file(path: Path, ledger: "Ledger", sound: int, playbooks: str | None = None) -> FileComparison:
    """Compare a file with its seal, with its digest in the ledger, and with the digest of the playbooks.

    If the ledger is damaged, only its first `sound` entries are used.
    """
    content = _read_file(path)
    if is_extract(content):
        return _compare_extract(path, content, ledger)
    digest = sha256(content).hexdigest()
    fine: list[str] = []
    faults: list[str] = []
    remarks: list[str] = []
    written = recorded_digests(ledger, sound)
    if path.name == SUMS:
        return _compare_digest_file(content, written)
    recorded, closed = written.get(path.name) or _digest_in_sums(path), f"{path.name}{SUFFIX}"
    if recorded is None and (written.get(closed) or _digest_in_sums(path.with_name(closed))):
        remarks.append(f"{path.name} was written only as {closed}, encrypted: compare that file, too")
    elif recorded is None and (names := [name for name, other_digest in written.items() if other_digest == digest]):
        fine.append(f"the file has not changed since it was written as {names[-1]}")
    elif recorded is None:
        nobody = f"neither the ledger nor a file {SUMS} next to it lists {path.name}"
        sealed = path.suffix == ".json" and not ledger.exists()  # elsewhere only its seal can be checked
        (remarks if sealed else faults).append(f"{nobody}, so toolkit cannot check whether it has changed")
    elif recorded == digest:
        fine.append("the file has not changed since it was written")
    else:
        faults.append(f"{path.name} has changed since it was written{_first_difference(path, content)}")
    if path.suffix == ".json":
        document = parse_document(path, content)
        wrong = broken_parts(document)
        faults += [f"{path.name}: changed after it was sealed: {part}" for part in wrong]
        if not wrong and as_json(document).encode() != content:
            faults.append(f"{path.name}: not formatted as toolkit writes a document")
        if not wrong:
            fine.append("no part has changed since it was sealed")
        _compare_record(document, ledger, sound, fine=fine, faults=faults, remarks=remarks)
        _compare_playbooks(document, playbooks, fine=fine, faults=faults, remarks=remarks)
    return FileComparison(fine, faults, remarks)


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error


def _compare_extract(path: Path, content: bytes, ledger: "Ledger") -> FileComparison:
    """Verify an extract for a school of a trust, and compare its head with the ledger if there is one."""
    checked = check_extract(path, content)
    fine, faults, remarks = [f"{path.name} is {checked.description}"], list(checked.faults), []
    if not faults:
        fine.append(f"its chain is complete up to its head, {checked.head.count}:{checked.head.hash}")
    if not ledger.exists():
        remarks.append("there is no ledger here to compare with. Compare the head with a head that the trust has sent")
    elif hash_at(ledger, checked.head.count) == checked.head.hash:
        fine.append("the ledger here has the same entries")
    else:
        faults.append("the ledger here does not have these entries. It is another ledger, or an entry was replaced")
    return FileComparison(fine, [f"{path.name}: {fault}" for fault in faults], remarks)


def parse_document(path: Path, content: bytes) -> ReportData:
    """Parse the document of a report. Raise UsageError if toolkit did not write the file."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} was not written by `toolkit audit export`, because it is not JSON") from error
    if not isinstance(document, dict) or SEAL not in document:
        raise UsageError(f"{path} was not written by `toolkit audit export`: it has no `{SEAL}`")
    return document


def _compare_record(
    document: ReportData, ledger: "Ledger", sound: int, *, fine: list[str], faults: list[str], remarks: list[str]
) -> None:
    record = document.get("record")
    count, head = (record.get("entries"), record.get("head")) if isinstance(record, Mapping) else (None, None)
    if not ledger.exists():
        remarks.append("there is no ledger here to compare with")
    elif isinstance(count, int) and count > sound:
        faults.append(f"it rests on {count} entries of the ledger, of which only {sound} are undamaged")
    elif (recorded_hash := hash_at(ledger, count)) is None:
        faults.append(f"the ledger was shortened or replaced. It had {count} entries when this was made")
    elif recorded_hash != head:
        faults.append(f"the ledger was replaced or edited: entry {count} has another hash")
    else:
        fine.append(f"the ledger has the {count} entries on which the file is based")


def _compare_playbooks(
    document: ReportData, playbooks: str | None, *, fine: list[str], faults: list[str], remarks: list[str]
) -> None:
    record = document.get("record")
    if playbooks is None:
        remarks.append("the playbooks were not compared: name them with --playbooks")
    elif isinstance(record, Mapping) and playbooks == record.get("playbooks"):
        fine.append("it was made with these playbooks")
    else:
        faults.append("it was made with other playbooks")


def hash_at(ledger: "Ledger", n: object) -> str | None:
    """Return the hash of a numbered entry of the ledger, or None if the ledger does not have the entry."""
    from toolkit.ledger.chain import hash_at
    from toolkit.ledger.database import open_read_transaction

    if not isinstance(n, int):
        return None
    ledger.make()
    with open_read_transaction(ledger.engine) as connection:
        return hash_at(connection, n)


def recorded_digests(ledger: "Ledger", sound: int) -> Mapping[str, str]:
    """Return the latest digest of each file, from the first entries of the ledger. `sound` entries are undamaged."""
    digests: dict[str, str] = {}
    for _, entry in ledger.entries(last=sound) if ledger.exists() else ():
        if isinstance(entry, RunEnded):
            digests.update(entry.exported)
    return digests


def _compare_digest_file(content: bytes, written: Mapping[str, str]) -> FileComparison:
    lines = [line.partition("  ") for line in content.decode(errors="replace").splitlines()]
    wrong = [name for digest, _, name in lines if written.get(name) != digest]
    if wrong:
        return FileComparison([], [f"{SUMS}: the ledger has no record of this digest of {name}" for name in wrong], [])
    return FileComparison(["each line matches the ledger"], [], [])


def _digest_in_sums(path: Path) -> str | None:
    beside = path.parent / SUMS
    try:
        lines = beside.read_text(encoding="utf-8").splitlines() if beside.exists() else []
    except (OSError, ValueError):
        return None
    return next((line.partition("  ")[0] for line in lines if line.partition("  ")[2] == path.name), None)


def _first_difference(path: Path, content: bytes) -> str:
    """Return the first line of a page or table that does not match the document in the same folder."""
    write = {".html": as_html, ".csv": as_csv}.get(path.suffix)
    document_path = path.with_suffix(".json")
    if write is None or not document_path.exists():
        return ""
    document = parse_document(document_path, document_path.read_bytes())
    if broken_parts(document) or document.get("format") != FORMAT:
        return ""
    return next(_differing_lines(content.decode(errors="replace"), write(document)), "")


def _differing_lines(actual: str, expected: str) -> Iterator[str]:
    theirs, ours = actual.splitlines(), expected.splitlines()
    for n in range(max(len(theirs), len(ours))):
        if theirs[n : n + 1] != ours[n : n + 1]:
            yield f": line {n + 1}"


_WITH_LACKING = 3
"""The first format that records the gaps of each clause."""

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


def read_earlier_export(path: Path, ledger: "Ledger", *, school: str, target: str, now: datetime) -> Beginning:
    """Return the statuses in an earlier export, and the last ledger entry on which the export is based.

    Raise UsageError if the file is not an export of toolkit, is of another school or target, is newer than this toolkit
    or this run, has no clauses, or has changed.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"--compare {path}: it cannot be read: {error.strerror}") from error
    document = parse_document(path, content)
    form = document.get("format")
    if not isinstance(form, int) or form > FORMAT:
        raise UsageError(f"--compare {path}: it was written by a newer toolkit (format {form}). Update this one")
    _refuse_changed(path, document, content, ledger)
    if document.get("school") != school:
        raise UsageError(
            f"--compare {path}: it is about {document.get('school')}, and these playbooks are for {school}"
        )
    if document.get("target") != target:
        words = {"live": "the real tenants", "emulator": "emulated tenants, a practice run"}
        ours, theirs = words.get(target, target), words.get(str(document.get("target")), "something else")
        raise UsageError(f"--compare {path}: it is about {theirs}, and this run is about {ours}")
    if "clauses" not in document:
        raise UsageError(
            f"--compare {path}: it does not contain clauses. Name the .json of the pack governors or evidence"
        )
    statuses = _read_statuses(path, document)
    if statuses.at > now:
        raise UsageError(
            f"--compare {path}: it was made at {statuses.at:%Y-%m-%d %H:%M}, which is in the future: name the file of"
            " an earlier report"
        )
    return Beginning(earlier=statuses, after=_last_entry(document, ledger))


def _refuse_changed(path: Path, document: ReportData, content: bytes, ledger: "Ledger") -> None:
    """Raise UsageError for a document that was changed by hand, even if it was sealed again afterwards."""
    if wrong := broken_parts(document):
        raise UsageError(f"--compare {path}: it was changed after it was written: {', '.join(wrong)}")
    if as_json(document).encode() != content:
        raise UsageError(f"--compare {path}: it is not formatted as toolkit writes a document")
    digest = recorded_digests(ledger, ledger.head().count).get(path.name) if ledger.exists() else None
    if digest is not None and digest != sha256(content).hexdigest():
        raise UsageError(f"--compare {path}: it differs from the file that the ledger recorded under this name")


def _read_statuses(path: Path, document: ReportData) -> EarlierStatuses:
    try:
        return EarlierStatuses(
            at=datetime.fromisoformat(document["run"]["at"]),
            playbooks=str(document["record"]["playbooks"]),
            statuses={str(clause["clause"]): str(clause["status"]) for clause in document["clauses"]},
            lacking=_read_lacking(document) if document["format"] >= _WITH_LACKING else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"--compare {path}: it was not written by `toolkit audit export`: {error}") from error


def _read_lacking(document: ReportData) -> dict[str, dict[str, str]]:
    return {
        str(clause["clause"]): {str(about): str(verdict) for about, verdict in clause["lacking"].items()}
        for clause in document["clauses"]
    }


def _last_entry(document: ReportData, ledger: "Ledger") -> int | None:
    """Return the last ledger entry on which a document is based, or None if this ledger does not have the entry."""
    record = document.get("record")
    if not isinstance(record, Mapping) or not ledger.exists():
        return None
    count = record.get("entries")
    return count if isinstance(count, int) and hash_at(ledger, count) == record.get("head") else None
