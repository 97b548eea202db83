"""Asks a ledger what it remembers of everything that a run may need."""

from functools import partial

from toolkit.engine.holds.compare import holds_of
from toolkit.engine.ledger_state import Recalled
from toolkit.engine.replies.remind import reminded
from toolkit.ledger.applied_changes import deeds_on
from toolkit.ledger.change_history import acts_on
from toolkit.ledger.fingerprints import HOLD
from toolkit.ledger.group_ids import bound, groups_then
from toolkit.ledger.last_applied import past, pilots
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.memory import LedgerMemory
from toolkit.ledger.ownership import own
from toolkit.planning.applied_state import Known
from toolkit.planning.findings.flapping import REPAIRS


def remembered(ledger: Ledger) -> Recalled:
    """Ask once for what every run needs; the rest is asked where a run comes to it."""
    memory = LedgerMemory(ledger)
    return Recalled(
        known={
            address: Known(one.remote_id, one.sent, one.returned, one.reach, at=one.at, run=one.run)
            for address, one in memory.all().items()
            if address.kind != HOLD
        },
        unfinished=[one for one in memory.unfinished() if one.step.address.kind != HOLD],
        inventory={kind: frozenset(one.id for one in objects) for kind, objects in memory.inventory().items()},
        added=memory.added,
        lent=memory.lent,
        own=own(ledger),
        deeds=partial(deeds_on, ledger),
        acts=partial(acts_on, ledger, least=REPAIRS + 1),
        reminded=partial(reminded, memory),
        holds=holds_of(ledger, memory),
        bound=partial(bound, ledger),
        groups_then=partial(groups_then, ledger),
        past=partial(past, memory),
        pilots=partial(pilots, memory),
    )
