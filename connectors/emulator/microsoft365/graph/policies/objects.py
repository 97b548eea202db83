"""Policies that are kept as Graph shows them, and those that are only read: Conditional Access, sharing."""

from collections.abc import Callable, Sequence
from functools import partial

from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest, forbidden
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.graph.query import Query, check_property, page, read_query
from connectors.emulator.service import Answer
from connectors.emulator.wire import Body

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
    """List what can be read."""
    return (
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
