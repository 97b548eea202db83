"""What Intune holds of a new school: what the trust and the local authority left behind, devices and apps."""

from connectors.emulator.cloud import Seed
from connectors.emulator.microsoft365.graph.intune.apps import APPS
from connectors.emulator.microsoft365.graph.intune.catalogue import CATALOGUE
from connectors.emulator.microsoft365.graph.intune.devices import COLLECTION as DEVICES
from connectors.emulator.microsoft365.graph.intune.families import COMPLIANCE, CONFIGURATION
from connectors.emulator.microsoft365.graph.intune.read_only import FILTERS, TAGS
from connectors.emulator.microsoft365.graph.intune.seed.apps import apps
from connectors.emulator.microsoft365.graph.intune.seed.devices import devices
from connectors.emulator.microsoft365.graph.intune.seed.policies import (
    assignment_filters,
    catalogue_policies,
    compliance_policies,
    scope_tags,
)
from connectors.emulator.microsoft365.graph.intune.settings import COLLECTION as SETTINGS
from connectors.emulator.microsoft365.graph.intune.settings import KEY, unchanged
from connectors.emulator.school import School


def seed(school: School) -> Seed:
    """Make Intune's collections."""
    return {
        COMPLIANCE.collection: {str(one["id"]): one for one in compliance_policies(school)},
        CONFIGURATION.collection: {},
        CATALOGUE.collection: {str(one["id"]): one for one in catalogue_policies(school)},
        APPS.collection: {str(one["id"]): one for one in apps(school)},
        DEVICES: {str(one["id"]): one for one in devices(school)},
        FILTERS: {str(one["id"]): one for one in assignment_filters(school)},
        TAGS: {str(one["id"]): one for one in scope_tags()},
        SETTINGS: {KEY: unchanged()},
    }
