"""Legal holds as a drift sees them: whether everything that was read back is still there."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from toolkit.controls.control import controls
from toolkit.controls.custody import COPIES, CUSTODY_CONTROL, copies_found
from toolkit.controls.data import Hold
from toolkit.engine.extension import Extension, ExtensionResult, RunReads, TenantSignals
from toolkit.engine.run_report import Report
from toolkit.errors import Exit, NotLicensed, Refused, ServiceError, SignInRefused
from toolkit.holds.custody_ledger import recorded_copies
from toolkit.holds.model import (
    INTERRUPTED,
    NO_KEY,
    NOT_ASKED,
    NOT_CONFIRMED,
    NOT_DECLARED,
    NOT_RECORDED,
    HoldsSeen,
    HoldState,
    marks_of,
)
from toolkit.holds.register import FILE
from toolkit.holds.text import overdue_line, state_answer, state_line
from toolkit.ledger.fingerprints import CUSTODY, HOLD, HOLDS_KEY, QUERY, Fingerprints
from toolkit.planning.checks.findings import ControlFinding
from toolkit.planning.plan import Plan
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.render.line import Line, Stage
from toolkit.sdk.check import Finding, Status
from toolkit.sdk.connector import Connection
from toolkit.sdk.endpoint import read_safely
from toolkit.sdk.part import SCHOOL
from toolkit.sdk.providers import cloud_title
from toolkit.sdk.reason import Reason
from toolkit.sdk.resource import Mode
from toolkit.values import Body, Settings

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger
    from toolkit.ledger.memory import RememberedObject


_PLACED = "holds that toolkit placed"


def undeclared(held: Iterable["RememberedObject"], declared: Collection[str], directory: Path) -> Sequence[str]:
    """Return the clouds in which the ledger remembers holds of ours and of which the school file names no tenant."""
    known = [one.address for one in held if marks_of(one.sent) or one.sent.get("waiting") is True]
    gone = {address.provider for address in known} - {*declared}
    others = {Fingerprints(directory).units(cloud) for cloud in gone} if (directory / HOLDS_KEY).exists() else set()
    return sorted({address.provider for address in known if address.provider in gone and address not in others})


def compare_holds(
    ledger: "Ledger", connections: Mapping[str, Connection], clouds: Collection[str], declared: Collection[str]
) -> HoldsSeen | None:
    """Compare the holds that a ledger remembers with what is there; None, and nothing read, where it remembers none.

    `clouds` are those that the run is about, `declared` all that the school file names.
    """
    from toolkit.ledger.memory import LedgerMemory

    memory = LedgerMemory(ledger)
    held = [one for one in memory.all().values() if one.address.kind == HOLD]
    begun_steps = [one.step for one in memory.unfinished() if one.step.address.kind == HOLD]
    steps = [step.address for step in begun_steps if QUERY not in (step.sent or {})]
    begun = any(address.provider in clouds for address in steps)
    gone = undeclared(held, declared, ledger.directory)
    known = [one for one in held if one.address.provider in clouds]
    if not held and not steps:
        return None
    reasons = [NOT_DECLARED(cloud=cloud_title(name)) for name in gone]
    reasons += [INTERRUPTED()] if begun else []
    reasons += [NOT_CONFIRMED()] if any(one.sent.get("waiting") is True for one in known) else []
    return _compared(ledger.directory, known, connections, reasons)


def _compared(
    directory: Path, known: Iterable["RememberedObject"], connections: Mapping[str, Connection], reasons: list[Reason]
) -> HoldsSeen:
    """Compare what the ledger knows to be held; holds on units, which others placed, are watched and not counted."""
    held = {one.address: marks_of(one.sent) for one in known if marks_of(one.sent)}
    wanted: dict[str, set[str]] = {}
    for address, placed in held.items():
        wanted.setdefault(address.provider, set()).update(placed)
    broken = False
    if wanted and not (directory / HOLDS_KEY).exists():  # a new key would know nothing of what is there
        return HoldsSeen(HoldState.UNKNOWN, (*reasons, NO_KEY(file=HOLDS_KEY)))
    for provider, marks in wanted.items():
        there = _read(provider, connections.get(provider))
        if isinstance(there, Reason):
            reasons.append(there)
            continue
        broken |= bool(marks - Fingerprints(directory).seen(provider, there))
    is_open = bool(held.keys() - {Fingerprints(directory).units(provider) for provider in wanted})
    state = HoldState.UNKNOWN if reasons else HoldState.AS_WANTED if is_open else HoldState.NONE
    return HoldsSeen(HoldState.NOT_AS_WANTED if broken else state, tuple(reasons))


def _read(provider: str, connection: Connection | None) -> Mapping[str, Settings] | Reason:
    """Read what one cloud holds, or why that is not known; a service's own words may name whom it is about."""
    title = cloud_title(provider)
    if connection is None:
        return NOT_ASKED(cloud=title, why="it could not be reached")
    try:
        return read_safely("holds", connection.holding.seen)
    except SignInRefused:
        raise
    except Refused as error:
        return NOT_ASKED(cloud=title, why=f"a permission is missing{f' ({error.missing})' if error.missing else ''}")
    except NotLicensed:
        return NOT_ASKED(cloud=title, why="the licences do not include it")
    except ServiceError:
        return NOT_ASKED(cloud=title, why="it gave no answer that could be read")


