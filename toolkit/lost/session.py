"""A session for commands about lost devices, and the findings about lost devices in a check."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from toolkit.controls.device_register import normalise_serial, read_register
from toolkit.controls.lost_devices import LOST_WIPE, LostCounts, LostWipe, practice_finding
from toolkit.engine.extension import Extension, ExtensionResult, RunReads, TenantSignals
from toolkit.engine.journal import Journal
from toolkit.engine.prepare_run import PreparedRun
from toolkit.engine.session import open_session
from toolkit.errors import RequestFailed, ServiceError, UsageError
from toolkit.ledger.entries import StepVerdict
from toolkit.ledger.fingerprints import Pseudonyms
from toolkit.ledger.lease import Lease
from toolkit.ledger.memory import LedgerMemory, UnfinishedStep
from toolkit.lost.model import ActOutcome, Holder, Loss, LossReport, recorded_wipe
from toolkit.messages import did_you_mean
from toolkit.planning.checks.findings import ControlFinding
from toolkit.planning.plan import Plan
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk.connector import Connection
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.lost_devices import LostAct
from toolkit.sdk.part import SCHOOL
from toolkit.sdk.resource import Address
from toolkit.values import Settings

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


LOST = "lost_device"
"""The kind of the ledger's entries about a lost device, by its serial."""
SEEN, RESULT, PRACTISED, FORM = "as seen", "result", "practised", "wipe form"
_NOTES = (SEEN, RESULT, PRACTISED, FORM)
_LOSS = ("loss", "on", "theft", "theft_closed", "ended")


@dataclass(frozen=True, slots=True)
class LostDeviceSession:
    """The tenants, the school's rules and the ledger that commands about lost devices use."""

    connections: Mapping[str, Connection]
    unreachable: Mapping[str, RequestFailed]
    journal: Journal
    memory: LedgerMemory
    names: Pseudonyms
    school: School
    settings: LostWipe
    run: str
    now: datetime
    target: str
    _open: dict[Address, UnfinishedStep] = field(default_factory=dict)  # steps without a known end

    def date_of(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.school.time_zone)).date()

    def last_fact(self, address: Address) -> Settings:
        """Return the ledger's last facts about a device or an action, or an empty mapping."""
        entry = self.memory.last_state(address)
        return entry.sent if entry else {}

    def note(self, address: Address, fact: Settings) -> None:
        """Record facts in the ledger. Nothing is sent."""
        self.journal.record_step_end(self.journal.begin_act(address, fact), None, None)

    def find_unfinished(self, address: Address) -> UnfinishedStep | None:
        """Return the step that an earlier run left unfinished, unless it was sent again and accepted since."""
        begun = self._open.get(address)
        return None if begun and self.memory.is_applied_after(begun.step) else begun

    def address(self, provider: str, serial: str, act: LostAct) -> Address:
        """Return the ledger address of an action. A person is named by a pseudonym."""
        whose = f" {self.names.create_pseudonym(act.account)}" if act.account else ""
        return Address(provider, LOST, f"{serial} {act.name}{whose}")

    def loss(self, serial: str) -> Loss | None:
        """Return the open report of a lost device, or None."""
        sent = self.last_fact(Address(SCHOOL, LOST, serial))
        return _to_loss(serial, sent) if sent and not sent.get("ended") else None

    def losses(self) -> Iterator[Loss]:
        for address, remembered in self.memory.all().items():
            if address.kind == LOST and address.provider == SCHOOL and not remembered.sent.get("ended"):
                yield _to_loss(address.name, remembered.sent)

    def evidence(self, provider: str, loss: Loss) -> dict[str, str]:
        """Return the facts about a device when it was reported lost, or an empty mapping if they were not read."""
        sent = self.last_fact(Address(provider, LOST, f"{loss.serial} {SEEN}"))
        return {name: str(value) for name, value in sent.items()} if sent.get("loss") == loss.id else {}

    def record(self, loss: Loss) -> None:
        """Record a loss, or a change to a recorded loss."""
        values = (loss.id, loss.on.isoformat(), loss.theft, loss.theft_closed, loss.ended)
        self.note(Address(SCHOOL, LOST, loss.serial), dict(zip(_LOSS, values, strict=True)))


def _to_loss(serial: str, sent: Settings) -> Loss:
    key, on, theft, closed, ended = (str(sent.get(name) or "") for name in _LOSS)
    return Loss(serial, key, datetime.fromisoformat(on), theft, closed, ended)


@contextmanager
def open_lost_session(run: PreparedRun) -> Iterator[LostDeviceSession]:
    """Take the lease and connect to the tenants. The ledger's record of the run does not name a person."""
    context, playbooks, ledger = run.context, run.playbooks, run.ledger
    settings, memory = settings_of(playbooks), LedgerMemory(ledger)
    with Lease(ledger, run=context.run), open_session(context, playbooks, ledger) as (tenants, journal):
        yield LostDeviceSession(
            tenants.connections,
            tenants.unreached,
            journal,
            memory,
            Pseudonyms(ledger),
            playbooks.school,
            settings,
            context.run,
            context.now,
            context.target.name,
            dict(_unfinished_steps(memory, journal)),
        )


def _unfinished_steps(memory: LedgerMemory, journal: Journal) -> Iterator[tuple[Address, UnfinishedStep]]:
    """Yield the steps that an interrupted run left unfinished. Steps that only record facts are ended instead."""
    for unfinished in memory.unfinished_steps():
        address = unfinished.step.address
        if address.kind != LOST:
            continue
        if address.provider == SCHOOL or address.name.endswith(_NOTES):
            journal.record_step_reading(unfinished.run.run, unfinished.step.step, StepVerdict.APPLIED, None)
        else:
            yield address, unfinished


