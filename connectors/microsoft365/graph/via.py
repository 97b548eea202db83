"""The type of the client, for modules that only name the type. They do not load its imports."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.microsoft365.graph.client import Graph
else:
    Graph = object

__all__ = ["Graph"]
