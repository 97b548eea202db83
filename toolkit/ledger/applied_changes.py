"""What the ledger says was done to objects, as far as it took effect."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from toolkit.ledger.database import reading
from toolkit.ledger.entries import Action, StepBegan, StepEnded, StepVerified
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.projection_store import Stored
from toolkit.ledger.rows import StepRow, StepState
from toolkit.ledger.tables import STEP
from toolkit.planning.applied_change import Deed
from toolkit.sdk.address import Address
from toolkit.sdk.resource import Observed
from toolkit.values import Settings

_ASKED_BY_NAME = 500  # a database takes so many names in one question, and all it has in any


def deeds_on(ledger: Ledger, addresses: Collection[Address]) -> Sequence[Deed]:
    """List what was done to some objects, the first first; messages are no deeds."""
    named = {str(address) for address in addresses}
    query = select(STEP).where(STEP.c.state == StepState.APPLIED).order_by(STEP.c.began)
    if len(named) <= _ASKED_BY_NAME:
        query = query.where(STEP.c.address.in_(sorted(named)))
    ledger.make()
    with reading(ledger.engine) as connection:
        stored = Stored(connection)
        rows = [row for row in stored.rows(StepRow, query) if row.address in named]
        found = [(stored.begun(row), stored.entry(row.latest)) for row in rows]
    return [
        _deed(begun, ended.remote_id, ended.returned)
        for begun, ended in found
        if isinstance(ended, StepEnded | StepVerified) and begun.action is not Action.SEND
    ]


def deed_seen(begun: StepBegan, observed: Observed | None) -> Deed:
    """Give a deed whose end nobody saw, and which was found to have taken effect."""
    return _deed(begun, observed.remote.id if observed else None, observed.settings if observed else None)


def _deed(begun: StepBegan, remote_id: str | None, returned: Settings | None) -> Deed:
    return Deed(
        address=begun.address,
        action=str(begun.action),
        run=begun.run,
        before=begun.before or {},
        sent=begun.sent or {},
        returned=returned,
        remote_id=begun.remote_id or remote_id,
        was_named=begun.was_named,
        behind=begun.behind,
    )
