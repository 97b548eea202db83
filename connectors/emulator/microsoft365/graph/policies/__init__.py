"""Tenant policies in Graph for sign-in, idle sessions and sharing."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from uuid import uuid4

from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest, forbidden
from connectors.emulator.microsoft365.graph.bodies import check_body
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.graph.models import BETA
from connectors.emulator.microsoft365.graph.reading import list_answer, single_answer
from connectors.emulator.service import Answer
from connectors.emulator.store import Body, Json

_GRANTS = "permissionGrantPoliciesAssigned"
_LISTED_IN_BETA = ("authorizationPolicy",)  # a list with one object, as the beta version shows it
Forbid = Callable[[frozenset[str]], GraphError]


def missing_scopes_error(permissions: frozenset[str]) -> GraphError:
    """Return the sign-in policies' error for a missing scope (github.com/Azure/azure-cli/issues/23906)."""
    del permissions
    words = "You cannot perform the requested operation, required scopes are missing in the token."
    return GraphError(403, "AccessDenied", words)


def read_actions(
    path: str, collection: str, type_name: str, permissions: frozenset[str], forbid: Forbid = forbidden
) -> tuple[Action, Action]:
    """Return the two actions that read a collection."""
    notes = "$select, $filter, $top"
    every, single = (
        partial(_list_objects, path, collection, type_name),
        partial(_get_object, path, collection, type_name),
    )
    return (
        Action("GET", path, permissions, every, notes=notes, forbid=forbid),
        Action("GET", path + "/{id}", permissions, single, notes="$select", forbid=forbid),
    )


def singleton_action(
    path: str, collection: str, type_name: str, permissions: frozenset[str], forbid: Forbid = forbidden
) -> Action:
    """Return the action that reads the only object of its type."""

    def perform(request: ActionRequest) -> Answer:
        (body,) = request.store.all(request.tenant_id, collection) or [{}]
        shown = _for_version(request, body)
        if request.version == BETA and type_name in _LISTED_IN_BETA:
            return list_answer(request, path.strip("/"), [shown])
        return single_answer(request, path.strip("/"), shown, type_name=type_name, lenient=False)

    return Action("GET", path, permissions, perform, notes="$select; read only", forbid=forbid)


def _for_version(request: ActionRequest, body: Body) -> Body:
    """Return the authorization policy as a version of Graph shows it.

    In beta the permission grants are a separate property.
    """
    may = body.get("defaultUserRolePermissions")
    if request.version != BETA or not isinstance(may, Mapping):
        return body
    rest = {name: value for name, value in may.items() if name != _GRANTS}
    moved = {"defaultUserRolePermissions": rest, "permissionGrantPolicyIdsAssignedToDefaultUserRole": may.get(_GRANTS)}
    return {**body, **moved}


def find_named_object(request: ActionRequest, collection: str) -> Body:
    """Return the object that the path names. Raise GraphError if there is none."""
    body = request.store.get(request.tenant_id, collection, request.key)
    if body is None:
        raise errors.not_found(request.key)
    return body


def _list_objects(path: str, collection: str, type_name: str, request: ActionRequest) -> Answer:
    bodies = request.store.all(request.tenant_id, collection)
    return list_answer(request, path.strip("/"), bodies, type_name=type_name, lenient=False)


def _get_object(path: str, collection: str, type_name: str, request: ActionRequest) -> Answer:
    return single_answer(
        request, path.strip("/"), find_named_object(request, collection), type_name=type_name, lenient=False
    )


CONDITIONAL_ACCESS = "entra.conditionalAccessPolicies"
SECURITY_DEFAULTS = "entra.securityDefaults"
SHAREPOINT = "sharepoint.settings"
_ACCESS = frozenset({"Policy.Read.All"})
_SHAREPOINT = frozenset({"SharePointTenantSettings.Read.All", "SharePointTenantSettings.ReadWrite.All"})


def sign_in_actions() -> Sequence[Action]:
    return (
        *timeout_actions(),
        *read_actions(
            "/identity/conditionalAccess/policies",
            CONDITIONAL_ACCESS,
            "conditionalAccessPolicy",
            _ACCESS,
            missing_scopes_error,
        ),
        *read_actions(
            "/identity/conditionalAccess/namedLocations",
            "entra.namedLocations",
            "namedLocation",
            _ACCESS,
            missing_scopes_error,
        ),
        read_actions(
            "/policies/crossTenantAccessPolicy/partners",
            "entra.crossTenantPartners",
            "crossTenantAccessPolicyConfigurationPartner",
            _ACCESS,
            missing_scopes_error,
        )[0],
        singleton_action(
            "/policies/identitySecurityDefaultsEnforcementPolicy",
            SECURITY_DEFAULTS,
            "identitySecurityDefaultsEnforcementPolicy",
            _ACCESS | {"Policy.ReadWrite.SecurityDefaults"},
            missing_scopes_error,
        ),
        *writable_singleton("PATCH", "/admin/sharepoint/settings", SHAREPOINT, "sharepointSettings", _SHAREPOINT),
        *writable_singleton(
            "PATCH",
            "/policies/authorizationPolicy",
            "entra.authorizationPolicy",
            "authorizationPolicy",
            frozenset({"Policy.Read.All", "Policy.ReadWrite.Authorization"}),
        ),
        *writable_singleton(
            "PUT",
            "/policies/adminConsentRequestPolicy",
            "entra.adminConsentRequestPolicy",
            "adminConsentRequestPolicy",
            frozenset({"Policy.Read.All", "Policy.ReadWrite.ConsentRequest"}),
        ),
    )


