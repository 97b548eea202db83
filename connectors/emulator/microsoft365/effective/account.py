"""An account of an emulated tenant, with the groups and roles that contain it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from connectors.emulator.store import Body, Json, Store


@dataclass(frozen=True, slots=True)
class DirectoryAccount:
    """An account. `containers` are the ids of its groups and directory roles, directly or through another group."""

    store: Store
    tenant_id: str
    user: Body
    containers: frozenset[str]
    members: Mapping[str, Body]  # by the id of the group or role

    @property
    def id(self) -> str:
        return str(self.user["id"])

    @property
    def address(self) -> str:
        return str(self.user["userPrincipalName"]).lower()

    def rows(self, collection: str) -> list[dict[str, Json]]:
        return self.store.all(self.tenant_id, collection)


def read_account(store: Store, tenant_id: str, address: str) -> DirectoryAccount | None:
    """Read the account with an address. None if the tenant has no such account."""
    users = store.all(tenant_id, "users")
    user = next((user for user in users if str(user["userPrincipalName"]).lower() == address.lower()), None)
    if user is None:
        return None
    members = store.all_by_key(tenant_id, "members")
    return DirectoryAccount(store, tenant_id, user, containers_of(str(user["id"]), members), members)


def containers_of(key: str, members: Mapping[str, Body]) -> frozenset[str]:
    """Return the ids of the groups and roles that contain an object, directly or through another group."""
    around: set[str] = set()
    waiting = [key]
    while waiting:
        inside = waiting.pop()
        new = {container for container, row in members.items() if inside in strings(row.get("members"))} - around
        around |= new
        waiting += new
    return frozenset(around)


def strings(value: Json) -> Sequence[str]:
    """Return the texts in a list. Any other value counts as an empty list."""
    return [str(entry) for entry in value] if isinstance(value, Sequence) and not isinstance(value, str) else []


def mappings(value: Json) -> list[Body]:
    """Return the objects in a list. Any other value counts as an empty list."""
    entries: Iterable[Json] = value if isinstance(value, Sequence) and not isinstance(value, str) else []
    return [entry for entry in entries if isinstance(entry, Mapping)]


def mapping(value: Json) -> Body:
    """Return an object. Any other value counts as an empty object."""
    return value if isinstance(value, Mapping) else {}
