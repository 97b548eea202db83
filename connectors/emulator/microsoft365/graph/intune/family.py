"""Families of Intune policies: permissions, refusals and the form of objects, and the settings of the tenant itself."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import BOTH, Action, ActionRequest, split_path
from connectors.emulator.microsoft365.graph.bodies import check_body, fill_omitted, type_of
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.graph.models import BETA, ODataKind, Value, model, wire_name
from connectors.emulator.microsoft365.graph.query import Query
from connectors.emulator.service import Answer, Call
from connectors.emulator.store import Body, Json

CONFIGURATION_WRITES = frozenset({"DeviceManagementConfiguration.ReadWrite.All"})
CONFIGURATION_READS = CONFIGURATION_WRITES | {"DeviceManagementConfiguration.Read.All"}
APPS_WRITES = frozenset({"DeviceManagementApps.ReadWrite.All"})
APPS_READS = APPS_WRITES | {"DeviceManagementApps.Read.All"}
DEVICES_READS = frozenset({"DeviceManagementManagedDevices.Read.All", "DeviceManagementManagedDevices.ReadWrite.All"})
SERVICE_READS = frozenset({"DeviceManagementServiceConfig.Read.All", "DeviceManagementServiceConfig.ReadWrite.All"})


STATUSES = frozenset({"deviceSettingStateSummaries", "deviceStatusOverview", "deviceStatuses"})


@dataclass(frozen=True, slots=True)
class Family:
    """A collection in Intune. Objects are stored as the beta version shows them, with their assignments."""

    path: str
    collection: str  # the collection of the store
    type_name: str
    assignment: str  # the type of an entry of `assignments`
    navigation: frozenset[str]  # the properties that are shown only if they are expanded
    versions: Sequence[str] = BOTH
    assigned_by: str = "assignments"  # the parameter of /assign
    reads: frozenset[str] = CONFIGURATION_READS
    writes: frozenset[str] = CONFIGURATION_WRITES

    @property
    def context(self) -> str:
        return self.path.strip("/")

    def type_of(self, body: Body) -> str:
        return type_of(body, self.type_name, BETA)

    def shows(self, body: Body, version: str) -> bool:
        """Return whether a version has the type of an object. v1.0 leaves out types that only beta has."""
        return model(self.type_of(body), version) is not None

    def visible_bodies(self, request: ActionRequest) -> list[Body]:
        bodies = request.store.all(request.tenant_id, self.collection)
        return [body for body in bodies if self.shows(body, request.version)]

    def find(self, request: ActionRequest) -> Body:
        """Return the object that the first key in the path names."""
        body = request.store.get(request.tenant_id, self.collection, request.keys[0].lower())
        if body is None or not self.shows(body, request.version):
            raise not_found()
        return body

    def store_object(self, request: ActionRequest, body: Body) -> None:
        request.store.put(request.tenant_id, self.collection, str(body["id"]), body)


ZERO = "00000000-0000-0000-0000-000000000000"
_OPERATION = f"Operation ID (for customer support): {ZERO}"


def intune_error(status: int, code: str, text: str) -> GraphError:
    """Return a refusal in Intune's format (github.com/microsoftgraph/microsoft-graph-docs/issues/7746)."""
    return GraphError(status, code, json.dumps({"_version": 3, "Message": f"{text} - {_OPERATION}"}))


def bad_request_error(text: str) -> GraphError:
    return intune_error(400, "BadRequest", text)


def not_found() -> GraphError:
    return intune_error(404, "ResourceNotFound", "An error has occurred")


def forbidden(permissions: frozenset[str]) -> GraphError:
    """Return the error response to an application without permission. It lists the permissions that are needed."""
    scopes = ", ".join(sorted(permissions))
    return intune_error(
        403,
        "Forbidden",
        f"Application is not authorized to perform this operation. Application must have one of the following "
        f"scopes: {scopes}",
    )


def no_route(call: Call) -> GraphError:
    """Return the error response to a navigation that is documented but does not exist
    (microsoft-graph-docs/issues/4104).
    """
    _, singleton, collection, key, navigation = split_path(call.path)
    return GraphError(
        400,
        "No method match route template",
        f"No OData route exists that match template ~/singleton/navigation/key/navigation with http verb "
        f"{call.method} for request /StatelessDeviceConfigurationFEService/{singleton}/{collection}('{key}')/"
        f"{wire_name(navigation)}.",
    )


_EXPANDED = re.compile(r"\s*(\w+)(?:\(\s*\$?(\w+)=(.*)\))?\s*", re.IGNORECASE)
_INNER: Mapping[str, str] = {"scheduledActionsForRule": "scheduledActionConfigurations"}


def expansions(query: Query, family: Family) -> Mapping[str, str]:
    """Return the properties in $expand, each with its inner expansion."""
    inner_by_name: dict[str, str] = {}
    for part in _split_option(query.options.get("$expand", "")):
        match = _EXPANDED.fullmatch(part)
        name, inner = (match[1], (match[3] or "").strip()) if match else (part, "")
        if name not in family.navigation or (inner and inner != _INNER.get(name)):
            raise unknown_property_error(inner if name in family.navigation else name, family)
        inner_by_name[name] = inner
    return inner_by_name


