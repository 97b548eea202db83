"""Find secrets that git tracks in a school's folder. Everyone who clones the repository gets them, even after deletion.

Only git's index is read, with https://git-scm.com/docs/git-ls-files, git-grep and git-cat-file.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path, PurePosixPath

from toolkit.errors import Exit
from toolkit.real_path import real_path
from toolkit.records import dataclass
from toolkit.settings.school_folder import ENV_FILE, STATE, short_path
from toolkit.settings.settings import Settings

_NAMED = ("_KEY_FILE", "_CERTIFICATE", "_SIGN_IN_CLIENT")
"""How the names of variables end whose value is the path of a credential."""
_KEY_SUFFIXES = frozenset({".key", ".p12", ".pfx", ".jks", ".ppk"})
_KEY_NAMES = frozenset({"id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"})
_PEM = "-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----"
_CANDIDATES = (_PEM, "AGE-SECRET-KEY-1", '"private_key"')
_FIRST = re.compile(rf"\ufeff?\s*({_PEM}|AGE-SECRET-KEY-1)")
_LATER = re.compile(rf"^({_PEM}\s+[A-Za-z0-9+/=]{{40}}|AGE-SECRET-KEY-1[A-Z0-9]{{40}})", re.MULTILINE)
_NO_MATCH = 1  # exit code of `git grep`
_SECONDS = 60
_REPLACE = "make a new key, and delete the old one from the app or service account"


@dataclass(frozen=True, slots=True)
class TrackedSecret:
    """A file with secrets that git tracks. `advice` has the command to type and the next step."""

    path: str
    content: str
    advice: str

    def __str__(self) -> str:
        return f"git tracks {self.path}, {self.content}"


@dataclass(frozen=True, slots=True)
class GitSearch:
    """The tracked files with secrets, or in `failure` the reason why git could not list its files.

    `file_count` is the number of files that git tracks, or None without git or a repository.
    """

    file_count: int | None = None
    secrets: Sequence[TrackedSecret] = ()
    failure: str = ""

    @property
    def exit(self) -> Exit:
        """Return the exit code of the search. A tracked secret takes precedence over a failed search."""
        return Exit.PENDING if self.secrets else Exit.UNREAD if self.failure else Exit.AS_WANTED


@dataclass(frozen=True, slots=True)
class _Repository:
    """Runs git in one folder."""

    git: str
    folder: Path
    environment: Mapping[str, str] = field(repr=False)

    def run(self, *arguments: str, accepts: int = 0, typed: bytes = b"") -> bytes:
        """Return the output of a git command, which reads `typed`. Raise _GitFailed with git's error."""
        command = [self.git, "-c", "core.fsmonitor=false", "-C", str(self.folder), *arguments]
        try:
            done = subprocess.run(  # noqa: PLW1510 - its exit code is looked at
                command, capture_output=True, env=self.environment, input=typed, timeout=_SECONDS
            )
        except subprocess.TimeoutExpired as late:
            raise _GitFailed(f"git did not finish within {_SECONDS} seconds") from late
        except OSError as error:
            raise _GitFailed(f"git cannot be run: {error.strerror}") from error
        if done.returncode not in {0, accepts}:
            raise _GitFailed(" ".join(done.stderr.decode(errors="replace").split()))
        return done.stdout

    def paths(self, *arguments: str, accepts: int = 0) -> Sequence[str]:
        """Return the paths that a git command lists, relative to the folder."""
        listed = self.run(*arguments, accepts=accepts).split(b"\0")
        return [os.fsdecode(path) for path in listed if path]

    def blob_ids(self) -> Mapping[str, str]:
        """Return the id of the content of each tracked file, by its path relative to the folder."""
        rows = [row.partition("\t") for row in self.paths("ls-files", "-z", "--stage")]
        return {path: columns.split()[1] for columns, _, path in rows}

    def read_blobs(self, ids: Sequence[str]) -> Iterator[str]:
        """Yield the text of each content, in the order of the ids. One process reads them all."""
        unread = self.run("cat-file", "--batch", typed="".join(f"{blob}\n" for blob in ids).encode())
        while unread:
            header, _, rest = unread.partition(b"\n")
            size = int(header.split()[-1])
            yield rest[:size].decode(errors="replace")
            unread = rest[size + 1 :]


class _GitFailed(Exception):
    """A git command failed. The text is git's own error."""


