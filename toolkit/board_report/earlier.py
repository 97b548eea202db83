"""Reads the document of an earlier export, to be compared with; whatever cannot be trusted is refused."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.board_report.pack import FORMAT
from toolkit.board_report.period import Beginning, EarlierStatuses
from toolkit.board_report.seal import broken_parts
from toolkit.board_report.tables import Told
from toolkit.board_report.verify import document_in, hash_at, recorded_digests
from toolkit.board_report.writers import as_json
from toolkit.errors import UsageError

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
