"""Examine refused changes in the tenants: allow changes that cannot affect protected mail, and count the data that
other changes would delete.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from toolkit.errors import ServiceError
from toolkit.planning.change import Change, Create, Update, settings_before_and_after
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import Refusal
from toolkit.planning.plan_states import CHANGED, REFUSED
from toolkit.sdk.connector import Connection
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.kind import Kind


def allow_harmless_changes(
    plan: Plan, kinds: Mapping[str, Kind[Connection]], connections: Mapping[str, Connection]
) -> Plan:
    """Return the plan with changes allowed that were refused to protect mail, if the tenant shows that they
    cannot affect that mail.
    """
    spared, refused = list[Change](), list[Refusal]()
    for refusal in plan.refused:
        if refusal.change is not None and refusal.mail_of and _cannot_affect_mail(refusal, kinds, connections):
            spared.append(refusal.change)
        else:
            refused.append(refusal)
    return plan.replace(REFUSED, refused).add(CHANGED, spared) if spared else plan


def _cannot_affect_mail(
    refusal: Refusal, kinds: Mapping[str, Kind[Connection]], connections: Mapping[str, Connection]
) -> bool:
    """Return whether the tenant shows that a change cannot affect protected mail.

    If the tenant cannot be read, return False.
    """
    kind, connection = kinds[refusal.address.kind_path], connections[refusal.address.provider]
    assert isinstance(refusal.change, Create | Update)
    settings = refusal.change.desired.settings
    spares = attempt(kind.name, lambda: kind.mail.spares(connection, settings, refusal.mail_of))
    return False if isinstance(spares, ServiceError) else spares


def add_deleted_data_counts(
    plan: Plan, kinds: Mapping[str, Kind[Connection]], connections: Mapping[str, Connection]
) -> Plan:
    """Return the plan with a count of the data that each refused change would delete."""
    refused = [
        replace(refusal, effects=tuple(_describe_deleted_data(refusal, kinds, connections))) for refusal in plan.refused
    ]
    return plan.replace(REFUSED, refused)


def _describe_deleted_data(
    refusal: Refusal, kinds: Mapping[str, Kind[Connection]], connections: Mapping[str, Connection]
) -> Iterator[str]:
    if refusal.change is None:
        return
    evidence, (before, after) = kinds[refusal.address.kind_path].evidence, settings_before_and_after(refusal.change)
    count = evidence.extent
    if count is None or not evidence.weaker(before, after):
        return
    connection = connections[refusal.address.provider]
    extent = attempt("extent", lambda: count(connection, before, after))
    if isinstance(extent, ServiceError):
        yield f"the reach of the change could not be counted: {extent}"
        return
    yield f"the change reaches {'; '.join(extent.counts) or 'nothing'}"
    yield from extent.effects
