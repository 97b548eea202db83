"""What Intune holds of a new school: what the trust and the local authority left behind, devices and apps."""

from collections.abc import Iterator

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
        APPS.collection: {str(one["id"]): one for one in apps(school)},
        DEVICES: {str(one["id"]): one for one in devices(school)},
        FILTERS: {str(one["id"]): one for one in rows["filters"]},
        TAGS: {str(one["id"]): one for one in rows["tags"]},
        SETTINGS: {KEY: unchanged()},
    }


_ADDED = "2024-01-15T10:00:00Z"
_PLAY = "https://play.google.com/store/apps/details?id="
# name, publisher, package in managed Google Play
_ANDROID = (
    ("Microsoft Teams", "Microsoft Corporation", "com.microsoft.teams"),
    ("Google Chrome", "Google LLC", "com.android.chrome"),
    ("WhatsApp Messenger", "WhatsApp LLC", "com.whatsapp"),
)
# name, publisher, id in the Microsoft Store
_WINDOWS = (("Company Portal", "Microsoft Corporation", "9WZDNCRFJ3PZ"), ("WhatsApp", "WhatsApp Inc.", "9NKSQGP7F2NH"))


def apps(school: School) -> Iterator[Body]:
    """Make the apps."""
    for name, publisher, package in _ANDROID:
        itself: Body = {
            "packageId": package,
            "appIdentifier": package,
            "appStoreUrl": _PLAY + package,
            "totalLicenseCount": 0,
            "usedLicenseCount": 0,
        }
        yield _app(school, "androidManagedStoreApp", name, publisher, itself)
    for name, publisher, store_id in _WINDOWS:
        experience: Body = {"runAsAccount": "user"}
        yield _app(
            school, "winGetApp", name, publisher, {"packageIdentifier": store_id, "installExperience": experience}
        )


def _app(school: School, type_name: str, name: str, publisher: str, properties: Body) -> Body:
    given: Body = {
        "@odata.type": f"#microsoft.graph.{type_name}",
        "id": school.identifier("app", type_name, name),
        "displayName": name,
        "publisher": publisher,
        "createdDateTime": _ADDED,
        "lastModifiedDateTime": _ADDED,
        "publishingState": "published",
        "roleScopeTagIds": ["0"],
        "dependentAppCount": 0,
        "supersededAppCount": 0,
        "supersedingAppCount": 0,
        "uploadState": 1,
        **properties,
    }
    return {**complete(given, model(type_name, BETA) or {}, without=APPS.navigation), "assignments": []}
