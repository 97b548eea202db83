"""The emulated Microsoft 365: its sign-in, and the facts that a client needs to find its tenant."""

from collections.abc import Collection, Sequence

from connectors.emulator.audit_log import Doer
from connectors.emulator.microsoft365 import applications, granted
from connectors.emulator.school import School
from connectors.emulator.service import Call, Principal, Seed
from connectors.emulator.store import Body, Store
from connectors.emulator.tenants import find_tenant


class Microsoft365:
    """The emulated Microsoft 365 cloud, through the interface that the server expects."""

    def seed(self, school: School) -> Seed:
        return {applications.COLLECTION: applications.seed(school)}

    def identifier(self, tenant_id: str) -> str:
        return tenant_id

    def describe(self, store: Store, tenant_id: str) -> Body:
        tenant = find_tenant(store, tenant_id) or {}
        return {
            "tenant_id": tenant_id,
            "domain": tenant.get("domain"),
            "initial_domain": tenant.get("initial_domain"),
            "applications": {
                str(application["name"]): {
                    "client_id": application["client_id"],
                    "client_secret": application["client_secret"],
                }
                for application in store.all(tenant_id, applications.COLLECTION)
                if not applications.is_public(application)
            },
            "sign_in": _describe_sign_in(store, tenant_id),
        }

    def known_scopes(self) -> Collection[str]:
        return granted.known_scopes()

    def full_scope(self, name: str) -> str:
        return granted.full_scope(name)

    def narrower_scope(self, name: str) -> str:
        return granted.narrower_scope(name)

    def grant(self, store: Store, tenant_id: str, client: str, scopes: Sequence[str]) -> None:
        granted.grant(store, tenant_id, client, scopes)

    def principal(self, authorization: str, store: Store) -> Principal | None:
        scheme, _, token = authorization.partition(" ")
        return applications.principal_of_token(token, store) if scheme.lower() == "bearer" else None

    def tenant(self, call: Call, store: Store) -> str:
        """Return the tenant that the path names by id or by domain."""
        tenants = (find_tenant(store, part) for part in call.path.split("/") if part)
        return next((str(tenant["tenant_id"]) for tenant in tenants if tenant), "")

    def author_of_change(self, principal: Principal, store: Store) -> Doer:
        """Return the author of a change: an application that signed in for itself, or a person who signed in through an
        application.
        """
        name = applications.shown_name(store, principal.tenant_id, principal.application_id)
        person = store.get(principal.tenant_id, "users", principal.subject) if principal.subject else None
        if person:
            address = str(person["userPrincipalName"])
            return Doer(address, person=True, application_id=principal.application_id, application=name)
        return Doer(name, person=False, application_id=principal.application_id, application=name)


def _describe_sign_in(store: Store, tenant_id: str) -> Body:
    """Return the application through which people sign in, and the people who may use it."""
    application = store.get(tenant_id, applications.COLLECTION, applications.SIGN_IN) or {}
    people = (store.get(tenant_id, "users", key) for key in applications.texts(application.get("assigned")))
    return {
        "client_id": application.get("client_id"),
        "people": [person["userPrincipalName"] for person in people if person],
    }


CLOUD = Microsoft365()
