"""Puts a copy of a ledger back where there is none, or where there is the beginning of the same one."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from toolkit.errors import LedgerError
from toolkit.ledger.archive import KEYS, copy_entries, copy_names, sound, unpacked
from toolkit.ledger.chain import Head, hash_at, last_entry
from toolkit.ledger.database import reading, writing
from toolkit.ledger.lease import Lease
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.structure import rebuild_in
from toolkit.ledger.tables import RUN


@dataclass(frozen=True, slots=True)
class Restored:
    """How many entries were there before, where the ledger ends now, and how many names came with it."""

    before: int
    head: Head
    names: int


def restore(ledger: Ledger, file: Path, *, target: str, run: str) -> Restored:
    """Add what a backup has behind the entries that are there, and nothing where they are not its beginning.

    LedgerError where the backup is not sound, is of another target, or where other entries are there.
    """
    with unpacked(file) as copy, reading(copy.engine) as stored:
        _same_target(copy, target, file)
        if ledger.exists():
            ledger.make()
            sound(ledger, "the ledger that is there")
        _not_behind(stored, ledger, file)
        _same_key(copy, ledger, file)
        ledger.make()
        with Lease(ledger, run=run):
            with writing(ledger.engine) as into:
                before = last_entry(into)
                if hash_at(stored, before.count) != before.hash:
                    raise LedgerError(_other(before, last_entry(stored), file))
                copy_entries(stored, into, before.count)
                names = copy_names(stored, into)
                rebuild_in(into)
            with writing(ledger.engine) as into:
                ledger.head_file.write(last_entry(into))
        _put_key(copy, ledger)
    return Restored(before.count, sound(ledger, "what was restored"), names)


def _other(before: Head, head: Head, file: Path) -> str:
    behind = f"it has {before.count} entries and {file} has {head.count}"
    return (
        f"the ledger that is there is not the beginning of the one in {file} ({behind}): nothing was restored. "
        "If the backup is to take its place, move the state directory away first"
    )


def _same_target(copy: Ledger, target: str, file: Path) -> None:
    with reading(copy.engine) as connection:
        of = connection.execute(select(RUN.c.target).limit(1)).scalar_one_or_none()
    if of not in {None, target}:
        raise LedgerError(f"{file} is of the {of} target, and this is the {target} one: set TOOLKIT_TARGET")


def _not_behind(stored: Connection, ledger: Ledger, file: Path) -> None:
    """Let no older backup hide that entries are lost, which the head file still tells."""
    remembered = ledger.head_file.read()
    if remembered is not None and not ledger.exists() and hash_at(stored, remembered.count) != remembered.hash:
        raise LedgerError(
            f"{ledger.head_file.path} says that there were {remembered.count} entries, and {file} does not have those: "
            "find a later backup, or move that file away to go on without them. Nothing was restored"
        )


def _same_key(copy: Ledger, ledger: Ledger, file: Path) -> None:
    """Names, or fingerprints, under two keys cannot stand in one ledger."""
    for brought, there in ((copy.directory / name, ledger.directory / name) for name in KEYS):
        if brought.is_file() and there.is_file() and brought.read_bytes() != there.read_bytes():
            raise LedgerError(
                f"{there} is another key than the one in {file}: move it away first. Nothing was restored"
            )


def _put_key(copy: Ledger, ledger: Ledger) -> None:
    for brought, there in ((copy.directory / name, ledger.directory / name) for name in KEYS):
        if brought.is_file() and not there.exists():
            there.touch(mode=0o600)
            there.write_bytes(brought.read_bytes())
