"""The groups that a person is in, directly or through other groups, and changes of a group's members.

Follows https://learn.microsoft.com/graph/api/group-post-members and
https://learn.microsoft.com/graph/api/group-delete-members
"""

from collections.abc import Mapping, Sequence

from connectors.emulator.microsoft365.applications import texts
from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.directory import GROUPS, USERS
from connectors.emulator.service import Answer
from connectors.emulator.store import Body


def actions() -> Sequence[Action]:
    """Return the actions that find a person's groups, and that add and remove members."""
    return (
        Action("POST", "/users/{id}/getMemberGroups", GROUPS, _list_member_groups, asks=True),
        Action("POST", "/groups/{id}/members/$ref", _WRITES, _add_member),
        Action("DELETE", "/groups/{id}/members/{id}/$ref", _WRITES, _remove_member),
    )


_WRITES = frozenset({"GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"})
_TYPES = ("users", "groups", "devices")


def _add_member(request: ActionRequest) -> Answer:
    key = str(request.body().get("@odata.id")).rpartition("/")[2].lower()
    if not any(request.store.get(request.tenant_id, collection, key) for collection in _TYPES):
        raise errors.not_found(key)
    held = _changeable_members(request)
    if key in held:
        raise errors.invalid_request(
            "One or more added object references already exist for the following modified properties: 'members'."
        )
    return _store_members(request, [*held, key])


def _remove_member(request: ActionRequest) -> Answer:
    held = _changeable_members(request)
    if request.key not in held:
        raise errors.not_found(request.keys[-1])
    return _store_members(request, [member_id for member_id in held if member_id != request.key])


def _changeable_members(request: ActionRequest) -> list[str]:
    """Return the ids of a group's members. Raise GraphError if the caller may not change them."""
    group = request.store.get(request.tenant_id, "groups", request.keys[0].lower())
    if group is None:
        raise errors.not_found(request.keys[0])
    types = texts(group.get("groupTypes"))
    if group.get("mailEnabled") and "Unified" not in types:
        raise errors.invalid_request("Cannot Update a mail-enabled security groups and or distribution list.")
    if group.get("onPremisesSyncEnabled") or "DynamicMembership" in types:
        raise errors.invalid_request("Insufficient privileges to complete the operation.")
    if group.get("isAssignableToRole") and "RoleManagement.ReadWrite.Directory" not in request.principal.roles:
        raise errors.fault(403)
    return texts((request.store.get(request.tenant_id, "members", str(group["id"])) or {}).get("members") or [])


def _store_members(request: ActionRequest, members: Sequence[str]) -> Answer:
    request.store.put(request.tenant_id, "members", request.keys[0].lower(), {"members": list(members)})
    return Answer(204)


def _list_member_groups(request: ActionRequest) -> Answer:
    """Return the groups of a person (learn.microsoft.com/graph/api/directoryobject-getmembergroups)."""
    if not USERS & request.principal.roles:
        raise errors.fault(403)
    security = request.body().get("securityEnabledOnly")
    if not isinstance(security, bool):
        raise errors.bad_request("Required parameter 'securityEnabledOnly' is missing in the request body.")
    person = request.store.get(request.tenant_id, "users", request.key)
    if person is None:
        raise errors.not_found(request.keys[-1])
    groups = {str(group["id"]): group for group in request.store.all(request.tenant_id, "groups")}
    around = _ids_of_containers(str(person["id"]), request.store.all_by_key(request.tenant_id, "members"))
    group_ids = [key for key in groups if key in around and (groups[key]["securityEnabled"] or not security)]
    return Answer(body={**request.context("Collection(Edm.String)"), "value": group_ids})


def _ids_of_containers(key: str, lists: Mapping[str, Body]) -> set[str]:
    """Return the ids of the groups that contain an object, directly or through another group."""
    containers: set[str] = set()
    waiting = {key}
    while waiting:
        inside = {container for container, kept in lists.items() if waiting & set(texts(kept["members"]))}
        waiting = inside - containers
        containers |= inside
    return containers
