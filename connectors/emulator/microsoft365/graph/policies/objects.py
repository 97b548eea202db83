"""Policies that are kept as Graph shows them, and those that are only read: Conditional Access, sharing."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from uuid import uuid4

from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest, forbidden
from connectors.emulator.microsoft365.graph.bodies import checked
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.graph.query import Query, check_property, page, read_query
from connectors.emulator.service import Answer
from connectors.emulator.wire import Body, Json

Forbid = Callable[[frozenset[str]], GraphError]


def scopes_missing(permissions: frozenset[str]) -> GraphError:
    """Refuse as the policies of sign-in do (github.com/Azure/azure-cli/issues/23906)."""
    del permissions
    words = "You cannot perform the requested operation, required scopes are missing in the token."
    return GraphError(403, "AccessDenied", words)


def read_actions(
    path: str, collection: str, type_name: str, permissions: frozenset[str], forbid: Forbid = forbidden
) -> tuple[Action, Action]:
    """Make the two actions that read a collection; the type is named by the file of its class."""
    notes = "$select, $filter, $top"
    every, one = partial(_list, path, collection, type_name), partial(_one, path, collection, type_name)
    return (
        Action("GET", path, permissions, every, notes=notes, forbid=forbid),
        Action("GET", path + "/{id}", permissions, one, notes="$select", forbid=forbid),
    )


def singleton_action(
    path: str, collection: str, type_name: str, permissions: frozenset[str], forbid: Forbid = forbidden
) -> Action:
    """Make the action that reads the one object of its kind."""

    def perform(asking: ActionRequest) -> Answer:
        (body,) = asking.store.all(asking.tenant_id, collection) or [{}]
        shown = _shown(body, read_query(asking.call), type_name)
        return Answer(body={**asking.context(path.strip("/"), single=True), **shown})

    return Action("GET", path, permissions, perform, notes="$select; read only", forbid=forbid)


def one(asking: ActionRequest, collection: str) -> Body:
    """Find the object that the path names."""
    body = asking.store.get(asking.tenant_id, collection, asking.key)
    if body is None:
        raise errors.not_found(asking.key)
    return body


def _list(path: str, collection: str, type_name: str, asking: ActionRequest) -> Answer:
    query = read_query(asking.call)
    found = page(asking.call, query, asking.store.all(asking.tenant_id, collection), type_name=type_name)
    rows = found["value"]
    assert isinstance(rows, list)
    found["value"] = [_shown(body, query, type_name) for body in rows]
    return Answer(body={**asking.context(path.strip("/")), **found})


def _one(path: str, collection: str, type_name: str, asking: ActionRequest) -> Answer:
    shown = _shown(one(asking, collection), read_query(asking.call), type_name)
    return Answer(body={**asking.context(path.strip("/"), single=True), **shown})


def _shown(body: Body, query: Query, type_name: str) -> Body:
    for name in query.selected:
        check_property(name, type_name)
    chosen = [name for name in query.selected if name != "*"]
    return {name: body.get(name) for name in chosen} if chosen else body


CONDITIONAL_ACCESS = "entra.conditionalAccessPolicies"
SECURITY_DEFAULTS = "entra.securityDefaults"
SHAREPOINT = "sharepoint.settings"
_ACCESS = frozenset({"Policy.Read.All"})
_SHAREPOINT = frozenset({"SharePointTenantSettings.Read.All", "SharePointTenantSettings.ReadWrite.All"})


def actions() -> Sequence[Action]:
    """List what can be asked of idle timeouts, and what can be read."""
    return (
        *timeout_actions(),
        *read_actions(
            "/identity/conditionalAccess/policies",
            CONDITIONAL_ACCESS,
            "conditional_access_policy",
            _ACCESS,
            scopes_missing,
        ),
        singleton_action(
            "/policies/identitySecurityDefaultsEnforcementPolicy",
            SECURITY_DEFAULTS,
            "identity_security_defaults_enforcement_policy",
            _ACCESS | {"Policy.ReadWrite.SecurityDefaults"},
            scopes_missing,
        ),
        singleton_action("/admin/sharepoint/settings", SHAREPOINT, "sharepoint_settings", _SHAREPOINT),
    )


IDLE_TIMEOUTS = "entra.activityBasedTimeoutPolicies"
_PATH, _TYPE = "/policies/activityBasedTimeoutPolicies", "activityBasedTimeoutPolicy"
_WRITES = frozenset({"Policy.ReadWrite.ApplicationConfiguration"})
_READS = _WRITES | {"Policy.Read.All"}


def timeout_actions() -> Sequence[Action]:
    """List what can be asked of the idle timeout."""
    return (
        *read_actions(_PATH, IDLE_TIMEOUTS, "activity_based_timeout_policy", _READS),
        Action("POST", _PATH, _WRITES, _create),
        Action("PATCH", _PATH + "/{id}", _WRITES, _change),
        Action("DELETE", _PATH + "/{id}", _WRITES, _delete),
    )


def _create(asking: ActionRequest) -> Answer:
    kept = _checked(asking)
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
    _keep(asking, made)
    return Answer(status=201, body={**asking.context(_PATH.strip("/"), single=True), **made})


def _change(asking: ActionRequest) -> Answer:
    held, kept = one(asking, IDLE_TIMEOUTS), _checked(asking)
    _keep(asking, {**held, **{name: value for name, value in kept.items() if name in held and name != "id"}})
    return Answer(status=204)


def _delete(asking: ActionRequest) -> Answer:
    asking.store.delete(asking.tenant_id, IDLE_TIMEOUTS, str(one(asking, IDLE_TIMEOUTS)["id"]))
    return Answer(status=204)


def _checked(asking: ActionRequest) -> Mapping[str, Json]:
    kept = checked(asking.body(), _TYPE, asking.version)
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


def _keep(asking: ActionRequest, policy: Body) -> None:
    others = asking.store.all(asking.tenant_id, IDLE_TIMEOUTS)
    if policy["isOrganizationDefault"] and any(
        other["isOrganizationDefault"] and other["id"] != policy["id"] for other in others
    ):
        raise errors.invalid_request("Only one policy of this type can be the default of the organization.")
    asking.store.put(asking.tenant_id, IDLE_TIMEOUTS, str(policy["id"]), policy)
