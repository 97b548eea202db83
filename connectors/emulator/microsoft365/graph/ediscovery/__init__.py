"""eDiscovery in Graph: cases, their holds with sources, searches and their exports.

A test may read and change these collections at the control plane:

- `graph.ediscoveryCases`, by case id: cases.
- `graph.legalHolds`, by case id / hold id: holds.
- `graph.userSources` and `graph.siteSources`, by case id / hold id / source id: sources of holds.
- `graph.ediscoverySearches`, by case id / search id: searches. `graph.ediscoverySearchSources` has their mailboxes.
- `graph.ediscoveryOperations`, by case id / operation id: estimates and exports.
- `graph.ediscoverySettings`, under the key settings: three switches. If `registered` is false, every request gets 401.
  `requestsPerMinute` limits requests, which the real service reportedly does at about 5. Requests below the cases in
  the list `unmaterialised` get 500.
"""

from collections.abc import Sequence

from connectors.emulator.microsoft365.graph.actions import Action
from connectors.emulator.microsoft365.graph.ediscovery import cases, searches, sources


def actions() -> Sequence[Action]:
    return [action for part in (cases, searches, sources) for action in part.actions()]
