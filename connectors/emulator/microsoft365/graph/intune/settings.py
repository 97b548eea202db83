"""The tenant's own settings for devices, such as whether a device without a policy counts as compliant."""

from collections.abc import Mapping, Sequence

from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.bodies import checked, complete
from connectors.emulator.microsoft365.graph.intune.family import CONFIGURATION_READS, CONFIGURATION_WRITES, forbidden
from connectors.emulator.microsoft365.graph.intune.serialise import narrowed
from connectors.emulator.microsoft365.graph.models import BETA, model
from connectors.emulator.service import Answer
from connectors.emulator.wire import Body, Json

COLLECTION, KEY = "intune.deviceManagement", "settings"
_TYPE = "deviceManagementSettings"


def actions() -> Sequence[Action]:
    """List what can be asked of the settings."""
    return (
        Action(
            "GET",
            "/deviceManagement",
            CONFIGURATION_READS,
            _whole,
            notes="settings, id and state alone",
            forbid=forbidden,
        ),
        Action("PATCH", "/deviceManagement", CONFIGURATION_WRITES, _change, notes="settings alone", forbid=forbidden),
        Action("GET", "/deviceManagement/settings", CONFIGURATION_READS, _settings, forbid=forbidden),
    )


def unchanged() -> Body:
    """Make the settings of a tenant where nobody changed them."""
    given: Body = {"deviceComplianceCheckinThresholdDays": 30, "isScheduledActionEnabled": True}
    return complete(given, model(_TYPE, BETA) or {})


def _whole(asking: ActionRequest) -> Answer:
    itself = {"id": asking.tenant_id, "intuneAccountId": asking.tenant_id, "subscriptionState": "active"}
    return Answer(body={**asking.context("deviceManagement", single=True), **itself, "settings": _shown(asking)})


def _settings(asking: ActionRequest) -> Answer:
    return Answer(body={**asking.context("deviceManagement/settings"), **_shown(asking)})


def _change(asking: ActionRequest) -> Answer:
    given = asking.body()
    for name in given:
        if name not in (model("deviceManagement", asking.version) or {}) and "@" not in name:
            raise errors.unknown_property(name, "deviceManagement")
        if name != "settings" and "@" not in name:
            raise errors.not_emulated(f"PATCH of {name} at {asking.call.path}")
    wanted = given.get("settings")
    if not isinstance(wanted, Mapping):
        raise errors.bad_request("Empty Payload. JSON content expected.")
    kept = {name: value for name, value in checked(wanted, _TYPE, asking.version).items() if "@" not in name}
    asking.store.put(asking.tenant_id, COLLECTION, KEY, {**_held(asking), **kept})
    return Answer(status=204)


def _shown(asking: ActionRequest) -> dict[str, Json]:
    return narrowed(_held(asking), _TYPE, asking.version)


def _held(asking: ActionRequest) -> Body:
    return asking.store.get(asking.tenant_id, COLLECTION, KEY) or unchanged()