def unknown_property_error(name: str, family: Family) -> errors.GraphError:
    """Return the error response to a name in $select or $expand that the type of the family does not have."""
    return errors.bad_request(
        f"Parsing OData Select and Expand failed: Could not find a property named '{name}' on type "
        f"'{errors.inner_name(family.type_name)}'."
    )


def show_object(
    request: ActionRequest, family: Family, body: Body, query: Query, expanded: Mapping[str, str]
) -> dict[str, Json]:
    """Return one object with the requested properties."""
    properties = body_for_version(body, family.type_name, request.version)
    hidden = family.navigation - set(expanded)
    chosen = set(query.selected_names) - {"*"}
    shown = {
        key: held
        for key, held in properties.items()
        if key not in hidden and (not chosen or key in chosen or key in expanded or key == "id" or "@" in key)
    }
    for name, inner in expanded.items():
        shown[f"{name}@odata.context"] = str(request.context(navigation_context(family, body, name))["@odata.context"])
        if name in _INNER and not inner:
            shown[name] = _without_property(shown.get(name), _INNER[name])
    return shown


def navigation_context(family: Family, body: Body, navigation: str) -> str:
    """Return the address of an object's navigation property for @odata.context, where IntuneCD looks for the object's
    id.
    """
    return f"{family.context}('{body['id']}')/{navigation}"


def body_for_version(body: Body, declared_type: str, version: str) -> dict[str, Json]:
    """Return an object with the properties that a version has. An unknown type has the properties of its base type."""
    if model(declared_type, BETA) is None:
        return dict(body)
    declared_properties = model(type_of(body, declared_type, BETA), version) or model(declared_type, version) or {}
    return {
        key: _value_for_version(held, declared_properties[key], version) if key in declared_properties else held
        for key, held in body.items()
        if key in declared_properties or "@" in key
    }


def _value_for_version(value_type: Json, value: Value, version: str) -> Json:
    if value.kind is not ODataKind.OBJECT:
        return value_type
    if isinstance(value_type, Mapping):
        return body_for_version(value_type, value.name, version)
    if isinstance(value_type, Sequence) and not isinstance(value_type, str):
        return [body_for_version(entry, value.name, version) for entry in value_type if isinstance(entry, Mapping)]
    return value_type


def _without_property(held: Json, name: str) -> Json:
    assert isinstance(held, list)
    return [{key: value for key, value in entry.items() if key != name} for entry in held]


def _split_option(text: str) -> list[str]:
    """Return the parts of a query option that are separated by commas outside brackets."""
    return [part for part in re.split(r",(?![^()]*\))", text) if part.strip()]


COLLECTION, KEY = "intune.deviceManagement", "settings"
_TYPE = "deviceManagementSettings"


def settings_actions() -> Sequence[Action]:
    return (
        Action(
            "GET",
            "/deviceManagement",
            CONFIGURATION_READS,
            _get_device_management,
            notes="only settings, id and state",
            forbid=forbidden,
        ),
        Action(
            "PATCH",
            "/deviceManagement",
            CONFIGURATION_WRITES,
            _change_settings,
            notes="only settings",
            forbid=forbidden,
        ),
        Action("GET", "/deviceManagement/settings", CONFIGURATION_READS, _get_settings, forbid=forbidden),
    )


def default_settings() -> Body:
    """Return the settings of a tenant that has never changed them."""
    given: Body = {"deviceComplianceCheckinThresholdDays": 30, "isScheduledActionEnabled": True}
    return fill_omitted(given, model(_TYPE, BETA) or {})


def _get_device_management(request: ActionRequest) -> Answer:
    itself = {"id": request.tenant_id, "intuneAccountId": request.tenant_id, "subscriptionState": "active"}
    return Answer(
        body={**request.context("deviceManagement", single=True), **itself, "settings": _settings_for_version(request)}
    )


def _get_settings(request: ActionRequest) -> Answer:
    return Answer(body={**request.context("deviceManagement/settings"), **_settings_for_version(request)})


def _change_settings(request: ActionRequest) -> Answer:
    given = request.body()
    for name in given:
        if name not in (model("deviceManagement", request.version) or {}) and "@" not in name:
            raise errors.unknown_property(name, "deviceManagement")
        if name != "settings" and "@" not in name:
            raise errors.not_emulated(f"PATCH of {name} at {request.call.path}")
    settings = given.get("settings")
    if not isinstance(settings, Mapping):
        raise errors.bad_request("Empty Payload. JSON content expected.")
    kept = {name: value for name, value in check_body(settings, _TYPE, request.version).items() if "@" not in name}
    request.store.put(request.tenant_id, COLLECTION, KEY, {**_stored_settings(request), **kept})
    return Answer(status=204)


def _settings_for_version(request: ActionRequest) -> dict[str, Json]:
    return body_for_version(_stored_settings(request), _TYPE, request.version)


def _stored_settings(request: ActionRequest) -> Body:
    return request.store.get(request.tenant_id, COLLECTION, KEY) or default_settings()
