"""Legal holds in Google Vault. toolkit opens a matter for each case, and the holds in the matter keep people's data.

Holds need PERMISSIONS, and a Vault licence for the administrator. Without the privilege View All Matters, the
administrator sees only their own matters and matters that are shared with them.
"""

from connectors.google_workspace.legal_holds.holds import PERMISSIONS, Holds
from connectors.google_workspace.legal_holds.vault import Vault

__all__ = ["PERMISSIONS", "Holds", "Vault"]
