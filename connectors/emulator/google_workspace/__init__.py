"""The emulated Google Workspace: its sign-in, and the facts that a client needs to find its customer."""

from collections.abc import Collection, Sequence

from connectors.emulator.audit_log import Doer
from connectors.emulator.google_workspace import accounts, granted, tokens
from connectors.emulator.google_workspace.oauth.grants import tenant_of
from connectors.emulator.google_workspace.people import find_user
from connectors.emulator.google_workspace.values import customer_id
from connectors.emulator.school import School
from connectors.emulator.service import Call, Principal, Seed
from connectors.emulator.store import Body, Store
from connectors.emulator.tenants import find_tenant


class GoogleWorkspace:
    """The emulated Google Workspace cloud, through the interface that the server expects."""

    def seed(self, school: School) -> Seed:
        return accounts.seed_accounts(school)

    def identifier(self, tenant_id: str) -> str:
        return customer_id(tenant_id)

    def describe(self, store: Store, tenant_id: str) -> Body:
        domain = (find_tenant(store, tenant_id) or {}).get("domain")
        return {
            "tenant_id": tenant_id,  # by which the emulated DNS is asked
            "customer_id": customer_id(tenant_id),
            "domain": domain,
            "administrator": f"{accounts.ADMINISTRATOR}@{domain}",
            "service_accounts": accounts.key_files(store, tenant_id),
            "sign_in_client": accounts.sign_in_client(store, tenant_id),
            "oauth_client": next(iter(accounts.describe_clients(store, tenant_id)), None),
            "granted_clients": accounts.describe_named_clients(store, tenant_id),
        }

    def known_scopes(self) -> Collection[str]:
        return granted.short_names()

    def full_scope(self, name: str) -> str:
        return granted.full_scope(name)

    def narrower_scope(self, name: str) -> str:
        return granted.narrower_scope(name)

    def grant(self, store: Store, tenant_id: str, client: str, scopes: Sequence[str]) -> None:
        granted.grant(store, tenant_id, client, scopes)

    def principal(self, authorization: str, store: Store) -> Principal | None:
        scheme, _, token = authorization.partition(" ")
        return tokens.principal_of_token(token, store) if scheme.lower() == "bearer" else None

    def tenant(self, call: Call, store: Store) -> str:
        """Return the id of the tenant whose application requests a token, or "" if it is unknown."""
        return tenant_of(call, store)

    def author_of_change(self, principal: Principal, store: Store) -> Doer:
        """Return the person who signed in, with the application that acts for that person."""
        account = store.get(principal.tenant_id, accounts.SERVICE_ACCOUNTS, principal.application_id) or {}
        name = str(account.get("client_email") or principal.application_id)
        person = find_user(store, principal.tenant_id, principal.subject) if principal.subject else None
        return Doer(
            str(person["primaryEmail"]) if person else name,
            person=person is not None,
            application_id=principal.application_id,
            application=name,
        )


CLOUD = GoogleWorkspace()
