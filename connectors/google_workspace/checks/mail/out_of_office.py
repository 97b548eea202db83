"""Whether automatic replies leave the school at all: Google has no setting that would stop them, so nothing is told.

None is known among the settings of Gmail that the Policy API shows. Each person says in their own reply whom it goes
to, which the kind `vacation` reads as its audience.
"""

from collections.abc import Iterable

from connectors.google_workspace.connection import GoogleWorkspace
from toolkit.tenant.finding import Finding


def reach(via: GoogleWorkspace) -> Iterable[Finding]:  # noqa: ARG001 - every provider's has it
    """Give no finding: there is nothing to ask."""
    return ()
