"""A store with copies of tenants, to restore a tenant and for reads that do not see the latest writes."""

from collections.abc import Mapping
from pathlib import Path

from connectors.emulator.store import Body, Store


class SnapshotStore(Store):
    """Documents of tenants and of their snapshots."""

    def __init__(self, path: Path | None) -> None:
        super().__init__(path)
        self._apart: dict[str, set[str]] = {}  # collections changed since the snapshot, which shares the set

    def put(self, tenant: str, collection: str, key: str, body: Body) -> None:
        self._change(tenant, collection)
        super().put(tenant, collection, key, body)

    def delete(self, tenant: str, collection: str, key: str) -> bool:
        self._change(tenant, collection)
        return super().delete(tenant, collection, key)

    def replace(self, tenant: str, collection: str, bodies: Mapping[str, Body]) -> None:
        self._change(tenant, collection)
        super().replace(tenant, collection, bodies)

    def forget(self, tenant: str) -> None:
        """Remove a tenant with all its objects, and its snapshot."""
        for name in (tenant, _snapshot(tenant)):
            self._apart.pop(name, None)
            super().forget(name)

    def keep_snapshot(self, tenant: str) -> None:
        """Store the present state of everything in a tenant."""
        self._replace_tenant(_snapshot(tenant), tenant)

    def restore_snapshot(self, tenant: str) -> bool:
        """Restore a tenant from its snapshot, and return False if it has none."""
        if not self.collections(_snapshot(tenant)):
            return False
        self._replace_tenant(tenant, _snapshot(tenant))
        return True

    def copy(self, tenant: str) -> Store:
        """Return an independent copy in memory of a tenant's objects and of the objects without a tenant."""
        rows = self._database.execute("select * from object where tenant in (?, '')", (tenant,)).fetchall()
        kept = Store(None)
        with kept.transaction():
            kept._database.executemany("insert into object values (?, ?, ?, ?, ?)", rows)
        return kept

    def _replace_tenant(self, tenant: str, source: str) -> None:
        """Replace the objects of a tenant with the objects of another, or only the changed ones if it is its copy."""
        copied = "insert into object select ?, collection, id, position, body from object where tenant = ?"
        apart = self._apart.get(tenant)
        with self.transaction():
            if apart is not None and apart is self._apart.get(source):
                for name in apart:
                    self._database.execute("delete from object where tenant = ? and collection = ?", (tenant, name))
                    self._database.execute(f"{copied} and collection = ?", (tenant, source, name))
            else:
                super().forget(tenant)
                self._database.execute(copied, (tenant, source))
        self._apart[tenant] = self._apart[source] = set()

    def _change(self, tenant: str, collection: str) -> None:
        if tenant in self._apart:
            self._apart[tenant].add(collection)


def _snapshot(tenant: str) -> str:
    return f"{tenant}/snapshot"
