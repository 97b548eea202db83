"""Locks a lost device and signs its holder out, reads the results back, and unlocks a device that was found.

Each action is recorded in the ledger before and after it is sent. After an interruption, the same command continues. It
reads the service's state to decide whether an action must be sent again.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from toolkit.errors import RequestFailed, ServiceError, Transient, UsageError
from toolkit.ledger.entries import StepVerdict
from toolkit.lost.model import ActLine, ActOutcome, Holder, Loss, LossReport, Wipe, recorded_wipe
from toolkit.lost.session import LOST, PRACTISED, RESULT, SEEN, LostDeviceSession, look_up
from toolkit.sdk.dates import day
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.lost_devices import ActSeen, ActState, LostAct, LostDevice
from toolkit.sdk.resource import Address

Ask = Callable[[LossReport], bool]
"""Shows a person the planned acts, and returns the answer."""

_NOT_READ = "?"
_OTHER_RECORD = (
    "only the most recently seen record is locked: check this record in the console, and lock the device if "
    "it is in use"
)
_BEFORE = "it had already been done"
_OUTCOMES = {
    ActState.DONE: ActOutcome.DONE,
    ActState.WAITING: ActOutcome.REQUESTED,
    ActState.FAILED: ActOutcome.FAILED,
    ActState.NOT_DONE: ActOutcome.REQUESTED,  # the service accepted it, and does not show it yet
    ActState.NOT_SHOWN: ActOutcome.DONE,  # the service accepted it, and shows no result
}


def practise(session: LostDeviceSession, written: str) -> LossReport:
    """Return the planned actions without sending them, and record the drill for each cloud if all could be read."""
    report, holders = look_up(session, written)
    acts = list(_plan_acts(session, report, holders))
    report.acts += _planned_lines(acts)
    for provider in () if report.unread else report.devices:
        practised = Address(provider, LOST, f"{report.serial} {PRACTISED}")
        session.note(practised, _device_facts(report.devices[provider], session.now))
    return report


def report_lost(session: LostDeviceSession, written: str, theft: str, ask: Ask) -> tuple[LossReport, bool]:
    """Lock a device and sign its holder out, once `ask` returns True. A second run does only the remaining actions."""
    report, holders = look_up(session, written)
    acts = list(_plan_acts(session, report, holders))
    if not ask(replace(report, acts=_planned_lines(acts))):
        return report, False
    loss = report.loss or Loss(report.serial, session.run, session.now, theft)
    if report.loss is None or (theft and theft != loss.theft):
        if theft and theft != loss.theft:
            loss = replace(loss, theft=theft, theft_closed="")  # the police agreed for another reference
        session.record(loss)
    for provider, device in report.devices.items():
        if not session.evidence(provider, loss):
            seen = Address(provider, LOST, f"{report.serial} {SEEN}")
            session.note(seen, {"loss": loss.id, **_device_facts(device, session.now)})
    report.loss, report.evidence = loss, {name: session.evidence(name, loss) for name in report.devices}
    report.acts += [_perform(session, loss, provider, act) for provider, act in acts]
    return report, True


def read_results(session: LostDeviceSession, loss: Loss) -> LossReport:
    """Read and record the results of all actions and of a wipe, even if a run was interrupted. Nothing is sent."""
    report, holders = look_up(session, loss.serial)
    report.evidence = {name: session.evidence(name, loss) for name in report.devices}
    for provider, act in _plan_acts(session, report, holders):
        report.acts.append(_read_line(session, loss, provider, act))
    for provider, device in report.devices.items():
        report.wipes[provider] = _read_wipe(session, loss, provider, device)
        _record_result(session, report, provider)
    report.wipes |= _last_wipes(session, report, loss)
    return report


def give_back(session: LostDeviceSession, written: str) -> LossReport:
    """Unlock or enable a device that was found.

    Close the report of the loss once every cloud has accepted the request.
    """
    report, _ = look_up(session, written)
    if report.loss is None:
        raise UsageError(f"{report.serial} is not recorded as lost. `toolkit device check` lists lost devices")
    for provider, device in report.devices.items():
        via = session.connections[provider].lost_devices
        lock, unlock = via.lock(device, "", ""), via.unlock(device)
        locked = _settle_act(session, report.loss, session.address(provider, report.serial, lock), lock, sends=False)
        if locked:
            report.acts.append(_perform(session, report.loss, provider, unlock))
        elif lock.lasts and (left := _manual_unlock_line(provider, lock, unlock)):
            report.acts.append(left)
    report.wipes |= _last_wipes(session, report, report.loss)
    if not report.unread and not any(act.exit for act in report.acts):
        session.record(replace(report.loss, ended=session.date_of(session.now).isoformat()))
    return report


def _planned_lines(acts: Iterable[tuple[str, LostAct]]) -> list[ActLine]:
    return [_manual_line(provider, act) or _act_line(provider, act, ActOutcome.PLANNED) for provider, act in acts]


def _plan_acts(
    session: LostDeviceSession, report: LossReport, holders: Iterable[Holder]
) -> Iterator[tuple[str, LostAct]]:
    """Yield every action with its cloud, locks first.

    Accounts that could not be read are added to the report's `unread`.
    """
    phone = session.settings.phone or session.school.phone or ""
    for provider, device in report.devices.items():
        yield provider, session.connections[provider].lost_devices.lock(device, session.settings.message, phone)
        for number, other in enumerate(device.older, start=1):
            contact = day(session.date_of(other.seen)) if other.seen else "not shown"
            words = f"another record of this serial, last contact {contact}"
            yield provider, LostAct(f"other record {number}", words, cannot=_OTHER_RECORD)
    for provider, connection in session.connections.items():
        for account in (
            holder.accounts[provider] for holder in holders if provider in holder.accounts and not holder.protected
        ):
            try:
                yield from ((provider, act) for act in connection.lost_devices.close(account))
            except ServiceError as error:
                report.unread[provider] = str(error).replace(account, "the holder")


def _perform(session: LostDeviceSession, loss: Loss, provider: str, act: LostAct) -> ActLine:
    """Send an action, unless it was already done for this loss. The ledger records the start and the end."""
    address = session.address(provider, loss.serial, act)
    if settled := _manual_line(provider, act) or _settle_act(session, loss, address, act, sends=True):
        return settled
    before = _read_act(act)
    if before and before.state is ActState.DONE and act.lasts:
        return _act_line(provider, act, ActOutcome.DONE, _BEFORE)
    mark = before.mark if before else _NOT_READ
    step = session.journal.begin_act(address, {"loss": loss.id, "mark": mark})
    try:
        act.do()
    except Transient as error:
        session.journal.record_step_unknown(step, type(error).__name__)
        seen = _read_act(act)
        if seen and _compare_states(mark, seen, act) is StepVerdict.APPLIED:
            session.journal.record_step_reading(session.run, step, StepVerdict.APPLIED, None)
            return _result_line(provider, act, seen)
        return _act_line(
            provider,
            act,
            ActOutcome.UNKNOWN,
            f"the service did not respond: run this again ({_error_text(error, act)})",
        )
    except RequestFailed as error:
        session.journal.record_step_failure(step, type(error).__name__)
        return _act_line(provider, act, ActOutcome.FAILED, _error_text(error, act))
    session.journal.record_step_end(step, None, None)
    return _result_line(provider, act, _read_act(act))


def _settle_act(
    session: LostDeviceSession, loss: Loss, address: Address, act: LostAct, *, sends: bool
) -> ActLine | None:
    """Return the outcome of an action that was already sent for this loss, or None if it must be sent or sent again."""
    provider, begun = address.provider, session.find_unfinished(address)
    sent = begun.step.sent if begun else session.last_fact(address)
    if not sent or sent.get("loss") != loss.id:
        return None
    seen = _read_act(act)
    if begun:
        verdict = _compare_states(str(sent.get("mark")), seen, act) if seen else None
        if verdict and (sends or verdict is not StepVerdict.CANNOT_TELL):
            session.journal.record_step_reading(begun.run.run, begun.step.step, verdict, None)
        if verdict in {None, StepVerdict.CANNOT_TELL} and not (sends and verdict):
            return _act_line(
                provider, act, ActOutcome.UNKNOWN, "it may have been sent, but the service does not show it"
            )
        if verdict is not StepVerdict.APPLIED:
            return None
    undone = seen and (seen.state is ActState.FAILED or (act.lasts and seen.state is ActState.NOT_DONE))
    return None if sends and undone else _result_line(provider, act, seen)


def _compare_states(before: str, seen: ActSeen, act: LostAct) -> StepVerdict:
    """Return whether an action took effect, by comparing the service's state with its state before the request."""
    if act.lasts:
        return StepVerdict.APPLIED if seen.state is ActState.DONE else StepVerdict.NOT_APPLIED
    if before == _NOT_READ or not act.has_mark:
        return StepVerdict.CANNOT_TELL
    return StepVerdict.APPLIED if seen.mark != before else StepVerdict.NOT_APPLIED


