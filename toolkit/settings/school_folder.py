"""Find the folder of a school, which contains its state, its `.env` and its playbooks."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from toolkit.errors import UsageError
from toolkit.real_path import real_path
from toolkit.records import dataclass

STATE = ".toolkit"
ENV_FILE = ".env"
PLAYBOOKS = "playbooks"
_SET_HERE = re.compile(rb"^[^\S\n]*+(?:export[^\S\n]++)?TOOLKIT_[A-Z0-9_]++\s*+=", re.MULTILINE)
_SCHOOL_FILE = re.compile(rb"\A(?:\xef\xbb\xbf)?(?:[^\S\n]*(?:#.*)?\n|---.*\n)*school[^\S\n]*:")
_LOOKED_AT = 65_536  # bytes of a file


@dataclass(frozen=True, slots=True)
class SchoolFolder:
    """The folder of a school. `with_state` has the folders with state between the start of the search and the root."""

    path: Path
    with_state: tuple[Path, ...] = ()
    is_set_up: bool = False  # it holds state or settings, not only playbooks

    @property
    def env_file(self) -> Path:
        """Return the path of the school's `.env`, which may not exist."""
        return self.path / ENV_FILE

    def state(self) -> Path:
        """Return the state folder. Raise UsageError if there are two, or if it is above the school's folder."""
        if len(self.with_state) > 1:
            raise UsageError(
                f"there is state in two places: {_join_paths(self.with_state, STATE)}. Move away the folder that is "
                "not the school's, or set TOOLKIT_STATE to the folder that is"
            )
        if any(folder != self.path for folder in self.with_state):
            raise UsageError(
                f"there is state in {self.with_state[0] / STATE}, and the school's folder is {self.path}. Move it "
                "there if it is the school's, otherwise move it away, or set TOOLKIT_STATE"
            )
        return short_path(self.path / STATE)


def find_school_folder(playbooks: Path | None = None, environment: Mapping[str, str] | None = None) -> SchoolFolder:
    """Return the school's folder: the nearest one at or above the working directory, or else the working directory.

    The playbooks that a command names are a second start of the search. Raise UsageError if the two starts lead to
    different schools, or if a school's settings are not in its folder.
    """
    here = _working_directory()
    elsewhere = _start_of_search(playbooks, here)
    candidates = [folder for start in (here, elsewhere) if start and (folder := _nearest_school(start))]
    distinct = list({folder.path: folder for folder in candidates}.values())
    match distinct:
        case []:
            return SchoolFolder(_folder_of_flat_playbooks(here, elsewhere))
        case [folder]:
            return folder
        case _:
            return _choose_school(distinct, os.environ if environment is None else environment)


def short_path(path: Path) -> Path:
    """Return a path relative to the working directory, or the whole path if it is outside the working directory."""
    here = _working_directory()
    return path.relative_to(here) if path.is_relative_to(here) else path


def playbooks_of_school() -> Path:
    """Return the path of the school's playbooks for the working directory. Raise UsageError if there are none."""
    school = find_school_folder()
    if not (school.path / PLAYBOOKS).is_dir():
        school.state()  # the error names both folders if there are two
        where = f"in the school's folder {school.path}" if school.is_set_up else "here or above"
        raise UsageError(
            f"there is no folder {PLAYBOOKS}/ {where}: name your playbooks, or write the first ones with `toolkit init`"
        )
    return Path(os.path.relpath(school.path / PLAYBOOKS, _working_directory()))


def find_school_playbooks(folder: Path) -> Path | None:
    """Return the folder with the school file, which is the school's folder or its playbooks folder, or None."""
    return next((path for path in (folder / PLAYBOOKS, folder) if _has_school_file(path)), None)


def find_school_around(folder: Path) -> Path | None:
    """Return the outermost school folder that contains a folder, or None. The folder itself may not exist yet."""
    real = real_path(folder)
    above = next((parent for parent in (real, *real.parents) if parent.is_dir()), real)
    around = [parent for parent in _folder_and_parents(above) if parent != real]
    return next((path for path in reversed(around) if _is_school(path)), None)


