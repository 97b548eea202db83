"""Adopt objects of another ledger: record in this ledger that it manages them. Nothing is written to a tenant."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit.engine.build_plan import make_ownership
from toolkit.engine.context import RunContext
from toolkit.engine.journal import Journal
from toolkit.engine.refresh import TenantSurvey, open_survey
from toolkit.engine.runs import read_ledger_records
from toolkit.errors import Exit, UsageError
from toolkit.messages import closest
from toolkit.planning.matching import belongs_to_other_ledger
from toolkit.planning.ownership import Ownership, mark_setting_name
from toolkit.playbook.entries import Playbooks
from toolkit.sdk.reason import admin_text
from toolkit.sdk.resource import Address, Observed

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


def adopt_objects(
    context: RunContext, playbooks: Playbooks, ledger: "Ledger", addresses: Sequence[Address] | None
) -> Sequence[Address]:
    """Record existing objects as managed by this ledger, and return their addresses. The caller holds the lease.

    If `addresses` is None, adopt every object that has toolkit's marker and is not in this ledger. Objects of another
    school are adopted only if `addresses` contains them. Raise UsageError, and record nothing, if an address cannot be
    adopted.
    """
    journal = Journal(ledger, context.run, context.now)
    reading = replace(context, prune=True)  # so that no kind is left out
    with open_survey(reading, playbooks, read_ledger_records(context, ledger)) as survey:
        ownership = make_ownership(playbooks.school, survey.ledger_state)
        of_a_school = {resource.address: resource for resource in _objects_of_other_schools(survey, ownership)}
        unknown = {
            resource.address: resource
            for resource in _objects_of_other_ledgers(survey)
            if resource.address not in of_a_school
        }
        adopted = list(unknown)
        unknown |= of_a_school
        if addresses is not None:
            adopted = [_check_adoptable(address, unknown, survey) for address in addresses]
        tenants = survey.tenants
    if not adopted:
        return []
    journal.record_start(context, playbooks, tenants)
    for address in dict.fromkeys(adopted):
        journal.adopt(address, unknown[address])
    journal.record_end(code=Exit.AS_WANTED, summary={}, unmanaged={})
    return adopted


def _objects_of_other_ledgers(survey: TenantSurvey) -> Iterator[Observed]:
    for resource in _observed_objects(survey):
        if belongs_to_other_ledger(survey.kinds[resource.address.kind_path], resource, survey.ledger_state.own_objects):
            yield resource


def _objects_of_other_schools(survey: TenantSurvey, ownership: Ownership) -> Iterator[Observed]:
    for resource in _observed_objects(survey):
        if ownership.other_school_owning(
            survey.kinds[resource.address.kind_path], resource, survey.ledger_state.known_objects.get(resource.address)
        ):
            yield resource


def _observed_objects(survey: TenantSurvey) -> Iterator[Observed]:
    """Yield every object that was read, with the address of its present name."""
    for objects in survey.observed.objects.values():
        yield from (
            replace(resource, address=replace(resource.address, name=resource.remote.name)) for resource in objects
        )


def _check_adoptable(address: Address, adoptable: dict[Address, Observed], survey: TenantSurvey) -> Address:
    if address in adoptable:
        return address
    if address in survey.ledger_state.own_objects.addresses:
        raise UsageError(f"{address}: it is already in this ledger")
    if address.kind_path not in survey.observed.objects:
        raise UsageError(f"{address}: {_reason_unread(address, survey)}")
    if not mark_setting_name(survey.kinds[address.kind_path].spec):
        raise UsageError(f"{address}: objects of this kind have no marker, because toolkit recognises them by name")
    meant = closest(str(address), [str(other) for other in adoptable])
    hint = f": did you mean `{meant}`?" if meant else ""
    raise UsageError(f"{address}: the tenant has no such object with toolkit's marker{hint}")


def _reason_unread(address: Address, survey: TenantSurvey) -> str:
    reasons = [
        admin_text(unknown.reason)
        for unknown in survey.observed.unknown
        if unknown.kind in {address.kind_path, address.provider}
    ]
    if reason := next(iter(reasons), survey.observed.unavailable.get(address.kind_path)):
        return f"no {address.kind_path} could be read: {reason}"
    return f"no playbook asks for {address.kind_path}, so no such object was read"
