"""What the ledger may say of holds: keyed fingerprints, from which nobody learns who is held, where, or for what."""

import hashlib
import hmac
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from toolkit.ledger.people import school_key
from toolkit.values import Settings, Value, canonical_text, plain

HOLD = "hold"
"""As a kind in the ledger: an act about somebody's holds, told by nothing but `toolkit hold`."""

HOLDS_KEY = "holds.key"
"""The file beside the ledger with the key of the fingerprints."""

_SHOWN = 32  # hex digits

NOT_TOLD = ("comment", "url")
"""What Outlook would show to the person: none of it is wanted, whatever stood there when the hold was read back."""


class Fingerprints:
    """Makes fingerprints under a key of this state, which no playbook and no report holds."""

    def __init__(self, directory: Path) -> None:
        self._key = school_key(directory / HOLDS_KEY)

    def of(self, *words: str) -> str:
        """Give the fingerprint of some words."""
        return hmac.new(self._key, "\0".join(words).encode(), hashlib.sha256).hexdigest()[:_SHOWN]

    def facts(self, provider: str, account: str, settings: Settings) -> frozenset[str]:
        """Give a fingerprint for everything that says how an account is held; of a list, one for each entry."""
        return frozenset(self.of(provider, account, *fact) for fact in _facts(settings))

    def seen(self, provider: str, accounts: Mapping[str, Settings]) -> frozenset[str]:
        """Give the fingerprints of all that one cloud holds."""
        return frozenset().union(*(self.facts(provider, key, settings) for key, settings in accounts.items()))

    def wanted(
        self, provider: str, accounts: Collection[str], there: Mapping[str, Settings], *, mailbox: bool, told: bool
    ) -> frozenset[str]:
        """Give what has to be there from now on: what is there, less what shows the hold to the person.

        `mailbox`: its own hold was confirmed, so that how it is held counts, and not the cases it is in alone. `told`:
        the person is to know, so that a comment of somebody's is nobody's business.
        """
        found: set[str] = set()
        for account in accounts:
            settings = {
                name: value for name, value in there.get(account, {}).items() if mailbox or isinstance(value, tuple)
            }
            for name in NOT_TOLD:
                if name in settings:
                    settings.pop(name)
                    if not told:
                        settings[name] = False
            found |= self.facts(provider, account, settings)
        return frozenset(found)


def _facts(settings: Settings) -> Iterator[tuple[str, str]]:
    for name, value in settings.items():
        for item in value if isinstance(value, tuple) else (value,):
            yield name, _text(item)


def _text(item: Value) -> str:
    return canonical_text({"is": plain(item)})
