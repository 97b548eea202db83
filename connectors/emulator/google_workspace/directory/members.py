"""Groups and their members. Groups can be read. Members can be read, added and removed."""

from collections.abc import Iterator, Mapping

from connectors.emulator.google_workspace import people
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.administration import check_customer
from connectors.emulator.google_workspace.api.request import (
    Handler,
    MethodCall,
    read_page,
    refuse_unsupported_parameters,
)
from connectors.emulator.google_workspace.directory.serialise import page_response, to_resource
from connectors.emulator.google_workspace.values import customer_id, new_numeric_id, text
from connectors.emulator.store import Body

_LONGEST_PAGE_GROUP = 200


def require_group(call: MethodCall) -> Body:
    """Return the group that a path names. Raise ApiError if there is none."""
    body = people.find_group(call.store, call.tenant_id, call.text("groupKey"))
    if body is None:
        raise errors.not_found("Resource Not Found: groupKey")
    return body


def _list_groups(call: MethodCall) -> Body:
    refuse_unsupported_parameters(call, "domain", "sortOrder")
    if not any(call.text(name) for name in ("customer", "userKey")):
        raise errors.ApiError(400, "badRequest", "Bad Request")
    if call.text("customer"):
        check_customer(call)
    rows = call.collection(people.GROUPS).all()
    if key := call.text("userKey") or _member_in_query(call):
        holding = groups_of(call, key)
        rows = [row for row in rows if row["id"] in holding]
    rows.sort(key=lambda row: text(row["email"]))
    page = read_page(call.parameters, min(call.number("maxResults", _LONGEST_PAGE_GROUP), _LONGEST_PAGE_GROUP))
    return page_response("groups", "groups", [_group_resource(call, row) for row in rows], page)


def _member_in_query(call: MethodCall) -> str:
    """Return the person or group whose groups a query asks for, or "" without a query."""
    query = call.text("query")
    name, _, key = query.partition("=")
    if query and name.strip() != "memberKey":
        raise errors.not_emulated(f"a search of groups by {query}")
    return key.strip().strip("'")


def _group_resource(call: MethodCall, body: Body) -> Body:
    count = len(call.collection(MEMBERS).with_prefix(str(body["id"])))
    return to_resource("group", {**body, "directMembersCount": str(count)})


MEMBERS = "google.members"  # by group id / member id
_LONGEST_PAGE = 200
_ROLES = ("OWNER", "MANAGER", "MEMBER")


def groups_of(call: MethodCall, key: str) -> set[str]:
    """Return the ids of the groups of which a person is a direct member."""
    member_body = people.find_user(call.store, call.tenant_id, key) or people.find_group(
        call.store, call.tenant_id, key
    )
    if member_body is None:
        raise errors.not_found("Resource Not Found: userKey")
    keys = call.store.all_by_key(call.tenant_id, MEMBERS)
    return {group for group, _, member in (path.partition("/") for path in keys) if member == member_body["id"]}


def _group_id(call: MethodCall) -> str:
    body = people.find_group(call.store, call.tenant_id, call.text("groupKey"))
    if body is None:
        raise errors.not_found("Resource Not Found: groupKey")
    return str(body["id"])


def _direct_members(call: MethodCall, group_id: str) -> Iterator[Body]:
    """Yield the direct members of a group, with each person's current address. Deleted people are left out."""
    for member in call.collection(MEMBERS).with_prefix(group_id).values():
        if current := _current_member(call, member):
            yield current


def _current_member(call: MethodCall, member: Body) -> Body | None:
    key = str(member["id"])
    match member.get("type"):
        case "USER" if member.get("status") != "EXTERNAL":
            person = call.collection(people.USERS).get(key)
            status = "SUSPENDED" if person and person.get("suspended") else "ACTIVE"
            return {**member, "email": person["primaryEmail"], "status": status} if person else None
        case "GROUP" if member.get("status") != "EXTERNAL":
            group = call.collection(people.GROUPS).get(key)
            return {**member, "email": group["email"]} if group else None
    return {name: value for name, value in member.items() if value != "EXTERNAL"}


def _derived_members(call: MethodCall, group_id: str) -> Iterator[Body]:
    """Yield the members of a group and of the groups in it, each person once."""
    seen: set[str] = set()
    waiting = [group_id]
    while waiting:
        for member in _direct_members(call, waiting.pop(0)):
            if str(member["id"]) in seen:
                continue
            seen.add(str(member["id"]))
            yield member
            if member["type"] == "GROUP":
                waiting.append(str(member["id"]))


def _list_members(call: MethodCall) -> Body:
    group_id = _group_id(call)
    rows = list(
        _derived_members(call, group_id) if call.flag("includeDerivedMembership") else _direct_members(call, group_id)
    )
    if roles := [role.strip().upper() for role in call.text("roles").split(",") if role.strip()]:
        rows = [row for row in rows if row["role"] in roles]
    page = read_page(call.parameters, min(call.number("maxResults", _LONGEST_PAGE), _LONGEST_PAGE))
    return page_response("members", "members", [to_resource("member", row) for row in rows], page)


def _find_member(call: MethodCall) -> tuple[str, Body]:
    group_id, key = _group_id(call), call.text("memberKey").lower()
    for place, member in call.collection(MEMBERS).with_prefix(group_id).items():
        current = _current_member(call, member)
        if current and key in (str(current.get("id")).lower(), text(current.get("email")).lower()):
            return place, current
    raise errors.not_found("Resource Not Found: memberKey")


def _insert_member(call: MethodCall) -> Body:
    group_id = _group_id(call)
    member = _make_member(call)
    place = f"{group_id}/{member['id']}"
    kept = call.collection(MEMBERS)
    if kept.get(place):
        raise errors.duplicate("Member already exists.")
    if member["type"] == "GROUP" and (
        member["id"] == group_id or any(inner["id"] == group_id for inner in _derived_members(call, str(member["id"])))
    ):
        raise errors.ApiError(400, "cyclicMembershipsNotAllowed", "Cyclic memberships not allowed.")
    kept.put(place, member)
    return to_resource("member", _current_member(call, member) or member)


def _make_member(call: MethodCall) -> Body:
    key = text(call.body.get("email")) or text(call.body.get("id"))
    role = _read_role(call, "MEMBER")
    if person := people.find_user(call.store, call.tenant_id, key):
        return {"id": person["id"], "email": person["primaryEmail"], "role": role, "type": "USER", "status": "ACTIVE"}
    if group := people.find_group(call.store, call.tenant_id, key):
        return {"id": group["id"], "email": group["email"], "role": role, "type": "GROUP", "status": "ACTIVE"}
    if key == customer_id(call.tenant_id):
        return {"id": key, "role": role, "type": "CUSTOMER", "status": "ACTIVE"}
    if "@" not in key:
        raise errors.not_found("Resource Not Found: memberKey")
    return {"id": new_numeric_id(), "email": key, "role": role, "type": "USER", "status": "EXTERNAL"}


def _read_role(call: MethodCall, default: str) -> str:
    role = text(call.body.get("role")).upper() or default
    if role not in _ROLES:
        raise errors.invalid("Invalid Input: role")
    return role


def _delete_member(call: MethodCall) -> None:
    place, _ = _find_member(call)
    call.collection(MEMBERS).delete(place)


HANDLERS: Mapping[str, Handler] = {
    "directory.members.list": _list_members,
    "directory.members.get": lambda call: to_resource("member", _find_member(call)[1]),
    "directory.members.insert": _insert_member,
    "directory.members.delete": _delete_member,
    "directory.groups.list": _list_groups,
    "directory.groups.get": lambda call: _group_resource(call, require_group(call)),
}