def _read_line(session: LostDeviceSession, loss: Loss, provider: str, act: LostAct) -> ActLine:
    """Return the outcome of an action as the service reports it. Nothing is sent."""
    address = session.address(provider, loss.serial, act)
    if settled := _manual_line(provider, act) or _settle_act(session, loss, address, act, sends=False):
        return settled
    seen = _read_act(act) if act.lasts else None
    if seen and seen.state is ActState.DONE:
        return _act_line(provider, act, ActOutcome.DONE, _BEFORE)
    return _act_line(provider, act, ActOutcome.NOT_DONE, f"run `toolkit device lost {loss.serial}` to do it")


def _manual_unlock_line(provider: str, lock: LostAct, unlock: LostAct) -> ActLine | None:
    """Return the unlock that a person must do by hand, if a device was locked before it was reported lost."""
    seen = _read_act(lock)
    if seen is None:
        return _act_line(provider, unlock, ActOutcome.UNKNOWN, "whether it is locked could not be read: run this again")
    left = "it was locked before it was reported lost, and is still locked"
    return _act_line(provider, unlock, ActOutcome.BY_HAND, left) if seen.state is ActState.DONE else None


def _read_act(act: LostAct) -> ActSeen | None:
    """Return the state of an action as the service reports it, or None if the state cannot be read."""
    seen = attempt(act.name, act.read)
    return None if isinstance(seen, ServiceError) else seen


