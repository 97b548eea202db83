"""eDiscovery in Graph: cases, their holds with sources, searches and their exports.

A test may read and change these collections at the control plane:

    graph.ediscoveryCases       by the case's id
    graph.legalHolds            by case's id / hold's id
    graph.userSources           by case's id / hold's id / source's id, graph.siteSources likewise
    graph.ediscoverySearches    by case's id / search's id, with their mailboxes in graph.ediscoverySearchSources
    graph.ediscoveryOperations  estimates and exports, by case's id / operation's id
    graph.ediscoverySettings    settings: {"registered": true, "requestsPerMinute": null, "unmaterialised": []};
                                without the registration of the service principal everything answers 401. The
                                service is said to allow about 5 requests a minute. The child routes of the
                                listed cases answer 500.
"""

from collections.abc import Sequence

from connectors.emulator.microsoft365.graph.actions import Action
from connectors.emulator.microsoft365.graph.ediscovery import cases, searches, sources


def actions() -> Sequence[Action]:
    return [action for part in (cases, searches, sources) for action in part.actions()]
