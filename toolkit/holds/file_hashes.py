"""Hashes a file on this computer, and compares the hashes with a vendor's hashes of an export."""

import base64
import binascii
import hashlib
import re
from dataclasses import field
from pathlib import Path

from toolkit.errors import ToolkitError, UsageError
from toolkit.real_path import real_path
from toolkit.records import dataclass
from toolkit.settings.synced_folders import synced_by

_PIECE = 1 << 20
_METHODS = ("md5", "sha1", "sha256")


@dataclass(frozen=True, slots=True)
class HashedFile:
    """A file, its size and its hashes in hex digits."""

    path: Path
    bytes: int
    hashes: dict[str, str] = field(repr=False)

    @property
    def sha256(self) -> str:
        return self.hashes["sha256"]

    @property
    def md5(self) -> str:
        return self.hashes["md5"]

    def compare(self, written: str, what: str) -> str:
        """Check the file against a hash such as `md5:...` and return the hash.

        Raise ToolkitError if the file's hash differs.
        """
        method, _, value = written.partition(":")
        if method not in _METHODS:
            raise UsageError(f"{what} must begin with {', '.join(f'{name}:' for name in _METHODS)}")
        digest = plain_hash(value)
        if len(digest) != len(self.hashes[method]):
            raise UsageError(f"{what} is not a valid {method} hash: write its hex digits")
        if digest != self.hashes[method]:
            raise ToolkitError(
                f"{self.path} is not {what}: its {method} is {self.hashes[method]}, not {digest}. Nothing was "
                "recorded: download it again"
            )
        return f"{method}:{digest}"


def plain_hash(written: str) -> str:
    """Return a hash in lower-case hex digits. Some services write it in base64."""
    text = written.strip()
    if re.fullmatch(r"[0-9a-fA-F]+", text):
        return text.lower()
    try:
        return base64.b64decode(text, validate=True).hex()
    except binascii.Error:
        return text


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file. Raise ToolkitError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ToolkitError(f"{path} cannot be read: {error.strerror}") from error


def refuse_synced(path: Path, why: str) -> None:
    """Raise UsageError if a path is in a folder that a program syncs to a cloud."""
    if program := synced_by(real_path(path)):
        raise UsageError(
            f"{path} is in a folder of {program}, {why}: use an encrypted stick or disk, and remove the copy there and "
            "in the cloud. Nothing was recorded"
        )


def hash_file(path: Path) -> HashedFile:
    """Read a file and return its hashes. Raise UsageError if the file changes meanwhile or is in a synced folder."""
    resolved = real_path(path)
    if not resolved.name.isprintable():
        raise UsageError("a file's name has a character that cannot be printed: rename the file. Nothing was recorded")
    refuse_synced(resolved, "which makes a second copy of it")
    hashes = {method: hashlib.new(method, usedforsecurity=False) for method in _METHODS}
    try:
        with resolved.open("rb") as file:
            before = resolved.stat()
            while piece := file.read(_PIECE):
                for hasher in hashes.values():
                    hasher.update(piece)
        after = resolved.stat()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    if (before.st_size, before.st_mtime_ns, before.st_ino) != (after.st_size, after.st_mtime_ns, after.st_ino):
        raise ToolkitError(f"{path} was changed while it was read. Nothing was recorded: try again when it is complete")
    return HashedFile(resolved, after.st_size, {method: hasher.hexdigest() for method, hasher in hashes.items()})
