"""Everything one running emulator shares: the store, what is emulated, the armed faults and the log."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from connectors.emulator.discovery import Provider, Routing, providers
from connectors.emulator.faults import Faults
from connectors.emulator.log import Log
from connectors.emulator.seeds import seed_named
from connectors.emulator.store import Store
from connectors.emulator.tenants import all_tenants, close_tenant, describe, open_tenant, restore_snapshot
from connectors.emulator.wire import Body


@dataclass(frozen=True, slots=True)
class Emulation:
    """The state of one emulator."""

    store: Store
    providers: Sequence[Provider]
    routing: Routing
    users: int | None  # people in a new tenant, where nobody says otherwise
    faults: Faults = field(default_factory=Faults)
    log: Log = field(default_factory=Log)

    def open(
        self,
        *,
        users: int | None = None,
        staff: int | None = None,
        names: Mapping[str, str] | None = None,
        seed: str = "",
    ) -> Body:
        """Open a tenant and describe it; ValueError where there is no such seed."""
        people, change = users or self.users, seed_named(seed)
        tenant_id = open_tenant(self.store, self.providers, users=people, staff=staff, names=names, change=change)
        return self.describe(tenant_id)

    def describe(self, tenant_id: str) -> Body:
        """Tell everything a client needs to know of a tenant; nothing where there is none."""
        return describe(self.store, self.providers, tenant_id) or {}

    def restore(self, tenant_id: str) -> bool:
        """Put a tenant back to its snapshot, forgetting its faults and its log; return False where it has none."""
        self._forget(tenant_id)
        return restore_snapshot(self.store, tenant_id)

    def close(self, tenant_id: str) -> bool:
        """Close a tenant, forgetting its faults and its log."""
        self._forget(tenant_id)
        return close_tenant(self.store, tenant_id)

    def _forget(self, tenant_id: str) -> None:
        self.faults.disarm(tenant_id)
        self.log.forget(tenant_id)

    def reset(self, seed: str = "") -> Body:
        """Open a new tenant and close every other; ValueError, and nothing closed, where it cannot be opened."""
        before = all_tenants(self.store)
        opened = self.open(seed=seed)
        for tenant_id in before:
            self.close(tenant_id)
        self.log.forget()
        return opened

    def tenants(self, wanted: Collection[str] = ()) -> list[Body]:
        """Describe every tenant, oldest first; where there are all that have the wanted ids, these alone."""
        ids = {one: {cloud.cloud.identifier(one) for cloud in self.providers} for one in all_tenants(self.store)}
        all_known = wanted and set(wanted) <= set(chain(*ids.values()))
        return [self.describe(one) for one, own in ids.items() if not all_known or own & set(wanted)]


def emulate(path: Path | None, *, users: int | None = None) -> Emulation:
    """Open the store at a path, or in memory; an empty one gets its first tenant."""
    found = providers()
    emulation = Emulation(Store(path), found, Routing(found), users)
    if not all_tenants(emulation.store):
        emulation.open()
    return emulation
