"""Who the pseudonyms are: outside the chain, so that the evidence stays when a person is forgotten."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from sqlalchemy import delete, insert, select

from toolkit.errors import LedgerError
from toolkit.ledger.database import reading, writing
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.tables import PERSON

_KEY_BYTES = 32
_SHOWN = 16  # hex digits: two of a million people share a pseudonym once in thirty million schools


class Pseudonyms:
    """Gives people pseudonyms under the school's key, and names again while they are not forgotten."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._key = school_key(ledger.directory / "people.key")

    def pseudonym(self, address: str) -> str:
        """Name a person so that the same address always gives the same name, and remember whose it is."""
        plain = address.strip().casefold()
        name = "person-" + hmac.new(self._key, plain.encode(), hashlib.sha256).hexdigest()[:_SHOWN]
        self._ledger.make()
        with writing(self._ledger.engine) as connection:
            if connection.execute(select(PERSON).where(PERSON.c.pseudonym == name)).one_or_none() is None:
                connection.execute(insert(PERSON).values(pseudonym=name, address=plain))
        return name

    def address(self, pseudonym: str) -> str | None:
        """Say who it is; None where nobody knows any more."""
        self._ledger.make()
        with reading(self._ledger.engine) as connection:
            query = select(PERSON.c.address).where(PERSON.c.pseudonym == pseudonym)
            return connection.execute(query).scalar_one_or_none()

    def forget(self, address: str) -> None:
        """Forget one person's address; the entries keep the pseudonym."""
        self._ledger.make()
        with writing(self._ledger.engine) as connection:
            connection.execute(delete(PERSON).where(PERSON.c.address == address.strip().casefold()))

    def forget_all(self) -> None:
        """Empty the table."""
        self._ledger.make()
        with writing(self._ledger.engine) as connection:
            connection.execute(delete(PERSON))


def school_key(path: Path) -> bytes:
    """Read the school's key, made when it is first asked for; only its owner may read the file."""
    if not path.exists():
        _make_key(path)
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise LedgerError(f"{path} is not a key of {_KEY_BYTES} bytes; restore it from a backup")
    return key


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(_KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(fresh)  # whole or not at all, and the first of two wins
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
