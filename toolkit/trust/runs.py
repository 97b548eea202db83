"""Run a command in the tenants of a trust, and report the results together."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from toolkit.errors import Exit, UnsafePlan
from toolkit.records import dataclass
from toolkit.trust.freezes import TrustFreeze, freeze_of, is_closed_for_trust, read_freezes
from toolkit.trust.model import Trust
from toolkit.trust.results import TenantResult, exit_of_results
from toolkit.trust.rounds import Round, finished_rounds
from toolkit.trust.run_tenants import ReadyTenant, TenantJob, open_clock
from toolkit.trust.session import TrustSession
from toolkit.trust.set_aside import SetAside, read_set_aside, set_aside_failing
from toolkit.trust.waves import Wave, plan_waves

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
    row.
    """
    ready, unusable = session.find_ready(session.tenants, command)
    with open_clock(session.trust, session.state, ready) as now:
        current = session.open_round(command, now, ready)
        jobs = [TenantJob(tenant, (command, str(tenant.playbooks))) for tenant in ready]
        results = _in_order(session, session.run_round(current, jobs, unusable))
    newly = list(_set_aside(session, results, now)) if command == "drift" else []
    return _report(session, command, now, results, current, newly=newly)


def _set_aside(session: TrustSession, results: Iterable[TenantResult], now: datetime) -> Iterator[SetAside]:
    aside = read_set_aside(session.state)
    failing = [result for result in results if result.tenant not in aside]
    past = finished_rounds(session.state, "drift")
    return set_aside_failing(session.state, past, failing, now.astimezone(session.trust.zone).date())


def apply_trust(session: TrustSession, confirm: Confirm | None, *, override: str = "") -> TrustReport:
    """Write to each tenant that may be written to now.

    With `confirm`, each tenant is planned first, and exactly the plans that it accepts are applied. Without it, each
    tenant is applied at once, and an apply that was killed is continued. Raise UnsafePlan from Friday noon to Monday,
    unless only one school is concerned or `override` has a reason.
    """
    clocked, _ = session.find_ready(session.tenants, "apply")
    with open_clock(session.trust, session.state, clocked) as now:
        waves = _plan_waves(session)
        open_tenants, refused = _writable_tenants(session, waves, now)
        _refuse_weekend(session, open_tenants, now, override)
        ready, unusable = session.find_ready(open_tenants, "apply")
        left_out = [*refused, *unusable]
        options = ("--override", override) if override else ()
        if confirm is None:
            current = session.open_round("apply", now, ready, "--yes", *options)
            jobs = [TenantJob(tenant, ("apply", str(tenant.playbooks), "--yes", *options)) for tenant in ready]
            results = session.run_round(current, jobs, left_out)
        else:
            plans = _save_plans(session, now, ready, left_out, waves)
            accepted = [tenant for tenant in ready if _plan_file(plans, tenant).exists()]
            if not accepted or (any(result.count for result in plans.results) and not confirm(plans)):
                return replace(plans, is_declined=bool(accepted))
            current = session.open_round("apply", now, accepted, str(plans.folder), *options)
            names = {tenant.name for tenant in accepted}
            others = [result for result in plans.results if result.tenant not in names]
            results = session.run_round(current, [_apply_job(plans, tenant, options) for tenant in accepted], others)
    return _report(session, "apply", now, _in_order(session, results), current, waves=_plan_waves(session))


def _save_plans(
    session: TrustSession,
    now: datetime,
    ready: Sequence[ReadyTenant],
    left_out: Sequence[TenantResult],
    waves: Sequence[Wave],
) -> TrustReport:
    """Plan each tenant, and save the plans in the round's folder."""
    current = session.open_round("plan", now, ready)
    jobs = [
        TenantJob(tenant, ("plan", str(tenant.playbooks), "-o", f"{current.folder.resolve() / tenant.name}.plan"))
        for tenant in ready
    ]
    results = _in_order(session, session.run_round(current, jobs, left_out))
    report = _report(session, "plan", now, results, current, waves=waves)
    return replace(report, has_live=any(tenant.is_live for tenant in ready))


