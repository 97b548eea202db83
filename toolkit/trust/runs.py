"""Run a command in the tenants of a trust, and report the results together."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from toolkit.errors import Exit, LedgerError, UnsafePlan, UsageError
from toolkit.records import dataclass
from toolkit.trust.freezes import TrustFreeze, freeze_of, is_closed_for_trust, read_freezes
from toolkit.trust.model import Trust
from toolkit.trust.results import TenantResult, exit_of_results
from toolkit.trust.rounds import Round, finished_rounds
from toolkit.trust.run_tenants import ReadyTenant, TenantJob, open_clock
from toolkit.trust.session import TrustSession, not_run
from toolkit.trust.set_aside import SetAside, read_set_aside, set_aside_failing
from toolkit.trust.tenant_settings import state_of_jobs
from toolkit.trust.waves import Wave, plan_waves

_Freezes: TypeAlias = Mapping[str, Sequence[TrustFreeze]]  # by tenant
_STATUS = ("drift", "check", "apply")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustReport:
    """The results of a command in the tenants of a trust."""

    trust: Trust
    command: str
    now: datetime
    results: Sequence[TenantResult]
    set_aside: Sequence[SetAside] = ()
    newly_set_aside: Sequence[SetAside] = ()
    freezes: Sequence[TrustFreeze] = ()
    waves: Sequence[Wave] = ()
    folder: Path | None = None  # with the answer of each tenant
    has_live: bool = False  # one of the tenants is live
    is_declined: bool = False  # a person was asked and did not agree

    @property
    def exit(self) -> Exit:
        """Return the worst exit code of the tenants. A refusal by the person who was asked is refused."""
        return Exit.REFUSED if self.is_declined else exit_of_results(self.results)


Confirm = Callable[[TrustReport], bool]
"""Shows the plan of a trust, and returns whether to write it."""


def run_command(session: TrustSession, command: str) -> TrustReport:
    """Run plan, drift or check in each chosen tenant. A drift or check that was killed is continued.

    A tenant that cannot be read does not stop the others. A drift sets aside a tenant that failed three nights in a
    row. While a wave waits, a drift also reads the slices of the schools before it, because only these should agree
    with the playbooks.
    """
    ready, unusable = session.find_ready(session.tenants, command)
    with open_clock(session.trust, session.state, ready) as now:
        waves = _plan_waves(session) if command == "drift" else ()
        jobs = [TenantJob(tenant, (command, str(tenant.root)), tenant.schools) for tenant in ready]
        waiting = {school for wave in waves if wave.waits for school in wave.schools}
        for job in jobs if waiting else ():
            written = [school for school in job.schools if school not in waiting]
            jobs = [*jobs, *([replace(job, schools=written)] if written and len(written) < len(job.schools) else [])]
        current = session.open_round(command, now, jobs)
        results = session.run_round(current, jobs, unusable)
        freezes, _ = _read_freezes(session, ready, now)  # an unreadable ledger is in the result of its tenant
    newly = list(_set_aside(session, results, now)) if command == "drift" else []
    return _report(session, command, now, results, current, newly=newly, freezes=freezes)


def _set_aside(session: TrustSession, results: Iterable[TenantResult], now: datetime) -> Iterator[SetAside]:
    aside = read_set_aside(session.state)
    failing = [result for result in results if result.tenant not in aside]
    past = finished_rounds(session.rounds, "drift")
    return set_aside_failing(session.state, past, failing, now.astimezone(session.trust.zone).date())


def apply_trust(session: TrustSession, confirm: Confirm | None, *, override: str = "") -> TrustReport:
    """Write to each tenant that may be written to now.

    With `confirm`, each tenant is planned first, and exactly the plans that it accepts are applied. Without it, each
    tenant is applied at once, and an apply that was killed is continued. `override` is the reason to write to frozen
    schools too. Raise UnsafePlan from Friday noon to Monday, unless only one school is concerned or `override` is set.
    """
    ready, unusable = session.find_ready(session.tenants, "apply")
    with open_clock(session.trust, session.state, ready) as now:
        waves = _plan_waves(session)
        freezes, unreadable = _read_freezes(session, ready, now)
        unusable = [*unusable, *unreadable]
        ready = [tenant for tenant in ready if tenant.name in freezes]
        jobs, left_out = _writable_slices(session, ready, waves, {} if override else freezes)
        left_out = [*unusable, *left_out]
        _refuse_weekend(session, jobs, now, override)
        options = ("--override", override) if override else ()
        if confirm is None:
            applying = [replace(job, words=("apply", *job.words, "--yes", *options)) for job in jobs]
            current = session.open_round("apply", now, applying, "--yes", *options)
            results = session.run_round(current, applying, left_out)
        else:
            plans = _save_plans(session, now, jobs, left_out, waves=waves, freezes=freezes)
            accepted = [job for job in jobs if _plan_file(plans, job).exists()]
            if not accepted or (any(result.count for result in plans.results) and not confirm(plans)):
                return replace(plans, is_declined=bool(accepted))
            current = session.open_round("apply", now, accepted, str(plans.folder), *options)
            keys = {(job.tenant.name, *job.schools) for job in accepted}
            others = [result for result in plans.results if (result.tenant, *result.schools) not in keys]
            results = session.run_round(current, [_saved_job(plans, job, options) for job in accepted], others)
    return _report(session, "apply", now, results, current, waves=_plan_waves(session), freezes=freezes)


def _save_plans(
    session: TrustSession,
    now: datetime,
    jobs: Sequence[TenantJob],
    left_out: Sequence[TenantResult],
    *,
    waves: Sequence[Wave],
    freezes: _Freezes,
) -> TrustReport:
    """Plan each job, and save the plans in the round's folder."""
    current = session.open_round("plan", now, jobs)
    planning = [
        replace(job, words=("plan", *job.words, "-o", f"{current.folder.resolve() / job.key}.plan")) for job in jobs
    ]
    results = session.run_round(current, planning, left_out)
    report = _report(session, "plan", now, results, current, waves=waves, freezes=freezes)
    return replace(report, has_live=any(job.tenant.is_live for job in jobs))


