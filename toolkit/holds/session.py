"""What work on holds needs: the register, the right tenants, and a ledger that says nothing of either."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import toolkit
from toolkit.engine.context import RunContext
from toolkit.engine.journal import Journal
from toolkit.engine.tenants import opened
from toolkit.errors import ServiceError, UsageError
from toolkit.ledger.entries import StepVerdict
from toolkit.ledger.fingerprints import HOLD, Fingerprints
from toolkit.ledger.memory import LedgerMemory
from toolkit.ledger.register import Case, Holds, Register
from toolkit.playbook.entries import Playbooks
from toolkit.sdk.address import Address
from toolkit.sdk.connector import Connection
from toolkit.sdk.limits import RunDeadline
from toolkit.sdk.providers import providers
from toolkit.values import Settings

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that work on holds needs; nothing of it names anybody but the register."""

    register: Register
    holds: Holds
    connections: Mapping[str, Connection]
    unreached: Mapping[str, ServiceError]
    journal: Journal
    fingerprints: Fingerprints
    remembered: Mapping[Address, Settings]
    now: datetime
    target: str
    playbooks: Playbooks

    def save(self) -> None:
        self.register.write(self.holds)

    def address(self, provider: str, person: str) -> Address:
        """Name what is held of somebody in the ledger, where nobody learns whom it is about."""
        return Address(provider, HOLD, self.fingerprints.of("person", provider, person))

    def marks(self, provider: str, person: str) -> tuple[str, ...]:
        """Give the fingerprints that the ledger has of somebody's holds so far."""
        known = self.remembered.get(self.address(provider, person), {}).get("marks")
        return known if isinstance(known, tuple) else ()

    def case(self, name: str) -> Case:
        """Find a case that is not released; UsageError where there is none."""
        case = self.holds.cases.get(name)
        if case is None:
            raise UsageError("the register has no such case; `toolkit hold list` names those it has")
        if case.released:
            raise UsageError(f"this case was released on {case.released:%d %B %Y}; what is held anew is another case")
        return case


@contextmanager
def desk(context: RunContext, playbooks: Playbooks, ledger: "Ledger", register: Register) -> Iterator[Desk]:
    """Open the right tenants and the register; the run stands in the ledger, without a case or a person."""
    holds, memory = register.read(), LedgerMemory(ledger)
    journal = Journal(ledger, context.run, context.now)
    target = replace(context.target, deadline=RunDeadline(None))  # what must stay is never left because of the time
    reach = opened(playbooks.school, providers(), target, identity=context.identity, read_only=context.read_only)
    with reach as reached:
        journal.began(
            command="hold",
            target=context.target.name,
            tenants=reached.tenants,
            version=toolkit.__version__,
            playbooks=playbooks.digest,
            flags=(),
        )
        if not context.read_only:
            _take_up(memory, journal)
        yield Desk(
            register,
            holds,
            reached.connections,
            reached.unreached,
            journal,
            Fingerprints(ledger.directory),
            {one.address: one.sent for one in memory.all().values() if one.address.kind == HOLD},
            context.now,
            context.target.name,
            playbooks,
        )


def _take_up(memory: LedgerMemory, journal: Journal) -> None:
    """End the steps that a killed run left: each says only that a hold is waited for, which it is until read back."""
    for one in memory.unfinished():
        if one.step.address.kind == HOLD:
            journal.looked(one.run.run, one.step.step, StepVerdict.APPLIED, None)


def begin(desk: Desk, provider: str, person: str, marks: Sequence[str], *, waiting: bool) -> int:
    """Say in the ledger that something is done about somebody's holds, and give the step's number."""
    return desk.journal.begin_act(desk.address(provider, person), {"marks": tuple(marks), "waiting": waiting})