def find_tracked_secrets(settings: Settings) -> GitSearch:
    """Return the files with secrets that git tracks: in the school's folder, and credential files in any other folder.

    Nothing is reported if git is not installed or the folder is not in a repository.
    """
    git = shutil.which("git")
    if git is None:
        return GitSearch()
    # A hook's GIT_DIR is for its own working directory. Its GIT_INDEX_FILE is the next commit's.
    left_out = {"GIT_DIR", "GIT_WORK_TREE", "GIT_PREFIX"}
    environment = {**{name: value for name, value in os.environ.items() if name not in left_out}, "LC_ALL": "C"}
    school = _Repository(git, settings.folder.path, environment)
    secrets: dict[Path, TrackedSecret] = {}
    file_count, failure = None, ""
    try:
        if _is_work_tree(school):
            blobs = school.blob_ids()
            file_count = len(blobs)
            secrets = {
                school.folder / path: _to_tracked_secret(school, path, content)
                for path, content in _find_secrets(school, blobs)
            }
            if states := [path for path in blobs if STATE in PurePosixPath(path).parts[:-1]]:
                secrets[school.folder / STATE] = _tracked_state(school, states)
        for name, path in _named_files(settings):
            place = _Repository(git, path.parent, environment)
            if path.parent.is_dir() and _is_work_tree(place) and place.paths("ls-files", "-z", "--", path.name):
                secrets[path] = _to_tracked_secret(place, path.name, f"which {name} names")
    except _GitFailed as error:
        failure = str(error)
    return GitSearch(file_count, list(secrets.values()), failure)


def _is_work_tree(repository: _Repository) -> bool:
    try:
        return repository.run("rev-parse", "--is-inside-work-tree").strip() == b"true"
    except _GitFailed as error:
        if "not a git repository" in str(error):
            return False
        raise


def _find_secrets(repository: _Repository, blobs: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each file that is a secret by its name or content, with the reason."""
    patterns = [word for pattern in _CANDIDATES for word in ("-e", pattern)]
    matches = repository.paths("grep", "--cached", "-lzaE", *patterns, "--", ".", accepts=_NO_MATCH)
    outside_state = [path for path in blobs if STATE not in PurePosixPath(path).parts[:-1]]
    reasons = {path: _secret_name_reason(PurePosixPath(path).name) for path in outside_state}
    candidates = [path for path in matches if reasons.get(path) == ""]
    texts = repository.read_blobs([blobs[path] for path in candidates])
    reasons.update((path, _secret_reason(text)) for path, text in zip(candidates, texts, strict=True))
    yield from ((path, reason) for path, reason in reasons.items() if reason)


def _secret_name_reason(name: str) -> str:
    """Return why the name of a file says that it is a secret, or ""."""
    if name == ENV_FILE:
        return "which holds settings and their secrets"
    is_key = name in _KEY_NAMES or PurePosixPath(name.casefold()).suffix in _KEY_SUFFIXES
    return "which has the name of a private key" if is_key else ""


def _secret_reason(text: str) -> str:
    """Return why a text is a secret, or "" if it is not, for example if it only mentions keys."""
    if _FIRST.match(text) or _LATER.search(text):
        return "which holds a private key"
    return "which is a key of a Google service account" if _is_service_account_key(text) else ""


def _is_service_account_key(text: str) -> bool:
    """Return whether a text is a key of a Google service account
    (https://cloud.google.com/iam/docs/keys-create-delete).
    """
    try:
        body = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return False
    return isinstance(body, dict) and body.get("type") == "service_account" and bool(body.get("private_key"))


def _named_files(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Yield the path of each credential file that settings name, and the path to which it links."""
    for name, value in settings.variables.items():
        if name.endswith(_NAMED):
            path = Path(value)
            yield from dict.fromkeys([(name, real_path(path.parent) / path.name), (name, real_path(path))])


def _to_tracked_secret(repository: _Repository, path: str, content: str) -> TrackedSecret:
    after = "replace every secret in it" if PurePosixPath(path).name == ENV_FILE else _REPLACE
    return TrackedSecret(str(short_path(repository.folder / path)), content, _describe_advice(repository, path, after))


def _tracked_state(repository: _Repository, paths: Sequence[str]) -> TrackedSecret:
    (folder, *_) = (path.partition(f"{STATE}/")[0] + STATE for path in paths)
    content = f"toolkit's state with {len(paths)} {'file' if len(paths) == 1 else 'files'}: names of people, and keys"
    after = "tell the data protection officer who has a copy of the repository"
    advice = _describe_advice(repository, folder, after, recursive=True)
    return TrackedSecret(str(short_path(repository.folder / folder)), content, advice)


def _describe_advice(repository: _Repository, path: str, after: str, *, recursive: bool = False) -> str:
    folder = short_path(repository.folder)
    words = ["git", "rm", "--cached", *(["-r"] if recursive else []), path]
    if folder != Path():
        words[1:1] = ["-C", str(folder)]
    return f"Type `{shlex.join(words)}` and add the file to .gitignore. Git's history still contains it, so {after}"