def _plan_file(plans: TrustReport, job: TenantJob) -> Path:
    assert plans.folder
    return plans.folder.resolve() / f"{job.key}.plan"


def _saved_job(plans: TrustReport, job: TenantJob, options: Sequence[str]) -> TenantJob:
    saved = ("--playbooks", str(job.tenant.root), "--yes")
    return replace(job, words=("apply", str(_plan_file(plans, job)), *saved, *options))


def read_status(session: TrustSession) -> TrustReport:
    """Return the latest results of each tenant. No request is sent to a tenant."""
    clocked, unusable = session.find_ready(session.tenants, "drift")
    results = [
        result
        for name in session.tenants
        for command in _STATUS
        for result in _latest_results(session, name, command)
    ]  # fmt: skip
    with open_clock(session.trust, session.state, clocked) as now:
        waves = _plan_waves(session)
        freezes, unreadable = _read_freezes(session, clocked, now)
    return _report(session, "status", now, [*unusable, *unreadable, *results], None, waves=waves, freezes=freezes)


def _read_freezes(
    session: TrustSession, tenants: Iterable[ReadyTenant], now: datetime
) -> tuple[_Freezes, Sequence[TenantResult]]:
    """Return the freezes in each tenant that have not ended, and a result for each tenant with an unreadable ledger."""
    freezes: dict[str, Sequence[TrustFreeze]] = {}
    unreadable: list[TenantResult] = []
    today = now.astimezone(session.trust.zone).date()
    for tenant in tenants:
        try:
            freezes[tenant.name] = read_freezes(tenant.settings(), session.state, today)
        except (UsageError, LedgerError) as error:
            text = f"its freezes could not be read: {error}"
            unreadable.append(not_run(tenant.name, tenant.schools, "status", text, Exit.FAILED))
    return freezes, unreadable


