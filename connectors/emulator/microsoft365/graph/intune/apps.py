"""Apps that devices may be told to install or to remove: managed Google Play, the Microsoft Store and Apple's."""

import re
from collections.abc import Sequence

from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.intune.family import APPS_READS, APPS_WRITES, Family, forbidden
from connectors.emulator.microsoft365.graph.intune.policies import assigning, listed, reading
from connectors.emulator.service import Answer
from connectors.emulator.wire import Body


class _Apps(Family):
    """v1.0 shows apps of types that it does not know, with what every app has."""

    __slots__ = ()

    def shows(self, body: Body, version: str) -> bool:
        del body, version
        return True


APPS = _Apps(
    path="/deviceAppManagement/mobileApps",
    collection="intune.mobileApps",
    type_name="mobileApp",
    assignment="mobileAppAssignment",
    navigation=frozenset({"assignments", "categories", "relationships"}),
    assigned_by="mobileAppAssignments",
    reads=APPS_READS,
    writes=APPS_WRITES,
)
_OPTIONS = frozenset({"$expand", "$select", "$top", "$skiptoken", "$count", "$format", "$orderby", "$filter"})
_OF_TYPE = re.compile(r"\(?isof\('(?:microsoft\.graph\.)?(\w+)'\)\)?", re.IGNORECASE)
_NO_STORE_COPIES = "(microsoft.graph.managedApp/appAvailability) eq null or "  # as portal and IntuneCD ask


def actions() -> Sequence[Action]:
    """List what can be asked of apps."""
    _, one = reading(APPS)
    notes = "$select, $expand, $top; $filter: isof alone"
    every = Action("GET", APPS.path, APPS.reads, _list, notes=notes, forbid=forbidden)
    return (every, one, *assigning(APPS))


def _list(asking: ActionRequest) -> Answer:
    return listed(asking, APPS, _filtered(asking), _OPTIONS)


def _filtered(asking: ActionRequest) -> list[Body]:
    bodies = APPS.listed(asking)
    text = next((value for name, value in asking.call.query if name.lstrip("?") == "$filter"), "")
    if not text or text.startswith(_NO_STORE_COPIES):  # there are no such copies here
        return bodies
    if of_type := _OF_TYPE.fullmatch(text.strip()):
        return [body for body in bodies if body["@odata.type"] == f"#microsoft.graph.{of_type[1]}"]
    raise errors.not_emulated(f"$filter={text} over {APPS.path}")
