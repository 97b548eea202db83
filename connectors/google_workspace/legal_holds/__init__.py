"""Holds in Google Vault: what a person has is kept whole, in a matter that toolkit opens for a case.

It needs PERMISSIONS, and a Vault licence for the administrator. Only matters that are theirs or shared with them are
seen, unless they have View All Matters too.
"""

from connectors.google_workspace.legal_holds.holds import PERMISSIONS, Holds
from connectors.google_workspace.legal_holds.vault import Vault

__all__ = ["PERMISSIONS", "Holds", "Vault"]