def _latest_results(session: TrustSession, tenant: str, command: str) -> Iterator[TenantResult]:
    """Yield the results of a tenant in the last round of a command that had the tenant, also of a worker's job."""
    stored = (session.state, state_of_jobs(session.state, tenant))
    rounds = filter(None, (_latest_round(state, tenant, command) for state in stored))
    if latest := max(rounds, key=lambda past: past.at, default=None):
        for schools, answer in latest.answers_of(tenant):
            yield TenantResult(
                tenant=tenant, schools=schools or session.schools_of(tenant), command=command, answer=answer,
                at=latest.at,
            )  # fmt: skip


def _latest_round(state: Path, tenant: str, command: str) -> Round | None:
    return next((past for past in finished_rounds(state, command) if any(past.answers_of(tenant))), None)


def read_time(session: TrustSession) -> datetime:
    """Return the trust's time, which is emulated if a tenant is."""
    ready, _ = session.find_ready(session.trust.tenants, "status")
    with open_clock(session.trust, session.state, ready) as now:
        return now


def _plan_waves(session: TrustSession) -> Sequence[Wave]:
    if not session.trust.waves:
        return ()
    return plan_waves(session.trust, session.state, session.base_digest(), session.read_runs)


def _writable_slices(
    session: TrustSession,
    tenants: Sequence[ReadyTenant],
    waves: Sequence[Wave],
    freezes: _Freezes,
) -> tuple[Sequence[TenantJob], Sequence[TenantResult]]:
    """Return a job for the schools of each tenant that may be written to now, and a result for the frozen schools.

    Schools of a waiting wave have a result only if their tenant was chosen.
    """
    waiting = {school: wave.waits for wave in waves if wave.waits for school in wave.schools}
    jobs: list[TenantJob] = []
    left_out: list[TenantResult] = []
    for tenant in tenants:
        recorded = freezes.get(tenant.name, ())
        frozen = {school: freeze for school in tenant.schools if (freeze := freeze_of(recorded, [school]))}
        writable = [school for school in tenant.schools if school not in frozen and school not in waiting]
        if writable or not tenant.schools:
            jobs.append(TenantJob(tenant, (str(tenant.root),), writable))
        for school, freeze in frozen.items():
            text = f"{freeze.text()}. Nothing was written"
            left_out.append(not_run(tenant.name, [school], "apply", text, Exit.REFUSED))
        for school in tenant.schools if session.selection else ():
            if school in waiting and school not in frozen:
                text = f"{school} waits for {waiting[school]}. Nothing was written"
                left_out.append(not_run(tenant.name, [school], "apply", text, Exit.REFUSED))
    return jobs, left_out


def _refuse_weekend(session: TrustSession, jobs: Sequence[TenantJob], now: datetime, override: str) -> None:
    schools = {school for job in jobs for school in job.schools}
    is_closed_for_one = session.job is not None  # jobs of other schools may wait in the same queue
    if (
        (len(schools) > 1 or is_closed_for_one)
        and not override
        and is_closed_for_trust(now.astimezone(session.trust.zone))
    ):
        raise UnsafePlan(
            "between Friday noon and Monday nothing is written to several schools at once, because no one would answer "
            'the telephone. Wait until Monday, choose one tenant with --tenant, or give a reason: --override "..."'
        )


def _report(
    session: TrustSession,
    command: str,
    now: datetime,
    results: Sequence[TenantResult],
    current: Round | None,
    *,
    freezes: _Freezes,
    newly: Sequence[SetAside] = (),
    waves: Sequence[Wave] = (),
) -> TrustReport:
    return TrustReport(
        trust=session.trust,
        command=command,
        now=now,
        results=results,
        set_aside=list(read_set_aside(session.state).values()),
        newly_set_aside=newly,
        freezes=list({freeze.school: freeze for recorded in freezes.values() for freeze in recorded}.values()),
        waves=waves,
        folder=current.folder if current else None,
    )