def _result_line(provider: str, act: LostAct, seen: ActSeen | None) -> ActLine:
    if seen is None:
        return _act_line(provider, act, ActOutcome.REQUESTED, "the service accepted it. The result could not be read")
    reason = f"at {_minute_text(seen.mark)}" if seen.mark and not act.lasts else ""
    if seen.state is ActState.NOT_SHOWN and not seen.mark:
        reason = "the service accepted it but does not show a result"
    return _act_line(provider, act, _OUTCOMES[seen.state], reason)


def _act_line(provider: str, act: LostAct, outcome: ActOutcome, reason: str = "") -> ActLine:
    return ActLine(provider, act.name, act.words, outcome, reason)


def _manual_line(provider: str, act: LostAct) -> ActLine | None:
    return _act_line(provider, act, ActOutcome.BY_HAND, act.cannot) if act.cannot else None


def _error_text(error: RequestFailed, act: LostAct) -> str:
    return str(error).replace(act.account, "the holder") if act.account else str(error)


def _read_wipe(session: LostDeviceSession, loss: Loss, provider: str, device: LostDevice) -> Wipe:
    """Return the service's record of a wipe, without wipes from before the loss."""
    seen = attempt("wipe", partial(session.connections[provider].lost_devices.read_wipe, device))
    if isinstance(seen, ServiceError):
        return Wipe(ActOutcome.UNKNOWN, reason=str(seen))
    if seen.state is ActState.NOT_SHOWN:
        return Wipe(ActOutcome.UNKNOWN, reason="this cloud does not show the result of a wipe. Check its console")
    if seen.state is ActState.NOT_DONE or not _is_after_loss(seen.mark, loss):
        return Wipe(ActOutcome.NOT_DONE)
    return Wipe(_OUTCOMES[seen.state], _minute_text(seen.mark))


def _last_wipes(session: LostDeviceSession, report: LossReport, loss: Loss) -> dict[str, Wipe]:
    """Return the last recorded wipe for each cloud that no longer manages the device. A wipe ends its management."""
    wipes = {}
    for provider in [name for name in session.connections if name not in report.devices and name not in report.unread]:
        fact = session.last_fact(Address(provider, LOST, f"{loss.serial} {RESULT}"))
        if fact.get("loss") == loss.id:
            wipes[provider] = replace(recorded_wipe(fact), is_unmanaged=True)
    return wipes


def _minute_text(timestamp: str) -> str:
    """Return a service's timestamp to the minute, or the original text if it is not a timestamp."""
    try:
        return f"{datetime.fromisoformat(timestamp):%Y-%m-%d %H:%M}"
    except ValueError:
        return timestamp


def _is_after_loss(timestamp: str, loss: Loss) -> bool:
    try:
        return datetime.fromisoformat(timestamp) >= loss.on - timedelta(hours=1)  # two clocks
    except (ValueError, TypeError):
        return True


def _record_result(session: LostDeviceSession, report: LossReport, provider: str) -> None:
    """Record the results on one cloud, unless the last record has the same results."""
    of_device = [act for act in report.acts if act.provider == provider]
    fact = {"loss": report.loss.id if report.loss else "", **report.wipes[provider].fact}
    fact |= {act.name: str(act.outcome) for act in of_device}
    result = Address(provider, LOST, f"{report.serial} {RESULT}")
    if session.last_fact(result) != fact:
        session.note(result, fact)


def _device_facts(device: LostDevice, now: datetime) -> dict[str, str]:
    """Return the facts about a lost device that a governor asks for first."""
    contact = device.seen.isoformat() if device.seen else "not shown"
    whose = {True: "personal", False: "the school's", None: "not shown"}[device.personal]
    return {"encryption": device.encryption, "contact": contact, "owner": whose, "read": now.isoformat()}
