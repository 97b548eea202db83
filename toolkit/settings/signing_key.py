"""The setting that names the key with which toolkit signs reports and plans."""

from pathlib import Path

from toolkit.errors import UsageError
from toolkit.private_files import refuse_shared_key
from toolkit.settings.settings import Settings

SIGNING_KEY = "TOOLKIT_SIGNING_KEY_FILE"


def signing_key(settings: Settings) -> Path | None:
    """Return the key with which this computer signs, or None if the setting is empty.

    Raise UsageError if there is no such file, if other users can open the private key, or if it is in the state folder,
    because a copy of that folder must not be enough to sign.
    """
    written = settings.variables.get(SIGNING_KEY)
    if not written:
        return None
    path = Path(written)
    if not path.is_file():
        raise UsageError(f"{SIGNING_KEY}: there is no file {path}")
    if path.resolve().is_relative_to(settings.state.resolve()):
        raise UsageError(f"{SIGNING_KEY}: {path} is in the state folder {settings.state}. Move the key elsewhere")
    if path.suffix != ".pub":
        refuse_shared_key(path)
    return path
