"""eDiscovery in Graph: cases, their holds, and what each holds.

What a test may read and change at the control plane:

    graph.ediscoveryCases       by the case's id
    graph.legalHolds            by case's id / hold's id
    graph.userSources           by case's id / hold's id / source's id, graph.siteSources likewise
    graph.ediscoverySettings    settings: {"registered": true, "requestsPerMinute": null, "unmaterialised": []};
                                without the registration of the service principal everything answers 401, about 5
                                requests a minute is what the service is said to allow, and the child routes of the
                                cases that are listed answer 500
"""

from collections.abc import Sequence

from connectors.emulator.microsoft365.graph.actions import Action
from connectors.emulator.microsoft365.graph.ediscovery import cases, holds, sources
from connectors.emulator.microsoft365.graph.ediscovery.objects import SETTINGS
from connectors.emulator.microsoft365.retention_rules import CASES, HOLDS, SITE_SOURCES, USER_SOURCES
from connectors.emulator.school import School
from connectors.emulator.service import Seed
from connectors.emulator.wire import Body

__all__ = ["actions", "seed"]


def actions() -> Sequence[Action]:
    """List what eDiscovery answers."""
    return [action for part in (cases, holds, sources) for action in part.actions()]


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
