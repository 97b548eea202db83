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
_APPLICATIONS = _DIRECTORY | {"Application.Read.All", "Application.ReadWrite.All"}
_MEMBERS = GROUPS | {"GroupMember.ReadBasic.All", "Group.ReadBasic.All"}
_PERSON = ("id", "userPrincipalName")
SUPPLIERS = ("expiring.servicePrincipals", "expiring.applications")  # of the school's suppliers
_TYPES: Mapping[str, str] = {
    "#microsoft.graph.user": "users",
    "#microsoft.graph.group": "groups",
    "#microsoft.graph.directoryRole": "directoryRoles",
    "#microsoft.graph.device": "devices",
}


def routes() -> tuple[GraphRoute, ...]:
    """List the directory's routes."""
    return (
        *_pair("/organization", "organization", _stored("organization"), _ORGANIZATION),
        *_pair("/domains", "domain", _stored("domains"), _DOMAINS),
        *_pair("/users", "user", _stored("users"), USERS, defaults=USER_DEFAULTS, keys=_PERSON),
        _list("/directory/deletedItems", _deleted, _DELETED),
        *_pair("/groups", "group", _stored("groups"), GROUPS),
        _list("/groups/{id}/members", _members, _MEMBERS),
        _list("/groups/{id}/owners", _owners, GROUPS),
        _list("/groups/{id}/transitiveMembers", _transitive_members, _MEMBERS),
        *_pair("/directoryRoles", "directory_role", _stored("directoryRoles"), _ROLES, keys=("id", "roleTemplateId")),
        _list("/directoryRoles/{id}/members", _role_members, _ROLES),
        *_pair("/subscribedSkus", "subscribed_sku", _stored("subscribedSkus"), _LICENCES),
        *_pair("/applications", "application", registrations, _APPLICATIONS, keys=("id", "appId")),
        *_pair("/servicePrincipals", "service_principal", service_principals, _APPLICATIONS, keys=("id", "appId")),
    )


def _pair(
    path: str, type_name: str, source: Source, permissions: frozenset[str], *,
    defaults: tuple[str, ...] = (), keys: tuple[str, ...] = ("id",),
) -> tuple[GraphRoute, GraphRoute]:  # fmt: skip
    name = path.strip("/")
    return (
        GraphRoute("GET", path, type_name, source, permissions, name, defaults, keys),
        GraphRoute("GET", path + "/{id}", type_name, source, permissions, name, defaults, keys),
    )


def _list(path: str, source: Source, permissions: frozenset[str]) -> GraphRoute:
    return GraphRoute("GET", path, "directory_object", source, permissions, "directoryObjects")


def _stored(collection: str) -> Source:
    return lambda asked: Stored(asked.store, asked.principal.tenant_id, collection)


_MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"  # who owns the apps of Microsoft itself


def service_principals(asked: PathTarget) -> list[Body]:
    """Show the applications that may sign in, and the resources they sign in to."""
    tenant_id = asked.principal.tenant_id
    common: Body = {"accountEnabled": True, "servicePrincipalType": "Application"}
    ours: list[Body] = [
        {
            **common,
            "id": one["object_id"],
            "appId": one["client_id"],
            "displayName": f"toolkit {one['name']}",
            "appOwnerOrganizationId": tenant_id,
        }
        for one in asked.store.all(tenant_id, COLLECTION)
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
        {**common, "id": one["client_id"], "appId": one["client_id"], "displayName": one["name"]}
        for one in asked.store.all(tenant_id, OTHERS)
    ]
    return [*ours, *others, *asked.store.all(tenant_id, SUPPLIERS[0]), *resources]


def registrations(asked: PathTarget) -> list[Body]:
    """Show the registrations of these applications, with their secrets as far as anybody may see them."""
    ours: list[Body] = [
        {
            "id": identifier(asked.principal.tenant_id, "registration", str(one["client_id"])),
            "appId": one["client_id"],
            "displayName": f"toolkit {one['name']}",
            "keyCredentials": [],
            "passwordCredentials": _secrets(one),
        }
        for one in asked.store.all(asked.principal.tenant_id, COLLECTION)
    ]
    return [*ours, *asked.store.all(asked.principal.tenant_id, SUPPLIERS[1])]


