"""eDiscovery in Graph: cases, their holds and what each holds, searches and their exports.

What a test may read and change at the control plane:

    graph.ediscoveryCases       by the case's id
    graph.legalHolds            by case's id / hold's id
    graph.userSources           by case's id / hold's id / source's id, graph.siteSources likewise
    graph.ediscoverySearches    by case's id / search's id; their mailboxes are graph.ediscoverySearchSources
    graph.ediscoveryOperations  estimates and exports, by case's id / operation's id
    graph.ediscoverySettings    settings: {"registered": true, "requestsPerMinute": null, "unmaterialised": []};
                                without the registration of the service principal everything answers 401, about 5
                                requests a minute is what the service is said to allow, and the child routes of the
                                cases that are listed answer 500
"""

from collections.abc import Sequence

from connectors.emulator.microsoft365.graph.actions import Action
from connectors.emulator.microsoft365.graph.ediscovery import cases, searches, sources


def actions() -> Sequence[Action]:
    """List what eDiscovery answers."""
    return [action for part in (cases, searches, sources) for action in part.actions()]
