"""Writes copies of evidence into a BagIt bag (RFC 8493), which other programs can verify too, and checks bags."""

import re
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

import toolkit
from toolkit.errors import ToolkitError, UsageError
from toolkit.holds.file_hashes import refuse_synced, sha256_of
from toolkit.holds.model import EvidenceCopy
from toolkit.private_files import make_private_folder

_MANIFEST, _TAGS = "manifest-sha256.txt", "tagmanifest-sha256.txt"
_DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_NOT_EVERYWHERE = re.compile(r'[%\\/:*?"<>|]')
"""Characters that Windows forbids in file names, or that programs write differently in a manifest."""


def name_in_bag(copy: EvidenceCopy) -> str:
    """Return the path, within a bag, of the file of a copy."""
    return f"{copy.number}-{_NOT_EVERYWHERE.sub('_', copy.name).rstrip(' .')}"


def find_file(copy: EvidenceCopy, folder: Path | None) -> Path:
    """Return the path of a copy's file.

    Without a folder or bag to look in, it is the path from which the file was added.
    """
    if folder is None:
        return Path(copy.path)
    return folder / "data" / name_in_bag(copy) if is_bag(folder) else folder / copy.name


def is_bag(folder: Path) -> bool:
    return (folder / "bagit.txt").is_file()


def write_bag(
    target: Path,
    copies: Sequence[EvidenceCopy],
    folder: Path | None,
    *,
    texts: Mapping[str, str],
    info: Mapping[str, str],
    today: date,
) -> str:
    """Copy files into a new bag and return the SHA-256 of its manifest.

    Raise ToolkitError and leave no bag behind if a file has changed since it was added.
    """
    if target.exists():
        raise UsageError(f"{target} exists already. Name a new folder")
    refuse_synced(target, "which would copy the evidence")
    left = re.compile(rf"\.{re.escape(target.name)}\.[0-9a-f]{{8}}")
    for path in target.absolute().parent.glob(f".{target.name}.*"):
        if left.fullmatch(path.name):
            raise UsageError(f"{path} is left over from an interrupted run. Delete it, and run this again")
    part = target.absolute().with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        _write_contents(part, copies, folder, texts, {**info, "Bagging-Date": today.isoformat()})
        part.rename(target)
    except OSError as error:
        raise ToolkitError(f"{target} cannot be written: {error.strerror}. No file was left") from error
    finally:
        with suppress(OSError):
            shutil.rmtree(part)  # it does not exist if it was renamed
    return sha256_of(target / _MANIFEST)


def _write_contents(
    part: Path, copies: Sequence[EvidenceCopy], folder: Path | None, texts: Mapping[str, str], info: Mapping[str, str]
) -> None:
    make_private_folder(part / "data")
    manifest = {name_in_bag(copy): _copy_file(copy, folder, part / "data") for copy in copies}
    for name, text in texts.items():
        (part / "data" / name).write_text(text, encoding="utf-8", newline="\n")
        manifest[name] = sha256_of(part / "data" / name)
    size = sum(path.stat().st_size for path in (part / "data").iterdir())
    lines = {
        **info,
        "Payload-Oxum": f"{size}.{len(manifest)}",
        "Bag-Software-Agent": f"toolkit {toolkit.__version__}",
    }
    _write_text(part / "bagit.txt", _DECLARATION)
    _write_text(part / "bag-info.txt", "".join(f"{name}: {value}\n" for name, value in lines.items()))
    _write_text(part / _MANIFEST, "".join(f"{digest}  data/{name}\n" for name, digest in sorted(manifest.items())))
    tags = [part / name for name in ("bag-info.txt", "bagit.txt", _MANIFEST)]
    _write_text(part / _TAGS, "".join(f"{sha256_of(path)}  {path.name}\n" for path in tags))


def _copy_file(copy: EvidenceCopy, folder: Path | None, into: Path) -> str:
    source, target = find_file(copy, folder), into / name_in_bag(copy)
    if not source.is_file():
        raise UsageError(
            f"copy {copy.number} is not at {source}: name the folder that contains it with --from. Nothing was written"
        )
    shutil.copyfile(source, target)
    digest = sha256_of(target)
    if digest != copy.sha256:
        raise ToolkitError(
            f"{source} differs from the file that was added as copy {copy.number}: its SHA-256 is {digest}, not "
            f"{copy.sha256}. Nothing was written"
        )
    return digest


def bag_faults(folder: Path) -> Iterator[str]:
    """Yield a message for each file of a bag that does not match the bag's manifests."""
    payload = {path.relative_to(folder).as_posix() for path in (folder / "data").rglob("*") if path.is_file()}
    for name in (_MANIFEST, _TAGS):
        listed = _read_manifest(folder / name)
        if listed is None:
            yield f"{name} is missing, or is not a manifest"
            continue
        for path, digest in listed.items():
            if not (folder / path).is_file():
                yield f"{path} is in {name} but not in the bag"
            elif sha256_of(folder / path) != digest:
                yield f"{path} differs from {name}"
        if name == _MANIFEST:
            yield from (f"{path} is in the bag but not in {name}" for path in sorted(payload - listed.keys()))


def _read_manifest(manifest: Path) -> Mapping[str, str] | None:
    """Return the digest of each path in a manifest, or None if the file is not a manifest."""
    try:
        rows = [line.split(None, 1) for line in manifest.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError):
        return None
    digests = {row[1]: row[0].lower() for row in rows if len(row) > 1}
    leaves = any(Path(path).is_absolute() or ".." in Path(path).parts for path in digests)
    return None if leaves or len(digests) != len(rows) else digests


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
