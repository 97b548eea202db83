"""Legal holds in Microsoft 365: litigation hold on mailboxes, and eDiscovery cases for mail and OneDrive files."""

from connectors.microsoft365.legal_holds.holds import Holds

__all__ = ["Holds"]