def _secrets(application: Body) -> list[Body]:
    if not application["client_secret"]:
        return []
    common: Body = {"customKeyIdentifier": None, "displayName": "toolkit", "secretText": None}
    hint = str(application["client_secret"])[:3]
    return [{**common, "hint": hint, "endDateTime": application.get("secret_expires") or "2028-01-01T00:00:00Z"}]


def _members(asked: PathTarget) -> Sequence[Body]:
    _known(asked, "groups", ("id",))
    return _objects(asked, _member_ids(asked, asked.key))


def _owners(asked: PathTarget) -> Sequence[Body]:
    """Show the owners of a group, as `owners` holds them; the groups of a new tenant have none."""
    _known(asked, "groups", ("id",))
    kept = asked.store.get(asked.principal.tenant_id, "owners", asked.key.lower())
    return _objects(asked, texts(kept["owners"]) if kept else [])


def _transitive_members(asked: PathTarget) -> Sequence[Body]:
    _known(asked, "groups", ("id",))
    seen: dict[str, None] = {}
    waiting = _member_ids(asked, asked.key)
    while waiting:
        one = waiting.pop(0)
        if one not in seen:
            seen[one] = None
            waiting.extend(_member_ids(asked, one))
    return _objects(asked, list(seen))


def _role_members(asked: PathTarget) -> Sequence[Body]:
    role = _known(asked, "directoryRoles", ("id", "roleTemplateId"))
    tenant_id = asked.principal.tenant_id
    applications = [
        str(one["object_id"])
        for one in asked.store.all(tenant_id, COLLECTION)
        if role["displayName"] in texts(one["directory_roles"])
    ]
    return _objects(asked, [*_member_ids(asked, str(role["id"])), *applications])


def _deleted(asked: PathTarget) -> Sequence[Body]:
    """Show the people among what was deleted, each with the day; `deletedUsers` holds them."""
    people = asked.store.all(asked.principal.tenant_id, "deletedUsers")
    return [{"@odata.type": "#microsoft.graph.user", **body} for body in people]


def _known(asked: PathTarget, collection: str, keys: Sequence[str]) -> Body:
    body = find(Stored(asked.store, asked.principal.tenant_id, collection), keys, asked.key)
    if body is None:
        raise errors.not_found(asked.key)
    return body


def _member_ids(asked: PathTarget, key: str) -> list[str]:
    """List the members of a group or role; those of a group that hides them only to who may see them."""
    group = asked.store.get(asked.principal.tenant_id, "groups", key.lower()) or {}
    if group.get("visibility") == "HiddenMembership" and "Member.Read.Hidden" not in asked.principal.roles:
        return []
    kept = asked.store.get(asked.principal.tenant_id, "members", key.lower())
    return texts(kept["members"]) if kept else []


def _objects(asked: PathTarget, ids: Sequence[str]) -> Sequence[Body]:
    """Show directory objects of any type, each with its type; one that is gone is left out, as in the directory."""
    applications = {str(body["id"]): body for body in service_principals(asked)}

    def look_up(key: str) -> Body | None:
        for kind, collection in _TYPES.items():
            if body := asked.store.get(asked.principal.tenant_id, collection, key):
                return _readable(asked, {"@odata.type": kind, **body})
        known = applications.get(key)
        return {"@odata.type": "#microsoft.graph.servicePrincipal", **known} if known else None

    return Looked(ids, look_up)


def _readable(asked: PathTarget, body: Body) -> Body:
    """Empty what the caller may not read: Graph lists such members by id and type alone."""
    by_type = {
        "#microsoft.graph.user": USERS,
        "#microsoft.graph.group": GROUPS,
        "#microsoft.graph.device": _DIRECTORY | {"Device.Read.All", "Device.ReadWrite.All"},
    }
    needed = by_type.get(str(body["@odata.type"]), frozenset())
    if not needed or needed & asked.principal.roles:
        return body
    return {name: value if name in ("@odata.type", "id") else None for name, value in body.items()}
