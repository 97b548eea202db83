"""The chain: how an entry hangs on the one before it, and the file that remembers where it ended."""

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

_MOST = 2**63 - 1  # what a database counts
START = "0" * 64
"""What the first entry names as the one before it."""

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
    """Read where the chain ends; LedgerError where its last entry was edited, for nothing may be hung on that."""
    row = connection.execute(_LAST).one_or_none()
    if row is None:
        return Head(0, START)
    if chained_hash(row.previous, row.text.encode()) != row.hash:
        raise LedgerError(f"entry {row.n} of the ledger was edited; nothing is added. `toolkit audit verify` says more")
    return Head(row.n, row.hash)


def _head(count: object, last: object) -> Head:
    if not isinstance(count, int) or not isinstance(last, str) or not 0 <= count <= _MOST:
        raise ValueError("it holds no count and hash")
    return Head(count, last)


def hash_at(connection: Connection, n: int) -> str | None:
    """Read the hash of an entry; None where there is none of that number."""
    if n == 0:
        return START
    stored_hash = connection.execute(_HASH_AT, {"at": n}).scalar_one_or_none()
    return None if stored_hash is None else str(stored_hash)


class HeadFile:
    """The file beside the ledger: written after each commit, it finds a tail that was cut off.

    It may be behind the chain, never ahead. When a run dies between commit and file, the last entry alone is
    unprotected, until the next one is added.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Head | None:
        """Read the file; None where there is none, LedgerError where it says nothing."""
        try:
            written = json.loads(self.path.read_bytes())
            return _head(written["count"], written["hash"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
            raise LedgerError(f"{self.path} does not say where the ledger ends: {error}") from error

    def write(self, head: Head) -> None:
        """Replace the file in one move; called by the one writer of the ledger."""
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
