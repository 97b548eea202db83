"""The type of the Graph client, for modules that use it only in annotations.

Importing this module does not load the client.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.microsoft365.graph.client import Graph
else:
    Graph = object

__all__ = ["Graph"]
