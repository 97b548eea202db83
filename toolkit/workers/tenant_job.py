"""Run the command of a job in its tenant, as `toolkit trust` does, and store when it ended and how."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from threading import Lock
from typing import cast

from toolkit.engine.apply.outcome import Result
from toolkit.errors import Exit, ToolkitError, UsageError
from toolkit.ledger.entries import StepVerdict
from toolkit.records import dataclass
from toolkit.sdk.connector import Identity
from toolkit.sdk.providers import providers
from toolkit.trust.load import load_trust
from toolkit.trust.model import Trust
from toolkit.trust.results import TenantResult
from toolkit.trust.rounds import forget_answers
from toolkit.trust.runs import apply_trust, run_command
from toolkit.trust.session import TrustSession, not_run
from toolkit.values import Body
from toolkit.workers.database import connect

COMMANDS: Mapping[str, str] = {"drift": "read", "check": "read", "apply": "write"}
"""The queue of each command."""

_STORE = """
    INSERT INTO tenant_run (tenant, command, ended, exit, in_doubt, last_good)
    VALUES (%(tenant)s, %(command)s, now(), %(exit)s, %(in_doubt)s, CASE WHEN %(good)s THEN now() END)
    ON CONFLICT (tenant, command) DO UPDATE SET
        ended = excluded.ended, exit = excluded.exit, in_doubt = excluded.in_doubt,
        last_good = coalesce(excluded.last_good, tenant_run.last_good)
"""


class TenantFailed(ToolkitError):
    """A job gave no result about its tenant, so it is tried again later."""


class TrustFile:
    """The trust of a worker. It is loaded again if trust.yaml has changed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._loading = Lock()
        self._stamp: object = None
        self._trust: Trust | None = None

    def load(self) -> Trust:
        """Return the trust as trust.yaml describes it now."""
        with self._loading:
            stat = (self._root / "trust.yaml").stat()
            stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if self._trust is None or stamp != self._stamp:
                self._trust, self._stamp = load_trust(self._root), stamp
            return self._trust


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSession:
    """The trust, state, environment and database of a worker, with which it runs jobs."""

    trust: TrustFile
    state: Path
    environment: Mapping[str, str] = field(repr=False)
    queue: str
    url: str = field(repr=False)
    remark: Callable[[str], None]

    def run_job(self, job: int, command: str, tenant: str) -> None:
        """Run a command in a tenant. If an earlier attempt of the job has ended, its answer is used.

        Raise TenantFailed if the run gave no result about the tenant.
        """
        results, folder = self._run(job, command, tenant)
        failed = next((result for result in results if _must_repeat(result)), None)
        good = not any(result.has_failed or result.exit == Exit.REFUSED for result in results)
        self._store(command, tenant, results, good=good)
        self.remark(f"{tenant}: {command}: {'; '.join(result.text() for result in results)}")
        if failed and folder:
            forget_answers(folder)
            raise TenantFailed(f"{tenant}: {command}: {failed.text()}")

    def _run(self, job: int, command: str, tenant: str) -> tuple[Sequence[TenantResult], Path | None]:
        trust = self.trust.load()
        session = TrustSession(
            trust=trust,
            state=self.state,
            environment=self.environment,
            selection=[tenant],
            at_once=1,
            job=job,
        )
        try:
            session.check()
            if COMMANDS.get(command) != self.queue:
                raise UsageError(f"`{command}` is not a command of the queue {self.queue}")
            if self.queue == "read":
                _refuse_write_credentials(session, tenant)
            report = apply_trust(session, None) if command == "apply" else run_command(session, command)
        except ToolkitError as error:
            code = Exit.REFUSED if error.exit == Exit.REFUSED else Exit.FAILED
            return [not_run(tenant, (), command, str(error), code)], None
        return report.results, report.folder

    def _store(self, command: str, tenant: str, results: Sequence[TenantResult], *, good: bool) -> None:
        worst = max((result.exit for result in results), default=Exit.AS_WANTED)
        row = {
            "tenant": tenant,
            "command": command,
            "exit": int(worst),
            "in_doubt": sum(_count_in_doubt(result) for result in results),
            "good": good,
        }
        with connect(self.url) as connection:
            connection.execute(_STORE, row)


def _must_repeat(result: TenantResult) -> bool:
    """Return whether a process failed, or was refused, which another run in the same tenant causes too."""
    return result.answer is not None and (result.has_failed or result.exit == Exit.REFUSED)


def _count_in_doubt(result: TenantResult) -> int:
    """Return the number of changes, of this run and of earlier runs, whose outcome is unknown."""
    answer = result.answer or {}
    outcomes = cast("Sequence[Body]", answer.get("outcomes") or [])
    half_done = cast("Sequence[Body]", answer.get("half_done") or [])
    unknown = [outcome for outcome in outcomes if outcome.get("result") == Result.UNKNOWN]
    return len(unknown) + len([step for step in half_done if step.get("verdict") == StepVerdict.CANNOT_TELL])


def _refuse_write_credentials(session: TrustSession, tenant: str) -> None:
    """Raise UsageError if the settings of a read worker could write to a live tenant."""
    environment = session.environment_of(tenant)
    if environment.get("TOOLKIT_TARGET", "").strip() != "live":
        return
    for name in session.trust.tenants[tenant].clouds:
        if providers()[name].ways.has_credentials(environment, Identity.WRITE):
            raise UsageError(
                f"the settings of {tenant} hold credentials that may write to {name}, and a read worker must have "
                "none: write only TOOLKIT_READ_ variables into them"
            )
