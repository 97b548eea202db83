"""Holds in Google Vault: what somebody has is kept whole, in a matter that the tool opens for a case.

It needs the scope ediscovery to write and ediscovery.readonly to read, and an administrator with a Vault licence and
the privileges Manage Matters and Manage Holds. Only matters that are theirs or shared with them are seen, unless they
have View All Matters too.
"""

from connectors.google_workspace.holding.holds import Holds
from connectors.google_workspace.holding.vault import Vault

__all__ = ["Holds", "Vault"]
