"""The type of a connection, for modules that need only the type. Importing it does not load the vendor's libraries."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.google_workspace.connection import GoogleWorkspace
else:
    GoogleWorkspace = object

__all__ = ["GoogleWorkspace"]
