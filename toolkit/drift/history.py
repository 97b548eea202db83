"""What the ledger says of earlier drifts and applies, for a drift that found something."""

from collections.abc import Mapping

import toolkit
from toolkit.drift.cause import Since
from toolkit.engine.refresh import Survey
from toolkit.errors import Exit
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.memory import LedgerMemory
from toolkit.ledger.people import Pseudonyms
from toolkit.ledger.rows import FindingRow
from toolkit.sdk.address import Address
from toolkit.sdk.audit_log import Actor

FORGOTTEN = "somebody who is not named any more"


class FindingHistory:
    """What the ledger says of earlier drifts and applies; asked only where something differs."""

    def __init__(self, ledger: "Ledger", before: Mapping[str, FindingRow], written: Mapping[Address, int]) -> None:
        self.ledger, self.before, self.written = ledger, before, written
        self.memory = LedgerMemory(ledger)
        self.drift = next((run for run in self.memory.runs_of(["drift"]) if not (run.ended and run.ended.failed)), None)
        self.applied = self.memory.all()
        self._same: dict[str, Since | None] = {}

    def repaired(self, row: FindingRow, address: Address) -> bool:
        """Say whether we wrote to the object after the finding was last seen."""
        return self.written.get(address, 0) > row.n

    def still(self, key: str, address: Address) -> FindingRow | None:
        """Give the finding as the drift before saw it, unless it was repaired since."""
        row = self.before.get(key)
        return row if row and not self.repaired(row, address) else None

    def since(self, address: Address, survey: Survey, *, as_wanted: bool) -> Since | None:
        """Say what is the same as when the object last was as wanted: when it was applied, or at the drift before."""
        applied, drift = self.applied.get(address), self.drift.began if self.drift else None
        run = applied.run if applied else (drift.run if drift else "")
        if applied and drift and as_wanted and drift.at >= applied.at:
            run = drift.run
        if run not in self._same:
            self._same[run] = self._compared(run, survey) if run else None
        return self._same[run]

    def was_as_wanted(self) -> bool:
        """Say whether the drift before looked at everything."""
        drift = self.drift
        return bool(drift and drift.ended and drift.ended.exit != Exit.UNREAD and not drift.began.flags)

    def _compared(self, run: str, survey: Survey) -> Since | None:
        began = self.memory.began(run)
        if began is None:
            return None
        return Since(began.playbooks == survey.playbooks.digest, began.version == toolkit.__version__)

    def actor(self, row: FindingRow) -> Actor | None:
        """Name who made a finding, as far as the ledger still does."""
        if row.actor is None:
            return None
        if not row.person:
            return Actor(row.actor, person=False)
        return Actor(Pseudonyms(self.ledger).address(row.actor) or FORGOTTEN, person=True)
