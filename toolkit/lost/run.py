"""Lost devices as a check sees them: when the procedure was last practised or used, by the ledger."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from toolkit.controls.lost_devices import LOST_WIPE, LostCounts, LostWipe, practised
from toolkit.engine.extension import Extension, ExtensionResult, RunReads, TenantSignals
from toolkit.lost.desk import LOST, PRACTISED, RESULT, SEEN
from toolkit.planning.checks.findings import ControlFinding
from toolkit.planning.plan import Plan
from toolkit.playbook.entries import Playbooks
from toolkit.sdk.part import SCHOOL
from toolkit.sdk.resource import Address, Mode

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger

_HOW = {SEEN: "used", PRACTISED: "practised"}


@dataclass(frozen=True, slots=True)
class NothingLost(ExtensionResult):
    """What lost devices add to a plan: nothing, since no run locks one."""


class LostDeviceRecord(Extension):
    """What the ledger remembers of lost devices, in one run."""

    apart = frozenset({LOST})

    def __init__(self, ledger: "Ledger | None") -> None:
        self._ledger = ledger

    def findings(
        self,
        provider: str,
        playbooks: Playbooks,
        signals: TenantSignals,  # noqa: ARG002 - Extension's
        today: date,
    ) -> Iterator[ControlFinding]:
        """Judge when the procedure was last practised or used on one cloud."""
        for playbook in playbooks.playbooks:
            for entry in playbook.controls:
                if isinstance(entry.settings, LostWipe) and entry.mode is not Mode.OFF:
                    at, how = max(self._uses(provider), default=(None, ""))
                    at = at and at.astimezone(ZoneInfo(playbooks.school.time_zone))
                    finding = practised(entry.settings, at, how, self._counts(provider), today)
                    yield ControlFinding(
                        control=LOST_WIPE, provider=provider, clauses=playbook.clauses, finding=finding, measured=True
                    )

    def _uses(self, provider: str) -> Iterator[tuple[datetime, str]]:
        from toolkit.ledger.memory import LedgerMemory

        for address, one in LedgerMemory(self._ledger).all().items() if self._ledger else ():
            if address.kind == LOST and address.provider == provider:
                yield from ((one.at, how) for name, how in _HOW.items() if address.name.endswith(f" {name}"))

    def _counts(self, provider: str) -> LostCounts:
        """Count the devices that were reported lost, by what was recorded last of each."""
        from toolkit.ledger.memory import LedgerMemory

        facts = {address: one.sent for address, one in LedgerMemory(self._ledger).all().items()} if self._ledger else {}
        seen = f" {SEEN}"
        found = [address.name for address in facts if address.kind == LOST and address.provider == provider]
        serials = [name.removesuffix(seen) for name in found if name.endswith(seen)]
        ended = [facts.get(Address(SCHOOL, LOST, serial), {}).get("ended") for serial in serials]
        wipes = [facts.get(Address(provider, LOST, f"{serial} {RESULT}"), {}).get("wipe") for serial in serials]
        return LostCounts(len(serials), sum(map(bool, ended)), sum(str(one).startswith("done") for one in wipes))

    def result(self, reads: RunReads, plan: Plan) -> ExtensionResult:  # noqa: ARG002 - in no plan
        return NothingLost()

    def nothing(self) -> ExtensionResult:
        return NothingLost()
