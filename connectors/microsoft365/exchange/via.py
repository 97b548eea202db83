"""The type of the Exchange client, for modules that use it only in annotations.

They do not load the client's imports.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.microsoft365.exchange.client import Exchange
else:
    Exchange = object

__all__ = ["Exchange"]
