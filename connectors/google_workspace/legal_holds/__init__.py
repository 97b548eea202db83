"""Holds in Google Vault: what somebody has is kept whole, in a matter that the tool opens for a case.

What it needs stands in PERMISSIONS, beside a Vault licence of the administrator. Only matters that are theirs or
shared with them are seen, unless they have View All Matters too.
"""

from connectors.google_workspace.legal_holds.holds import PERMISSIONS, Holds
from connectors.google_workspace.legal_holds.vault import Vault

__all__ = ["PERMISSIONS", "Holds", "Vault"]
