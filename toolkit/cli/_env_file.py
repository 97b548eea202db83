"""A school's `.env`: what it sets, who owns it, and what about it needs permission on a live target."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from stat import S_IMODE

from toolkit.errors import UsageError

PREFIX = "TOOLKIT_"
READABLE = "other users can read it"
FOREIGN = "another user owns it"
REDIRECTING: Mapping[str, str] = {
    "TOOLKIT_LEDGER": "the database that evidence goes to",
    "TOOLKIT_CA_FILE": "the authority that every encrypted connection trusts",
}
"""Variables that lead what we send or record to other machines."""
_OTHERS = 0o077
_SUPERUSER = 0


@dataclass(frozen=True, slots=True)
class EnvFile:
    """What one reading of a `.env` gave; `digest` is the SHA-256 of the bytes that the values come from."""

    path: Path
    owner: int
    mode: int
    digest: str
    values: Mapping[str, str] = field(repr=False)

    @property
    def risks(self) -> tuple[str, ...]:
        """Return what has to be allowed once before a live run uses the file."""
        return tuple(self._risks())

    def _risks(self) -> Iterator[str]:
        if os.name == "posix":  # elsewhere a file has neither such a mode nor such an owner
            if self.mode & _OTHERS:
                yield READABLE
            if self.owner not in {_SUPERUSER, os.getuid()}:
                yield FOREIGN
        yield from (name for name in REDIRECTING if name in self.values)


def read_env_file(path: Path) -> EnvFile | None:
    """Read a `.env` once; None where there is none, UsageError where it cannot be read."""
    from dotenv import dotenv_values

    if not path.exists():
        return None
    if not path.is_file():
        raise UsageError(f"{path} cannot be read: it is no file")
    try:
        with path.open("rb") as file:
            content, status = file.read(), os.fstat(file.fileno())
        written = dotenv_values(stream=StringIO(content.decode()), interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    values = {name: value for name, value in written.items() if name.startswith(PREFIX) and value}
    return EnvFile(path, status.st_uid, S_IMODE(status.st_mode), hashlib.sha256(content).hexdigest(), values)
