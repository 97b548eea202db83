"""The applications of a tenant that may sign in, and what each was granted."""

from secrets import token_urlsafe

from connectors.emulator.school import School
from connectors.emulator.store import Store
from connectors.emulator.wire import Body, Json

COLLECTION = "applications"
SIGN_IN = "sign_in"  # the application by which people say who they are; it has no secret
GRAPH = "https://graph.microsoft.com"
EXCHANGE = "https://outlook.office365.com"
COMPLIANCE = "https://ps.compliance.protection.outlook.com"
DEFENDER = "https://api.securitycenter.microsoft.com"

# The resources a token can be for: the well-known application id and name of each, the same in every tenant.
RESOURCES = {
    GRAPH: ("00000003-0000-0000-c000-000000000000", "Microsoft Graph"),
    EXCHANGE: ("00000002-0000-0ff1-ce00-000000000000", "Office 365 Exchange Online"),
    COMPLIANCE: ("80ccca67-54bd-44ab-8625-4b79c4dc7775", "Microsoft Purview"),
    DEFENDER: ("fc780465-2017-40d4-a0c5-307022471b92", "WindowsDefenderATP"),
}
# Role templates: learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
DIRECTORY_ROLES = {
    "Global Administrator": "62e90394-69f5-4237-9190-012177145e10",
    "Exchange Administrator": "29232cdf-9323-42fd-ade2-1d097af3e4de",
    "Compliance Administrator": "17315797-102d-40b4-93e0-432062caca18",
    "Global Reader": "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
    "Security Reader": "5d6b6bb7-de71-4623-b4af-96380a352509",
    "Directory Synchronization Accounts": "d29b2b05-8046-44ba-8758-1e26182fcf32",
}
_ROLES_ELSEWHERE = {
    "Exchange.ManageAsApp": (EXCHANGE, COMPLIANCE),
    "Ti.ReadWrite": (DEFENDER,),
    "Ti.ReadWrite.All": (DEFENDER,),
}
_BOTH = (
    "Application.Read.All", "Organization.Read.All", "User.Read.All", "GroupMember.Read.All", "Domain.Read.All",
    "Exchange.ManageAsApp",
    "DeviceManagementManagedDevices.Read.All", "GroupSettings.Read.All", "Policy.Read.All",
    "SharePointTenantSettings.Read.All", "AuditLog.Read.All", "Calendars.ReadBasic", "Reports.Read.All",
    "RoleManagement.Read.Directory",
    "Ti.ReadWrite.All",  # Defender has no permission to read indicators alone
)  # fmt: skip
_GRANTED = {
    "writer": (
        *_BOTH, "DeviceManagementApps.ReadWrite.All", "DeviceManagementConfiguration.ReadWrite.All",
        "Domain.ReadWrite.All", "GroupSettings.ReadWrite.All", "Mail.Send", "MailboxSettings.ReadWrite",
        "Policy.ReadWrite.ApplicationConfiguration", "eDiscovery.ReadWrite.All",
    ),
    "reader": (
        *_BOTH, "DeviceManagementApps.Read.All", "DeviceManagementConfiguration.Read.All", "MailboxSettings.Read",
        "eDiscovery.Read.All",
    ),
}  # fmt: skip


# Who may sign in with a code: whoever orders a hold, and whoever approves it.
_SIGNERS = ("School Business Manager", "Deputy Head Teacher")  # the deputy leads safeguarding


def seed(school: School) -> dict[str, Body]:
    """Make the applications of a new tenant: one may write, one only reads, by one people sign in with a code."""
    # What is none of Entra's is a role inside Exchange, by a role group: it stands in no token.
    directory_roles = {
        "writer": ["Exchange Administrator", "Compliance Administrator"],
        "reader": ["Global Reader", "View-Only Audit Logs"],
    }
    confidential: dict[str, Body] = {
        name: {
            **_named(school, name),
            "client_secret": token_urlsafe(30),
            "roles": _GRANTED[name],
            "directory_roles": roles,
        }
        for name, roles in directory_roles.items()
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
    return frozenset(role for role in texts(application["roles"]) if audience in _ROLES_ELSEWHERE.get(role, (GRAPH,)))


def texts(value: Json) -> list[str]:
    """Read a stored list of strings."""
    return [str(one) for one in value] if isinstance(value, list) else []
