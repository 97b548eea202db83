"""Store the runs of a trust's tenants: a round is one run of a command for each tenant.

A round is a folder in the trust's state. Each tenant's answer is a file in it, which the tenant's process writes. A
complete answer proves that the run has ended, even if the process that started it was killed. A lock that the tenant's
process inherits shows whether the process is still running.
"""

import json
import sys
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from shutil import rmtree
from typing import cast

from toolkit.private_files import make_private_folder
from toolkit.records import dataclass
from toolkit.values import Body

ROUNDS, JOB = "rounds", "job"
RESUMED = ("drift", "check", "apply")
"""The commands of which a killed round is continued. A plan begins again, because the tenants may have changed."""
_LONGEST = timedelta(hours=12)
_KEPT = 60  # rounds of a command
_AND = "+"  # neither a tenant nor a school has it in its name
_FACTS, _FINISHED = "round.json", "finished"


@dataclass(frozen=True, slots=True)
class Round:
    """A run of a command for each tenant, in the folder of its answers. `at` is the trust's time when it began.

    An answer has the name of the tenant, and of the schools if the run was limited to their slices.
    """

    folder: Path
    command: str
    at: datetime
    base: str  # digest of the trust's base

    @property
    def is_finished(self) -> bool:
        return (self.folder / _FINISHED).exists()

    @property
    def day(self) -> date:
        return self.at.date()

    def answer_file(self, name: str) -> Path:
        """Return the path of an answer."""
        return self.folder / f"{name}.json"

    def log_file(self, name: str) -> Path:
        """Return the path of the messages of a run."""
        return self.folder / f"{name}.log"

    def read_answer(self, name: str) -> Body | None:
        """Return a complete answer, or None if the run has not ended."""
        try:
            answer = json.loads(self.answer_file(name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return cast("Body", answer) if isinstance(answer, dict) and "exit" in answer else None

    def answers_of(self, tenant: str) -> Iterator[tuple[Sequence[str], Body]]:
        """Yield the complete answers of a tenant, each with the schools to which the run was limited, or none."""
        for file in sorted([*self.folder.glob(f"{tenant}.json"), *self.folder.glob(f"{tenant}{_AND}*.json")]):
            if (answer := self.read_answer(file.stem)) is not None:
                yield file.stem.split(_AND)[1:], answer

    def find_answer(self, tenant: str, schools: Collection[str]) -> Body | None:
        """Return the answer of a tenant's run that read the slices of these schools, or None."""
        covering = (answer for read, answer in self.answers_of(tenant) if not read or set(schools) <= set(read))
        return next(covering, None)

    def finish(self) -> None:
        """Record that every tenant has an answer."""
        (self.folder / _FINISHED).touch(mode=0o600)


def job_key(tenant: str, schools: Iterable[str] = ()) -> str:
    """Return the name of the answer of a run in a tenant, which may be limited to the slices of some schools."""
    return _AND.join([tenant, *schools])


def open_round(state: Path, command: str, *, at: datetime, facts: Body) -> Round:
    """Return a new round of a command, or a killed round that is continued within 12 hours.

    `facts` has the digest of the `base`, and all else that must be equal in a round that is continued.
    """
    facts = {**facts, "command": command}
    if command in RESUMED and (latest := next(iter(_newest_folders(state, command)), None)):
        written = _read_facts(latest)
        resumed = _to_round(latest, written)
        may_resume = resumed and _is_recent(latest) and (JOB in facts or not resumed.is_finished)
        if resumed and may_resume and facts.items() <= written.items():
            return resumed
    folder = state / ROUNDS / command / f"{at:%Y%m%dT%H%M%S}-{time.time_ns():x}"
    make_private_folder(folder)
    (folder / _FACTS).write_text(json.dumps({**facts, "at": at.isoformat()}), encoding="utf-8")
    for old in _newest_folders(state, command)[_KEPT:]:
        rmtree(old, ignore_errors=True)
    return Round(folder, command, at, str(facts["base"]))


def finished_rounds(state: Path, command: str) -> Iterator[Round]:
    """Yield the finished rounds of a command, newest first."""
    for folder in _newest_folders(state, command):
        if (past := _to_round(folder, _read_facts(folder))) and past.is_finished:
            yield past


def forget_answers(folder: Path) -> None:
    """Delete the answers in a round's folder, so that its runs begin again."""
    for file in folder.glob("*.json"):
        if file.name != _FACTS:
            file.unlink()


def _newest_folders(state: Path, command: str) -> Sequence[Path]:
    """Return the folders of a command's rounds, newest first."""
    folders = (state / ROUNDS / command).glob("*-*")
    return sorted(folders, key=lambda folder: folder.name.rpartition("-")[2].rjust(20, "0"), reverse=True)


def _read_facts(folder: Path) -> Body:
    try:
        facts = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _to_round(folder: Path, facts: Body) -> Round | None:
    try:
        at = datetime.fromisoformat(str(facts.get("at")))
    except ValueError:
        return None  # it was killed before it began
    return Round(folder, str(facts["command"]), at, str(facts["base"]))


def _is_recent(folder: Path) -> bool:
    return time.time() - folder.stat().st_mtime < _LONGEST.total_seconds()


@contextmanager
def hold_tenant(folder: Path) -> Iterator[Sequence[int]]:
    """Wait until no other run of a tenant holds its lock, then hold it. Yield the files that its process inherits.

    The lock lasts until this block and the process have both ended, even if this process is killed. On Windows, a
    process inherits no lock.
    """
    from filelock import FileLock

    make_private_folder(folder)
    with FileLock(folder / "run.lock", mode=0o600) as lock:
        file = lock._context.lock_file_fd  # noqa: SLF001 - the library has no other name for it
        yield () if sys.platform == "win32" or file is None else (file,)


def write_answer(file: Path, answer: Mapping[str, object]) -> None:
    """Write an answer in the place of a process that wrote none."""
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(answer), encoding="utf-8")
    fresh.replace(file)
