"""Expiring objects of a tenant: certificates and tokens of Intune, subscriptions, and credentials of other
applications.

Follows https://learn.microsoft.com/graph/api/resources/intune-devices-applepushnotificationcertificate,
.../intune-enrollment-deponboardingsetting, .../intune-onboarding-vpptoken,
.../intune-androidforwork-androidmanagedstoreaccountenterprisesettings and .../companysubscription
"""

from collections.abc import Sequence
from functools import partial

from connectors.emulator.data_files import seed_objects
from connectors.emulator.microsoft365.graph.actions import BETA_ALONE, BOTH, Action, ActionRequest, forbidden
from connectors.emulator.microsoft365.graph.intune.family import (
    APPS_READS,
    CONFIGURATION_READS,
    SERVICE_READS,
    not_found,
)
from connectors.emulator.microsoft365.graph.intune.family import forbidden as forbidden_in_intune
from connectors.emulator.microsoft365.graph.query import one_page, read_query
from connectors.emulator.school import School
from connectors.emulator.service import Answer, Seed

__all__ = ["actions", "seed"]

_ORGANIZATION = frozenset({"Organization.Read.All", "Directory.Read.All"})
_SINGLE = "single"
_OPTIONS = frozenset({"$select", "$top", "$skiptoken", "$format"})
_ROWS = (
    ("deviceManagement/applePushNotificationCertificate", SERVICE_READS, BOTH, _SINGLE),
    ("deviceManagement/depOnboardingSettings", SERVICE_READS | CONFIGURATION_READS, BETA_ALONE, ""),
    ("deviceManagement/depOnboardingSettings/{id}/enrollmentProfiles", SERVICE_READS, BETA_ALONE, ""),
    ("deviceAppManagement/vppTokens", APPS_READS | SERVICE_READS, BOTH, ""),
    ("deviceManagement/androidManagedStoreAccountEnterpriseSettings", CONFIGURATION_READS, BETA_ALONE, _SINGLE),
    ("deviceManagement/androidDeviceOwnerEnrollmentProfiles", CONFIGURATION_READS, BETA_ALONE, ""),
    ("directory/subscriptions", _ORGANIZATION, BOTH, ""),
)


def seed(school: School) -> Seed:
    """Return objects that expire.

    Most expire within a year. One application's secret expires soon, and another expired long ago.
    """
    return seed_objects(__file__, school)


def actions() -> Sequence[Action]:
    return [
        Action(
            "GET", f"/{path}", permissions, partial(_get_object if shape else _list_objects, path), versions,
            "read only",
            forbidden if path.startswith("directory/") else forbidden_in_intune,
        )
        for path, permissions, versions, shape in _ROWS
    ]  # fmt: skip


def _collection_name(path: str) -> str:
    return f"expiring.{path.rpartition('/')[2]}"


def _list_objects(path: str, request: ActionRequest) -> Answer:
    rows = request.store.all(request.tenant_id, _collection_name(path))
    return Answer(body={**request.context(path), **one_page(request.call, read_query(request.call, _OPTIONS), rows)})


def _get_object(path: str, request: ActionRequest) -> Answer:
    for body in request.store.all(request.tenant_id, _collection_name(path)):
        return Answer(body={**request.context(path, single=True), **body})
    raise not_found()