@dataclass(frozen=True, slots=True)
class HoldsResult(ExtensionResult):
    """Whether all holds are in place; None where no one asked."""

    seen: HoldsSeen | None = None
    root: Path = Path()  # of the playbooks
    ledger: "Ledger | None" = None
    clouds: Collection[str] = ()  # that the run is about; none where it asks for something else
    declared: Collection[str] = ()  # all of the school file
    today: date = date.min
    overdue: int = 0  # copies of evidence past the date of their review

    @property
    def state(self) -> HoldState | None:
        return self.seen.state if self.seen else None

    @property
    def exit(self) -> Exit:
        return self.seen.state.exit if self.seen else Exit.AS_WANTED

    def observe(self, connections: Mapping[str, Connection]) -> Self:
        """Compare the holds of the run's clouds; a register without any in the ledger is that of a lost state."""
        if not self.clouds:
            return self
        found = compare_holds(self.ledger, connections, self.clouds, self.declared) if self.ledger else None
        if found is None and (self.root / FILE).exists():
            found = HoldsSeen(HoldState.UNKNOWN, (NOT_RECORDED(),))
        copies = recorded_copies(self.ledger) if self.ledger else []
        overdue = sum(copy.is_overdue(self.today) for copy in copies)
        return replace(self, seen=found or HoldsSeen(HoldState.NONE), overdue=overdue)

    def lines(self, report: Report, stage: Stage) -> Iterator[Line]:  # noqa: ARG002 - they are in no plan
        if stage is Stage.DRIFT_END and self.seen:
            yield state_line(self.seen)
            if self.overdue:
                yield overdue_line(self.overdue)

    def answer(self, report: Report) -> Body:  # noqa: ARG002 - they are in no plan
        return {**state_answer(self.seen), "copies_overdue": self.overdue} if self.seen else {}


class LegalHolds(Extension):
    """Legal holds in one run."""

    apart = frozenset({HOLD, CUSTODY})

    def __init__(self, ledger: "Ledger | None") -> None:
        self._ledger = ledger

    def findings_of_school(
        self,
        playbooks: Playbooks,
        signals: Mapping[str, TenantSignals],  # noqa: ARG002 - the ledger alone shows it
        today: date,
    ) -> Iterable[ControlFinding]:
        """Return what the ledger shows of the copies of evidence, where a playbook asks for it."""
        name = CUSTODY_CONTROL
        entries = [entry for playbook in playbooks.playbooks for entry in playbook.controls if entry.name == name]
        if any(entry.mode is not Mode.OFF for entry in entries):
            control = controls()[name]
            part = next(part for part in control.by_people if part.name == COPIES)
            finding = copies_found(recorded_copies(self._ledger) if self._ledger else [], today)
            clauses = control.clauses
            yield ControlFinding(control=name, provider=SCHOOL, clauses=clauses, finding=finding, part=part)
        yield from self._not_declared(playbooks)

    def _not_declared(self, playbooks: Playbooks) -> Iterator[ControlFinding]:
        """Say that holds are in a cloud which the school file no longer names, where a playbook asks for holds."""
        from toolkit.ledger.memory import LedgerMemory

        if self._ledger is None or not self._ledger.exists():
            return
        known = [one for one in LedgerMemory(self._ledger).all().values() if one.address.kind == HOLD]
        gone = undeclared(known, playbooks.school.declared, self._ledger.directory)
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
            declared=school.declared,
            today=today,
        )

    def nothing(self) -> HoldsResult:
        return HoldsResult()