def _plan_file(plans: TrustReport, tenant: ReadyTenant) -> Path:
    assert plans.folder
    return plans.folder.resolve() / f"{tenant.name}.plan"


def _apply_job(plans: TrustReport, tenant: ReadyTenant, options: Sequence[str]) -> TenantJob:
    saved = ("--playbooks", str(tenant.playbooks), "--yes")
    return TenantJob(tenant, ("apply", str(_plan_file(plans, tenant)), *saved, *options))


def read_status(session: TrustSession) -> TrustReport:
    """Return the latest results of each tenant. No request is sent to a tenant."""
    clocked, unusable = session.find_ready(session.tenants, "drift")
    results = [
        result
        for name in session.tenants
        for command in _STATUS
        if (result := _latest_result(session, name, command))
    ]  # fmt: skip
    with open_clock(session.trust, session.state, clocked) as now:
        waves = _plan_waves(session)
    return _report(session, "status", now, _in_order(session, [*unusable, *results]), None, waves=waves)


def _latest_result(session: TrustSession, tenant: str, command: str) -> TenantResult | None:
    for past in finished_rounds(session.state, command):
        if answer := past.read_answer(tenant):
            schools = session.schools_of(tenant)
            return TenantResult(tenant=tenant, schools=schools, command=command, answer=answer, at=past.at)
    return None


def read_time(session: TrustSession) -> datetime:
    """Return the trust's time, which is emulated if a tenant is."""
    ready, _ = session.find_ready(session.trust.tenants, "status")
    with open_clock(session.trust, session.state, ready) as now:
        return now


def _plan_waves(session: TrustSession) -> Sequence[Wave]:
    if not session.trust.waves:
        return ()
    return plan_waves(session.trust, session.state, session.base_digest(), session.read_runs)


def _writable_tenants(
    session: TrustSession, waves: Sequence[Wave], now: datetime
) -> tuple[Sequence[str], Sequence[TenantResult]]:
    """Return the tenants that may be written to now, and a result for each frozen tenant.

    A tenant that was chosen and waits for a wave has a result too.
    """
    waiting = {tenant: wave for wave in waves if wave.waits for tenant in wave.tenants}
    freezes = read_freezes(session.state, now.astimezone(session.trust.zone).date())
    names: list[str] = []
    refused: list[TenantResult] = []
    for name in session.tenants:
        if freeze := freeze_of(freezes, session.schools_of(name)):
            refused.append(session.result(name, "apply", f"{freeze.text()}. Nothing was written", Exit.REFUSED))
        elif name in waiting:
            if session.chosen:
                text = f"waits for {waiting[name].waits}. Nothing was written"
                refused.append(session.result(name, "apply", text, Exit.REFUSED))
        else:
            names.append(name)
    return names, refused


def _refuse_weekend(session: TrustSession, tenants: Sequence[str], now: datetime, override: str) -> None:
    schools = {school for tenant in tenants for school in session.schools_of(tenant)}
    if len(schools) > 1 and not override and is_closed_for_trust(now.astimezone(session.trust.zone)):
        raise UnsafePlan(
            "between Friday noon and Monday nothing is written to several schools at once, because nobody would answer "
            'their telephones. Wait until Monday, choose one tenant with --tenant, or give a reason: --override "..."'
        )


def _in_order(session: TrustSession, results: Iterable[TenantResult]) -> Sequence[TenantResult]:
    places = {name: place for place, name in enumerate(session.trust.tenants)}
    return sorted(results, key=lambda result: places[result.tenant])


def _report(
    session: TrustSession,
    command: str,
    now: datetime,
    results: Sequence[TenantResult],
    current: Round | None,
    *,
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
        freezes=read_freezes(session.state, now.astimezone(session.trust.zone).date()),
        waves=waves,
        folder=current.folder if current else None,
    )
