"""Asks a ledger what it remembers of everything that a run may need."""

from collections.abc import Sequence
from functools import partial

from toolkit.engine.extension import Extension
from toolkit.engine.ledger_state import Recalled
from toolkit.ledger.change_history import acts_on, deeds_on
from toolkit.ledger.last_applied import bound, groups_then, own, pilots
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.memory import LedgerMemory
from toolkit.planning.flapping import REPAIRS
from toolkit.planning.ownership import Known


def remembered(ledger: Ledger, extensions: Sequence[Extension]) -> Recalled:
    """Ask once for what every run needs; the rest is asked where a run comes to it."""
    memory = LedgerMemory(ledger)
    apart = frozenset[str]().union(*(extension.apart for extension in extensions))
    return Recalled(
        known={
            address: Known(one.remote_id, one.sent, one.returned, one.reach, at=one.at, run=one.run)
            for address, one in memory.all().items()
            if address.kind not in apart
        },
        unfinished=[one for one in memory.unfinished() if one.step.address.kind not in apart],
        inventory={kind: frozenset(one.id for one in objects) for kind, objects in memory.inventory().items()},
        added=memory.added,
        own=own(ledger),
        deeds=partial(deeds_on, ledger),
        acts=partial(acts_on, ledger, least=REPAIRS + 1),
        bound=partial(bound, ledger),
        groups_then=partial(groups_then, ledger),
        pilots=partial(pilots, memory),
        extensions=extensions,
    )
