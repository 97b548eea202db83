"""Sign files with an SSH key, and check signatures against the keys of the school file.

The program ssh-keygen does both, so anyone who has OpenSSH can check a signature without toolkit. See ssh-keygen(1).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.errors import Exit, ToolkitError, UsageError
from toolkit.records import dataclass
from toolkit.school.signers import FileSigner, SignedContent

if TYPE_CHECKING:
    import subprocess

SUFFIX = ".sig"
"""The suffix of a report's or plan's signature, after the name of the signed file."""
APPROVAL_SUFFIX = ".approval"
"""The suffix of the signature with which someone approves a plan."""
_PROGRAM = "ssh-keygen"
_PATIENCE = 300  # seconds, in which a person types a passphrase or touches a security key


@dataclass(frozen=True, slots=True)
class SignatureCheck:
    """The result of checking the signature of a file. `is_wrong` is False if it could not be checked."""

    path: Path
    signer: str  # "" if no key of the school is known to have made the signature
    is_wrong: bool
    text: str


class WrongSignature(ToolkitError):
    """A file's signature is invalid, or none of the school's keys that may sign the file made it."""

    exit = Exit.REFUSED


def sign(content: bytes, key: Path, of: SignedContent) -> bytes:
    """Return the armoured SSH signature of some content.

    `key` is a private key, or the public key of a private key that the SSH agent holds. Raise UsageError if ssh-keygen
    is not installed or cannot use the key.
    """
    done = _run(["-Y", "sign", "-f", str(key), "-n", of.namespace], content)
    if done.returncode or not done.stdout.startswith(b"-----BEGIN SSH SIGNATURE-----"):
        raise UsageError(f"the key {key} cannot sign: {_last_line(done.stderr)}")
    return done.stdout


def find_signer(content: bytes, signature: bytes, of: SignedContent, signers: Sequence[FileSigner]) -> FileSigner:
    """Return the signer whose key signed some content.

    Raise WrongSignature if the content was changed, or if no key that may sign it made the signature. Raise UsageError
    if ssh-keygen is not installed.
    """
    from tempfile import TemporaryDirectory  # loaded only by a run that signs

    allowed = [signer for signer in signers if of in signer.may]
    with TemporaryDirectory(prefix="toolkit-signature-") as folder:
        written, keys = Path(folder) / "signature", Path(folder) / "allowed_signers"
        written.write_bytes(signature)
        keys.write_text("".join(f"{signer.allowed_signers_line}\n" for signer in allowed), encoding="utf-8")
        for signer in allowed:
            check = ["-Y", "verify", "-f", str(keys), "-I", signer.name, "-n", of.namespace, "-s", str(written)]
            if not _run(check, content).returncode:
                return signer
        if _run(["-Y", "check-novalidate", "-n", of.namespace, "-s", str(written)], content).returncode:
            raise WrongSignature(f"changed since it was signed, or not signed as one of the {of}")
    raise WrongSignature(f"no key under `signers:` that may sign {of} made the signature")


def check_files(
    paths: Sequence[Path], of: SignedContent, signers: Sequence[FileSigner] | None
) -> Sequence[SignatureCheck]:
    """Check the signature next to each file. Without `signers`, the keys of the school are not known.

    A file without a signature is listed only if the school has a key for such files.
    """
    checks = (_check_file(path, of, signers) for path in dict.fromkeys(paths))
    return [check for check in checks if check]


def _check_file(path: Path, of: SignedContent, signers: Sequence[FileSigner] | None) -> SignatureCheck | None:
    signature = path.with_name(f"{path.name}{SUFFIX}")
    if not signature.is_file():
        expected = any(of in signer.may for signer in signers or ())
        return SignatureCheck(path, "", False, f"{path.name} has no signature next to it") if expected else None
    if signers is None:
        return SignatureCheck(
            path,
            "",
            False,
            f"{signature.name} was not checked. Name the playbooks, which list the keys, with --playbooks",
        )
    try:
        signer = find_signer(path.read_bytes(), signature.read_bytes(), of, signers)
    except OSError as error:
        raise UsageError(f"{signature} cannot be read: {error.strerror}") from error
    except WrongSignature as error:
        return SignatureCheck(path, "", True, f"{path.name}: {error}")
    return SignatureCheck(path, signer.name, False, f"{path.name} was signed by {signer.name} ({signer.fingerprint})")


def _run(arguments: Sequence[str], content: bytes) -> "subprocess.CompletedProcess[bytes]":
    import subprocess  # loaded only by a run that signs

    try:
        return subprocess.run(
            [_PROGRAM, *arguments], input=content, capture_output=True, check=False, timeout=_PATIENCE
        )
    except FileNotFoundError as error:
        raise UsageError(f"{_PROGRAM} is not installed. Install OpenSSH's client programs") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"{_PROGRAM} cannot be used: {error}") from error


def _last_line(text: bytes) -> str:
    lines = [line.strip() for line in text.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "ssh-keygen gave no reason"
