"""Keep the ledger's head in the git repository of the playbooks, as a note or a tag, and read these heads again.

Nothing is pushed. A head in git proves something only after someone pushed it to another computer.
"""

import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from toolkit.errors import UsageError
from toolkit.ledger.chain import Head
from toolkit.ledger.outside_heads import IN_GIT, OutsideHead, find_heads, head_text

NOTE, TAG = "note", "tag"
_NOTES = "refs/notes/toolkit"
_TAGS = "refs/tags/toolkit/record"
_PATIENCE = 60  # seconds
_IDENTITY = ("-c", "user.name=toolkit", "-c", "user.email=toolkit@localhost", "-c", "tag.gpgSign=false")
_COMMIT = re.compile(r"[0-9a-f]{40,64}")


def keep_head(folder: Path, head: Head, as_: str, run: str) -> None:
    """Add the head as a note to the present commit of a folder's repository, or as a tag.

    Raise UsageError if git is not installed, or if the folder is not in a repository with a commit.
    """
    text = f"Run {run}: {head_text(head)}"
    if as_ == NOTE:
        _git(folder, *_IDENTITY, "notes", f"--ref={_NOTES}", "append", "-m", text, "HEAD")
    else:
        name = f"{_TAGS.removeprefix('refs/tags/')}/{head.count}-{head.hash[:12]}"
        _git(folder, *_IDENTITY, "tag", "--annotate", "--force", "-m", text, name, "HEAD")


def heads_in_git(folder: Path) -> Sequence[OutsideHead]:
    """Return the heads in the notes and tags of a folder's repository, or none if it is not in a repository."""
    try:
        return list(_read_heads(folder))
    except UsageError:
        return []


def _read_heads(folder: Path) -> Iterator[OutsideHead]:
    for line in _git(folder, "notes", f"--ref={_NOTES}", "list").splitlines():
        note, _, commit = line.partition(" ")
        if _COMMIT.fullmatch(note):
            for head in find_heads(_git(folder, "cat-file", "blob", note)):
                yield OutsideHead(head, IN_GIT, f"the git note of commit {commit[:12]} on this computer")
    tags = _git(folder, "for-each-ref", "--format=%(refname:short)%09%(contents:subject)", _TAGS)
    for line in tags.splitlines():
        name, _, text = line.partition("\t")
        for head in find_heads(text):
            yield OutsideHead(head, IN_GIT, f"the git tag {name} on this computer")


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=_PATIENCE)
    except FileNotFoundError as error:
        raise UsageError("git is not installed") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"git cannot be used: {error}") from error
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise UsageError(f"git: {lines[-1] if lines else 'it gave no reason'}")
    return done.stdout.decode(errors="replace")
