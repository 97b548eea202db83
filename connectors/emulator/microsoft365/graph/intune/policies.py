"""Reads, creates, changes, deletes and assigns the policies of a family."""

import re
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID, uuid4

from connectors.emulator import clock
from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.bodies import check_body, fill_omitted, type_of
from connectors.emulator.microsoft365.graph.intune.family import (
    Family,
    bad_request_error,
    body_for_version,
    expansions,
    forbidden,
    navigation_context,
    show_object,
    unknown_property_error,
)
from connectors.emulator.microsoft365.graph.models import BETA, members, model
from connectors.emulator.microsoft365.graph.query import one_page, read_query
from connectors.emulator.service import Answer
from connectors.emulator.store import Body, Json

_OPTIONS = frozenset({"$expand", "$select", "$top", "$skiptoken", "$count", "$format", "$orderby"})
_LARGEST_PAGE = 1000
_READ_NOTES = "$select, $expand, $top. $filter only by isof"
_OF_TYPE = re.compile(r"\(?isof\('(?:microsoft\.graph\.)?(\w+)'\)\)?", re.IGNORECASE)

# The navigations of a new object, made from the body.
Making = Callable[[ActionRequest, Body], Mapping[str, Json]]


def family_read_actions(family: Family) -> tuple[Action, Action]:
    return (
        _family_action(
            family, "GET", "",
            lambda request: list_answer(request, family, filter_by_type(request, family), _OPTIONS | {"$filter"}),
            _READ_NOTES,
        ),
        _family_action(family, "GET", "/{id}", lambda request: _get_object(request, family), "$select, $expand"),
    )  # fmt: skip


def filter_by_type(request: ActionRequest, family: Family) -> list[Body]:
    """Return a family's objects, limited to one type if $filter is isof. Raise GraphError for any other $filter."""
    bodies = family.visible_bodies(request)
    text = next((value for name, value in request.call.query if name.lstrip("?") == "$filter"), "").strip()
    if not text:
        return bodies
    if of_type := _OF_TYPE.fullmatch(text):
        return [body for body in bodies if body.get("@odata.type") == f"#microsoft.graph.{of_type[1]}"]
    raise errors.not_emulated(f"$filter={text} over {family.path}")


def family_write_actions(family: Family, make: Making) -> tuple[Action, Action, Action]:
    return (
        _family_action(family, "POST", "", lambda request: _create_object(request, family, make)),
        _family_action(family, "PATCH", "/{id}", lambda request: _change_object(request, family)),
        _family_action(family, "DELETE", "/{id}", lambda request: _delete_object(request, family)),
    )


def list_answer(
    request: ActionRequest, family: Family, bodies: list[Body], options: frozenset[str] = _OPTIONS
) -> Answer:
    """Return the response with one page of a family's objects."""
    query = read_query(request.call, options)
    expanded = expansions(query, family)
    properties = model(family.type_name, request.version) or {}
    if odd := [name for name in query.selected_names if name not in properties and name != "*"]:
        raise unknown_property_error(odd[0], family)
    page = one_page(request.call, query, bodies, largest=_LARGEST_PAGE)
    rows = page["value"]
    assert isinstance(rows, list)
    page["value"] = [show_object(request, family, body, query, expanded) for body in rows]
    return Answer(body={**request.context(family.context), **page})


def now(request: ActionRequest) -> str:
    return clock.text(clock.now(request.store, request.tenant_id))


def _family_action(
    family: Family, method: str, path: str, perform: Callable[[ActionRequest], Answer], notes: str = ""
) -> Action:  # fmt: skip
    permissions = family.reads if method == "GET" else family.writes
    return Action(method, family.path + path, permissions, perform, family.versions, notes, forbidden)


def _get_object(request: ActionRequest, family: Family) -> Answer:
    query = read_query(request.call, _OPTIONS)
    shown = show_object(request, family, family.find(request), query, expansions(query, family))
    return Answer(body={**request.context(family.context, single=True), **shown})


def _create_object(request: ActionRequest, family: Family, make: Making) -> Answer:
    given = request.body()
    kept, key, instant = check_body(given, family.type_name, request.version), str(uuid4()), now(request)
    name = type_of(given, family.type_name, request.version)
    properties = model(name, BETA) or {}
    made: dict[str, Json] = {
        **fill_omitted(kept, properties, without=family.navigation),
        "id": key,
        "createdDateTime": instant,
        "lastModifiedDateTime": instant,
        "roleScopeTagIds": kept.get("roleScopeTagIds") or ["0"],
        **{fixed: value for fixed, value in (("version", 1), ("supportsScopeTags", True)) if fixed in properties},
        "assignments": [],
        **make(request, given),
    }
    family.store_object(request, made)
    shown = show_object(request, family, made, read_query(request.call, _OPTIONS), {})
    return Answer(status=201, body={**request.context(family.context, single=True), **shown})


