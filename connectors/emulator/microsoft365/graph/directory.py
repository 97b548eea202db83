"""The directory in Graph: the organisation with its domains, people, groups, roles, licences and applications."""

from collections.abc import Mapping, Sequence

from connectors.emulator.audit_log import APPLICATIONS as OTHERS
from connectors.emulator.microsoft365.applications import COLLECTION, RESOURCES, texts
from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import GraphRoute, PathTarget, Source, find
from connectors.emulator.microsoft365.graph.query import Looked, Stored
from connectors.emulator.school import identifier
from connectors.emulator.store import Body

USER_DEFAULTS = (
    "businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation",
    "preferredLanguage", "surname", "userPrincipalName", "id",
)  # fmt: skip
_DIRECTORY = frozenset({"Directory.Read.All", "Directory.ReadWrite.All"})
_ORGANIZATION = _DIRECTORY | {"Organization.Read.All", "Organization.ReadWrite.All"}
_DOMAINS = frozenset({"Directory.Read.All", "Domain.Read.All", "Domain.ReadWrite.All"})
USERS = _DIRECTORY | {"User.Read.All", "User.ReadWrite.All", "User.ReadBasic.All"}
_DELETED = USERS - {"User.ReadBasic.All"}
GROUPS = _DIRECTORY | {"Group.Read.All", "Group.ReadWrite.All", "GroupMember.Read.All", "GroupMember.ReadWrite.All"}
_ROLES = _DIRECTORY | {"RoleManagement.Read.Directory", "RoleManagement.ReadWrite.Directory"}
_LICENCES = _DIRECTORY | {"LicenseAssignment.Read.All", "Organization.Read.All", "Organization.ReadWrite.All"}
_APPLICATIONS = frozenset({"Directory.Read.All", "Application.Read.All", "Application.ReadWrite.All"})
_MEMBERS = (GROUPS | {"GroupMember.ReadBasic.All", "Group.ReadBasic.All"}) - {"Directory.ReadWrite.All"}
_PERSON = ("id", "userPrincipalName")
SUPPLIERS = ("expiring.servicePrincipals", "expiring.applications")  # of the school's suppliers
_TYPES: Mapping[str, str] = {
    "#microsoft.graph.user": "users",
    "#microsoft.graph.group": "groups",
    "#microsoft.graph.directoryRole": "directoryRoles",
    "#microsoft.graph.device": "devices",
}


def routes() -> tuple[GraphRoute, ...]:
    """Return the routes to people, groups, roles, domains, licences and applications."""
    return (
        *_list_and_get_routes("/organization", "organization", _stored_source("organization"), _ORGANIZATION),
        *_list_and_get_routes("/domains", "domain", _stored_source("domains"), _DOMAINS),
        *_list_and_get_routes("/users", "user", _stored_source("users"), USERS, defaults=USER_DEFAULTS, keys=_PERSON),
        _list_route("/directory/deletedItems", _list_deleted, _DELETED),
        *_list_and_get_routes("/groups", "group", _stored_source("groups"), GROUPS),
        _list_route("/groups/{id}/members", _list_members, _MEMBERS),
        _list_route("/groups/{id}/owners", _list_owners, GROUPS),
        _list_route("/groups/{id}/transitiveMembers", _list_transitive_members, _MEMBERS),
        *_list_and_get_routes(
            "/directoryRoles", "directory_role", _stored_source("directoryRoles"), _ROLES, keys=("id", "roleTemplateId")
        ),
        _list_route("/directoryRoles/{id}/members", _list_role_members, _ROLES),
        *_list_and_get_routes("/subscribedSkus", "subscribed_sku", _stored_source("subscribedSkus"), _LICENCES),
        *_list_and_get_routes("/applications", "application", registrations, _APPLICATIONS, keys=("id", "appId")),
        *_list_and_get_routes(
            "/servicePrincipals", "service_principal", service_principals, _APPLICATIONS, keys=("id", "appId")
        ),
    )


def _list_and_get_routes(
    path: str, type_name: str, source: Source, permissions: frozenset[str], *,
    defaults: tuple[str, ...] = (), keys: tuple[str, ...] = ("id",),
) -> tuple[GraphRoute, GraphRoute]:  # fmt: skip
    name = path.strip("/")
    return (
        GraphRoute("GET", path, type_name, source, permissions, name, defaults, keys),
        GraphRoute("GET", path + "/{id}", type_name, source, permissions, name, defaults, keys),
    )


def _list_route(path: str, source: Source, permissions: frozenset[str]) -> GraphRoute:
    return GraphRoute("GET", path, "directory_object", source, permissions, "directoryObjects")


def _stored_source(collection: str) -> Source:
    return lambda target: Stored(target.store, target.principal.tenant_id, collection)


_MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"  # who owns the apps of Microsoft itself


