"""The Cloud Identity API, as far as policies and devices go."""

from types import MappingProxyType

from connectors.emulator.cloud import Seed
from connectors.emulator.google_workspace.api.errors import Wording
from connectors.emulator.google_workspace.api.service import GoogleApi
from connectors.emulator.google_workspace.cloud_identity import devices
from connectors.emulator.google_workspace.cloud_identity.operations import failed, undone
from connectors.emulator.google_workspace.cloud_identity.policies import HANDLERS
from connectors.emulator.google_workspace.cloud_identity.seed import seed as seed_policies
from connectors.emulator.google_workspace.devices.seed import seed as seed_devices
from connectors.emulator.school import School

__all__ = ["SERVICE", "seed"]

_WRITES = "DLP rules, word lists and regular expressions alone; a fault may leave its Operation undone or failed"

_SEARCH = "filter: status, type, model, os, serial, email; a field with what it holds a part of"


def seed(school: School) -> Seed:
    """Make the collections that the API reads."""
    return {**seed_policies(school), **seed_devices(school)}


SERVICE = GoogleApi(
    name="cloud identity",
    hosts=("cloudidentity.googleapis.com",),
    roots=("/v1/policies", "/v1/devices"),
    api=("cloudidentity", "v1"),
    project_host="cloudidentity.googleapis.com",
    handlers=MappingProxyType({**HANDLERS, **devices.HANDLERS}),
    wording=Wording(reasons=False, statuses=True),
    most_in_batch=1000,
    worded=MappingProxyType(
        {
            "forbidden": "The caller does not have permission",
            "rateLimitExceeded": "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute' "
            "of service 'cloudidentity.googleapis.com'.",
        }
    ),
    notes=MappingProxyType(
        {
            "cloudidentity.policies.list": "filter: customer ==, setting.type.matches, setting.type ==, &&, ||, ( )",
            "cloudidentity.policies.create": _WRITES,
            "cloudidentity.policies.patch": _WRITES,
            "cloudidentity.policies.delete": _WRITES,
            "cloudidentity.devices.list": _SEARCH,
            "cloudidentity.devices.deviceUsers.list": _SEARCH,
        }
    ),
    rejections=MappingProxyType({"operationUndone": undone, "operationFailed": failed}),
)
