"""Legal holds as a drift sees them: whether everything that was read back is still there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from toolkit.engine.extension import Extension, ExtensionResult, RunReads
from toolkit.engine.run_report import Report
from toolkit.errors import Exit, ServiceError, SignInRefused
from toolkit.holds.model import HoldState
from toolkit.holds.register import FILE
from toolkit.ledger.fingerprints import HOLD, HOLDS_KEY, Fingerprints
from toolkit.planning.plan import Plan
from toolkit.render.line import Line, Tone
from toolkit.render.section import Stage
from toolkit.sdk.connector import Connection
from toolkit.sdk.reader import read_safely
from toolkit.values import Body

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


def compare_holds(ledger: "Ledger", connections: Mapping[str, Connection]) -> HoldState | None:
    """Compare the holds that a ledger remembers with what is there; None, and nothing read, where it remembers none."""
    from toolkit.ledger.memory import LedgerMemory

    memory = LedgerMemory(ledger)
    known = [one for one in memory.all().values() if one.address.kind == HOLD]
    begun = [one.step for one in memory.unfinished() if one.step.address.kind == HOLD]
    if not known and not begun:
        return None
    wanted: dict[str, set[str]] = {}
    for one in known:
        marks = one.sent.get("marks")
        wanted.setdefault(one.address.provider, set()).update(marks if isinstance(marks, tuple) else ())
    waiting = bool(begun) or any(one.sent.get("waiting") is True for one in known)
    return _compared(
        ledger.directory, {name: marks for name, marks in wanted.items() if marks}, connections, waiting=waiting
    )


def _compared(
    directory: Path, wanted: Mapping[str, set[str]], connections: Mapping[str, Connection], *, waiting: bool
) -> HoldState:
    unread = waiting
    for provider, marks in wanted.items():
        connection = connections.get(provider)
        try:
            there = read_safely("holds", connection.holding.seen) if connection else None
        except SignInRefused:
            raise
        except ServiceError:  # its words may name whom it is about
            there = None
        if there is None or not (directory / HOLDS_KEY).exists():  # a new key would know nothing of what is there
            unread = True
        elif marks - Fingerprints(directory).seen(provider, there):
            return HoldState.NOT_AS_WANTED
    return HoldState.UNKNOWN if unread else HoldState.AS_WANTED


@dataclass(frozen=True, slots=True)
class HoldsResult(ExtensionResult):
    """Whether all holds are in place; None where no one asked."""

    state: HoldState | None = None
    root: Path = Path()  # of the playbooks
    ledger: "Ledger | None" = None

    @property
    def exit(self) -> Exit:
        return self.state.exit if self.state else Exit.AS_WANTED

    def observe(self, connections: Mapping[str, Connection]) -> Self:
        """Compare the holds; a register of which the ledger remembers nothing is that of a state that was lost."""
        found = compare_holds(self.ledger, connections) if self.ledger else None
        if found is None:
            found = HoldState.UNKNOWN if (self.root / FILE).exists() else HoldState.AS_WANTED
        return replace(self, state=found)

    def lines(self, report: Report, stage: Stage) -> Iterator[Line]:  # noqa: ARG002 - they are in no plan
        if stage is Stage.DRIFT_END and self.state:
            yield Line(f"holds: {self.state}", Tone.PLAIN if self.state is HoldState.AS_WANTED else Tone.WARNING)

    def answer(self, report: Report) -> Body:  # noqa: ARG002 - they are in no plan
        return {"holds": str(self.state)} if self.state else {}


class LegalHolds(Extension):
    """Legal holds in one run."""

    apart = frozenset({HOLD})

    def __init__(self, ledger: "Ledger | None") -> None:
        self._ledger = ledger

    def result(self, reads: RunReads, plan: Plan) -> HoldsResult:  # noqa: ARG002 - holds are in no plan
        return HoldsResult(root=reads.playbooks.root, ledger=self._ledger)

    def nothing(self) -> HoldsResult:
        return HoldsResult()
