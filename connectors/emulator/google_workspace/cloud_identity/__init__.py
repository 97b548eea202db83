"""The Cloud Identity API, as far as policies go."""

from types import MappingProxyType

from connectors.emulator.google_workspace.api.errors import Wording
from connectors.emulator.google_workspace.api.service import GoogleApi
from connectors.emulator.google_workspace.cloud_identity.operations import failed, undone
from connectors.emulator.google_workspace.cloud_identity.policies import HANDLERS
from connectors.emulator.google_workspace.cloud_identity.seed import seed

__all__ = ["SERVICE", "seed"]

_WRITES = "DLP rules, word lists and regular expressions alone; a fault may leave its Operation undone or failed"

SERVICE = GoogleApi(
    name="cloud identity",
    hosts=("cloudidentity.googleapis.com",),
    roots=("/v1/policies",),
    api=("cloudidentity", "v1"),
    project_host="cloudidentity.googleapis.com",
    handlers=HANDLERS,
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
        }
    ),
    rejections=MappingProxyType({"operationUndone": undone, "operationFailed": failed}),
)
