"""The objects that decide about mail: as they were read, and as they will be after a plan."""

from collections.abc import Mapping, Sequence

from toolkit.planning.change import Change, Create, Delete, settings_before_and_after
from toolkit.planning.ordering import order_after_changes
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import ObservedState
from toolkit.sdk.mail_flow import MailObject
from toolkit.sdk.reason import admin_text
from toolkit.sdk.resource import Observed

Objects = Mapping[str, Sequence[MailObject]]
"""The objects by kind, without the provider, in the service's order."""


def current_objects(observed: ObservedState) -> Objects:
    """Return the objects as they were read. Objects that could not be read come first in their kind."""
    kinds = {*observed.objects, *(unknown.kind for unknown in observed.unknown if unknown.address)}
    return {
        _short(kind): [
            *_unreadable_objects(observed, kind),
            *(_to_mail_object(resource) for resource in observed.objects.get(kind, ())),
        ]
        for kind in kinds
    }


def projected_objects(observed: ObservedState, plan: Plan) -> Objects:
    """Return the objects as they will be after the changes of a plan, in their new order."""
    return {
        _short(kind): [*_unreadable_objects(observed, kind), *_project_kind(observed.objects.get(kind, ()), kind, plan)]
        for kind in {*observed.objects, *(unknown.kind for unknown in observed.unknown if unknown.address)}
    }


def _project_kind(resources: Sequence[Observed], kind: str, plan: Plan) -> Sequence[MailObject]:
    changes = [change for change in plan.changes if change.address.kind_path == kind]
    by_id: dict[str, Change] = {
        change.observed.remote.id: change for change in changes if not isinstance(change, Create)
    }
    addresses = plan.orders[kind].our_addresses if kind in plan.orders else {}
    objects: dict[str, MailObject] = {}
    for resource in resources:
        change = by_id.get(resource.remote.id)
        if not isinstance(change, Delete):
            key = addresses.get(resource.remote.id, resource.remote.id)
            objects[key] = _changed(resource, change) if change else _to_mail_object(resource)
    for change in changes:
        if isinstance(change, Create):
            objects[str(change.address)] = MailObject(change.address.name, settings_before_and_after(change)[1] or {})
    if kind not in plan.orders:
        return list(objects.values())
    ordered = order_after_changes(plan.orders[kind], changes)
    places = {key: place for place, key in enumerate(ordered)}
    return [objects[key] for key in sorted(objects, key=lambda key: places.get(key, len(places)))]


def _changed(resource: Observed, change: Change) -> MailObject:
    unchanged = _to_mail_object(resource)
    return MailObject(
        change.address.name,
        settings_before_and_after(change)[1] or {},
        unchanged.raw,
        unchanged.unknown_properties,
    )


def _to_mail_object(resource: Observed) -> MailObject:
    unknown = tuple((unknown.path, str(unknown.value)) for unknown in resource.unknown if unknown.narrows)
    return MailObject(resource.address.name, resource.settings, resource.remote.body, unknown)


def _unreadable_objects(observed: ObservedState, kind: str) -> Sequence[MailObject]:
    return [
        MailObject(unknown.address.name, {}, unreadable=admin_text(unknown.reason))
        for unknown in observed.unknown
        if unknown.kind == kind and unknown.address
    ]


def _short(kind: str) -> str:
    return kind.partition(".")[2]
