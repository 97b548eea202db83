"""A trust with its state and the settings of its tenants, in which commands run."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from pathlib import Path

from toolkit.errors import Exit, PlaybookError, UsageError
from toolkit.messages import did_you_mean, quoted
from toolkit.playbook.files import TRUST_FILE
from toolkit.records import dataclass
from toolkit.settings.env_file import read_env_file
from toolkit.settings.settings import Settings
from toolkit.trust.model import Trust
from toolkit.trust.results import TenantResult
from toolkit.trust.rounds import JOB, Round, job_key, open_round, write_answer
from toolkit.trust.run_tenants import (
    AT_ONCE,
    ReadyTenant,
    TenantJob,
    run_jobs,
)
from toolkit.trust.set_aside import read_set_aside
from toolkit.trust.tenant_settings import state_of_jobs, state_of_tenant, tenant_environment
from toolkit.trust.waves import LedgerRuns
from toolkit.values import Body

OnResult = Callable[[TenantResult], None]
_RUNS_READ = 400


def ignore_result(_result: TenantResult) -> None:
    """Do not report the progress of a trust's command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustSession:
    """A trust, the folder of its state, and the environment of the command."""

    trust: Trust
    state: Path
    environment: Mapping[str, str] = field(repr=False)
    selection: Sequence[str] = ()  # tenants, or empty for all
    at_once: int = AT_ONCE
    on_result: OnResult = ignore_result
    job: int | None = None  # a worker's job in the only chosen tenant, which a later attempt continues

    @property
    def tenants(self) -> Sequence[str]:
        """Return the names of the chosen tenants, in the order of trust.yaml."""
        return [name for name in self.trust.tenants if not self.selection or name in self.selection]

    @property
    def rounds(self) -> Path:
        """Return the folder of the session's rounds. A worker's jobs have a folder for each tenant."""
        return self.state if self.job is None else state_of_jobs(self.state, self.selection[0])

    def check(self) -> None:
        """Raise UsageError for an unknown tenant, or for settings that would apply to every tenant."""
        for name in self.selection:
            if name not in self.trust.tenants:
                raise UsageError(f"{quoted(name)} is not a tenant of the trust{did_you_mean(name, self.trust.tenants)}")
        shared = read_env_file(self.trust.root / ".env")
        if shared and shared.values:
            raise UsageError(
                f"{shared.path} sets {', '.join(sorted(shared.values))}, which would apply to every tenant. Write the "
                f"settings of each tenant into its own file, and name it as `env` in {self.trust.origin.path}"
            )

    def schools_of(self, tenant: str) -> Sequence[str]:
        """Return the short names of a tenant's schools."""
        return [school.short_name for school in self.trust.schools_of(tenant)]

    def base_digest(self) -> str:
        """Return the digest of the trust's base, by which waves are compared."""
        return digest_of_files(self.trust.base)

    def read_runs(self, tenant: str) -> LedgerRuns:
        """Return the runs in a tenant's ledger, newest first. Raise UsageError if the ledger cannot be read."""
        words = [sys.executable, "-m", "toolkit", "audit", "log", "--json", "--last", str(_RUNS_READ)]
        ended = subprocess.run(
            words, cwd=self.trust.root, env=self.environment_of(tenant), stdin=subprocess.DEVNULL, capture_output=True,
            check=False,
        )  # fmt: skip
        try:
            answer = json.loads(ended.stdout)
        except ValueError:
            answer = {"error": ended.stderr.decode(errors="replace").strip()}
        if "runs" not in answer:
            raise UsageError(f"the ledger of {tenant} could not be read: {answer.get('error')}")
        runs: LedgerRuns = answer["runs"]
        return runs

    def find_ready(self, tenants: Iterable[str], command: str) -> tuple[list[ReadyTenant], list[TenantResult]]:
        """Return the tenants in which a command can run, and a result for each other tenant."""
        ready: list[ReadyTenant] = []
        unusable: list[TenantResult] = []
        aside = read_set_aside(self.state)
        for name in tenants:
            schools = self.schools_of(name)
            try:
                if name in aside:
                    unusable.append(not_run(name, schools, command, aside[name].text(), Exit.UNREAD))
                else:
                    ready.append(self._ready_tenant(name, schools))
            except (UsageError, PlaybookError) as error:
                unusable.append(not_run(name, schools, command, str(error), Exit.FAILED))
        return ready, unusable

    def _ready_tenant(self, name: str, schools: Sequence[str]) -> ReadyTenant:
        return ReadyTenant(
            name=name,
            schools=schools,
            root=self.trust.root.resolve(),
            environment=self.environment_of(name),
            state=state_of_tenant(self.state, name),
        )

    def environment_of(self, tenant: str) -> Mapping[str, str]:
        """Return the environment of a tenant's processes. Raise UsageError if its settings cannot be used."""
        state = state_of_tenant(self.state, tenant)
        return tenant_environment(self.trust, self.trust.tenants[tenant], self.environment, state)

    def settings_of(self, tenant: str) -> Settings:
        """Return the settings of a tenant, as its processes read them. Raise UsageError if they cannot be used."""
        return self._ready_tenant(tenant, self.schools_of(tenant)).settings()

    def open_round(self, command: str, now: datetime, jobs: Sequence[TenantJob], *options: str) -> Round:
        """Return a new round of jobs, or a killed round with the same options and files that is continued.

        The finished round of a worker's job is continued too, because its answers are complete.
        """
        folders = {name: school.folder for name, school in self.trust.schools.items() if school.folder}
        facts: Body = {
            "base": self.base_digest(),
            "trust": hashlib.sha256((self.trust.root / TRUST_FILE).read_bytes()).hexdigest(),
            "folders": {name: digest_of_files(folder) for name, folder in folders.items()},
            "jobs": [job.key for job in jobs],
            "options": list(options),
        }
        return open_round(self.rounds, command, at=now, facts=facts if self.job is None else {**facts, JOB: self.job})

    def run_round(
        self, current: Round, jobs: Sequence[TenantJob], left_out: Sequence[TenantResult] = ()
    ) -> Sequence[TenantResult]:
        """Run the jobs of a round, record why other tenants were left out, and return all results in order."""
        results = [*left_out]
        for result in run_jobs(current, jobs, at_once=self.at_once) if jobs else ():
            self.on_result(result)
            results.append(result)
        for result in left_out:
            is_partial = list(result.schools) != list(self.schools_of(result.tenant))
            key = job_key(result.tenant, result.schools if is_partial else ())
            write_answer(current.answer_file(key), result.as_answer())
        current.finish()
        places = {name: place for place, name in enumerate(self.trust.tenants)}
        return sorted(results, key=lambda result: (places[result.tenant], -len(result.schools)))


def not_run(tenant: str, schools: Sequence[str], command: str, reason: str, code: Exit) -> TenantResult:
    """Return the result of a tenant in which a command was not run."""
    return TenantResult(tenant=tenant, schools=schools, command=command, reason=reason, code=code)


def digest_of_files(folder: Path) -> str:
    """Return the SHA-256 of all files in a folder, with their paths."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
