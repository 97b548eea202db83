"""Checks in each drift run whether all confirmed holds are still in place."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from toolkit.controls.control import controls
from toolkit.controls.custody import COPIES, CUSTODY_CONTROL, copies_finding
from toolkit.controls.data import Hold
from toolkit.engine.extension import Extension, ExtensionResult, RunReads, TenantSignals
from toolkit.engine.journal import Journal
from toolkit.engine.run_report import Report
from toolkit.errors import Exit
from toolkit.holds.compare import Accounts, compare_holds, learn_holds_of_others, undeclared_clouds
from toolkit.holds.custody_ledger import recorded_copies
from toolkit.holds.model import HoldsSeen, HoldState
from toolkit.holds.reasons import NOT_DECLARED
from toolkit.holds.register import FILE
from toolkit.holds.text import overdue_line, state_answer, state_line
from toolkit.ledger.act_kinds import CONSENT, CUSTODY, HOLD
from toolkit.planning.checks.findings import ControlFinding
from toolkit.planning.plan import Plan
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.render.line import Line, Stage
from toolkit.sdk.check import Finding, Status
from toolkit.sdk.connector import Connection
from toolkit.sdk.part import SCHOOL
from toolkit.sdk.providers import cloud_title
from toolkit.sdk.resource import Mode
from toolkit.values import Body

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


_PLACED = "holds that toolkit placed"


@dataclass(frozen=True, slots=True)
class HoldsResult(ExtensionResult):
    """The state of the legal holds in one run. `holds` is None if they were not read."""

    holds: HoldsSeen | None = None
    root: Path = Path()  # of the playbooks
    ledger: "Ledger | None" = None
    clouds: Collection[str] = ()  # of the run, empty if it reads something else
    declared_clouds: Collection[str] = ()  # all of the school file
    today: date = date.min
    overdue: int = 0  # copies of evidence past the date of their review
    there: Mapping[str, Accounts] = field(default_factory=dict)  # the holds of each cloud, for the ledger

    @property
    def state(self) -> HoldState | None:
        return self.holds.state if self.holds else None

    @property
    def exit(self) -> Exit:
        return self.holds.state.exit if self.holds else Exit.AS_WANTED

    def read_for_drift(self, connections: Mapping[str, Connection]) -> Self:
        """Compare the holds in the run's clouds with the ledger.

        A register without holds in the ledger means a lost ledger.
        """
        if not self.clouds:
            return self
        registered = (self.root / FILE).exists()
        compared = compare_holds(self.ledger, connections, self.clouds, self.declared_clouds, registered=registered)
        copies = recorded_copies(self.ledger) if self.ledger else []
        overdue = sum(copy.is_overdue(self.today) for copy in copies)
        return replace(self, holds=compared.holds, there=compared.there, overdue=overdue)

    def record_what_was_read(self, journal: Journal) -> None:
        """Record holds placed by others that no earlier drift run has seen."""
        learn_holds_of_others(journal, self.there)

    def lines(self, report: Report, stage: Stage) -> Iterator[Line]:  # noqa: ARG002 - they are in no plan
        if stage is Stage.DRIFT_END and self.holds:
            yield state_line(self.holds)
            if self.overdue:
                yield overdue_line(self.overdue)

    def answer(self, report: Report) -> Body:  # noqa: ARG002 - they are in no plan
        return {**state_answer(self.holds), "copies_overdue": self.overdue} if self.holds else {}


class LegalHolds(Extension):
    """Adds the check of legal holds to a run."""

    ledger_only_kinds = frozenset({HOLD, CUSTODY, CONSENT})

    def __init__(self, ledger: "Ledger | None") -> None:
        self._ledger = ledger

    def findings_of_school(
        self,
        playbooks: Playbooks,
        signals: Mapping[str, TenantSignals],  # noqa: ARG002 - only the ledger shows it
        today: date,
    ) -> Iterable[ControlFinding]:
        """Yield findings about copies of evidence in the ledger, if a playbook has the control."""
        name = CUSTODY_CONTROL
        entries = [entry for playbook in playbooks.playbooks for entry in playbook.controls if entry.name == name]
        if any(entry.mode is not Mode.OFF for entry in entries):
            control = controls()[name]
            part = next(part for part in control.by_people if part.name == COPIES)
            finding = copies_finding(recorded_copies(self._ledger) if self._ledger else [], today)
            clauses = control.clauses
            yield ControlFinding(control=name, provider=SCHOOL, clauses=clauses, finding=finding, part=part)
        yield from self._undeclared_findings(playbooks)

    def _undeclared_findings(self, playbooks: Playbooks) -> Iterator[ControlFinding]:
        """Yield a finding for each cloud that has holds and is missing from the school file.

        Yield none without the control.
        """
        from toolkit.ledger.memory import LedgerMemory

        if self._ledger is None or not self._ledger.exists():
            return
        remembered_holds = [
            remembered for remembered in LedgerMemory(self._ledger).all().values() if remembered.address.kind == HOLD
        ]
        gone = undeclared_clouds(remembered_holds, playbooks.school.all_clouds, self._ledger.directory)
        for playbook in playbooks.playbooks if gone else ():
            if any(isinstance(entry.settings, Hold) and entry.mode is not Mode.OFF for entry in playbook.controls):
                for cloud in gone:
                    finding = Finding(_PLACED, Status.UNKNOWN, NOT_DECLARED(cloud=cloud_title(cloud)))
                    yield ControlFinding(
                        control="data.hold", provider=SCHOOL, clauses=playbook.clauses, finding=finding, measured=True
                    )

    def result(self, reads: RunReads, plan: Plan) -> HoldsResult:  # noqa: ARG002 - holds are in no plan
        if reads.only:
            return HoldsResult()
        school = reads.playbooks.school
        today = reads.now.astimezone(ZoneInfo(school.time_zone)).date()
        return HoldsResult(
            root=reads.playbooks.root,
            ledger=self._ledger,
            clouds=tuple(school.tenants),
            declared_clouds=school.all_clouds,
            today=today,
        )

    def empty_result(self) -> HoldsResult:
        return HoldsResult()