def settings_of(playbooks: Playbooks) -> LostWipe:
    """Return the school's rules for lost devices. Raise UsageError if no playbook has such rules."""
    for _, settings in playbooks.enabled_settings(LostWipe):
        return settings
    raise UsageError(f"no playbook has the rules for a lost device. Write the control {LOST_WIPE}")


def look_up(session: LostDeviceSession, written: str) -> tuple[LossReport, Sequence[Holder]]:
    """Find a device and its holders by serial number, in every cloud and in the register.

    Raise UsageError if the device is nowhere. The report's `unread` lists clouds that could not be read.
    """
    serial = normalise_serial(written)
    if not serial or not serial.isprintable():
        raise UsageError("this is not a serial number. Copy the number from the device, its box or the register")
    register = read_register(session.settings.register_file)
    asset = next((entry for entry in register if entry.serial == serial), None)
    unread = {name: str(error) for name, error in session.unreachable.items()}
    devices = {}
    for provider, connection in session.connections.items():
        device = attempt("devices", partial(connection.lost_devices.find, serial))
        if isinstance(device, ServiceError):
            unread[provider] = str(device)
        elif device:
            devices[provider] = device
    if not devices and not unread and asset is None:
        close = did_you_mean(serial.upper(), [entry.serial.upper() for entry in register if entry.serial])
        raise UsageError(f"no cloud and no register has a device with the serial {serial.upper()}{close}")
    tag, loss = asset.tag if asset else "", session.loss(serial.upper())
    report = LossReport(serial.upper(), devices, session.now, tag, loss, unread=unread)
    assigned = [*(device.holder for device in devices.values()), asset.holder if asset else ""]
    holders = _find_holders(session, {address.strip().casefold() for address in assigned if "@" in address}, report)
    report.holders, report.spared = len(holders), sum(holder.protected for holder in holders)
    return report, holders


def _find_holders(session: LostDeviceSession, assigned: Collection[str], report: LossReport) -> Sequence[Holder]:
    """Return the accounts with these addresses, each once. Accounts that could not be read are added to `unread`."""
    protected = {address.casefold() for address in session.school.protected.accounts}
    holders: list[Holder] = []
    for written in sorted(assigned):
        addresses, accounts = {written}, dict[str, str]()
        for provider, connection in session.connections.items():
            account = attempt("accounts", partial(connection.account, written))
            if isinstance(account, ServiceError):
                report.unread[provider] = str(account).replace(written, "the holder")
                accounts[provider] = written
            elif account:
                addresses |= account.known_as
                accounts[provider] = account.address.casefold()
        for holder in [holder for holder in holders if holder.known_as & addresses]:
            addresses, accounts = addresses | holder.known_as, {**holder.accounts, **accounts}
            holders.remove(holder)
        holders.append(Holder(frozenset(addresses), accounts, protected=bool(addresses & protected)))
    report.missing = sum(not holder.accounts for holder in holders)
    return holders


_HOW = {SEEN: "used", PRACTISED: "practised"}


@dataclass(frozen=True, slots=True)
class NothingLost(ExtensionResult):
    """The empty result of lost devices in a plan. No run locks a device."""


class LostDeviceRecord(Extension):
    """Adds findings about lost devices to a run, from the ledger."""

    ledger_only_kinds = frozenset({LOST})

    def __init__(self, ledger: "Ledger | None") -> None:
        self._ledger = ledger

    def findings(
        self,
        provider: str,
        playbooks: Playbooks,
        signals: TenantSignals,  # noqa: ARG002 - Extension's
        today: date,
    ) -> Iterator[ControlFinding]:
        """Yield the finding about when the procedure was last practised or used on one cloud."""
        for playbook, settings in playbooks.enabled_settings(LostWipe):
            at, how = max(self._practice_dates(provider), default=(None, ""))
            at = at and at.astimezone(ZoneInfo(playbooks.school.time_zone))
            finding = practice_finding(settings, at, how, self._count_losses(provider), today)
            yield ControlFinding(
                control=LOST_WIPE, provider=provider, clauses=playbook.clauses, finding=finding, measured=True
            )

    def _practice_dates(self, provider: str) -> Iterator[tuple[datetime, str]]:
        from toolkit.ledger.memory import LedgerMemory

        for address, remembered in LedgerMemory(self._ledger).all().items() if self._ledger else ():
            if address.kind == LOST and address.provider == provider:
                yield from ((remembered.at, how) for name, how in _HOW.items() if address.name.endswith(f" {name}"))

    def _count_losses(self, provider: str) -> LostCounts:
        """Return the number of devices that were reported lost, found and wiped, from each device's last record."""
        from toolkit.ledger.memory import LedgerMemory

        facts = (
            {address: remembered.sent for address, remembered in LedgerMemory(self._ledger).all().items()}
            if self._ledger
            else {}
        )
        seen = f" {SEEN}"
        names = [address.name for address in facts if address.kind == LOST and address.provider == provider]
        serials = [name.removesuffix(seen) for name in names if name.endswith(seen)]
        ended = [facts.get(Address(SCHOOL, LOST, serial), {}).get("ended") for serial in serials]
        results = [facts.get(Address(provider, LOST, f"{serial} {RESULT}"), {}) for serial in serials]
        wiped = sum(recorded_wipe(fact).outcome is ActOutcome.DONE for fact in results)
        return LostCounts(len(serials), sum(map(bool, ended)), wiped)

    def result(self, reads: RunReads, plan: Plan) -> ExtensionResult:  # noqa: ARG002 - in no plan
        return NothingLost()

    def empty_result(self) -> ExtensionResult:
        return NothingLost()
