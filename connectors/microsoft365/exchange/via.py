"""The type of a client, for modules that name it only: nothing that it imports is loaded."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.microsoft365.exchange.client import Exchange
else:
    Exchange = object

__all__ = ["Exchange"]
