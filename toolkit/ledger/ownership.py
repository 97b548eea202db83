"""What this ledger ever had to do with, and what it deleted."""

from sqlalchemy import select

from toolkit.ledger.database import reading
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.projection_store import Stored
from toolkit.ledger.rows import StepRow, StepState
from toolkit.ledger.tables import MEMORY, STEP
from toolkit.planning.ownership import Own
from toolkit.sdk.address import Address, parse_address


def own(ledger: Ledger) -> Own:
    """Name every object that a step of this ledger was ever about; of what it deleted the id alone."""
    ledger.make()
    with reading(ledger.engine) as connection:
        stored = Stored(connection)
        known = connection.execute(select(MEMORY.c.address, MEMORY.c.remote_id)).mappings()
        ids: dict[Address, str | None] = {parse_address(row["address"]): row["remote_id"] for row in known}
        touched = {*ids}
        for address, row in _last_steps(stored).items():
            if row.state == StepState.APPLIED:  # it is remembered no more: it was a delete
                ids[address] = stored.begun(row).remote_id
            else:
                touched.add(address)
    return Own(frozenset(touched), frozenset((address.of_kind, one) for address, one in ids.items() if one))


def _last_steps(stored: Stored) -> dict[Address, StepRow]:
    """Give the last step about each object that is not remembered."""
    query = select(STEP).where(STEP.c.address.not_in(select(MEMORY.c.address))).order_by(STEP.c.began)
    return {parse_address(row.address): row for row in stored.rows(StepRow, query)}
