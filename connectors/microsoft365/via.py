"""The type of a connection, for modules that use it only in annotations.

Importing this module does not load the vendor's libraries.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.microsoft365.connection import Microsoft365
else:
    Microsoft365 = object

__all__ = ["Microsoft365"]
