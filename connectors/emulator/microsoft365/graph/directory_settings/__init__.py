"""Read-only Entra settings: authentication methods, device registration, access for other organisations, and roles.

A test may read and change these collections, which contain a single object, at the control plane:

- `entra.authenticationMethodsPolicy`, with its authenticationMethodConfigurations.
- `entra.deviceRegistrationPolicy`.
- `entra.crossTenantDefault`.
- `entra.crossTenantAccessPolicy`.
- `entra.authenticationFlowsPolicy`.

Follows https://learn.microsoft.com/graph/api/deviceregistrationpolicy-get,
.../authenticationmethodspolicy-get, .../crosstenantaccesspolicyconfigurationdefault-get,
.../rbacapplication-list-roledefinitions and .../rbacapplication-list-roleassignments
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from connectors.emulator.microsoft365.applications import DIRECTORY_ROLES, texts
from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest, find
from connectors.emulator.microsoft365.graph.policies import missing_scopes_error, singleton_action
from connectors.emulator.microsoft365.graph.reading import list_answer, single_answer
from connectors.emulator.school import identifier
from connectors.emulator.service import Answer
from connectors.emulator.store import Body, Json

METHODS, DEVICE_REGISTRATION = "entra.authenticationMethodsPolicy", "entra.deviceRegistrationPolicy"
_CONFIGURATIONS = "authenticationMethodConfigurations"
_METHODS_READS = frozenset(
    {"Policy.Read.All", "Policy.Read.AuthenticationMethod", "Policy.ReadWrite.AuthenticationMethod"}
)
_CROSS_TENANT_READS = frozenset({"Policy.Read.All", "Policy.ReadWrite.CrossTenantAccess"})
# path, collection, type and permissions of each policy of which a tenant has only one
_SINGLE_POLICIES = (
    ("/policies/authenticationMethodsPolicy", METHODS, "authenticationMethodsPolicy", _METHODS_READS),
    (
        "/policies/deviceRegistrationPolicy",
        DEVICE_REGISTRATION,
        "deviceRegistrationPolicy",
        frozenset({"Policy.Read.DeviceConfiguration", "Policy.ReadWrite.DeviceConfiguration"}),
    ),
    (
        "/policies/crossTenantAccessPolicy/default",
        "entra.crossTenantDefault",
        "crossTenantAccessPolicyConfigurationDefault",
        _CROSS_TENANT_READS,
    ),
    (
        "/policies/crossTenantAccessPolicy",
        "entra.crossTenantAccessPolicy",
        "crossTenantAccessPolicy",
        _CROSS_TENANT_READS,
    ),
    (
        "/policies/authenticationFlowsPolicy",
        "entra.authenticationFlowsPolicy",
        "authenticationFlowsPolicy",
        frozenset({"Policy.Read.All", "Policy.ReadWrite.AuthenticationFlows"}),
    ),
)
_ROLE_READS = frozenset(
    {"Directory.Read.All", "RoleManagement.Read.All", "RoleManagement.Read.Directory",
     "RoleManagement.ReadWrite.Directory"}
)  # fmt: skip
_SCHEDULES = ("roleAssignmentSchedule", "roleEligibilitySchedule")
_WHOLE_DIRECTORY = "/"
_ROLES = "/roleManagement/directory"
_Read: TypeAlias = Callable[[ActionRequest], Sequence[Body]]


def actions() -> Sequence[Action]:
    """Return the actions that read these settings."""
    return [
        *(singleton_action(*policy, missing_scopes_error) for policy in _SINGLE_POLICIES),
        *_method_actions(),
        *_collection_actions("roleDefinitions", "unifiedRoleDefinition", _read_role_definitions),
        *_collection_actions("roleAssignments", "unifiedRoleAssignment", _read_role_assignments),
        *(_schedule_action(name) for name in _SCHEDULES),
    ]


def _method_actions() -> tuple[Action, Action]:
    path = f"/policies/authenticationMethodsPolicy/{_CONFIGURATIONS}"
    return (
        Action(
            "GET", path, _METHODS_READS, partial(_list_objects, path, _read_configurations), forbid=missing_scopes_error
        ),
        Action(
            "GET",
            path + "/{id}",
            _METHODS_READS,
            partial(_get_object, path, _read_configurations),
            forbid=missing_scopes_error,
        ),
    )


def _read_configurations(request: ActionRequest) -> Sequence[Body]:
    (policy,) = request.store.all(request.tenant_id, METHODS)
    configurations = policy.get(_CONFIGURATIONS)
    rows = configurations if isinstance(configurations, Sequence) else ()
    return [row for row in rows if isinstance(row, Mapping)]


def _collection_actions(name: str, type_name: str, read: _Read) -> tuple[Action, Action]:
    path, notes = f"{_ROLES}/{name}", "$select, $filter, $top"
    return (
        Action("GET", path, _ROLE_READS, partial(_list_objects, path, read, type_name=type_name), notes=notes),
        Action(
            "GET", path + "/{id}", _ROLE_READS, partial(_get_object, path, read, type_name=type_name), notes="$select"
        ),
    )


def _list_objects(path: str, read: _Read, request: ActionRequest, *, type_name: str = "") -> Answer:
    return list_answer(request, path.strip("/"), read(request), type_name=type_name, lenient=False)


def _get_object(path: str, read: _Read, request: ActionRequest, *, type_name: str = "") -> Answer:
    body = find(read(request), ("id",), request.keys[-1])
    if body is None:
        raise errors.not_found(request.keys[-1])
    return single_answer(request, path.strip("/"), body, type_name=type_name, lenient=False)


def _read_role_definitions(request: ActionRequest) -> Sequence[Body]:
    """Return the tenant's active roles as definitions. Their detailed permissions are not emulated."""
    return [
        {
            "id": role["roleTemplateId"],
            "templateId": role["roleTemplateId"],
            "displayName": role["displayName"],
            "description": role.get("description"),
            "isBuiltIn": True,
            "isEnabled": True,
            "version": "1",
            "resourceScopes": [_WHOLE_DIRECTORY],
            "rolePermissions": [],
        }
        for role in request.store.all(request.tenant_id, "directoryRoles")
    ]


