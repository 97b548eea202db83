"""Finds people, groups and domains for the other services, and the people on hold in Vault."""

from connectors.emulator.google_workspace.values import texts
from connectors.emulator.store import Body, Store

USERS = "google.users"  # by id
DELETED_USERS = "google.deletedUsers"  # by id, for twenty days
GROUPS = "google.groups"  # by id
DOMAINS = "google.domains"  # by name
ORG_UNITS = "google.orgunits"  # by id, without the id: before it
ALLOWLIST = "google.allowlistedDomains"  # by id, without the allowlistedDomains/ before it
POLICIES = "google.policies"  # by id, without the policies/ before it
ADDRESSES = "google.addresses"  # by address in lower case: a way to people and groups that need not read them all


def find_user(store: Store, tenant_id: str, key: str) -> Body | None:
    """Return a person by id, primary address or alias."""
    return _find_by_key(store, tenant_id, USERS, "primaryEmail", key)


def find_group(store: Store, tenant_id: str, key: str) -> Body | None:
    """Return a group by id, address or alias."""
    return _find_by_key(store, tenant_id, GROUPS, "email", key)


def find_deleted(store: Store, tenant_id: str, key: str) -> Body | None:
    """Return a person whose account was deleted and can still be restored."""
    person = store.get(tenant_id, DELETED_USERS, key)
    return person or store.find(tenant_id, DELETED_USERS, "primaryEmail", key)


def own_domains(store: Store, tenant_id: str) -> set[str]:
    """Return the customer's verified domains, in lower case."""
    return {str(domain["domainName"]).lower() for domain in store.all(tenant_id, DOMAINS) if domain.get("verified")}


def _find_by_key(store: Store, tenant_id: str, collection: str, name: str, key: str) -> Body | None:
    if "@" not in key:
        return store.get(tenant_id, collection, key)
    way = store.get(tenant_id, ADDRESSES, key.lower())
    body = store.get(tenant_id, collection, str(way["id"])) if way else None
    if body and key.lower() in (str(body[name]).lower(), *(alias.lower() for alias in texts(body.get("aliases")))):
        return body
    # The control plane may change an address without this index.
    return store.find(tenant_id, collection, name, key)


MATTERS = "google.vaultMatters"  # by id, each as matters.get shows it with view=FULL
HOLDS = "google.vaultHolds"  # by matter's id / hold's id, each as holds.get shows it
SAVED_QUERIES = "google.vaultSavedQueries"  # by matter's id / search's id
EXPORTS = "google.vaultExports"  # by matter's id / export's id, each as exports.get shows it
COUNTS = "google.vaultCounts"  # by the operation's id, each as operations.get shows it
UNIT_PREFIX = "id:"  # how the Directory API and Vault write the id of a unit
