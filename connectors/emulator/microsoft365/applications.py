"""The applications of a tenant that may sign in, and what each was granted."""

from collections.abc import Mapping
from pathlib import Path
from secrets import token_urlsafe

from connectors.emulator.data_files import read_data
from connectors.emulator.school import School
from connectors.emulator.store import Store
from connectors.emulator.wire import Body, Json

COLLECTION = "applications"
SIGN_IN = "sign_in"  # the application by which people say who they are; it has no secret
GRAPH = "https://graph.microsoft.com"
EXCHANGE = "https://outlook.office365.com"
COMPLIANCE = "https://ps.compliance.protection.outlook.com"
DEFENDER = "https://api.securitycenter.microsoft.com"

_TABLE = read_data(Path(__file__).with_suffix(".json"))
# The resources a token can be for: the well-known application id and name of each, the same in every tenant.
RESOURCES: Mapping[str, tuple[str, str]] = {key: (row["id"], row["name"]) for key, row in _TABLE["resources"].items()}
# Role templates: learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
DIRECTORY_ROLES: Mapping[str, str] = _TABLE["directory_roles"]


# Who may sign in with a code: whoever orders a hold, and whoever approves it.
_SIGNERS = ("School Business Manager", "Deputy Head Teacher")  # the deputy leads safeguarding


def seed(school: School) -> dict[str, Body]:
    """Make the applications of a new tenant: one may write, one only reads, by one people sign in with a code."""
    # What is none of Entra's is a role inside Exchange, by a role group: it stands in no token.
    confidential: dict[str, Body] = {
        name: {
            **_named(school, name),
            "client_secret": token_urlsafe(30),
            "roles": _TABLE["granted"][name],
            "directory_roles": roles,
        }
        for name, roles in _TABLE["granted_directory_roles"].items()
    }
    people = [person.id for post in _SIGNERS for person in school.people if person.job_title == post]
    public: Body = {**_named(school, SIGN_IN), "public": True, "assigned": people, "roles": [], "directory_roles": []}
    return {**confidential, SIGN_IN: public}


def _named(school: School, name: str) -> Body:
    return {
        "name": name,
        "client_id": school.identifier("application", name),
        "object_id": school.identifier("service principal", name),
        "client_secret": None,
        "secret_expires": None,
        "certificate": None,
    }


def find_application(store: Store, tenant_id: str, client_id: str) -> Body | None:
    """Find an application of a tenant by the id it signs in with."""
    everyone = store.all(tenant_id, COLLECTION)
    return next((one for one in everyone if str(one["client_id"]).lower() == client_id.lower()), None)


def shown_name(store: Store, tenant_id: str, client_id: str) -> str:
    """Tell what the directory calls an application."""
    application = find_application(store, tenant_id, client_id)
    return f"toolkit {application['name']}" if application else client_id


def is_public(application: Body) -> bool:
    """Tell whether people sign in by an application, which then has no secret to prove itself with."""
    return bool(application.get("public"))


def roles_for(application: Body, audience: str) -> frozenset[str]:
    """Pick the application permissions that a token for one resource carries."""
    return frozenset(
        role for role in texts(application["roles"]) if audience in _TABLE["roles_elsewhere"].get(role, (GRAPH,))
    )


def texts(value: Json) -> list[str]:
    """Read a stored list of strings."""
    return [str(one) for one in value] if isinstance(value, list) else []
