"""Families of policies: objects of one collection, their permissions, and how Intune words a refusal."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from connectors.emulator.microsoft365.graph.actions import BOTH, ActionRequest
from connectors.emulator.microsoft365.graph.bodies import type_of
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.graph.models import BETA, model, wire_name
from connectors.emulator.microsoft365.graph.routes import segments
from connectors.emulator.service import Call
from connectors.emulator.wire import Body

CONFIGURATION_WRITES = frozenset({"DeviceManagementConfiguration.ReadWrite.All"})
CONFIGURATION_READS = CONFIGURATION_WRITES | {"DeviceManagementConfiguration.Read.All"}
APPS_WRITES = frozenset({"DeviceManagementApps.ReadWrite.All"})
APPS_READS = APPS_WRITES | {"DeviceManagementApps.Read.All"}
DEVICES_READS = frozenset({"DeviceManagementManagedDevices.Read.All", "DeviceManagementManagedDevices.ReadWrite.All"})
ROLES_READS = frozenset({"DeviceManagementRBAC.Read.All", "DeviceManagementRBAC.ReadWrite.All"})
_SERVICE = frozenset({"DeviceManagementServiceConfig.Read.All", "DeviceManagementServiceConfig.ReadWrite.All"})
ANY_READS = APPS_READS | CONFIGURATION_READS | DEVICES_READS | ROLES_READS | _SERVICE


STATUSES = frozenset({"deviceSettingStateSummaries", "deviceStatusOverview", "deviceStatuses"})


@dataclass(frozen=True, slots=True)
class Family:
    """One collection of Intune; its objects are stored as beta shows them, assignments inside."""

    path: str
    collection: str  # where the objects are stored
    type_name: str
    assignment: str  # the type of what stands in `assignments`
    navigation: frozenset[str]  # what a body holds and shows only where it is expanded
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
        """Tell whether a version knows the type of an object: what only beta knows, v1.0 leaves out."""
        return model(self.type_of(body), version) is not None

    def listed(self, asking: ActionRequest) -> list[Body]:
        """List what the version shows."""
        bodies = asking.store.all(asking.tenant_id, self.collection)
        return [body for body in bodies if self.shows(body, asking.version)]

    def find(self, asking: ActionRequest) -> Body:
        """Find the object that the first key in the path names."""
        body = asking.store.get(asking.tenant_id, self.collection, asking.keys[0].lower())
        if body is None or not self.shows(body, asking.version):
            raise not_found()
        return body

    def keep(self, asking: ActionRequest, body: Body) -> None:
        asking.store.put(asking.tenant_id, self.collection, str(body["id"]), body)


ZERO = "00000000-0000-0000-0000-000000000000"
_OPERATION = f"Operation ID (for customer support): {ZERO}"


def refused(status: int, code: str, text: str) -> GraphError:
    """Word a refusal as Intune does (github.com/microsoftgraph/microsoft-graph-docs/issues/7746)."""
    return GraphError(status, code, json.dumps({"_version": 3, "Message": f"{text} - {_OPERATION}"}))


def bad(text: str) -> GraphError:
    return refused(400, "BadRequest", text)


def not_found() -> GraphError:
    return refused(404, "ResourceNotFound", "An error has occurred")


def forbidden(permissions: frozenset[str]) -> GraphError:
    """Refuse an application, and name what it would need."""
    scopes = ", ".join(sorted(permissions))
    return refused(
        403,
        "Forbidden",
        f"Application is not authorized to perform this operation. Application must have one of the following "
        f"scopes: {scopes}",
    )


def no_route(call: Call) -> GraphError:
    """Refuse a navigation that the documentation has and the service has not (microsoft-graph-docs/issues/4104)."""
    _, singleton, collection, key, navigation = segments(call.path)
    return GraphError(
        400,
        "No method match route template",
        f"No OData route exists that match template ~/singleton/navigation/key/navigation with http verb "
        f"{call.method} for request /StatelessDeviceConfigurationFEService/{singleton}/{collection}('{key}')/"
        f"{wire_name(navigation)}.",
    )
