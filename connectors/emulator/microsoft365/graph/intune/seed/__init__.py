"""What Intune holds of a new school: what the trust and the local authority left behind, devices and apps."""

from typing import cast

from connectors.emulator.microsoft365.graph.bodies import complete
from connectors.emulator.microsoft365.graph.intune.devices import COLLECTION as DEVICES
from connectors.emulator.microsoft365.graph.intune.devices import FILTERS, TAGS
from connectors.emulator.microsoft365.graph.intune.families import APPS, CATALOGUE, COMPLIANCE, CONFIGURATION
from connectors.emulator.microsoft365.graph.intune.family import COLLECTION as SETTINGS
from connectors.emulator.microsoft365.graph.intune.family import KEY, unchanged
from connectors.emulator.microsoft365.graph.intune.seed.devices import devices
from connectors.emulator.microsoft365.graph.intune.seed.policies import (
    catalogue_policies,
    compliance_policies,
    read_policies,
)
from connectors.emulator.microsoft365.graph.models import BETA, model
from connectors.emulator.school import School
from connectors.emulator.service import Seed
from connectors.emulator.wire import Body


def seed(school: School) -> Seed:
    """Make Intune's collections."""
    rows = read_policies(school)
    return {
        COMPLIANCE.collection: {str(one["id"]): one for one in compliance_policies(school, rows["compliance"])},
        CONFIGURATION.collection: {},
        CATALOGUE.collection: {str(one["id"]): one for one in catalogue_policies(school, rows["catalogue"])},
        APPS.collection: {str(one["id"]): one for one in (_app(school, row) for row in rows["apps"])},
        DEVICES: {str(one["id"]): one for one in devices(school)},
        FILTERS: {str(one["id"]): one for one in rows["filters"]},
        TAGS: {str(one["id"]): one for one in rows["tags"]},
        SETTINGS: {KEY: unchanged()},
    }


_ADDED = "2024-01-15T10:00:00Z"


def _app(school: School, row: Body) -> Body:
    type_name, name = str(row["type"]), str(row["name"])
    given: Body = {
        "@odata.type": f"#microsoft.graph.{type_name}",
        "id": school.identifier("app", type_name, name),
        "displayName": name,
        "publisher": row["publisher"],
        "createdDateTime": _ADDED,
        "lastModifiedDateTime": _ADDED,
        "publishingState": "published",
        "roleScopeTagIds": ["0"],
        "dependentAppCount": 0,
        "supersededAppCount": 0,
        "supersedingAppCount": 0,
        "uploadState": 1,
        **cast("Body", row["properties"]),
    }
    return {**complete(given, model(type_name, BETA) or {}, without=APPS.navigation), "assignments": []}
