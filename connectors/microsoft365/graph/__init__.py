"""Microsoft Graph, asked and answered in plain JSON."""

from connectors.microsoft365.graph.client import Graph
from connectors.microsoft365.graph.requests import Request, path_with, quoted

__all__ = ["Graph", "Request", "path_with", "quoted"]
