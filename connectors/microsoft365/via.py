"""The type of a connection, for those that name it: they need none of the vendor's libraries that it imports."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.microsoft365.connection import Microsoft365
else:
    Microsoft365 = object

__all__ = ["Microsoft365"]