def _change_object(request: ActionRequest, family: Family) -> Answer:
    held, given = family.find(request), request.body()
    name = family.type_of(held)
    if odd := sorted(family.navigation & set(given)):
        raise errors.bad_request(
            f"Cannot apply PATCH to navigation property '{odd[0]}' on entity type '{errors.inner_name(name)}'."
        )
    if type_of(given, family.type_name, request.version) != name:
        raise bad_request_error("The type of a policy cannot be changed")
    fixed = {"id", "createdDateTime", "lastModifiedDateTime", "version", "supportsScopeTags", "isAssigned"}
    kept = {
        key: value for key, value in check_body(given, family.type_name, request.version).items() if key not in fixed
    }
    properties = {key: value for key, value in (model(name, BETA) or {}).items() if key in kept}
    changed: dict[str, Json] = {**held, **fill_omitted(kept, properties), "lastModifiedDateTime": now(request)}
    if isinstance(version := held.get("version"), int):
        changed["version"] = version + 1
    family.store_object(request, changed)
    return Answer(status=204)


def _delete_object(request: ActionRequest, family: Family) -> Answer:
    request.store.delete(request.tenant_id, family.collection, str(family.find(request)["id"]))
    return Answer(status=204)


ALL_DEVICES, ALL_USERS = "adadadad-808e-44e2-905a-0b7873a8a531", "acacacac-9df4-4c7d-9d50-4ef0226f57a9"
_EVERYBODY: Mapping[str, str] = {
    "allDevicesAssignmentTarget": ALL_DEVICES,
    "allLicensedUsersAssignmentTarget": ALL_USERS,
}
_TARGET = "deviceAndAppManagementAssignmentTarget"


def assignment_actions(family: Family) -> tuple[Action, Action]:
    """Return the actions that read and replace the assignments of a family's objects."""
    return (
        Action(
            "GET", family.path + "/{id}/assignments", family.reads, lambda request: _list_assignments(request, family),
            family.versions, forbid=forbidden,
        ),
        Action(
            "POST", family.path + "/{id}/assign", family.writes, lambda request: _replace_assignments(request, family),
            family.versions, "replaces all assignments. Assignment filters only in beta", forbidden,
        ),
    )  # fmt: skip


def stored_assignments(entries: Sequence[Body], *, key: str, declared_type: str, version: str = BETA) -> list[Body]:
    """Return the assignments in a request body as they are stored. If two have the same target, the last one counts."""
    made = [
        _complete_assignment(check_body(assignment, declared_type, version), key, declared_type)
        for assignment in entries
    ]
    return list({str(assignment["id"]): assignment for assignment in made}.values())


def _complete_assignment(assignment: Body, key: str, declared_type: str) -> Body:
    target = assignment.get("target")
    if not isinstance(target, Mapping):
        raise bad_request_error("An assignment needs a target")
    name = type_of(target, _TARGET, BETA)
    whole = fill_omitted(target, model(name, BETA) or {})
    completed = fill_omitted(assignment, model(declared_type, BETA) or {})
    reached = _target_id(name, whole)
    app = declared_type == "mobileAppAssignment"
    itself = f"{reached}_{members('installIntent').index(str(completed['intent']))}_0" if app else f"{key}_{reached}"
    return {**completed, "id": itself, "sourceId": key, "target": whole}


def _target_id(name: str, target: Body) -> str:
    if name in _EVERYBODY:
        return _EVERYBODY[name]
    try:
        return str(UUID(str(target.get("groupId"))))
    except ValueError as no_guid:
        raise bad_request_error(f"The group id '{target.get('groupId')}' of an assignment is not valid") from no_guid


def _list_assignments(request: ActionRequest, family: Family) -> Answer:
    body = family.find(request)
    shown = body_for_version(body, family.type_name, request.version)["assignments"]
    return Answer(body={**request.context(navigation_context(family, body, "assignments")), "value": shown})


def _replace_assignments(request: ActionRequest, family: Family) -> Answer:
    body, given = family.find(request), request.body()
    if odd := sorted(set(given) - {family.assigned_by}):
        raise errors.invalid_model(
            f"The parameter '{odd[0]}' in the request payload is not a valid parameter for the operation 'assign'."
        )
    targets = given.get(family.assigned_by)
    if not isinstance(targets, list) or not all(isinstance(target, Mapping) for target in targets):
        raise errors.bad_request(f"The value of parameter '{family.assigned_by}' must be a list of objects.")
    made = stored_assignments(targets, key=str(body["id"]), declared_type=family.assignment, version=request.version)
    assigned: Body = {"isAssigned": bool(made)} if "isAssigned" in body else {}
    changed: dict[str, Json] = {**body, **assigned, "assignments": made}
    family.store_object(request, changed)
    if family.assigned_by != "assignments":
        return Answer(status=204)
    shown = body_for_version(changed, family.type_name, request.version)["assignments"]
    return Answer(body={**request.context(f"Collection(microsoft.graph.{family.assignment})"), "value": shown})
