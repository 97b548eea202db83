"""The one case that somebody opened at the portal, in which nothing is held."""

from connectors.emulator.cloud import Seed
from connectors.emulator.microsoft365.graph.ediscovery.gate import SETTINGS
from connectors.emulator.microsoft365.retention_rules import CASES, HOLDS, SITE_SOURCES, USER_SOURCES
from connectors.emulator.school import School
from connectors.emulator.wire import Body

_OPENED = "2026-05-06T13:05:00Z"


def seed(school: School) -> Seed:
    """Make the case; the service principals of the tenant are registered."""
    key = school.identifier("ediscovery", "case", "Matter 2026-A")
    owner: Body = {
        "application": None,
        "user": {"id": school.identifier("trust", "data protection"), "displayName": "Trust Data Protection Officer"},
    }
    case: Body = {
        "id": key,
        "displayName": "Matter 2026-A",
        "description": "",
        "externalId": "",
        "status": "active",
        "createdDateTime": _OPENED,
        "closedBy": None,
        "closedDateTime": None,
        "lastModifiedBy": owner,
        "lastModifiedDateTime": _OPENED,
    }
    return {
        CASES: {key: case},
        HOLDS: {},
        USER_SOURCES: {},
        SITE_SOURCES: {},
        SETTINGS: {"settings": {"registered": True, "requestsPerMinute": None, "unmaterialised": []}},
    }