def _is_school(folder: Path) -> bool:
    return (folder / STATE).is_dir() or _has_school_file(folder / PLAYBOOKS)


def _working_directory() -> Path:
    try:
        return Path.cwd()
    except OSError as error:
        raise UsageError(f"the working directory cannot be read: {error.strerror}; change to another folder") from error


def _start_of_search(playbooks: Path | None, working_directory: Path) -> Path | None:
    """Return the folder from which to search for the named playbooks' school.

    None if they contain the working directory.
    """
    if playbooks is None:
        return None
    named = real_path(playbooks)
    folder = named if named.is_dir() else named.parent
    return None if working_directory.is_relative_to(folder) else folder


def _nearest_school(start: Path) -> SchoolFolder | None:
    """Return the school's folder at or above a folder. Raise UsageError if its settings are in another folder."""
    folders = list(_folder_and_parents(start))
    with_state = tuple(folder for folder in folders if (folder / STATE).is_dir())
    with_settings = [folder for folder in folders if _has_settings(folder)]
    schools = (folder for folder in folders if _is_school(folder))
    path = next(schools, None) or next(iter(with_settings), None)
    if path is None:
        return None
    if with_settings and with_settings[0] != path:
        raise UsageError(
            f"the school's folder is {path}, and {with_settings[0] / ENV_FILE} holds settings that would not be read "
            f"there. Move it to {path / ENV_FILE}. If the school does not use them, write a {ENV_FILE} with "
            "TOOLKIT_TARGET=emulator there"
        )
    return SchoolFolder(path, with_state, is_set_up=path in with_state or path in with_settings)


def _choose_school(folders: list[SchoolFolder], environment: Mapping[str, str]) -> SchoolFolder:
    """Return the folder of the working directory's school, or the folder of the named playbooks' school."""
    here, there = folders
    if here.is_set_up and there.is_set_up and not environment.get("TOOLKIT_STATE"):
        raise UsageError(
            f"the working directory belongs to the school in {here.path}, the playbooks to the one in {there.path}, "
            f"and both have state or settings. Run it in {there.path}, or set TOOLKIT_STATE"
        )
    return here if here.is_set_up else there


def _folder_of_flat_playbooks(working_directory: Path, named_folder: Path | None) -> Path:
    """Return the folder whose playbooks are directly in it, not in a subfolder, or otherwise the working directory."""
    starts = (
        [working_directory]
        if named_folder is None or named_folder.is_relative_to(working_directory)
        else [working_directory, named_folder]
    )
    folders = (folder for start in starts for folder in _folder_and_parents(start))
    return next((folder for folder in folders if _has_school_file(folder)), working_directory)


def _folder_and_parents(start: Path) -> Iterator[Path]:
    """Yield a folder and its parents, up to the root of a git repository or a folder of another owner."""
    try:
        owner = start.stat().st_uid
        for folder in (start, *start.parents):
            if folder.stat().st_uid != owner:
                return
            yield folder
            if (folder / ".git").exists():
                return
    except OSError:
        return


def _has_settings(folder: Path) -> bool:
    return bool(_SET_HERE.search(_read_beginning(folder / ENV_FILE)))


def _has_school_file(folder: Path) -> bool:
    try:
        files = sorted(file for file in folder.iterdir() if file.suffix in {".yaml", ".yml"})
    except OSError:
        return False
    return any(_SCHOOL_FILE.search(_read_beginning(file)) for file in files)


def _read_beginning(file: Path) -> bytes:
    try:
        if not file.is_file():  # a pipe would never end
            return b""
        with file.open("rb") as opened:
            return opened.read(_LOOKED_AT)
    except OSError:
        return b""


def _join_paths(folders: Iterable[Path], name: str) -> str:
    return " and ".join(str(folder / name) for folder in folders)
