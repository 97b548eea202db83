"""The type of a connection, for modules that use it only in annotations. Importing this module loads no library."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.google_workspace.connection import GoogleWorkspace
else:
    GoogleWorkspace = object

__all__ = ["GoogleWorkspace"]
