"""The emulator's extension for tests: faults, recorded requests, snapshots, and a control plane for them."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from starlette.routing import BaseRoute

from connectors.emulator import clock
from connectors.emulator.dispatch import BATCH, NOT_EMULATED, Answering
from connectors.emulator.emulation import Emulation
from connectors.emulator.extension import Around, Dropped, Extension, HttpRequest, Performer
from connectors.emulator.service import Answer, Call, Operation
from connectors.emulator.store import Store
from tests.extended_emulator.control import routes
from tests.extended_emulator.faults import Fault, FaultKind, Faults
from tests.extended_emulator.hostile import hostile_answer
from tests.extended_emulator.log import Log, Performed
from tests.extended_emulator.refusals import RETRY_TIME, refuse, truncate, with_retry_time
from tests.extended_emulator.snapshots import SnapshotStore


class FaultyExtension(Extension):
    """The armed faults and the recorded requests of every tenant."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.log = Log()

    def hook(self) -> Around:
        return FaultyAround(self)

    def open_store(self, path: Path | None) -> Store:
        return SnapshotStore(path)

    def routes(self, emulation: Emulation) -> Sequence[BaseRoute]:
        return routes(emulation, self.faults, self.log)

    def forget(self, tenant: str) -> None:
        self.faults.disarm(tenant)
        self.log.forget(tenant)


class FaultyAround(Around):
    """One request, with the faults that its operations meet and the entry in the log."""

    def __init__(self, extension: FaultyExtension) -> None:
        self._faults, self._log = extension.faults, extension.log
        self._performed: list[Performed] = []
        self._hostility = ""  # of the whole response
        self._delay = 0  # milliseconds before the response is sent
        self._held = False  # the response is sent after the faults are disarmed

    def perform(self, answering: Answering, operation: Operation, call: Call, perform: Performer) -> Answer:
        tenant, service, store = answering.tenant, answering.service, answering.store
        if operation is BATCH:
            fault = self._faults.meet_batch(tenant)
            return self._perform_and_log(fault, answering, operation, call, perform) if fault else perform(call, store)
        if operation.notes == NOT_EMULATED:
            return self._perform_and_log(None, answering, operation, call, perform)
        fault, stale = self._faults.meet(tenant, operation.name)
        if stale and operation.write:
            self._faults.keep_before(tenant, service.name, stale, store)
        return self._perform_and_log(fault, answering, operation, call, perform)

    def change_answer(self, answer: Answer, request: HttpRequest) -> Answer:
        url = f"https://{request.host}{request.target}"
        return hostile_answer(self._hostility, answer, url) if self._hostility else answer

    async def ended(self, request: HttpRequest, answering: Answering | None, answer: Answer | None) -> None:
        tenant, service = (answering.tenant, answering.service.name) if answering else ("", "")
        self._log.add(
            tenant, method=request.method, service=service, operations=self._performed,
            url=request.target, status=answer.status if answer else None, at=datetime.now(UTC).isoformat(),
        )  # fmt: skip
        if answering is None:
            return
        latency = answering.store.get(tenant, "latency", "milliseconds") or {}
        milliseconds = self._delay + float(str(latency.get("milliseconds", 0)))
        if milliseconds:
            await asyncio.sleep(milliseconds / 1000)
        if self._held:
            await self._faults.release(tenant)

    def _perform_and_log(
        self, fault: Fault | None, answering: Answering, operation: Operation, call: Call, perform: Performer
    ) -> Answer:
        store, kind = answering.store, fault.fault.value if fault else None
        if not operation.write:
            store = self._faults.seen_by_read(answering.tenant, answering.service.name, store)
        performing = partial(perform, call, store)
        try:
            answer = self._meeting(fault, answering, call, performing) if fault else performing()
        except Dropped:
            self._performed.append(Performed(operation.name, operation.write, None, kind))
            raise
        self._performed.append(Performed(operation.name, operation.write, answer.status, kind))
        return answer

    def _meeting(self, fault: Fault, answering: Answering, call: Call, performing: "partial[Answer]") -> Answer:
        answer = Answer() if fault.fault.before else performing()
        match fault.fault:
            case FaultKind.DROPPED | FaultKind.DROPPED_AFTER:
                raise Dropped
            case FaultKind.KILL | FaultKind.KILL_AFTER:
                self._faults.processes.kill(fault.pid)
                raise Dropped
            case FaultKind.SLOW:
                self._delay += fault.milliseconds
            case FaultKind.HELD:
                self._held = True
            case FaultKind.STALE:
                pass
            case FaultKind.HOSTILE:
                self._hostility = fault.reason
            case FaultKind.TRUNCATED:
                return truncate(answering.service, call, answer)
            case _:
                return _refusal(fault, answering, call)
        return answer


def _refusal(fault: Fault, answering: Answering, call: Call) -> Answer:
    match fault.fault:
        case FaultKind.EXPIRED_TOKEN:
            return refuse(answering.service, call, 401)
        case FaultKind.REFUSED:
            return refuse(answering.service, call, 403)
        case FaultKind.UNAVAILABLE | FaultKind.UNAVAILABLE_AFTER:
            return _with_retry_after(refuse(answering.service, call, fault.status), fault.seconds)
        case FaultKind.REJECTED | FaultKind.REJECTED_AFTER:
            answer = refuse(answering.service, call, fault.status, fault.reason)
            if fault.reason == RETRY_TIME:
                until = clock.now(answering.store, answering.tenant) + timedelta(seconds=fault.seconds or 0)
                return with_retry_time(answer, until)
            return _with_retry_after(answer, fault.seconds)
        case _:
            seconds = 1 if fault.seconds is None else fault.seconds
            return _with_retry_after(refuse(answering.service, call, 429), seconds)


def _with_retry_after(answer: Answer, seconds: float | None) -> Answer:
    if seconds is None:
        return answer
    return replace(answer, headers={**answer.headers, "Retry-After": f"{seconds:g}"})
