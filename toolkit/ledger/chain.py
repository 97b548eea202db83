"""The chain: the hash of an entry includes the entry before it, and a file records the end."""

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
    """Hash an entry: over the hash before it and exactly the stored bytes of its text."""
    return hashlib.sha256(previous.encode(errors="surrogateescape") + text).hexdigest()


@dataclass(frozen=True, slots=True)
class Head:
    """How many entries there are, and the hash of the last."""

    count: int
    hash: str


def last_entry(connection: Connection) -> Head:
    """Return the end of the chain. LedgerError if its last entry was edited, because no entry may follow it."""
    row = connection.execute(_LAST).one_or_none()
    if row is None:
        return Head(0, START)
    if chained_hash(row.previous, row.text.encode()) != row.hash:
        raise LedgerError(f"entry {row.n} of the ledger was edited, so nothing is added. Run `toolkit audit verify`")
    return Head(row.n, row.hash)


def _head(count: object, last: object) -> Head:
    if not isinstance(count, int) or not isinstance(last, str) or not 0 <= count <= _MOST:
        raise ValueError("it has no count and hash")
    return Head(count, last)


def hash_at(connection: Connection, n: int) -> str | None:
    """Return the hash of an entry, None for an unknown number."""
    if n == 0:
        return START
    stored_hash = connection.execute(_HASH_AT, {"at": n}).scalar_one_or_none()
    return None if stored_hash is None else str(stored_hash)


class HeadFile:
    """The file next to the ledger that shows whether its end was cut off. It is written after each commit.

    It may be behind the chain, never ahead. If a run dies between commit and file, only the last entry is
    unprotected, until the next entry is added.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Head | None:
        """Return the recorded end, None without a file. LedgerError if the file is damaged."""
        try:
            written = json.loads(self.path.read_bytes())
            return _head(written["count"], written["hash"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
            raise LedgerError(f"{self.path} does not have the end of the ledger: {error}") from error

    def write(self, head: Head) -> None:
        """Replace the file in one move. Only the writer of the ledger calls this."""
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
