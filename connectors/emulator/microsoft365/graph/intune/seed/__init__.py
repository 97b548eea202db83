"""What Intune holds of a new school: what the trust and the local authority left behind, devices and apps."""

from typing import cast

from connectors.emulator.data_files import from_template
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
        DEVICES: {str(one["id"]): one for one in devices(school, rows)},
        FILTERS: {str(one["id"]): one for one in rows["filters"]},
        TAGS: {str(one["id"]): one for one in rows["tags"]},
        SETTINGS: {KEY: unchanged()},
    }


def _app(school: School, row: Body) -> Body:
    type_name, name = str(row["type"]), str(row["name"])
    key, known = school.identifier("app", type_name, name), model(type_name, BETA) or {}
    given = from_template(__file__, "app", type=type_name, id=key, name=name, publisher=row["publisher"])
    whole = complete({**given, **cast("Body", row["properties"])}, known, without=APPS.navigation)
    return {**whole, "assignments": []}
