"""What a run found before it changed anything: where a rollback starts from."""

from dataclasses import dataclass

from sqlalchemy import select

from toolkit.errors import LedgerError
from toolkit.ledger.database import reading
from toolkit.ledger.entries import StepBegan
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.projection_store import Stored
from toolkit.ledger.tables import STEP, StepRow, StepState


@dataclass(frozen=True, slots=True)
class Before:
    """A step with the state before it (`step.before`), and what is known of its end."""

    step: StepBegan
    state: StepState


def before(ledger: Ledger, run: str) -> tuple[Before, ...]:
    """List the steps of a run in the order they began; LedgerError where the ledger knows no such run."""
    ledger.make()
    with reading(ledger.engine) as connection:
        stored = Stored(connection)
        if stored.run(run) is None:
            raise LedgerError(f"the ledger knows no run {run}")
        rows = stored.rows(StepRow, select(STEP).where(STEP.c.run == run).order_by(STEP.c.began))
        return tuple(Before(stored.begun(row), StepState(row.state)) for row in rows)
