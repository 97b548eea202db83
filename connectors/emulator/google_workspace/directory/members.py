"""Groups and their members: both read, and members added and taken away."""

from collections.abc import Iterator, Mapping

from connectors.emulator.google_workspace import people
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall, check_left_out, read_page
from connectors.emulator.google_workspace.directory.serialise import check_customer, paged, shown
from connectors.emulator.google_workspace.values import customer_id, new_number, text
from connectors.emulator.store import Body

_LONGEST_PAGE_GROUP = 200


def known_group(asked: MethodCall) -> Body:
    """Find the group that a path names."""
    body = people.find_group(asked.store, asked.tenant_id, asked.text("groupKey"))
    if body is None:
        raise errors.not_found("Resource Not Found: groupKey")
    return body


def _list_group(asked: MethodCall) -> Body:
    check_left_out(asked, "domain", "query", "sortOrder")
    if not any(asked.text(name) for name in ("customer", "userKey")):
        raise errors.ApiError(400, "badRequest", "Bad Request")
    if asked.text("customer"):
        check_customer(asked)
    rows = asked.collection(people.GROUPS).all()
    if key := asked.text("userKey"):
        holding = groups_of(asked, key)
        rows = [row for row in rows if row["id"] in holding]
    rows.sort(key=lambda row: text(row["email"]))
    page = read_page(asked.parameters, min(asked.number("maxResults", _LONGEST_PAGE_GROUP), _LONGEST_PAGE_GROUP))
    return paged("groups", "groups", [_shown(asked, row) for row in rows], page)


def _shown(asked: MethodCall, body: Body) -> Body:
    count = len(asked.collection(MEMBERS).below(str(body["id"])))
    return shown("group", {**body, "directMembersCount": str(count)})


MEMBERS = "google.members"  # by group id / member id
_LONGEST_PAGE = 200
_ROLES = ("OWNER", "MANAGER", "MEMBER")


def groups_of(asked: MethodCall, key: str) -> set[str]:
    """Name the groups, by id, that a person is directly in."""
    found = people.find_user(asked.store, asked.tenant_id, key) or people.find_group(asked.store, asked.tenant_id, key)
    if found is None:
        raise errors.not_found("Resource Not Found: userKey")
    keys = asked.store.keyed(asked.tenant_id, MEMBERS)
    return {group for group, _, member in (one.partition("/") for one in keys) if member == found["id"]}


def _group_id(asked: MethodCall) -> str:
    body = people.find_group(asked.store, asked.tenant_id, asked.text("groupKey"))
    if body is None:
        raise errors.not_found("Resource Not Found: groupKey")
    return str(body["id"])


def _direct(asked: MethodCall, group_id: str) -> Iterator[Body]:
    """List the members of a group as they are now: addresses follow people, and who was deleted is gone."""
    for member in asked.collection(MEMBERS).below(group_id).values():
        if current := _current(asked, member):
            yield current


def _current(asked: MethodCall, member: Body) -> Body | None:
    key = str(member["id"])
    match member.get("type"):
        case "USER" if member.get("status") != "EXTERNAL":
            person = asked.collection(people.USERS).get(key)
            status = "SUSPENDED" if person and person.get("suspended") else "ACTIVE"
            return {**member, "email": person["primaryEmail"], "status": status} if person else None
        case "GROUP" if member.get("status") != "EXTERNAL":
            group = asked.collection(people.GROUPS).get(key)
            return {**member, "email": group["email"]} if group else None
    return {name: value for name, value in member.items() if value != "EXTERNAL"}


def _derived(asked: MethodCall, group_id: str) -> Iterator[Body]:
    """List members with the members of groups inside, each once."""
    seen: set[str] = set()
    waiting = [group_id]
    while waiting:
        for member in _direct(asked, waiting.pop(0)):
            if str(member["id"]) in seen:
                continue
            seen.add(str(member["id"]))
            yield member
            if member["type"] == "GROUP":
                waiting.append(str(member["id"]))


def _list(asked: MethodCall) -> Body:
    group_id = _group_id(asked)
    rows = list(_derived(asked, group_id) if asked.flag("includeDerivedMembership") else _direct(asked, group_id))
    if wanted := [one.strip().upper() for one in asked.text("roles").split(",") if one.strip()]:
        rows = [row for row in rows if row["role"] in wanted]
    page = read_page(asked.parameters, min(asked.number("maxResults", _LONGEST_PAGE), _LONGEST_PAGE))
    return paged("members", "members", [shown("member", row) for row in rows], page)


def _known(asked: MethodCall) -> tuple[str, Body]:
    group_id, key = _group_id(asked), asked.text("memberKey").lower()
    for place, member in asked.collection(MEMBERS).below(group_id).items():
        current = _current(asked, member)
        if current and key in (str(current.get("id")).lower(), text(current.get("email")).lower()):
            return place, current
    raise errors.not_found("Resource Not Found: memberKey")


def _insert(asked: MethodCall) -> Body:
    group_id = _group_id(asked)
    member = _new_member(asked)
    place = f"{group_id}/{member['id']}"
    kept = asked.collection(MEMBERS)
    if kept.get(place):
        raise errors.duplicate("Member already exists.")
    if member["type"] == "GROUP" and (
        member["id"] == group_id or any(one["id"] == group_id for one in _derived(asked, str(member["id"])))
    ):
        raise errors.ApiError(400, "cyclicMembershipsNotAllowed", "Cyclic memberships not allowed.")
    kept.put(place, member)
    return shown("member", _current(asked, member) or member)


def _new_member(asked: MethodCall) -> Body:
    key = text(asked.body.get("email")) or text(asked.body.get("id"))
    role = _role(asked, "MEMBER")
    if person := people.find_user(asked.store, asked.tenant_id, key):
        return {"id": person["id"], "email": person["primaryEmail"], "role": role, "type": "USER", "status": "ACTIVE"}
    if group := people.find_group(asked.store, asked.tenant_id, key):
        return {"id": group["id"], "email": group["email"], "role": role, "type": "GROUP", "status": "ACTIVE"}
    if key == customer_id(asked.tenant_id):
        return {"id": key, "role": role, "type": "CUSTOMER", "status": "ACTIVE"}
    if "@" not in key:
        raise errors.not_found("Resource Not Found: memberKey")
    return {"id": new_number(), "email": key, "role": role, "type": "USER", "status": "EXTERNAL"}


def _role(asked: MethodCall, default: str) -> str:
    role = text(asked.body.get("role")).upper() or default
    if role not in _ROLES:
        raise errors.invalid("Invalid Input: role")
    return role


def _delete(asked: MethodCall) -> None:
    place, _ = _known(asked)
    asked.collection(MEMBERS).delete(place)


HANDLERS: Mapping[str, Handler] = {
    "directory.members.list": _list,
    "directory.members.get": lambda asked: shown("member", _known(asked)[1]),
    "directory.members.insert": _insert,
    "directory.members.delete": _delete,
    "directory.groups.list": _list_group,
    "directory.groups.get": lambda asked: _shown(asked, known_group(asked)),
}
