"""Folders and files that only their owner may open."""

import os
import secrets
import shlex
import sys
from pathlib import Path
from stat import S_IMODE

from toolkit.errors import UsageError

OTHERS = 0o077
"""The permissions of everyone but the owner."""
_OWNER = 0o700


def make_private_folder(path: Path) -> None:
    """Create a folder that only its owner can open, whatever the umask is.

    Missing parent folders are created in the same way. `Path.mkdir` would apply its mode only to the last folder and
    leave its parents open to other users of the computer.
    """
    missing: list[Path] = []
    for folder in (path, *path.parents):
        if folder.exists():
            break
        missing.append(folder)
    for folder in reversed(missing):
        folder.mkdir(mode=_OWNER, exist_ok=True)
        if sys.platform != "win32" and S_IMODE(folder.stat().st_mode) != _OWNER:
            folder.chmod(_OWNER)
    path.mkdir(mode=_OWNER, exist_ok=True)  # FileExistsError for a file of that name


def refuse_shared_key(path: Path) -> None:
    """Raise UsageError if other users of the computer may open a file with a private key."""
    if sys.platform == "win32":  # Windows files have no such mode
        return
    try:
        mode, content = S_IMODE(path.stat().st_mode), path.read_bytes()
    except OSError:
        return  # the later reader of the file reports the error
    is_certificate = b"BEGIN CERTIFICATE" in content and b"PRIVATE KEY" not in content
    if mode & OTHERS and not is_certificate:
        raise UsageError(
            f"{path} contains a private key, but other users of this computer can open it. Run `chmod 600 "
            f"{shlex.quote(str(path))}`"
        )


def write_private_file(path: Path, text: str) -> None:
    """Write a file completely or not at all.

    Only its owner can read the new file, even if others could read the file that it replaces.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error
