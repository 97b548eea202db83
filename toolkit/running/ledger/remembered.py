"""Asks a ledger what it remembers of everything that a run may need."""

from functools import partial

from toolkit.planning.known import Known
from toolkit.planning.memory.contest import REPAIRS
from toolkit.record.acts import acts_on
from toolkit.record.bound import bound, groups_then
from toolkit.record.deeds import deeds_on
from toolkit.record.fingerprints import HOLD
from toolkit.record.ledger import Ledger
from toolkit.record.memory import Memory
from toolkit.record.own import own
from toolkit.record.past import past, pilots
from toolkit.running.calendar.remind import reminded
from toolkit.running.holds.compare import holds_of
from toolkit.running.ledger.recalled import Recalled


def remembered(ledger: Ledger) -> Recalled:
    """Ask once for what every run needs; the rest is asked where a run comes to it."""
    memory = Memory(ledger)
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
