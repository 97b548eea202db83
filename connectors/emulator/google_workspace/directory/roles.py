"""Administrators' roles and who has them."""

from collections.abc import Mapping

from connectors.emulator.google_workspace import people
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall, read_page
from connectors.emulator.google_workspace.directory.serialise import check_customer, paged, shown
from connectors.emulator.google_workspace.values import new_number, text
from connectors.emulator.wire import Body, Json

ROLES = "google.roles"  # by id
ASSIGNMENTS = "google.roleAssignments"  # by id
_LONGEST_ROLES = 100
_ROLE_DIGITS = 17


def _list(asked: MethodCall) -> Body:
    check_customer(asked)
    rows = [shown("role", one) for one in asked.collection(ROLES).all()]
    return paged("roles", "items", rows, read_page(asked.parameters, asked.number("maxResults", _LONGEST_ROLES)))


def _known(asked: MethodCall, key: str) -> Body:
    check_customer(asked)
    role = asked.collection(ROLES).get(key)
    if role is None:
        raise errors.not_found("Resource Not Found: roleId")
    return role


def _insert(asked: MethodCall) -> Body:
    check_customer(asked)
    name = text(asked.body["roleName"])
    if any(one["roleName"] == name for one in asked.collection(ROLES).all()):
        raise errors.duplicate()
    return _stored(asked, {"roleId": new_number()[:_ROLE_DIGITS], "isSystemRole": False, "isSuperAdminRole": False})


def _change(asked: MethodCall) -> Body:
    """Change a role that the customer made; the ones Google made stay as they are."""
    role = _known(asked, asked.text("roleId"))
    if role.get("isSystemRole"):
        raise errors.invalid("Invalid Input: role_id")
    return _stored(asked, dict(role))


def _stored(asked: MethodCall, role: dict[str, Json]) -> Body:
    for name in ("roleName", "roleDescription", "rolePrivileges"):
        if asked.body.get(name) is not None:
            role[name] = asked.body[name]
    asked.collection(ROLES).put(str(role["roleId"]), role)
    return shown("role", role)


def _known_assignment(asked: MethodCall) -> Body:
    check_customer(asked)
    body = asked.collection(ASSIGNMENTS).get(asked.text("roleAssignmentId"))
    if body is None:
        raise errors.not_found("Resource Not Found: roleAssignmentId")
    return body


def _insert_assignment(asked: MethodCall) -> Body:
    role = _known(asked, text(asked.body.get("roleId")))
    assignee = text(asked.body.get("assignedTo"))
    person = asked.collection(people.USERS).get(assignee)
    if person is None and asked.collection(people.GROUPS).get(assignee) is None:
        raise errors.invalid("Invalid Input: assigned_to")
    kept = asked.collection(ASSIGNMENTS)
    if any(one["roleId"] == role["roleId"] and one["assignedTo"] == assignee for one in kept.all()):
        raise errors.duplicate("Role assignment exists: RoleId")
    key = new_number()[:_ROLE_DIGITS]
    scope: dict[str, Json] = {name: asked.body[name] for name in ("orgUnitId", "condition") if asked.body.get(name)}
    body: Body = {
        "roleAssignmentId": key,
        "roleId": role["roleId"],
        "assignedTo": assignee,
        "assigneeType": "user" if person else "group",
        "scopeType": text(asked.body.get("scopeType")) or "CUSTOMER",
        **scope,
    }
    kept.put(key, body)
    _mark(asked, assignee)
    return shown("roleAssignment", body)


def _delete_assignment(asked: MethodCall) -> None:
    body = _known_assignment(asked)
    asked.collection(ASSIGNMENTS).delete(str(body["roleAssignmentId"]))
    _mark(asked, str(body["assignedTo"]))


def _mark(asked: MethodCall, assignee: str) -> None:
    """Keep a person's entry in the directory in step with the roles they have."""
    person = asked.collection(people.USERS).get(assignee)
    if person is None:
        return
    mine = [one["roleId"] for one in asked.collection(ASSIGNMENTS).all() if one["assignedTo"] == assignee]
    roles = [role for role in asked.collection(ROLES).all() if role["roleId"] in mine]
    highest = any(role.get("isSuperAdminRole") for role in roles)
    marks: dict[str, Json] = {"isAdmin": highest, "isDelegatedAdmin": bool(roles) and not highest}
    asked.collection(people.USERS).put(assignee, {**person, **marks})


HANDLERS: Mapping[str, Handler] = {
    "directory.roles.list": _list,
    "directory.roles.insert": _insert,
    "directory.roles.patch": _change,
    "directory.roleAssignments.insert": _insert_assignment,
    "directory.roleAssignments.delete": _delete_assignment,
}
