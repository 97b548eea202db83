"""Run a command in each tenant of a trust, in a process of its own with only the tenant's settings."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import field
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile
from time import monotonic

from toolkit.engine.emulator import find_or_start_emulator, read_emulated_time
from toolkit.errors import Exit
from toolkit.private_files import make_private_folder
from toolkit.records import dataclass
from toolkit.render.line import FORMAT
from toolkit.sdk.providers import EMULATED
from toolkit.settings.school_folder import SchoolFolder
from toolkit.settings.settings import Settings, checked_settings
from toolkit.trust.model import Trust
from toolkit.trust.results import TenantResult
from toolkit.trust.rounds import Round, hold_tenant, job_key, write_answer

AT_ONCE = 4
"""Tenants that run at the same time, unless `--jobs` sets another number. Each needs about 150 MB of memory."""
_SERVE = "serve.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyTenant:
    """A tenant whose settings were found, and the environment of its processes."""

    name: str
    schools: Sequence[str]
    root: Path  # the trust's folder, in which its processes run, so that no other settings are found
    environment: Mapping[str, str] = field(repr=False)  # it holds the tenant's secrets
    state: Path

    @property
    def is_live(self) -> bool:
        return self.environment.get("TOOLKIT_TARGET", "").strip() == "live"

    def settings(self) -> Settings:
        """Return the settings, as the tenant's processes read them. Raise UsageError if they cannot be used."""
        return checked_settings(SchoolFolder(self.root), self.environment)


@dataclass(frozen=True, slots=True)
class TenantJob:
    """A command in a tenant, for all of its schools or for the slices of some."""

    tenant: ReadyTenant
    words: Sequence[str]  # after `toolkit`, without the tenant and its schools
    schools: Sequence[str]

    @property
    def key(self) -> str:
        """Return the name of the job's answer."""
        return job_key(self.tenant.name, self.schools if self._is_partial else ())

    @property
    def command(self) -> Sequence[str]:
        """Return the command of the job's process."""
        slices = ("--school", ",".join(self.schools)) if self._is_partial else ()
        return [sys.executable, "-m", "toolkit", *self.words, "--tenant", self.tenant.name, *slices, "--json"]

    @property
    def _is_partial(self) -> bool:
        return list(self.schools) != list(self.tenant.schools)


@contextmanager
def open_clock(trust: Trust, state: Path, tenants: Sequence[ReadyTenant]) -> Iterator[datetime]:
    """Yield the trust's time. If a tenant is emulated, find or start one emulator for all emulated tenants.

    The time is the emulated time of the first emulated tenant, or the system's time if there is none.
    """
    emulated = [tenant for tenant in tenants if not tenant.is_live]
    if not emulated:
        yield datetime.now(UTC).replace(microsecond=0)
        return
    ids = [cloud.id for tenant in emulated for cloud in trust.tenants[tenant.name].clouds.values()]
    new = next((cloud for tenant in emulated for cloud in trust.tenants[tenant.name].clouds.values()), None)
    names = {"name": trust.name, "domain": new.domain} if new and new.id == EMULATED else {}
    with find_or_start_emulator(state / "emulator", ids, names) as ready:
        for tenant in emulated:
            folder = Path(tenant.environment["TOOLKIT_STATE"]) / "emulator"
            make_private_folder(folder)
            copyfile(state / "emulator" / _SERVE, folder / _SERVE)
        yield read_emulated_time(ready, ids)


def run_jobs(current: Round, jobs: Sequence[TenantJob], *, at_once: int) -> Iterator[TenantResult]:
    """Run each job of a round that has no answer yet, some at the same time. Yield the results as the runs end."""
    with ThreadPoolExecutor(max_workers=max(1, min(at_once, len(jobs)))) as pool:
        for future in as_completed([pool.submit(_run_job, current, job) for job in jobs]):
            yield future.result()


def _run_job(current: Round, job: TenantJob) -> TenantResult:
    seconds = None
    with hold_tenant(job.tenant.state) as inherited:
        if current.read_answer(job.key) is None:
            began = monotonic()
            _run_process(current, job, inherited)
            seconds = round(monotonic() - began, 1)
    return TenantResult(
        tenant=job.tenant.name,
        schools=job.schools,
        command=current.command,
        answer=current.read_answer(job.key),
        seconds=seconds,
    )


def _run_process(current: Round, job: TenantJob, inherited: Sequence[int]) -> None:
    file, log_file = current.answer_file(job.key), current.log_file(job.key)
    with file.open("wb") as answer, log_file.open("ab") as log:
        ended = subprocess.run(
            job.command, cwd=job.tenant.root, env=job.tenant.environment, stdin=subprocess.DEVNULL, stdout=answer,
            stderr=log, pass_fds=inherited, check=False,
        )  # fmt: skip
    if current.read_answer(job.key) is None:
        last = log_file.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
        code = ended.returncode if ended.returncode > 0 else Exit.FAILED
        ending = f"signal {-ended.returncode} ended the run" if ended.returncode < 0 else "the run printed no answer"
        write_answer(file, {"format": FORMAT, "exit": code, "error": (last or [ending])[0]})
