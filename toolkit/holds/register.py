"""The register of holds: an encrypted file with people and cases, which is not loaded as a playbook."""

import hashlib
import hmac
import os
import secrets
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from toolkit.errors import EvidenceNeeded, ToolkitError, UsageError
from toolkit.holds.model import FORMAT, Holds, recorded_fingerprints
from toolkit.private_files import make_private_folder

if TYPE_CHECKING:
    import pyrage  # type: ignore[import-untyped]

    from toolkit.ledger.ledger import Ledger

FILE = Path("private") / "holds.yaml.age"
KEY = "TOOLKIT_HOLDS_KEY"
_MATTER = 12  # hex digits


class RegisterDamaged(ToolkitError):
    """Raised if the decrypted file is not a complete register."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"{path} is damaged. It was decrypted, but it is not a register of holds: {why}. Restore it from a "
            "backup. Nothing was changed"
        )


class Register:
    """Reads and writes the register of a folder of playbooks. Raises UsageError if the key is missing or wrong."""

    def __init__(self, playbooks: Path, key: str | None) -> None:
        self.path = playbooks / FILE
        self._identity = _parse_key(key, self.path)
        self._key = (key or "").strip().encode()

    @property
    def reader(self) -> "pyrage.x25519.Recipient":
        """Return the public key. Content encrypted with it can only be read with the register's key."""
        return self._identity.to_public()

    def matter(self, case: str) -> str:
        """Return the name that a case has in the clouds, which does not reveal the case to readers without the key."""
        return f"Matter {self.fingerprint('matter', case.strip().casefold())[:_MATTER]}"

    def fingerprint(self, *words: str) -> str:
        """Return a hash of some texts, keyed with the register's key."""
        return hmac.new(self._key, "\0".join(words).encode(), hashlib.sha256).hexdigest()

    def read(self) -> Holds:
        """Return the decrypted register, or an empty register if there is no file."""
        import pyrage

        if not self.path.exists():
            return Holds()
        try:
            text = pyrage.decrypt(self.path.read_bytes(), [self._identity])
        except (pyrage.DecryptError, OSError) as error:
            raise UsageError(
                f"{self.path} cannot be read with the key in {KEY}: {error}. Set the key with "
                "which the file was encrypted. Nothing was changed"
            ) from error
        return _parse_holds(self.path, text)

    def write(self, holds: Holds) -> None:
        """Encrypt and replace the whole file, readable only by its owner."""
        import pyrage

        sealed = pyrage.encrypt(_to_yaml(holds), [self._identity.to_public()])
        make_private_folder(self.path.parent)
        fresh = self.path.with_name(f"{self.path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)


def refuse_while_held(playbooks: Path, key: str | None, ledger: "Ledger") -> None:
    """Raise EvidenceNeeded if a case is not released, and UsageError if the register cannot be read.

    While a case is open all names are kept, because keeping only some would show who is on hold.
    """
    register = playbooks / FILE
    if register.exists():
        if Register(playbooks, key).read().open_cases():
            raise EvidenceNeeded(
                "nothing was removed, because a case in the register of holds is open and names may be evidence in "
                "it. `toolkit hold list` shows the cases. Run this again once all of them are released"
            )
    else:
        refuse_missing_register(register, ledger, result="Nothing was removed")


def refuse_missing_register(register: Path, ledger: "Ledger", *, result: str) -> None:
    """Raise UsageError if the ledger records holds that toolkit placed. `result` is the end of the message."""
    if ledger.exists() and _has_placed_holds(ledger):
        raise UsageError(
            f"the ledger has records of holds, but {register} is missing. Restore the file from a backup. {result}"
        )


def _has_placed_holds(ledger: "Ledger") -> bool:
    """Return whether the ledger records holds that toolkit placed, not only holds that others placed."""
    from toolkit.ledger.act_kinds import HOLD
    from toolkit.ledger.fingerprints import addresses_of_others
    from toolkit.ledger.memory import LedgerMemory

    holds = {
        address: remembered.sent for address, remembered in LedgerMemory(ledger).all().items() if address.kind == HOLD
    }
    of_others = addresses_of_others(ledger.directory, {address.provider for address in holds})
    ours = (sent for address, sent in holds.items() if address not in of_others)
    return any(recorded_fingerprints(sent) or sent.get("waiting") is True for sent in ours)


def new_key() -> str:
    """Return a new secret key in the format of the program `age`."""
    import pyrage

    return str(pyrage.x25519.Identity.generate())


def _parse_key(key: str | None, path: Path) -> "pyrage.x25519.Identity":
    import pyrage

    if not key:
        if path.exists():
            raise UsageError(
                f"{KEY} is not set. Set it to the key with which {path} was encrypted, because no other key opens "
                "the file"
            )
        raise UsageError(
            f"{KEY} is not set, but the register of holds is encrypted with it. Create a key with `toolkit hold key`, "
            "keep it in a place that two people know, and set it on the computer that places holds, not on the "
            "computer that runs scheduled jobs"
        )
    try:
        return pyrage.x25519.Identity.from_str(key.strip())
    except pyrage.IdentityError as error:
        raise UsageError(f"{KEY} is not a key of `toolkit hold key`: it begins with AGE-SECRET-KEY-1") from error


@cache
def _adapter() -> TypeAdapter[Holds]:
    return TypeAdapter(Holds)


def _to_yaml(holds: Holds) -> bytes:
    from io import BytesIO

    from ruamel.yaml import YAML

    stream = BytesIO()
    YAML(typ="safe", pure=True).dump(_adapter().dump_python(holds, mode="json"), stream)
    return stream.getvalue()


def _parse_holds(path: Path, text: bytes) -> Holds:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        written = YAML(typ="safe", pure=True).load(text)
        holds = _adapter().validate_python(written, strict=False)
    except ValidationError as error:  # its text may name a person on hold
        raise RegisterDamaged(path, "a part of the content is missing or wrong") from error
    except (YAMLError, ValueError, TypeError, RecursionError) as error:  # errors of a damaged text
        raise RegisterDamaged(path, "its text cannot be parsed") from error
    if holds.format != FORMAT:
        raise UsageError(f"{path} has format {holds.format}; this toolkit reads format {FORMAT}")
    if "cases" not in written:
        raise RegisterDamaged(path, "it has no `cases`")  # an empty register would mean that nothing is on hold
    return holds
