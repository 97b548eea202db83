"""A running emulator: its store, its emulated clouds, and the extension that a test may add."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from connectors.emulator import clock
from connectors.emulator.delivery.message import read_message
from connectors.emulator.discovery import Provider, Routing, providers
from connectors.emulator.extension import Extension
from connectors.emulator.grants import Grant, apply_grants, read_grant
from connectors.emulator.seeds import find_seed
from connectors.emulator.store import Body, Json, Store
from connectors.emulator.tenants import all_tenants, close_tenant, describe, open_tenant


@dataclass(frozen=True, slots=True)
class Emulation:
    store: Store
    providers: Sequence[Provider]
    routing: Routing
    users: int | None  # people in a new tenant, where nobody says otherwise
    extension: Extension
    names: Mapping[str, str] = field(default_factory=dict)  # the name and domain of the first tenant's school
    grants: Sequence[Grant] = ()  # the identities for other programs, in every tenant

    def open(self, seed: str = "", names: Mapping[str, str] | None = None) -> Body:
        """Create a tenant and return its description.

        `names` are the `name` and `domain` of its school, which is otherwise the sample school. Raise ValueError for an
        unknown seed.
        """
        first, *_ = self._open_all(seed, names)
        return self.describe(first)

    def _open_all(self, seed: str, names: Mapping[str, str] | None) -> list[str]:
        """Create the tenants of a seed in one step, and return their ids."""
        with self.store.transaction():
            opened = [
                open_tenant(
                    self.store, self.providers, users=self.users, names=names, school=tenant.make_school(),
                    change=tenant.change,
                )
                for tenant in find_seed(seed)
            ]  # fmt: skip
        for tenant_id in opened:
            apply_grants(self.grants, self.store, self.providers, tenant_id)
        return opened

    def describe(self, tenant_id: str) -> Body:
        """Return the facts that a client needs about a tenant. The result is empty if the tenant is unknown."""
        return describe(self.store, self.providers, tenant_id) or {}

    def deliver(self, tenant_id: str, cloud: str, messages: Sequence[Json]) -> list[list[Body]]:
        """Return the outcomes of messages in one cloud of a tenant. Nothing in the tenant changes.

        Raise ValueError for an unknown cloud, or if one of the values does not describe a message.
        """
        ways = {provider.name: provider.deliver for provider in self.providers if provider.deliver}
        if cloud not in ways:
            raise ValueError(f"the cloud must be one of {', '.join(ways)}, not {cloud}")
        now = clock.now(self.store, tenant_id)
        outcomes = ways[cloud](self.store, tenant_id, [read_message(message, now) for message in messages])
        return [[outcome.to_json() for outcome in of_message] for of_message in outcomes]

    def find_effective_settings(self, tenant_id: str, address: str) -> dict[str, list[Body]]:
        """Return the effective settings of an account in each cloud that has the account."""
        settings = {
            provider.name: provider.find_effective_settings(self.store, tenant_id, address)
            for provider in self.providers
            if provider.find_effective_settings
        }
        return {cloud: [row.to_json() for row in rows] for cloud, rows in settings.items() if rows is not None}

    def close(self, tenant_id: str) -> bool:
        """Delete a tenant and return whether it existed."""
        self.extension.forget(tenant_id)
        return close_tenant(self.store, tenant_id)

    def reset(self, seed: str = "", names: Mapping[str, str] | None = None) -> Body:
        """Open the tenants of a seed, delete all others, and describe the first, with all of them in `tenants`.

        If a tenant cannot be opened, raise ValueError and delete none.
        """
        with self.store.transaction():  # a seed of a trust has the same ids each time
            for tenant_id in all_tenants(self.store):
                self.close(tenant_id)
            opened = [self.describe(tenant_id) for tenant_id in self._open_all(seed, names)]
        return {**opened[0], "tenants": opened}

    def tenants(self, requested_ids: Collection[str] = ()) -> list[Body]:
        """Describe the tenants with the given ids, oldest first.

        If one of the ids is unknown, describe every tenant.
        """
        ids = {
            tenant_id: {cloud.cloud.identifier(tenant_id) for cloud in self.providers}
            for tenant_id in all_tenants(self.store)
        }
        all_known = requested_ids and set(requested_ids) <= set(chain(*ids.values()))
        return [self.describe(tenant_id) for tenant_id, own in ids.items() if not all_known or own & set(requested_ids)]


def emulate(
    path: Path | None,
    extension: Extension,
    *,
    users: int | None = None,
    names: Mapping[str, str] | None = None,
    grants: Mapping[str, str] | None = None,
    seed: str = "",
) -> Emulation:
    """Return an emulation whose store is in the file at a path, or in memory.

    Create the tenants of the seed if the store is empty. `grants` are the permissions of identities for other programs,
    by the program's name. Raise GrantRefused if a permission cannot be granted.
    """
    clouds = providers()
    granted = [read_grant(client, scopes, clouds) for client, scopes in (grants or {}).items()]
    emulation = Emulation(extension.open_store(path), clouds, Routing(clouds), users, extension, names or {}, granted)
    for tenant_id in all_tenants(emulation.store):
        apply_grants(granted, emulation.store, clouds, tenant_id)
    if not all_tenants(emulation.store):
        emulation.open(seed, emulation.names)
    return emulation
