"""Families of policies: objects of one collection that are made, changed and assigned alike."""

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.emulator.microsoft365.graph.actions import BOTH, ActionRequest
from connectors.emulator.microsoft365.graph.bodies import type_of
from connectors.emulator.microsoft365.graph.intune.permissions import CONFIGURATION_READS, CONFIGURATION_WRITES
from connectors.emulator.microsoft365.graph.intune.refusals import not_found
from connectors.emulator.microsoft365.graph.models import BETA, model
from connectors.emulator.wire import Body

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