def writable_singleton(
    method: str, path: str, collection: str, type_name: str, permissions: frozenset[str]
) -> tuple[Action, Action]:
    """Return the actions that read and change a single object. PUT replaces the whole object, PATCH some properties."""
    writes = frozenset(name for name in permissions if ".ReadWrite." in name)

    def change(request: ActionRequest) -> Answer:
        (held,) = request.store.all(request.tenant_id, collection)
        given = check_body(request.body(), type_name, request.version)
        merged = _replace_policy(held, given) if method == "PUT" else _merge_objects(held, given)
        request.store.put(request.tenant_id, collection, str(held.get("id") or "settings"), merged)
        return Answer(status=204)

    notes = "the whole object" if method == "PUT" else ""
    read = replace(singleton_action(path, collection, type_name, permissions), notes="$select")
    return read, Action(method, path, writes, change, notes=notes)


def _merge_objects(stored: Body, changes: Mapping[str, Json]) -> Body:
    """Return an object with a change applied. Inner objects are merged, and lists are replaced."""
    laid: dict[str, Json] = {}
    for name, value in changes.items():
        before = stored.get(name)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            value = _merge_objects(before, value)  # noqa: PLW2901 - the inner object is merged too
        laid[name] = value
    return {**stored, **laid}


_REQUEST_POLICY = ("isEnabled", "notifyReviewers", "remindersEnabled", "requestDurationInDays", "reviewers")


def _replace_policy(stored: Body, body: Mapping[str, Json]) -> Body:
    """Return the admin consent request policy that a body describes, with the next version number.

    Raise GraphError if the body omits a property.
    """
    if missing := [name for name in _REQUEST_POLICY if name not in body]:
        raise errors.invalid_request(f"A value is required for property '{missing[0]}' of resource 'Policy'.")
    scopes = body["reviewers"]
    shown: list[Json] = [
        {**scope, "query": re.sub(r"^(?:/v1\.0)?(/groups/[^/]+/transitiveMembers)$", r"/v1.0\1/microsoft.graph.user",
                                  str(scope.get("query")))}
        for scope in (scopes if isinstance(scopes, list) else []) if isinstance(scope, Mapping)
    ]  # fmt: skip
    version = stored.get("version")
    return {**body, "reviewers": shown, "version": (version if isinstance(version, int) else 0) + 1}


IDLE_TIMEOUTS = "entra.activityBasedTimeoutPolicies"
_PATH, _TYPE = "/policies/activityBasedTimeoutPolicies", "activityBasedTimeoutPolicy"
_WRITES = frozenset({"Policy.ReadWrite.ApplicationConfiguration"})
_READS = _WRITES | {"Policy.Read.All"}


def timeout_actions() -> Sequence[Action]:
    return (
        *read_actions(_PATH, IDLE_TIMEOUTS, "activityBasedTimeoutPolicy", _READS),
        Action("POST", _PATH, _WRITES, _create_timeout),
        Action("PATCH", _PATH + "/{id}", _WRITES, _change_timeout),
        Action("DELETE", _PATH + "/{id}", _WRITES, _delete_timeout),
    )


def _create_timeout(request: ActionRequest) -> Answer:
    kept = _check_definition(request)
    for needed in ("definition", "displayName"):
        if not kept.get(needed):
            raise errors.invalid_request(f"A value is required for property '{needed}' of resource 'Policy'.")
    made: Body = {
        "id": str(uuid4()),
        "deletedDateTime": None,
        "displayName": kept["displayName"],
        "description": kept.get("description"),
        "definition": kept["definition"],
        "isOrganizationDefault": kept.get("isOrganizationDefault") or False,
    }
    _store_timeout(request, made)
    return Answer(status=201, body={**request.context(_PATH.strip("/"), single=True), **made})


def _change_timeout(request: ActionRequest) -> Answer:
    held, kept = find_named_object(request, IDLE_TIMEOUTS), _check_definition(request)
    _store_timeout(request, {**held, **{name: value for name, value in kept.items() if name in held and name != "id"}})
    return Answer(status=204)


def _delete_timeout(request: ActionRequest) -> Answer:
    request.store.delete(request.tenant_id, IDLE_TIMEOUTS, str(find_named_object(request, IDLE_TIMEOUTS)["id"]))
    return Answer(status=204)


def _check_definition(request: ActionRequest) -> Mapping[str, Json]:
    kept = check_body(request.body(), _TYPE, request.version)
    definition = kept.get("definition")
    if definition is not None and not _is_definition(definition):
        raise errors.invalid_request("Invalid value specified for property 'definition' of resource 'Policy'.")
    return kept


def _is_definition(definition: Json) -> bool:
    if not isinstance(definition, list) or len(definition) != 1:
        return False
    try:
        inside = json.loads(str(definition[0]))
    except ValueError:
        return False
    return isinstance(inside, dict) and set(inside) == {"ActivityBasedTimeoutPolicy"}


def _store_timeout(request: ActionRequest, policy: Body) -> None:
    others = request.store.all(request.tenant_id, IDLE_TIMEOUTS)
    if policy["isOrganizationDefault"] and any(
        other["isOrganizationDefault"] and other["id"] != policy["id"] for other in others
    ):
        raise errors.invalid_request("Only one policy of this type can be the default of the organization.")
    request.store.put(request.tenant_id, IDLE_TIMEOUTS, str(policy["id"]), policy)


def actions() -> Sequence[Action]:
    return [*sign_in_actions()]
