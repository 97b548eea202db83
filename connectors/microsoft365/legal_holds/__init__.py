"""Legal holds in Microsoft 365: litigation hold of mailboxes, and holds on mail and OneDrive in an eDiscovery case."""

from connectors.microsoft365.legal_holds.holds import Holds

__all__ = ["Holds"]
