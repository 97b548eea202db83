"""Backs up the whole ledger to one file and restores the backup, and encrypts files for named recipients."""

import json
import lzma
import os
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from sqlalchemy import Connection, insert, select

from toolkit.errors import LedgerError, UsageError
from toolkit.ledger.chain import Head, hash_at, last_entry
from toolkit.ledger.database import open_read_transaction, open_write_transaction
from toolkit.ledger.fingerprints import HOLDS_KEY
from toolkit.ledger.lease import Lease
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.redact import Redactor
from toolkit.ledger.structure import raw_entries, rebuild, rebuild_in
from toolkit.ledger.tables import ENTRY, PERSON, RUN
from toolkit.ledger.verify import verify
from toolkit.records import dataclass

if TYPE_CHECKING:
    import pyrage  # type: ignore[import-untyped]


SUFFIX = ".age"
_SECRET = "AGE-SECRET-KEY-"  # noqa: S105 - how one begins


def parse_public_keys(written: Sequence[str]) -> "list[pyrage.x25519.Recipient]":
    """Parse public keys. Raise UsageError for a malformed key. The error never shows a secret key."""
    return [_parse_public_key(key.strip()) for key in written]


def encrypt(content: bytes, recipients: "Sequence[pyrage.x25519.Recipient]") -> bytes:
    """Return the content encrypted for the holders of some public keys. No file is written."""
    import pyrage

    sealed: bytes = pyrage.encrypt(content, list(recipients))
    return sealed


def _parse_public_key(written: str) -> "pyrage.x25519.Recipient":
    import pyrage

    if written.upper().startswith(_SECRET):
        raise UsageError(
            "--recipient is a secret key, which is now in this computer's command history. Create a new key "
            "with `age-keygen`, and give its public key, which begins with age1"
        )
    try:
        return pyrage.x25519.Recipient.from_str(written)
    except pyrage.RecipientError as error:
        raise UsageError(
            f"--recipient: {written} is not a public key of the program `age`. `age-keygen` creates one, "
            "which begins with age1"
        ) from error


KEY = "people.key"
KEYS = (KEY, HOLDS_KEY)
"""Files of a ledger next to its database.

A backup always has the holds key, because holds could not be compared without it.
"""

_DATABASE, _HEAD = "ledger.db", "ledger.head"
_DAMAGED = (BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, NotImplementedError, ValueError, KeyError)
"""Errors of zipfile for a damaged archive, a member with a password, or an unknown compression."""
_PIECE = 1 << 20
_LARGEST = 4 << 30  # bytes. A larger file is not a ledger.


def back_up(ledger: Ledger, file: Path, *, names: bool) -> Head:
    """Write a backup of a ledger to a new file that only its owner may read, and return the head of the copied chain.

    Raise LedgerError and write no file if the ledger or the copy is damaged.
    """
    if file.exists():
        raise UsageError(f"{file} exists already: name a new file")
    check_sound(ledger, "the ledger")
    with TemporaryDirectory() as place:
        directory = Path(place)
        _copy_database(ledger, directory, names=names)
        with Ledger(directory, redactor=Redactor()) as copy:
            with open_read_transaction(copy.engine) as connection:
                copy.head_file.write(last_entry(connection))
            head = check_sound(copy, "the copy")
        for name in KEYS if names else (HOLDS_KEY,):
            if (ledger.directory / name).is_file():
                (directory / name).write_bytes((ledger.directory / name).read_bytes())
        _pack(directory, file)
    return head


@contextmanager
def open_backup(file: Path) -> Iterator[Ledger]:
    """Open the ledger in a backup.

    Raise LedgerError if the chain is damaged anywhere from its first entry to its head.
    """
    with TemporaryDirectory() as place:
        try:
            with ZipFile(file) as archive:
                for name in [member for member in (_DATABASE, _HEAD, *KEYS) if member in archive.namelist()]:
                    _extract(archive, name, Path(place), file)
        except (OSError, *_DAMAGED) as error:
            raise LedgerError(f"{file} is not a backup of a ledger: {str(error) or type(error).__name__}") from error
        if not all((Path(place) / name).is_file() for name in (_DATABASE, _HEAD)):
            raise LedgerError(f"{file} is not a backup of a ledger, because it has no database")
        with Ledger(Path(place), redactor=Redactor()) as ledger:
            check_sound(ledger, str(file))
            yield ledger


def _extract(archive: ZipFile, name: str, place: Path, file: Path) -> None:
    """Unpack a file of a backup. Counts the unpacked bytes, because the size in the archive may be wrong."""
    size = 0
    with archive.open(name) as packed, (place / name).open("wb") as unpacked_file:
        while piece := packed.read(_PIECE):
            size += len(piece)
            if size > _LARGEST:
                raise LedgerError(f"{file} is not a backup of a ledger, because it is too large")
            unpacked_file.write(piece)


def check_sound(ledger: Ledger, what: str, done: str = "copied") -> Head:
    """Return the head of an undamaged ledger. Raise LedgerError with the first fault of a damaged ledger."""
    checked = verify(ledger)
    if not checked.is_sound:
        raise LedgerError(f"{what} is damaged: {checked.faults[0]} Nothing was {done}")
    return checked.head


def copy_entries(of: Connection, into: Connection, after: int) -> None:
    """Copy all entries after entry number `after` from one database to another, byte for byte."""
    for n, previous, text, own_hash in raw_entries(of):
        if n > after:
            into.execute(insert(ENTRY).values(n=n, previous=previous, text=text.decode(), hash=own_hash))


