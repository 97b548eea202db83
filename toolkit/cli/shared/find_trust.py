"""Find the folder of the trust in which a command runs."""

from pathlib import Path

from toolkit.errors import UsageError
from toolkit.playbook.files import is_trust


def find_trust() -> Path:
    """Return the working directory or the nearest folder above it that has a trust.yaml. Raise UsageError if none."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if is_trust(folder):
            return folder
    raise UsageError(f"there is no trust.yaml in {here} or above: name the folder that has it")
