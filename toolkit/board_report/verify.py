"""Says whether a file of an export is what was written, and names what is not.

And reads the document of an earlier export.
"""

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
from toolkit.board_report.tables import Told
from toolkit.board_report.writers import as_csv, as_json
from toolkit.errors import UsageError
from toolkit.ledger.archive import SUFFIX
from toolkit.ledger.entries import RunEnded
from toolkit.records import dataclass

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


SUMS = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class FileComparison:
    """What a comparison found: what was compared, what is wrong, and what no one could compare."""

    fine: Sequence[str]
    faults: Sequence[str]
    remarks: Sequence[str]


def sums(files: Mapping[str, str]) -> str:
    """Write digests as `sha256sum -c` reads them."""
    return "".join(f"{digest}  {name}\n" for name, digest in files.items())


def verify_file(path: Path, ledger: "Ledger", sound: int, playbooks: str | None = None) -> FileComparison:
    """Compare a file with its seal, with what the ledger recorded of it, and with the digest of playbooks.

    Of a damaged ledger the first `sound` entries count, and no others.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    digest = sha256(content).hexdigest()
    fine: list[str] = []
    faults: list[str] = []
    remarks: list[str] = []
    written = recorded_digests(ledger, sound)
    if path.name == SUMS:
        return _sums_compared(content, written)
    known, closed = written.get(path.name) or _in_sums(path), f"{path.name}{SUFFIX}"
    if known is None and (written.get(closed) or _in_sums(path.with_name(closed))):
        remarks.append(f"{path.name} was written only as {closed}, encrypted: compare that file, too")
    elif known is None and (names := [name for name, one in written.items() if one == digest]):
        fine.append(f"the file is what was written as {names[-1]}")
    elif known is None:
        nobody = f"neither the ledger nor a file {SUMS} beside it knows {path.name}"
        sealed = path.suffix == ".json" and not ledger.exists()  # its seal is all that can be asked elsewhere
        (remarks if sealed else faults).append(f"{nobody}: it cannot be checked whether it is what was written")
    elif known == digest:
        fine.append("the file is what was written")
    else:
        faults.append(f"{path.name} is not what was written{_first_difference(path, content)}")
    if path.suffix == ".json":
        told = document_in(path, content)
        wrong = broken_parts(told)
        faults += [f"{path.name}: not as it was sealed: {part}" for part in wrong]
        if not wrong and as_json(told).encode() != content:
            faults.append(f"{path.name}: not in the one way that a document is written")
        if not wrong:
            fine.append("each part is as it was sealed")
        _compare_record(told, ledger, sound, fine=fine, faults=faults, remarks=remarks)
        _compare_playbooks(told, playbooks, fine=fine, faults=faults, remarks=remarks)
    return FileComparison(fine, faults, remarks)


def document_in(path: Path, content: bytes) -> Told:
    """Read a document; UsageError for what is none of ours."""
    try:
        told = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not a document of `toolkit audit export`: it holds no JSON") from error
    if not isinstance(told, dict) or SEAL not in told:
        raise UsageError(f"{path} is not a document of `toolkit audit export`: it has no `{SEAL}`")
    return told


def _compare_record(
    told: Told, ledger: "Ledger", sound: int, *, fine: list[str], faults: list[str], remarks: list[str]
) -> None:
    record = told.get("record")
    count, head = (record.get("entries"), record.get("head")) if isinstance(record, Mapping) else (None, None)
    if not ledger.exists():
        remarks.append("there is no ledger here to compare with")
    elif isinstance(count, int) and count > sound:
        faults.append(f"it rests on {count} entries of the ledger, of which {sound} are as written")
    elif (found := hash_at(ledger, count)) is None:
        faults.append(f"the ledger was cut, or is another one: it had {count} entries when this was made")
    elif found != head:
        faults.append(f"the ledger is another one, or was edited: entry {count} has another hash")
    else:
        fine.append(f"the ledger has the {count} entries that it rests on")


def _compare_playbooks(
    told: Told, playbooks: str | None, *, fine: list[str], faults: list[str], remarks: list[str]
) -> None:
    record = told.get("record")
    if playbooks is None:
        remarks.append("the playbooks were not compared: name them with --playbooks")
    elif isinstance(record, Mapping) and playbooks == record.get("playbooks"):
        fine.append("the playbooks are those that it was made with")
    else:
        faults.append("the playbooks are not those that it was made with")


def hash_at(ledger: "Ledger", n: object) -> str | None:
    """Read the hash of an entry of the ledger; None where there is none of that number."""
    from toolkit.ledger.chain import hash_at
    from toolkit.ledger.database import reading

    if not isinstance(n, int):
        return None
    ledger.make()
    with reading(ledger.engine) as connection:
        return hash_at(connection, n)


def recorded_digests(ledger: "Ledger", sound: int) -> Mapping[str, str]:
    """Give the digest that the first entries of the ledger record for each file, the last one of a name."""
    found: dict[str, str] = {}
    for _, entry in ledger.entries(last=sound) if ledger.exists() else ():
        if isinstance(entry, RunEnded):
            found.update(entry.exported)
    return found


def _sums_compared(content: bytes, written: Mapping[str, str]) -> FileComparison:
    lines = [line.partition("  ") for line in content.decode(errors="replace").splitlines()]
    wrong = [name for digest, _, name in lines if written.get(name) != digest]
    if wrong:
        return FileComparison([], [f"{SUMS}: the ledger does not know this digest of {name}" for name in wrong], [])
    return FileComparison(["each line is what the ledger recorded"], [], [])


def _in_sums(path: Path) -> str | None:
    beside = path.parent / SUMS
    try:
        lines = beside.read_text(encoding="utf-8").splitlines() if beside.exists() else []
    except (OSError, ValueError):
        return None
    return next((line.partition("  ")[0] for line in lines if line.partition("  ")[2] == path.name), None)


def _first_difference(path: Path, content: bytes) -> str:
    """Name the first line of a page or table that does not follow from the document beside it."""
    write = {".html": as_html, ".csv": as_csv}.get(path.suffix)
    document = path.with_suffix(".json")
    if write is None or not document.exists():
        return ""
    told = document_in(document, document.read_bytes())
    if broken_parts(told) or told.get("format") != FORMAT:
        return ""
    return next(_differing(content.decode(errors="replace"), write(told)), "")


def _differing(found: str, wanted: str) -> Iterator[str]:
    theirs, ours = found.splitlines(), wanted.splitlines()
    for n in range(max(len(theirs), len(ours))):
        if theirs[n : n + 1] != ours[n : n + 1]:
            yield f": line {n + 1}"


_WITH_LACKING = 3
"""The first format in which clauses say what of them does not hold."""

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


def earlier(path: Path, ledger: "Ledger", *, school: str, target: str, now: datetime) -> Beginning:
    """Give how the clauses stood then, and from which entry of the ledger on it is told what happened since.

    UsageError for what is no export of ours, of another school or target, newer than this toolkit or than this run,
    without clauses, or not as it was written.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"--compare {path}: it cannot be read: {error.strerror}") from error
    told = document_in(path, content)
    form = told.get("format")
    if not isinstance(form, int) or form > FORMAT:
        raise UsageError(f"--compare {path}: it was written by a newer toolkit (format {form}); update this one")
    _refuse_unsound(path, told, content, ledger)
    if told.get("school") != school:
        raise UsageError(f"--compare {path}: it is about {told.get('school')}, and these playbooks are for {school}")
    if told.get("target") != target:
        words = {"live": "the real tenants", "emulator": "emulated tenants, a practice run"}
        ours, theirs = words.get(target, target), words.get(str(told.get("target")), "something else")
        raise UsageError(f"--compare {path}: it is about {theirs}, and this run is about {ours}")
    if "clauses" not in told:
        raise UsageError(f"--compare {path}: it holds no clauses; name the .json of the pack governors or evidence")
    found = _read(path, told)
    if found.at > now:
        raise UsageError(
            f"--compare {path}: it was made at {found.at:%Y-%m-%d %H:%M}, which is still to come: name the file of an"
            " earlier report"
        )
    return Beginning(earlier=found, after=_entry(told, ledger))


