"""Opening, describing and closing tenants."""

from collections.abc import Callable, Mapping, Sequence
from uuid import uuid4

from connectors.emulator import clock
from connectors.emulator.discovery import Provider
from connectors.emulator.school import School
from connectors.emulator.seed import make_school
from connectors.emulator.store import Body, Store

_REGISTER = ("", "tenants")  # every tenant's name and domains, apart from what is inside it


def open_tenant(
    store: Store,
    providers: Sequence[Provider],
    *,
    users: int | None = None,
    staff: int | None = None,
    names: Mapping[str, str] | None = None,
    change: Callable[[Store, School], None] | None = None,
) -> str:
    """Make a tenant with a school in it, change it where a change is given, and return its id."""
    school = make_school(str(uuid4()), users=users, staff=staff, names=names)
    with store.transaction():
        for provider in providers:
            _fill(store, provider, school)
        if change:
            change(store, school)
        store.put(*_REGISTER, school.tenant_id, _entry(school))
    return school.tenant_id


def _fill(store: Store, provider: Provider, school: School) -> None:
    filled: set[str] = set()
    for seed in provider.seeds:
        for collection, bodies in seed(school).items():
            if collection in filled:
                raise ValueError(f"two services of {provider.name} seed the collection {collection}")
            filled.add(collection)
            store.replace(school.tenant_id, collection, bodies)


def _entry(school: School) -> Body:
    return {
        "tenant_id": school.tenant_id,
        "name": school.name,
        "short_name": school.short_name,
        "domain": school.domain,
        "initial_domain": school.initial_domain,
    }


def all_tenants(store: Store) -> list[str]:
    """List the ids of all tenants, oldest first."""
    return [str(entry["tenant_id"]) for entry in store.all(*_REGISTER)]


def find_tenant(store: Store, name: str) -> Body | None:
    """Find a tenant by its id or one of its domains."""
    name = name.lower()
    known = store.get(*_REGISTER, name)
    if known or "." not in name:
        return known
    entries = store.all(*_REGISTER)
    return next((entry for entry in reversed(entries) if name in (entry["domain"], entry["initial_domain"])), None)


def describe(store: Store, providers: Sequence[Provider], tenant_id: str) -> Body | None:
    """Tell everything a client needs to know of a tenant; None where there is none."""
    entry = find_tenant(store, tenant_id)
    if entry is None:
        return None
    clouds = {provider.name: provider.cloud.describe(store, tenant_id) for provider in providers}
    named = {"name": entry["name"], "short_name": entry["short_name"], "now": clock.text(clock.now(store, tenant_id))}
    return {**named, "tenant_id": tenant_id, **clouds}


def close_tenant(store: Store, tenant_id: str) -> bool:
    """Remove a tenant with everything in it and say whether it was there."""
    with store.transaction():
        store.forget(tenant_id)
        return store.delete(*_REGISTER, tenant_id)
