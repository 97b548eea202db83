"""Closes a file so that only named people open it: with age, whose own program opens it anywhere."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from toolkit.errors import UsageError

if TYPE_CHECKING:
    import pyrage  # type: ignore[import-untyped]

SUFFIX = ".age"
_SECRET = "AGE-SECRET-KEY-"  # noqa: S105 - how one begins


def readers(written: Sequence[str]) -> "list[pyrage.x25519.Recipient]":
    """Read public keys; UsageError for what is none, and without showing it for a secret one."""
    return [_reader(one.strip()) for one in written]


def closed(content: bytes, for_whom: "Sequence[pyrage.x25519.Recipient]") -> bytes:
    """Encrypt, in memory alone."""
    import pyrage

    sealed: bytes = pyrage.encrypt(content, list(for_whom))
    return sealed


def _reader(written: str) -> "pyrage.x25519.Recipient":
    import pyrage

    if written.upper().startswith(_SECRET):
        raise UsageError(
            "--recipient: that is a secret key, and it is now in this computer's history of commands. "
            "Make a new one with `age-keygen`, and give its public key, which begins with age1"
        )
    try:
        return pyrage.x25519.Recipient.from_str(written)
    except pyrage.RecipientError as error:
        raise UsageError(
            f"--recipient: {written} is not a public key of age; `age-keygen` makes one, and it begins with age1"
        ) from error