def _refuse_unsound(path: Path, told: Told, content: bytes, ledger: "Ledger") -> None:
    """Refuse a document that a person changed, also where it was sealed again."""
    if wrong := broken_parts(told):
        raise UsageError(f"--compare {path}: it is not as it was written: {', '.join(wrong)}")
    if as_json(told).encode() != content:
        raise UsageError(f"--compare {path}: it is not in the one way that a document is written")
    known = recorded_digests(ledger, ledger.head().count).get(path.name) if ledger.exists() else None
    if known is not None and known != sha256(content).hexdigest():
        raise UsageError(f"--compare {path}: it is not what the ledger recorded under this name")


def _read(path: Path, told: Told) -> EarlierStatuses:
    try:
        return EarlierStatuses(
            at=datetime.fromisoformat(told["run"]["at"]),
            playbooks=str(told["record"]["playbooks"]),
            statuses={str(one["clause"]): str(one["status"]) for one in told["clauses"]},
            lacking=_lacking(told) if told["format"] >= _WITH_LACKING else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"--compare {path}: it is not a document of `toolkit audit export`: {error}") from error


def _lacking(told: Told) -> dict[str, dict[str, str]]:
    return {
        str(one["clause"]): {str(about): str(verdict) for about, verdict in one["lacking"].items()}
        for one in told["clauses"]
    }


def _entry(told: Told, ledger: "Ledger") -> int | None:
    """Give the last entry that a document rests on, where this ledger has it."""
    record = told.get("record")
    if not isinstance(record, Mapping) or not ledger.exists():
        return None
    count = record.get("entries")
    return count if isinstance(count, int) and hash_at(ledger, count) == record.get("head") else None