def copy_names(of: Connection, into: Connection) -> int:
    """Copy the people's names that the new database lacks, and return the number of names in the old database."""
    rows = of.execute(select(PERSON)).mappings().all()
    there = set(into.execute(select(PERSON.c.pseudonym)).scalars())
    for row in rows:
        if row["pseudonym"] not in there:
            into.execute(insert(PERSON).values(**row))
    return len(rows)


def _copy_database(ledger: Ledger, directory: Path, *, names: bool) -> None:
    if ledger.file is not None:
        _copy_file(ledger.file, directory / _DATABASE, names=names)
        return
    with Ledger(directory, redactor=Redactor()) as copy:
        copy.make()
        with open_read_transaction(ledger.engine) as stored, open_write_transaction(copy.engine) as into:
            copy_entries(stored, into, 0)
            if names:
                copy_names(stored, into)
        rebuild(copy)


def _copy_file(source: Path, target: Path, *, names: bool) -> None:
    """Copy a SQLite file while other processes may write to it.

    Leave out the lease and, unless `names` is set, people's names.
    """
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as of,
            closing(sqlite3.connect(target)) as into,
        ):
            of.backup(into)
            into.execute("DELETE FROM lease")
            if not names:
                into.execute("DELETE FROM person")
            into.commit()
            into.execute("VACUUM")  # free pages must not keep deleted rows
    except sqlite3.Error as error:
        raise LedgerError(f"the ledger {source} cannot be copied: {error}") from error


def _pack(directory: Path, file: Path) -> None:
    try:
        with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as opened:
            with ZipFile(opened, "w", ZIP_DEFLATED) as archive:
                for name in (_DATABASE, _HEAD, *KEYS):
                    if (directory / name).is_file():
                        archive.write(directory / name, name)
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class RestoredLedger:
    """The result of a restore: the earlier number of entries, the new head, and the number of restored names."""

    before: int
    head: Head
    names: int


def restore(
    ledger: Ledger, file: Path, *, target: str, run: str, tenants: Mapping[str, str] = MappingProxyType({})
) -> RestoredLedger:
    """Add the entries of a backup that the ledger lacks.

    Raise LedgerError if the backup is damaged, if it belongs to another target or to other `tenants` (ids by provider),
    or if the ledger is not the beginning of the backup.
    """
    with open_backup(file) as copy, open_read_transaction(copy.engine) as stored:
        _require_same_target(copy, target, file)
        _require_same_tenants(stored, tenants, file)
        if ledger.exists():
            ledger.make()
            check_sound(ledger, "the present ledger")
        _require_current_backup(stored, ledger, file)
        _require_same_key(copy, ledger, file)
        ledger.make()
        with Lease(ledger, run=run):
            with open_write_transaction(ledger.engine) as into:
                before = last_entry(into)
                if hash_at(stored, before.count) != before.hash:
                    raise LedgerError(_mismatch_text(before, last_entry(stored), file))
                copy_entries(stored, into, before.count)
                names = copy_names(stored, into)
                rebuild_in(into)
            with open_write_transaction(ledger.engine) as into:
                ledger.head_file.write(last_entry(into))
        _restore_key(copy, ledger)
    return RestoredLedger(before.count, check_sound(ledger, "what was restored"), names)


def _mismatch_text(before: Head, head: Head, file: Path) -> str:
    behind = f"the current ledger has {before.count} entries and {file} has {head.count}"
    return (
        f"the backup {file} is not a continuation of the current ledger ({behind}). Nothing was restored. To use "
        f"the backup in place of the current ledger, move the state directory away first"
    )


def _require_same_target(copy: Ledger, target: str, file: Path) -> None:
    with open_read_transaction(copy.engine) as connection:
        of = connection.execute(select(RUN.c.target).limit(1)).scalar_one_or_none()
    if of not in {None, target}:
        raise LedgerError(
            f"{file} belongs to the {of} target, but this run uses the {target} target: set TOOLKIT_TARGET"
        )


def _require_same_tenants(stored: Connection, tenants: Mapping[str, str], file: Path) -> None:
    """Raise LedgerError if the ledger is another school's, because its records do not apply to these tenants."""
    for _, _, written, _ in raw_entries(stored):
        entry = json.loads(written)
        if entry.get("kind") != "run_began":
            continue
        for provider, tenant in entry["tenants"].items():
            if provider in tenants and tenants[provider].casefold() != tenant.casefold():
                raise LedgerError(
                    f"{file} is the ledger of another {provider} tenant, {tenant}, and the school file names "
                    f"{tenants[provider]}. Nothing was restored"
                )


def _require_current_backup(stored: Connection, ledger: Ledger, file: Path) -> None:
    """Raise LedgerError for a backup with fewer entries than the head file records, which would hide the loss."""
    remembered = ledger.head_file.read()
    if remembered is not None and not ledger.exists() and hash_at(stored, remembered.count) != remembered.hash:
        raise LedgerError(
            f"{ledger.head_file.path} records {remembered.count} entries, but {file} does not have all of them: "
            "find a later backup, or move the head file away to continue without them. Nothing was restored"
        )


def _require_same_key(copy: Ledger, ledger: Ledger, file: Path) -> None:
    """Raise LedgerError if the backup has a different key, because all pseudonyms of a ledger need a single key."""
    for brought, there in ((copy.directory / name, ledger.directory / name) for name in KEYS):
        if brought.is_file() and there.is_file() and brought.read_bytes() != there.read_bytes():
            raise LedgerError(
                f"{there} is not the same key as the key in {file}: move it away first. Nothing was restored"
            )


def _restore_key(copy: Ledger, ledger: Ledger) -> None:
    for brought, there in ((copy.directory / name, ledger.directory / name) for name in KEYS):
        if brought.is_file() and not there.exists():
            there.touch(mode=0o600)
            there.write_bytes(brought.read_bytes())
