"""Record each step of a run in the ledger before and after it, and find out the outcome of unfinished steps."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field
from datetime import datetime
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Any

import toolkit
from toolkit.errors import NotAllowed, RequestFailed, UsageError
from toolkit.ledger.entries import (
    Action,
    Entry,
    PilotRecord,
    RunBegan,
    RunEnded,
    StepBegan,
    StepEnded,
    StepFailed,
    StepUnknown,
    StepVerdict,
    StepVerified,
    Transition,
    UnmanagedObject,
)
from toolkit.ledger.findings import DriftSeen
from toolkit.ledger.operator import current_operator
from toolkit.planning.change import Change, Create, Move, Update, action_name
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.slices import Slices
from toolkit.records import dataclass
from toolkit.sdk.providers import providers
from toolkit.sdk.resource import Address, Observed, Remote
from toolkit.values import Settings

if TYPE_CHECKING:
    from toolkit.engine.context import RunContext
    from toolkit.engine.school_journal import SchoolJournal
    from toolkit.ledger.ledger import Ledger


@dataclass(slots=True)
class Journal:
    """Writes the records of a run to the ledger. The threads of the run may share a journal."""

    ledger: "Ledger"
    run: str
    now: datetime
    slices: Slices = field(default_factory=Slices)  # the schools of a trust, known when the run begins
    object_schools: Mapping[Address, tuple[str, ...]] = field(default_factory=dict)  # the schools that have an object
    _schools_of_steps: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _school_journal: "SchoolJournal | None" = None  # of a run in a tenant of several schools
    _steps: "count[int]" = field(default_factory=lambda: count(1))
    _numbering: Lock = field(default_factory=Lock)

    def _append(self, entry: Entry) -> None:
        if self._school_journal:
            self._school_journal.add(entry)
        self.ledger.append(entry)

    def record_start(self, context: "RunContext", playbooks: Playbooks, tenants: Mapping[str, str]) -> None:
        """Record the start of the run and its conditions."""
        self.slices = playbooks.slices
        if len(self.slices.schools) > 1:
            from toolkit.engine.school_journal import SchoolJournal

            self._school_journal = SchoolJournal(context.command, self.slices)
        operator = current_operator(self.ledger)
        self._append(
            RunBegan(
                run=self.run,
                at=self.now,
                command=context.command,
                target=context.target.name,
                tenants=tenants,
                version=toolkit.__version__,
                playbooks=playbooks.digest,
                flags=tuple(context.flags),
                override=context.override,
                operator=operator.user,
                host=operator.host,
                accounts=_signed_in_accounts(context, playbooks, tenants),
                undoes=context.undone_run,
                approved=context.approval,
                schools=self.slices.covered_schools,
            )
        )

    def begin(
        self,
        change: Change,
        sent: Settings | None,
        previous_key: str | None = None,
        own_previous_key: str | None = None,
    ) -> int:
        """Record that a change will be sent, and return the number of the step.

        If the objects have an order, `previous_key` and `own_previous_key` are the keys of the objects before the
        changed object.
        """
        observed = None if isinstance(change, Create) else change.observed
        return self._begin(
            address=change.address,
            action=Action(action_name(change)),
            before=observed.settings if observed else None,
            sent=sent,
            remote_id=observed.remote.id if observed else None,
            reach=change.desired.reach if isinstance(change, Create | Update | Move) else None,
            was_named=observed.remote.name if observed else None,
            behind=previous_key,
            after=change.predecessor_name if isinstance(change, Move) else own_previous_key,
        )

    def adopt(self, address: Address, observed: Observed) -> None:
        """Record in the ledger that it manages an object from now on. The object is not changed."""
        before, remote = observed.settings, observed.remote
        step = self._begin(address=address, action=Action.ADOPT, before=before, sent=None, remote_id=remote.id)
        self.record_step_end(step, remote, before)

    def begin_act(self, address: Address, sent: Settings) -> int:
        """Record that a message will be sent, and return the number of the step."""
        return self._begin(address=address, action=Action.SEND, before=None, sent=sent)

    def _begin(self, **entry: Any) -> int:
        schools = self.slices.select_covered(self.object_schools.get(entry["address"], ()))
        with self._numbering:
            step = next(self._steps)
            self._schools_of_steps[step] = schools
        self._append(StepBegan(run=self.run, step=step, at=self.now, schools=schools, **entry))
        return step

    def _schools_of(self, step: int) -> tuple[str, ...]:
        """Return the schools of a step. A step of an earlier run, which was killed, has none."""
        return self._schools_of_steps.get(step, ())

    def record_step_end(self, step: int, remote: Remote | None, returned: Settings | None) -> None:
        """Record that the service made the change of a step."""
        self._append(
            StepEnded(
                run=self.run,
                step=step,
                at=self.now,
                remote_id=remote.id if remote else None,
                name=remote.name if remote else None,
                returned=returned,
                schools=self._schools_of(step),
            )
        )

    def record_step_failure(self, step: int, error: str) -> None:
        schools = self._schools_of(step)
        self._append(StepFailed(run=self.run, step=step, at=self.now, error=error, schools=schools))

    def record_step_unknown(self, step: int, error: str) -> None:
        schools = self._schools_of(step)
        self._append(StepUnknown(run=self.run, step=step, at=self.now, error=error, schools=schools))

    def record_step_reading(
        self,
        run: str,
        step: int,
        verdict: StepVerdict,
        observed: Observed | None,
        schools: tuple[str, ...] | None = None,
    ) -> None:
        """Record the state of the object that was read after a step whose response was unclear."""
        self._append(
            StepVerified(
                run=run,
                step=step,
                schools=self._schools_of(step) if schools is None else schools,
                at=self.now,
                by=self.run,
                verdict=verdict,
                remote_id=observed.remote.id if observed else None,
                name=observed.remote.name if observed else None,
                returned=observed.settings if observed else None,
            )
        )

    def record_drift(self, entry: DriftSeen) -> None:
        """Record the new and resolved findings of a drift run."""
        self._append(entry)

    @contextmanager
    def recording_refusals(self) -> Iterator[None]:
        """Record the run as refused if the block raises an error.

        The error's text is left out, because it may name a person.
        """
        try:
            yield
        except (NotAllowed, RequestFailed, UsageError) as error:
            self.record_end(code=error.exit, summary={}, unmanaged={})
            raise

    def record_end(
        self,
        *,
        code: int,
        summary: Mapping[str, int],
        unmanaged: Mapping[str, Sequence[Observed]],
        transitions: Sequence[Transition] = (),
        groups: Mapping[str, str] | None = None,
        statuses: Mapping[str, str] | None = None,
        lacking: Mapping[str, Mapping[str, str]] | None = None,
        exported: Mapping[str, str] | None = None,
        failed: str = "",
        pilots: Sequence[PilotRecord] = (),
    ) -> None:
        """Record the end of the run: unmanaged objects, ids of groups, and the status of policy clauses."""
        for part in self._school_journal.parts(self.run, self.now) if self._school_journal else ():
            self.ledger.append(part)
        self._append(
            RunEnded(
                run=self.run,
                at=self.now,
                exit=code,
                summary=summary,
                unmanaged={
                    kind: tuple(UnmanagedObject(resource.remote.id, resource.remote.name) for resource in objects)
                    for kind, objects in unmanaged.items()
                },
                turned=tuple(transitions),
                groups=groups or {},
                statuses=statuses or {},
                lacking=lacking,
                exported=exported or {},
                failed=failed,
                pilots=tuple(pilots),
                schools=self.slices.covered_schools,
            )
        )


def _signed_in_accounts(context: "RunContext", playbooks: Playbooks, tenants: Mapping[str, str]) -> Mapping[str, str]:
    """Return the application or service account with which a run signs in to each tenant."""
    return {
        name: providers()[name].account(context.target, tenant, identity=context.identity)
        for name, tenant in playbooks.school.tenants.items()
        if name in tenants
    }
