"""The type of the Graph client, for modules that use it only in annotations. They do not load the client's imports."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.microsoft365.graph.client import Graph
else:
    Graph = object

__all__ = ["Graph"]