def service_principals(target: PathTarget) -> list[Body]:
    """Return the applications that may sign in, and the resources that they sign in to."""
    tenant_id = target.principal.tenant_id
    common: Body = {"accountEnabled": True, "servicePrincipalType": "Application"}
    ours: list[Body] = [
        {
            **common,
            "id": application["object_id"],
            "appId": application["client_id"],
            "displayName": f"toolkit {application['name']}",
            "appOwnerOrganizationId": tenant_id,
        }
        for application in target.store.all(tenant_id, COLLECTION)
    ]
    resources: list[Body] = [
        {
            **common,
            "id": identifier(tenant_id, "resource", app_id),
            "appId": app_id,
            "displayName": name,
            "appOwnerOrganizationId": _MICROSOFT,
        }
        for app_id, name in RESOURCES.values()
    ]
    others: list[Body] = [
        {
            **common,
            "id": application["client_id"],
            "appId": application["client_id"],
            "displayName": application["name"],
        }
        for application in target.store.all(tenant_id, OTHERS)
    ]
    return [*ours, *others, *target.store.all(tenant_id, SUPPLIERS[0]), *resources]


def registrations(target: PathTarget) -> list[Body]:
    """Return the app registrations of the tenant's applications, with the visible parts of their secrets."""
    ours: list[Body] = [
        {
            "id": identifier(target.principal.tenant_id, "registration", str(application["client_id"])),
            "appId": application["client_id"],
            "displayName": f"toolkit {application['name']}",
            "keyCredentials": [],
            "passwordCredentials": _secret_entries(application),
        }
        for application in target.store.all(target.principal.tenant_id, COLLECTION)
    ]
    return [*ours, *target.store.all(target.principal.tenant_id, SUPPLIERS[1])]


def _secret_entries(application: Body) -> list[Body]:
    if not application["client_secret"]:
        return []
    common: Body = {"customKeyIdentifier": None, "displayName": "toolkit", "secretText": None}
    hint = str(application["client_secret"])[:3]
    return [{**common, "hint": hint, "endDateTime": application.get("secret_expires") or "2028-01-01T00:00:00Z"}]


def _list_members(target: PathTarget) -> Sequence[Body]:
    _find_object(target, "groups", ("id",))
    return _find_objects(target, _member_ids(target, target.key))


def _list_owners(target: PathTarget) -> Sequence[Body]:
    """Return the owners of a group, from the collection `owners`. Groups in a new tenant have no owners."""
    _find_object(target, "groups", ("id",))
    kept = target.store.get(target.principal.tenant_id, "owners", target.key.lower())
    return _find_objects(target, texts(kept["owners"]) if kept else [])


def _list_transitive_members(target: PathTarget) -> Sequence[Body]:
    _find_object(target, "groups", ("id",))
    seen: dict[str, None] = {}
    waiting = _member_ids(target, target.key)
    while waiting:
        member_id = waiting.pop(0)
        if member_id not in seen:
            seen[member_id] = None
            waiting.extend(_member_ids(target, member_id))
    return _find_objects(target, list(seen))


def _list_role_members(target: PathTarget) -> Sequence[Body]:
    role = _find_object(target, "directoryRoles", ("id", "roleTemplateId"))
    tenant_id = target.principal.tenant_id
    applications = [
        str(application["object_id"])
        for application in target.store.all(tenant_id, COLLECTION)
        if role["displayName"] in texts(application["directory_roles"])
    ]
    return _find_objects(target, [*_member_ids(target, str(role["id"])), *applications])


def _list_deleted(target: PathTarget) -> Sequence[Body]:
    """Return the deleted people, from the collection `deletedUsers`, with the dates of their deletion."""
    people = target.store.all(target.principal.tenant_id, "deletedUsers")
    return [{"@odata.type": "#microsoft.graph.user", **body} for body in people]


def _find_object(target: PathTarget, collection: str, keys: Sequence[str]) -> Body:
    body = find(Stored(target.store, target.principal.tenant_id, collection), keys, target.key)
    if body is None:
        raise errors.not_found(target.key)
    return body


def _member_ids(target: PathTarget, key: str) -> list[str]:
    """Return the members of a group or role. Hidden members need the permission Member.Read.Hidden."""
    group = target.store.get(target.principal.tenant_id, "groups", key.lower()) or {}
    if group.get("visibility") == "HiddenMembership" and "Member.Read.Hidden" not in target.principal.roles:
        return []
    kept = target.store.get(target.principal.tenant_id, "members", key.lower())
    return texts(kept["members"]) if kept else []


def _find_objects(target: PathTarget, ids: Sequence[str]) -> Sequence[Body]:
    """Return directory objects of any type, each with its type. Deleted objects are left out, as in the directory."""
    applications = {str(body["id"]): body for body in service_principals(target)}

    def look_up(key: str) -> Body | None:
        for kind, collection in _TYPES.items():
            if body := target.store.get(target.principal.tenant_id, collection, key):
                return _readable_properties(target, {"@odata.type": kind, **body})
        application = applications.get(key)
        return {"@odata.type": "#microsoft.graph.servicePrincipal", **application} if application else None

    return Looked(ids, look_up)


def _readable_properties(target: PathTarget, body: Body) -> Body:
    """Return the properties of an object that the caller may read.

    If there are none, Graph returns only the id and type.
    """
    by_type = {
        "#microsoft.graph.user": USERS,
        "#microsoft.graph.group": GROUPS,
        "#microsoft.graph.device": _DIRECTORY | {"Device.Read.All", "Device.ReadWrite.All"},
    }
    needed = by_type.get(str(body["@odata.type"]), frozenset())
    if not needed or needed & target.principal.roles:
        return body
    return {name: value if name in ("@odata.type", "id") else None for name, value in body.items()}
