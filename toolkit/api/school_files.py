"""Functions that read the school's files. No tenant is read."""

from pathlib import Path

from toolkit.playbook.entries import Playbooks
from toolkit.playbook.load import load as load_playbooks


def load(path: Path | str) -> Playbooks:
    """Return the playbooks of a directory, or of one file in it, typed and checked; no tenant is asked.

    `school` is the school file, `playbooks` holds the controls and resources with file and line. PlaybookError with
    every problem at once.

        >>> api.load("playbooks").school.name
        'Example Primary School'
    """
    return load_playbooks(Path(path))
