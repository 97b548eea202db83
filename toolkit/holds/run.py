"""Legal holds as the engine sees them: a drift compares them, and no other run knows of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from toolkit.engine.extension import Extension, ExtensionResult, RunReads
from toolkit.errors import Exit
from toolkit.holds.compare import HoldsSeen, HoldState, holds_of, nothing_held
from toolkit.ledger.fingerprints import HOLD
from toolkit.ledger.register import FILE
from toolkit.planning.plan import Plan
from toolkit.sdk.connector import Connection

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class HoldsResult(ExtensionResult):
    """Whether all holds are in place; None where no one asked."""

    state: HoldState | None = None
    root: Path = Path()  # of the playbooks
    seen: HoldsSeen = field(default=nothing_held)

    @property
    def exit(self) -> Exit:
        return self.state.exit if self.state else Exit.AS_WANTED

    def observe(self, connections: Mapping[str, Connection]) -> Self:
        """Compare the holds; a register of which the ledger remembers nothing is that of a state that was lost."""
        found = self.seen(connections)
        if found is None:
            found = HoldState.UNKNOWN if (self.root / FILE).exists() else HoldState.AS_WANTED
        return replace(self, state=found)


class LegalHolds(Extension):
    """Legal holds in one run."""

    apart = frozenset({HOLD})

    def __init__(self, ledger: "Ledger | None") -> None:
        self._ledger = ledger

    def result(self, reads: RunReads, plan: Plan) -> HoldsResult:  # noqa: ARG002 - holds are in no plan
        return HoldsResult(root=reads.playbooks.root, seen=holds_of(self._ledger) if self._ledger else nothing_held)

    def nothing(self) -> HoldsResult:
        return HoldsResult()
