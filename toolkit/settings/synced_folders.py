"""Recognise folders that a program synchronises with other computers, by the names in their paths."""

import re
from pathlib import Path

_SYNCED = (
    ("OneDrive", re.compile(r"onedrive( ?-.*)?", re.IGNORECASE)),
    ("SharePoint", re.compile(r"sharepoint( ?-.*)?", re.IGNORECASE)),
    ("Dropbox", re.compile(r"dropbox( ?\(.*\))?", re.IGNORECASE)),
    ("Google Drive", re.compile(r"google ?drive.*|my drive", re.IGNORECASE)),
    ("iCloud", re.compile(r"icloud ?drive|com~apple~clouddocs|mobile documents", re.IGNORECASE)),
)


def synced_by(directory: Path) -> str | None:
    """Return the program that synchronises a directory, judged by the names in its path, or None."""
    parts = directory.absolute().parts
    return next((name for name, form in _SYNCED if any(form.fullmatch(part) for part in parts)), None)


def sync_warning(directory: Path) -> str | None:
    """Return a warning, with advice, if the state directory is synchronised, or None."""
    program = synced_by(directory)
    if program is None:
        return None
    return (
        f"the state directory {directory} is in a folder of {program}. Synchronising it between computers damages the "
        "ledger, and names leave this computer. Set TOOLKIT_STATE to a directory that is only on this computer, and "
        "copy the ledger with `toolkit state backup`"
    )
