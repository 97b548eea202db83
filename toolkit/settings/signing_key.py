"""The setting that names the key with which toolkit signs reports and plans."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from toolkit.errors import UsageError
from toolkit.private_files import refuse_shared_key
from toolkit.school.signers import FileSigner, SignedContent
from toolkit.settings.settings import Settings
from toolkit.signatures import WrongSignature, find_signer, sign

SIGNING_KEY = "TOOLKIT_SIGNING_KEY_FILE"
_PROBE = b"toolkit signs this text to try a key"


def signing_key(settings: Settings) -> Path | None:
    """Return the key with which this computer signs, or None if the setting is empty.

    Raise UsageError as `find_signing_key` does.
    """
    return find_signing_key(settings.variables, settings.state)


def find_signing_key(variables: Mapping[str, str], state: Path) -> Path | None:
    """Return the key in a run's variables, or None if the setting is empty.

    Raise UsageError if there is no such file, if other users can open the private key, or if it is in the state folder,
    because a copy of that folder must not be enough to sign.
    """
    written = variables.get(SIGNING_KEY)
    if not written:
        return None
    path = Path(written)
    if not path.is_file():
        raise UsageError(f"{SIGNING_KEY}: there is no file {path}")
    if path.resolve().is_relative_to(state.resolve()):
        raise UsageError(f"{SIGNING_KEY}: {path} is in the state folder {state}. Move the key elsewhere")
    if path.suffix != ".pub":
        refuse_shared_key(path)
    return path


def listed_signing_key(
    key: Path | None, signers: Sequence[FileSigner], of: SignedContent, remark: Callable[[str], None]
) -> Path | None:
    """Return the key of this computer, or None if there is none or the school file does not list it for this content.

    A short text is signed, so that a key that cannot be used is an error before a run reads anything. Raise UsageError
    as `sign` does.
    """
    if key is None:
        return None
    try:
        find_signer(_PROBE, sign(_PROBE, key, of), of, signers)
    except WrongSignature:
        remark(
            f"toolkit: the {of} are not signed: no entry of `signers:` with `may: [{of}]` has the public key of {key}"
        )
        return None
    return key
