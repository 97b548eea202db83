"""Find the files of a directory of playbooks."""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from toolkit.errors import PlaybookError, Problem
from toolkit.messages import quoted
from toolkit.real_path import follow_links, real_path
from toolkit.records import dataclass

SCHOOL_FILE = "00-school.yaml"
TRUST_FILE = "trust.yaml"
_ENDINGS = {".yaml", ".yml"}
_LEFT_OUT = {"private"}
_NEARLY = re.compile(r"[^.].*(\.ya?ml)(\.txt)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a directory of playbooks.

    If only a single file is read, `beside` has the other files that this file needs, such as the school file.
    """

    root: Path
    chosen: tuple[Path, ...]
    beside: tuple[Path, ...] = ()
    refused: tuple[Problem, ...] = ()


def is_trust(path: Path) -> bool:
    """Return whether a path is the folder of a trust, or its trust.yaml."""
    return path.name == TRUST_FILE or (path / TRUST_FILE).is_file()


def find_files(path: Path) -> Files:
    """Find the playbooks below a directory, sorted by path, or a single file with its school file.

    Raise PlaybookError if the path does not exist.
    """
    if path.is_file():
        siblings = [file for file in path.parent.iterdir() if _is_playbook(file) and file.is_file() and file != path]
        return Files(path.parent, (path,), tuple(sorted(siblings)))
    if not path.is_dir():
        raise PlaybookError([Problem(str(path), 1, "there is no such file or directory")])
    refused: list[Problem] = []
    chosen = sorted(_files_below(path, refused), key=lambda file: file.relative_to(path).as_posix())
    return Files(path, tuple(chosen), refused=tuple(refused))


def _is_playbook(file: Path) -> bool:
    return file.suffix in _ENDINGS and not file.name.startswith(".")


def _files_below(root: Path, problems: list[Problem]) -> Iterator[Path]:
    real_root = real_path(root)
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _LEFT_OUT]
        here = Path(folder)
        problems += [
            Problem(str(here / name), 1, "is a link to a directory, which is not followed")
            for name in folders
            if (here / name).is_symlink()
        ]
        problems += [
            Problem(str(here / name), 1, f"toolkit does not read a file with this name. Rename it to {quoted(meant)}")
            for name in names
            if (match := _NEARLY.fullmatch(name)) and (meant := name[: match.start(1)] + match[1].lower()) != name
        ]
        for file in filter(_is_playbook, (here / name for name in names)):
            if file.is_symlink() and (problem := _link_problem(file, real_root)):
                problems.append(Problem(str(file), 1, problem))
            elif not file.is_file():
                problems.append(Problem(str(file), 1, "is not a file"))
            else:
                yield file


def _link_problem(link: Path, real_root: Path) -> str | None:
    """Return why a link must not be read, or None if the link leads to a file in the directory."""
    try:
        is_inside = follow_links(link).is_relative_to(real_root)
    except OSError as error:
        return f"is a link that cannot be followed ({error.strerror})"
    return None if is_inside else "is a link that leaves the directory of the playbooks"


def digest_of_files(contents: Mapping[str, bytes]) -> str:
    """Return a digest of the names and contents of files.

    Each name and content is preceded by its length, so that different files never give the same digest.
    """
    digest = hashlib.sha256()
    for name, content in sorted(contents.items()):
        for part in (name.encode(), content):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
