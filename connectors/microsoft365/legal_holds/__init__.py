"""Legal holds in Microsoft 365: litigation hold of mailboxes, and eDiscovery cases that hold mail and OneDrive."""

from connectors.microsoft365.legal_holds.holds import Holds

__all__ = ["Holds"]
