"""The Chrome Policy API: schemas, and policies of organisational units and groups; networks and files are left out."""

from types import MappingProxyType

from connectors.emulator.google_workspace.api.errors import Wording
from connectors.emulator.google_workspace.api.service import GoogleApi
from connectors.emulator.google_workspace.chrome_policy import groups, orgunits, policy_schemas
from connectors.emulator.google_workspace.chrome_policy.seed import seed

__all__ = ["SERVICE", "seed"]

_BATCH = "all of one namespace and all or nothing; the quota of 30 a minute is not counted"

SERVICE = GoogleApi(
    name="chrome policy",
    hosts=("chromepolicy.googleapis.com",),
    roots=("/v1/customers",),
    api=("chromepolicy", "v1"),
    project_host="chromepolicy.googleapis.com",
    handlers=MappingProxyType({**policy_schemas.HANDLERS, **orgunits.HANDLERS, **groups.HANDLERS}),
    wording=Wording(reasons=False, statuses=True),
    most_in_batch=1000,
    worded=MappingProxyType(
        {
            "forbidden": "The caller does not have permission",
            "rateLimitExceeded": "Quota exceeded for quota metric 'Policy write requests' and limit 'Policy write "
            "requests per minute per customer' of service 'chromepolicy.googleapis.com'.",
        }
    ),
    notes=MappingProxyType(
        {
            "chromepolicy.customers.policySchemas.list": "those that a school's policies need, of about 1,100; "
            "filter: a name with stars, or a part of a name or description",
            "chromepolicy.customers.policies.resolve": "a policy that nobody ever set is left out, unless its schema "
            "has a default",
            "chromepolicy.customers.policies.orgunits.batchModify": _BATCH,
            "chromepolicy.customers.policies.orgunits.batchInherit": _BATCH,
            "chromepolicy.customers.policies.groups.batchModify": _BATCH,
            "chromepolicy.customers.policies.groups.batchDelete": _BATCH,
        }
    ),
)
