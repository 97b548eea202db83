"""Keyed fingerprints of holds, and pseudonyms for people. People's names are stored outside the chain."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from sqlalchemy import delete, insert, select

from toolkit.errors import LedgerError
from toolkit.ledger.act_kinds import HOLD
from toolkit.ledger.database import open_read_transaction, open_write_transaction
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.tables import PERSON
from toolkit.private_files import make_private_folder
from toolkit.sdk.resource import Address
from toolkit.values import Settings, Value, canonical_text, plain, unique

HOLDS_KEY = "holds.key"
"""The file next to the ledger with the key of the fingerprints."""

_SHOWN = 32  # hex digits

NOT_TOLD = ("comment", "url")
"""Settings that Outlook shows to the person. A hold must not have them, whatever was read back."""


class Fingerprints:
    """Computes fingerprints with a secret key from the state folder."""

    def __init__(self, directory: Path) -> None:
        self._key = school_key(directory / HOLDS_KEY)

    def fingerprint(self, *words: str) -> str:
        """Return the keyed hash of some words."""
        return hmac.new(self._key, "\0".join(words).encode(), hashlib.sha256).hexdigest()[:_SHOWN]

    def hold_fingerprints(self, provider: str, account: str, settings: Settings) -> frozenset[str]:
        """Return a fingerprint for each setting of the holds on an account, and for each entry of a list."""
        return frozenset(self.fingerprint(provider, account, *fact) for fact in _fact_texts(settings))

    def cloud_fingerprints(self, provider: str, accounts: Mapping[str, Settings]) -> frozenset[str]:
        """Return the fingerprints of all holds in one cloud."""
        return frozenset().union(
            *(self.hold_fingerprints(provider, key, settings) for key, settings in accounts.items())
        )

    def others_address(self, provider: str) -> Address:
        """Return the address under which the ledger records the holds that other people placed in a cloud."""
        return Address(provider, HOLD, self.fingerprint("units", provider))  # once only those on units were watched

    def preservation_fingerprints(self, provider: str, accounts: Mapping[str, Settings]) -> frozenset[str]:
        """Return the fingerprints of all holds that keep data of an account, including holds that other people placed.

        Each hold also gets the fingerprints of weaker holds, so that no fingerprint seems to be missing after a hold
        was strengthened.
        """
        kept = ((key, _settings_that_keep_data(settings)) for key, settings in accounts.items())
        return frozenset().union(*(self.hold_fingerprints(provider, key, settings) for key, settings in kept))

    def accounts_without(
        self, provider: str, accounts: Mapping[str, Settings], marks: frozenset[str]
    ) -> Mapping[str, Settings]:
        """Return the accounts whose holds have none of the given fingerprints."""
        return {
            key: settings
            for key, settings in accounts.items()
            if not self.hold_fingerprints(provider, key, settings) & marks
        }

    def expected_fingerprints(
        self,
        provider: str,
        accounts: Collection[str],
        there: Mapping[str, Settings],
        *,
        mailbox: bool,
        person_knows: bool,
    ) -> frozenset[str]:
        """Return the fingerprints of holds that must not disappear from now on.

        Settings that would show the hold to the person are left out. `mailbox` is whether the mailbox itself has a
        confirmed hold, whose details are then included. `person_knows` is whether the person was informed of the hold.
        """
        fingerprints: set[str] = set()
        for account in accounts:
            settings = {
                name: value for name, value in there.get(account, {}).items() if mailbox or isinstance(value, tuple)
            }
            for name in NOT_TOLD:
                if name in settings:
                    settings.pop(name)
                    if not person_knows:
                        settings[name] = False
            fingerprints |= self.hold_fingerprints(provider, account, settings)
        return frozenset(fingerprints)


_PERIODS = (1, 30, 90, 180, 365, 730, 1095, 1825, 2555, 3650)
"""Days: a hold for a number of days keeps at least as long as each of these that is not longer."""


def _settings_that_keep_data(settings: Settings) -> Settings:
    return {
        name: _value_with_weaker_holds(name, value)
        for name, value in settings.items()
        if value and name not in NOT_TOLD
    }


def _value_with_weaker_holds(name: str, value: Value) -> Value:
    if name == "duration" and isinstance(value, int | str):
        without_end = ("unlimited",) if value == "unlimited" else ()
        days = float("inf") if without_end else value if isinstance(value, int) else 0
        return (*without_end, *(f"at least {period} days" for period in _PERIODS if period <= days))
    if not isinstance(value, tuple):
        return value
    return unique((*value, *map(_entry_limited_by_query, value)))


def _entry_limited_by_query(entry: str) -> str:
    """Return the text with which a connector writes the same hold when a query limits the hold."""
    place, _, kept = entry.rpartition("/")
    match kept:
        case "whole":
            return f"{place}/restricted"
        case "restricted" | "query":
            return entry
        case _:
            return f"{entry}/query"


def _fact_texts(settings: Settings) -> Iterator[tuple[str, str]]:
    for name, value in settings.items():
        for fact in value if isinstance(value, tuple) else (value,):
            yield name, canonical_text({"is": plain(fact)})


def addresses_of_others(directory: Path, providers: Iterable[str]) -> frozenset[Address]:
    """Return the ledger addresses of holds that other people placed.

    Return none, and create no key, if the key does not exist.
    """
    if not (directory / HOLDS_KEY).exists():
        return frozenset()
    return frozenset(map(Fingerprints(directory).others_address, providers))


_KEY_BYTES = 32
_PSEUDONYM_DIGITS = 16  # hex digits: two of a million people share a pseudonym once in thirty million schools


class Pseudonyms:
    """Maps people's addresses to pseudonyms with the school's key.

    Maps pseudonyms back to addresses that are still stored.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._key = school_key(ledger.directory / "people.key")

    def create_pseudonym(self, address: str) -> str:
        """Return the pseudonym of an address, which never changes, and store the address."""
        plain, name = address.strip().casefold(), self.find_pseudonym(address)
        self._ledger.make()
        with open_write_transaction(self._ledger.engine) as connection:
            if connection.execute(select(PERSON).where(PERSON.c.pseudonym == name)).one_or_none() is None:
                connection.execute(insert(PERSON).values(pseudonym=name, address=plain))
        return name

    def find_pseudonym(self, address: str) -> str:
        """Return the pseudonym of an address without storing the address."""
        plain = address.strip().casefold()
        return "person-" + hmac.new(self._key, plain.encode(), hashlib.sha256).hexdigest()[:_PSEUDONYM_DIGITS]

    def address(self, pseudonym: str) -> str | None:
        """Return the address for a pseudonym, or None if the address is unknown or was deleted."""
        self._ledger.make()
        with open_read_transaction(self._ledger.engine) as connection:
            query = select(PERSON.c.address).where(PERSON.c.pseudonym == pseudonym)
            return connection.execute(query).scalar_one_or_none()

    def forget(self, address: str) -> None:
        """Delete one person's stored address. Entries keep the pseudonym."""
        self._ledger.make()
        with open_write_transaction(self._ledger.engine) as connection:
            connection.execute(delete(PERSON).where(PERSON.c.address == address.strip().casefold()))


def school_key(path: Path) -> bytes:
    """Return the school's key. If there is no key, create one in a file that only its owner may read."""
    if not path.exists():
        _make_key(path)
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise LedgerError(f"{path} is not a key of {_KEY_BYTES} bytes. Restore it from a backup")
    return key


def _make_key(path: Path) -> None:
    make_private_folder(path.parent)
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
