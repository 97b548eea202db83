"""The type of the Exchange client, for modules that use it only in annotations.

Importing this module does not load the client.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.microsoft365.exchange.client import Exchange
else:
    Exchange = object

__all__ = ["Exchange"]