def _read_role_assignments(request: ActionRequest) -> Sequence[Body]:
    """Return the role assignments for the whole directory, of people and of the tenant's applications."""
    roles = request.store.all(request.tenant_id, "directoryRoles")
    held = {str(role["roleTemplateId"]): _role_holders(request, role) for role in roles}
    for application in request.store.all(request.tenant_id, "applications"):
        for name in texts(application.get("directory_roles")):
            if template := DIRECTORY_ROLES.get(name):
                held.setdefault(template, []).append(str(application["object_id"]))
    return [_role_assignment(request, template, holder) for template, holders in held.items() for holder in holders]


def _role_holders(request: ActionRequest, role: Body) -> list[str]:
    kept = request.store.get(request.tenant_id, "members", str(role["id"])) or {}
    return texts(kept.get("members"))


def _role_assignment(request: ActionRequest, template: str, principal: str) -> Body:
    made: dict[str, Json] = {
        "id": identifier(request.tenant_id, "role assignment", template, principal),
        "principalId": principal,
        "roleDefinitionId": template,
        "directoryScopeId": _WHOLE_DIRECTORY,
        "appScopeId": None,
        "condition": None,
    }
    return made


def _schedule_action(name: str) -> Action:
    permissions = _ROLE_READS - {"Directory.Read.All"} | {
        f"{name[0].upper()}{name[1:]}.Read.Directory",
        f"{name[0].upper()}{name[1:]}.ReadWrite.Directory",
    }
    notes = "answers 400: the school's licences do not include Entra ID P2"
    return Action("GET", f"{_ROLES}/{name}Instances", permissions, _refuse_without_premium, notes=notes)


def _refuse_without_premium(_request: ActionRequest) -> Answer:
    raise errors.GraphError(
        400,
        "AadPremiumLicenseRequired",
        "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.",
    )
