"""How a run went, for whoever tells it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from toolkit.engine.apply.outcome import Outcome
from toolkit.engine.change_windows import Waiting
from toolkit.engine.context import RunContext
from toolkit.engine.holds.compare import HoldState
from toolkit.engine.recover import HalfDone
from toolkit.errors import Exit
from toolkit.planning.calendar.due import Matter
from toolkit.planning.plan import Plan
from toolkit.planning.renamed import Renamed
from toolkit.playbook.entries import Playbooks
from toolkit.sdk.address import Address
from toolkit.sdk.resource import Observed

if TYPE_CHECKING:
    from toolkit.engine.findings.finding_state import Remembrance


@dataclass(frozen=True, slots=True)
class Report:
    """How a run went."""

    context: RunContext
    playbooks: Playbooks
    tenants: Mapping[str, str]
    plan: Plan
    exit: Exit
    half_done: Sequence[HalfDone] = ()
    newcomers: Sequence[Observed] = ()  # unmanaged objects that were not there when a run last looked
    limits: Sequence[str] = ()  # what `apply` would refuse, with the flag that allows it
    reminders: int = 0  # messages to people who lack a reply: to be sent, or sent
    unsent: Sequence[str] = ()  # what went wrong with them
    waiting: Waiting = field(default_factory=dict)  # what is not written now: no window is open
    missed: Sequence[str] = ()  # scheduled runs that did not happen
    failed: Sequence[str] = ()  # those that came to no answer
    refused_runs: Sequence[str] = ()  # runs of `due` that refused something
    remembered: "Remembrance | None" = None  # of a drift: what is new, since when, why and by whom
    outcomes: Sequence[Outcome] | None = None  # None: nothing was to be written
    holds: HoldState | None = None  # None: nobody asked
    renamed: Sequence[Renamed] = ()  # groups and units that the playbooks call by a name of before
    due: Sequence[Matter] = ()  # what the calendar makes due and was not done when the run looked
    left: Sequence[Address] = ()  # of a run that does only what is due: what else differs
