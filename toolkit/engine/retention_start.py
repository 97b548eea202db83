"""Make a change that deletes data or keeps data for less time.

A normal run refuses such a change, so a person must request it.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit.engine.apply.changes import apply_changes
from toolkit.engine.context import RunContext
from toolkit.engine.journal import Journal
from toolkit.engine.refresh import TenantSurvey, open_survey
from toolkit.engine.run_report import Report, exit_of_apply, find_waiting_changes, summarise_plan
from toolkit.engine.runs import read_ledger_records, report_before_write
from toolkit.engine.unfinished_steps import record_verdicts
from toolkit.errors import Exit, Refused, ServiceError, Transient, UsageError
from toolkit.messages import closest
from toolkit.planning.change import Change, settings_before_and_after
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import Refusal
from toolkit.planning.plan_states import CHANGED, MATCHING, REFUSED
from toolkit.planning.select import narrow_plan
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.legal_holds import OnHold
from toolkit.sdk.providers import cloud_title
from toolkit.sdk.reason import admin_text
from toolkit.sdk.resource import Address
from toolkit.sdk.targets import Extent
from toolkit.values import Settings

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger

HELD = "the change reaches a person on hold, and data on hold must not be deleted. Nothing was written"
HELD_SITE = (
    "a case has a hold on a site that the change may reach, and data on hold must not be deleted. Nothing was written"
)
HELD_ALL = "the whole organisation is on hold, and data on hold must not be deleted. Nothing was written"
UNCLEAR = (
    "the change may reach data on hold, because Exchange shows an unknown type of hold, or does not show all holds. "
    "Nothing was written. Look at InPlaceHolds of the mailboxes (Get-Mailbox) and of the organisation "
    "(Get-OrganizationConfig)"
)
UNCERTAIN = (
    "people are on hold, and toolkit cannot see whether the change reaches their data. Nothing was written. "
    "Only a policy for `all`, or for named mailboxes and chats, can be compared with the holds"
)
HELD_ELSEWHERE = (
    "the change may reach a person who is on hold in {cloud}, and their data must not be deleted. Nothing was written"
)
UNCERTAIN_ELSEWHERE = (
    "people are on hold in {cloud}, and toolkit cannot see whether the change reaches their data. Nothing was written"
)
NOT_READ = "the holds{where} could not be read ({why}), so the change may reach a person on hold. Nothing was written"


@dataclass(frozen=True, slots=True)
class RequestedChange:
    """The outcome of a change that a person requested.

    The report's plan contains only this change, or nothing if the change was stopped.
    """

    report: Report
    refusal: Refusal | None = None  # why runs do not make the change
    extent: Extent | None = None
    stop_reason: str = ""  # why nothing was written


ReadExtent = Callable[[Connection, Settings | None, Settings | None], Extent]
ConfirmChange = Callable[[RequestedChange], bool]
"""A function that shows a person the change and its reach, and returns whether the person agrees."""


def start_retention_change(
    context: RunContext,
    playbooks: Playbooks,
    ledger: "Ledger",
    object_name: str,
    confirm: ConfirmChange,
    *,
    requesting_person: str,
) -> RequestedChange:
    """Make a change to an object that plan and apply refuse, and return the outcome.

    The caller holds the lease. Everything is read again. Nothing is written outside the school's change windows, or
    before `confirm` agrees. Nothing is written either if the reach is unknown, if the change reaches data of a person
    who is on hold in any cloud of the school, or if the holds of a cloud cannot be read. The ledger records
    `requesting_person` as the person who asked.
    """
    journal = Journal(ledger, context.run, context.now)
    with open_survey(context, playbooks, read_ledger_records(context, ledger)) as survey:
        address = _find_object_address(object_name, survey.plan)
        flags = (*context.flags, str(address or object_name), f"by {requesting_person}")
        journal.record_start(replace(context, flags=flags), survey.playbooks, survey.tenants)
        record_verdicts(survey.half_done, journal)
        requested = _prepare_change(context, survey, address) if address else _stop_because_unread(context, survey)
        if not requested.stop_reason:
            requested = _apply_requested_change(survey, requested, confirm, journal)
    report = requested.report
    journal.record_end(code=report.exit, summary=summarise_plan(report.plan, report.outcomes), unmanaged={})
    return requested


def _find_object_address(name: str, plan: Plan) -> Address | None:
    """Return the address of the object with a name.

    Return None if the object was not found but may be among the objects that could not be read. Raise UsageError if no
    playbook asks for it.
    """
    exact = [address for address in plan.desired_controls if name in (str(address), address.display_text)]
    named = exact or [address for address in plan.desired_controls if name.casefold() == address.name.casefold()]
    if len(named) > 1:
        raise UsageError(f"several objects are called {name}: {', '.join(sorted(map(str, named)))}")
    if named:
        return named[0]
    if any(unknown.address is None for unknown in plan.unknown):
        return None
    meant = closest(name, [address.name for address in plan.desired_controls])
    advice = f"did you mean `{meant}`?" if meant else "`toolkit plan` lists the changes that it refuses"
    raise UsageError(f"no playbook asks for {name}: {advice}")


def _stop_because_unread(context: RunContext, survey: TenantSurvey) -> RequestedChange:
    """Return the outcome "stopped" for an object that may be among the objects that could not be read."""
    reasons = "; ".join(
        f"{unknown.kind}: {admin_text(unknown.reason)}" for unknown in survey.plan.unknown if unknown.address is None
    )
    return _to_stopped_change(
        RequestedChange(report_before_write(context, survey)), Exit.UNREAD, f"the object could not be read: {reasons}"
    )


def _prepare_change(context: RunContext, survey: TenantSurvey, address: Address) -> RequestedChange:
    """Find the requested change in the plan and count its reach.

    Return both, or the reason why the change was stopped.
    """
    plan = narrow_plan(survey.plan, [str(address)])
    requested = RequestedChange(report_before_write(context, replace(survey, plan=plan)))
    refusal = next(iter(plan.refused), None)
    if plan.unknown:
        return _to_stopped_change(
            requested, Exit.UNREAD, f"the object could not be read: {admin_text(plan.unknown[0].reason)}"
        )
    if plan.select(MATCHING):
        return _to_stopped_change(
            requested, Exit.AS_WANTED, "the object is already as the playbook asks, so there is nothing to start"
        )
    if refusal is None:
        return _to_stopped_change(
            requested,
            Exit.REFUSED,
            "toolkit does not refuse this change for deleting data sooner. `toolkit plan` shows its state",
        )
    kind = survey.kinds[address.kind_path]
    if refusal.change is None or kind.evidence.extent is None:
        return _to_stopped_change(requested, Exit.REFUSED, refusal.reason)
    narrowed = plan.replace(CHANGED, [refusal.change]).replace(REFUSED, ())
    waits = find_waiting_changes(context, replace(survey, plan=narrowed))
    requested = RequestedChange(replace(requested.report, plan=narrowed, waiting=waits), refusal)
    if wait := waits.get(address):
        return _to_stopped_change(requested, Exit.REFUSED, f"{wait}. Nothing was written")
    return _count_extent(requested, kind.evidence.extent, refusal.change, survey)


def _count_extent(
    requested: RequestedChange, extent: ReadExtent, change: Change, survey: TenantSurvey
) -> RequestedChange:
    """Return the requested change with its reach.

    Stop the change if it is unknown whom it reaches or who is on hold.
    """
    connection = survey.connections[change.address.provider]
    reached = attempt("extent", lambda: extent(connection, *settings_before_and_after(change)))
    if isinstance(reached, ServiceError):
        return _to_stopped_change(
            requested, Exit.UNREAD, f"the reach of the change could not be counted: {reached}. Nothing was written"
        )
    return _stop_if_on_hold(replace(requested, extent=reached), change.address.provider, survey)


def _stop_if_on_hold(requested: RequestedChange, provider: str, survey: TenantSurvey) -> RequestedChange:
    """Stop the change if it reaches a person who is on hold in any cloud.

    The reason contains neither names nor numbers.
    """
    against = _find_hold_obstacle(requested.extent, provider, survey) if requested.extent else (Exit.UNREAD, UNCERTAIN)
    return _to_stopped_change(requested, *against) if against else requested


def _find_hold_obstacle(extent: Extent, provider: str, survey: TenantSurvey) -> tuple[Exit, str] | None:
    """Return the exit code and the reason if legal holds in a cloud prevent a change, otherwise None.

    If some holds forbid the change and others are unknown, return the refusal.
    """
    held = _read_holds(provider, survey)
    against = [find_hold_that_forbids(extent, held) if isinstance(held, OnHold) else held]
    school = survey.playbooks.school
    domains = {domain.casefold() for domain in (*school.domains, *(t.domain for t in school.tenants.values()))}
    for other in sorted(school.all_clouds - {provider}) if extent.places else ():
        held = _read_holds(other, survey, f" in {cloud_title(other)}")
        against.append(_find_hold_in_other_cloud(extent, held, domains, other) if isinstance(held, OnHold) else held)
    return min(filter(None, against), key=lambda reason: reason[0] is not Exit.REFUSED, default=None)


def _read_holds(provider: str, survey: TenantSurvey, cloud_text: str = "") -> OnHold | tuple[Exit, str]:
    """Return the people on hold in a cloud, or the exit code and the reason if they could not be read.

    The service's own message is left out, because it may contain names.
    """
    connection = survey.connections.get(provider)
    if connection is None:
        return Exit.UNREAD, NOT_READ.format(where=cloud_text, why="the tenant was not read")
    held = attempt("holds", connection.holding.read_accounts_on_hold)
    if isinstance(held, ServiceError):
        return Exit.UNREAD, NOT_READ.format(where=cloud_text, why=_describe_error(held))
    return held


def _find_hold_in_other_cloud(
    extent: Extent, on_hold: OnHold, domains: Collection[str], provider: str
) -> tuple[Exit, str] | None:
    match extent.includes_person_on_hold_elsewhere(on_hold, domains):
        case False:
            return None
        case True:
            return Exit.REFUSED, HELD_ELSEWHERE.format(cloud=cloud_title(provider))
        case _:
            return Exit.UNREAD, UNCERTAIN_ELSEWHERE.format(cloud=cloud_title(provider))


def find_hold_that_forbids(extent: Extent, on_hold: OnHold) -> tuple[Exit, str] | None:
    """Return the exit code and the reason if a change reaches data on hold. Otherwise return None."""
    match extent.includes_person_on_hold(on_hold):
        case False:
            return None
        case True if on_hold.everybody:
            return Exit.REFUSED, HELD_ALL
        case True:
            return Exit.REFUSED, HELD if extent.has_data_of_any(on_hold.accounts) else HELD_SITE
        case _:
            known_holds = replace(on_hold, unclear=frozenset(), everybody=bool(on_hold.everybody))
            return Exit.UNREAD, UNCERTAIN if extent.includes_person_on_hold(known_holds) is None else UNCLEAR


def _describe_error(error: ServiceError) -> str:
    match error:
        case Refused(missing=missing) if missing:
            return f"{missing} is missing"
        case Refused():
            return "a permission or a role is missing (`toolkit doctor` shows which)"
        case Transient():
            return "the service did not respond"
        case _:
            return "the response is incomplete or could not be understood"


def _apply_requested_change(
    survey: TenantSurvey, requested: RequestedChange, confirm: ConfirmChange, journal: Journal
) -> RequestedChange:
    """Read the legal holds again, because someone may have been put on hold meanwhile.

    Then apply the change and return the outcome.
    """
    if not confirm(requested):
        return _to_stopped_change(requested, Exit.REFUSED, "the change was not confirmed, so nothing was written")
    (change,) = requested.report.plan.changes
    again = _stop_if_on_hold(requested, change.address.provider, survey)
    if again.stop_reason:
        return again
    outcomes = apply_changes(
        requested.report.plan, survey.kinds, survey.connections, journal, requested.report.context.progress
    )
    code = exit_of_apply(requested.report.plan, outcomes)
    return replace(requested, report=replace(requested.report, outcomes=outcomes, exit=code))


def _to_stopped_change(requested: RequestedChange, code: Exit, reason: str) -> RequestedChange:
    """Return the outcome of a change that was stopped.

    The change itself is left out, because the change and the reason together could show who is on hold.
    """
    refused = (requested.refusal,) if requested.refusal else requested.report.plan.refused
    plan = requested.report.plan.replace(CHANGED, ()).replace(REFUSED, refused)
    return RequestedChange(replace(requested.report, plan=plan, exit=code), requested.refusal, stop_reason=reason)
