"""What a change reaches that keeps less or deletes: counted in the tenant, with whose it is."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedPlace:
    """Where such a change works; people stand in it by account and by address, in lower case."""

    everybody: bool = False  # all people of the tenant, but those who are spared
    named: frozenset[str] = frozenset()
    spared: frozenset[str] = frozenset()
    certain: bool = True  # False: whose it is cannot be told by asking the tenant

    def has(self, account: str) -> bool | None:
        """Say whether somebody has anything there; None where that cannot be told."""
        if not self.certain:
            return None
        return account not in self.spared if self.everybody else account in self.named


@dataclass(frozen=True, slots=True)
class Extent:
    """What a change reaches, and what becomes of that."""

    counts: tuple[str, ...]  # "46 mailboxes", "31 SharePoint sites"
    effects: tuple[str, ...]  # in plain words, each a clause
    places: tuple[AffectedPlace, ...]

    def concerns(self, accounts: Collection[str]) -> bool | None:
        """Say whether any of these accounts has something there; None where that cannot be told."""
        found = {place.has(account.lower()) for place in self.places for account in accounts}
        if True in found:
            return True
        return None if None in found else False
