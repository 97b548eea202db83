"""The features that have a part in every run."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from toolkit.engine.extension import Extension
from toolkit.holds.run import LegalHolds
from toolkit.replies.run import Replies

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


def extensions(ledger: "Ledger | None") -> Sequence[Extension]:
    """Make the extensions of one run, with the ledger that they remember by."""
    return [Replies(ledger), LegalHolds(ledger)]
