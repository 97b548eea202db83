"""The type of a connection, for those that name it: they need none of the vendor's libraries that it imports."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.google_workspace.connection import GoogleWorkspace
else:
    GoogleWorkspace = object

__all__ = ["GoogleWorkspace"]
