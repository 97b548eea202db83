"""Google's APIs, asked by their methods' ids and answered in plain JSON."""

from connectors.google_workspace.api.calls import Call
from connectors.google_workspace.api.client import Api

__all__ = ["Api", "Call"]
