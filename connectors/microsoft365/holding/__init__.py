"""What Microsoft 365 holds of people: mailboxes by themselves, mail and OneDrive in a case."""

from connectors.microsoft365.holding.holds import Holds

__all__ = ["Holds"]
