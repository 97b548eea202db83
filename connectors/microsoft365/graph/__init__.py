"""Microsoft Graph, asked and answered in plain JSON."""

from connectors.microsoft365.graph.client import Graph
from connectors.microsoft365.graph.service import GraphRequest, path_with, quoted

__all__ = ["Graph", "GraphRequest", "path_with", "quoted"]
