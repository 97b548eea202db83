"""What Microsoft 365 holds of people: mailboxes by themselves, mail and OneDrive in a case."""

from connectors.microsoft365.legal_holds.holds import Holds

__all__ = ["Holds"]
