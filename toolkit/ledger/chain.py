"""The hash chain: each entry's hash covers the previous hash, and the head file records the last entry."""

import hashlib
import json
import os
from pathlib import Path

from sqlalchemy import Connection, bindparam, select

from toolkit.errors import LedgerError
from toolkit.ledger.tables import ENTRY
from toolkit.private_files import make_private_folder
from toolkit.records import dataclass
from toolkit.values import canonical_text

_MOST = 2**63 - 1  # the largest number in a database
START = "0" * 64
"""The previous hash of the first entry."""

_LAST = select(ENTRY).order_by(ENTRY.c.n.desc()).limit(1)
_HASH_AT = select(ENTRY.c.hash).where(ENTRY.c.n == bindparam("at"))


def chained_hash(previous: str, text: bytes) -> str:
    """Return the hash of an entry, computed from the previous entry's hash and the stored bytes of the entry's text."""
    return hashlib.sha256(previous.encode(errors="surrogateescape") + text).hexdigest()


@dataclass(frozen=True, slots=True)
class Head:
    """The head of the chain: the number of entries, and the hash of the last entry."""

    count: int
    hash: str


def last_entry(connection: Connection) -> Head:
    """Return the head of the chain. Raise LedgerError if the last entry was edited, because no entry may follow it."""
    row = connection.execute(_LAST).one_or_none()
    if row is None:
        return Head(0, START)
    if chained_hash(row.previous, row.text.encode()) != row.hash:
        raise LedgerError(f"entry {row.n} of the ledger was edited, so nothing is added. Run `toolkit audit verify`")
    return Head(row.n, row.hash)


def _to_head(count: object, last: object) -> Head:
    if not isinstance(count, int) or not isinstance(last, str) or not 0 <= count <= _MOST:
        raise ValueError("the count or the hash is missing")
    return Head(count, last)


def hash_at(connection: Connection, n: int) -> str | None:
    """Return the hash of the entry with this number, or None if there is no such entry."""
    if n == 0:
        return START
    stored_hash = connection.execute(_HASH_AT, {"at": n}).scalar_one_or_none()
    return None if stored_hash is None else str(stored_hash)


class HeadFile:
    """A file next to the ledger that shows whether entries were cut off at the ledger's end.

    The file is written after each commit, so it may be behind the chain but never ahead. If a run dies between the
    commit and the write, the last entry is unprotected until another entry is added.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Head | None:
        """Return the recorded head, or None if there is no file. Raise LedgerError if the file is damaged."""
        try:
            written = json.loads(self.path.read_bytes())
            return _to_head(written["count"], written["hash"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
            raise LedgerError(f"{self.path} does not have a valid record of the last entry: {error}") from error

    def write(self, head: Head) -> None:
        """Replace the file atomically. Only the process that writes to the ledger may call this."""
        try:
            make_private_folder(self.path.parent)
            fresh = self.path.with_name(f"{self.path.name}.new")
            with fresh.open("w", encoding="utf-8") as file:
                file.write(canonical_text({"format": 1, "count": head.count, "hash": head.hash}) + "\n")
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)
        except OSError as error:
            raise LedgerError(f"{self.path} cannot be written: {error}") from error
