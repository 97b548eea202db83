"""The type of a client, for modules that name it only: nothing that it imports is loaded."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.google_workspace.api.client import Api
else:
    Api = object

__all__ = ["Api"]
