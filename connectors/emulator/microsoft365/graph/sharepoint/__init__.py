"""How many sites there are, in the reports on their use; the sites themselves are not emulated.

A test may read and change at the control plane:

    sharepoint.siteCounts    OneDrive, SharePoint: {"total": 31}; without one the report has no rows
"""

from connectors.emulator.microsoft365.graph.sharepoint.counts import actions, seed

__all__ = ["actions", "seed"]
