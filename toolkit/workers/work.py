"""The work of a worker: its session, and the drifts that it defers each night."""

from datetime import datetime, time

from toolkit.records import dataclass
from toolkit.workers.defer import defer_due_runs, night_of
from toolkit.workers.tenant_job import WorkerSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The session of a worker, and the time at which its nights begin."""

    session: WorkerSession
    nightly: time

    def remark(self, text: str) -> None:
        """Show a line about the worker's jobs."""
        self.session.remark(text)

    def defer_due(self, at: datetime) -> None:
        """Defer a drift of each tenant for which none was deferred this night."""
        trust = self.session.trust.load()
        night = night_of(at.astimezone(trust.zone), self.nightly)
        due = defer_due_runs(self.session.url, "drift", list(trust.tenants), night)
        if due.tenants:
            self.remark(f"{len(due.tenants)} drifts deferred for the night of {night}")
