"""Holds in Google Vault. A person's data is kept in a matter that toolkit opens for a case.

Holds need PERMISSIONS, and a Vault licence for the administrator. The administrator sees only their own matters and
matters shared with them, unless they also have View All Matters.
"""

from connectors.google_workspace.legal_holds.holds import PERMISSIONS, Holds
from connectors.google_workspace.legal_holds.vault import Vault

__all__ = ["PERMISSIONS", "Holds", "Vault"]
