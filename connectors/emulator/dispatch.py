"""Answering one request: operation by operation, with whatever fault it meets, each into the log."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from urllib.parse import urlsplit

from connectors.emulator.audit_log import Doer, note
from connectors.emulator.faults import BATCH, Fault, FaultKind, Faults
from connectors.emulator.log import Performed
from connectors.emulator.service import Answer, Call, Operation, Perform, Principal, Service
from connectors.emulator.store import Store


class Dropped(Exception):
    """The connection ends without an answer."""


@dataclass
class Answering:
    """One request on its way through a service."""

    service: Service
    store: Store
    faults: Faults
    tenant: str  # "" where the request names none; then the first part of a batch that names one counts
    identify: Callable[[str], Principal | None]  # who sends an Authorization header
    known_as: Callable[[Principal], Doer]  # what the tenant's log calls who signed in
    performed: list[Performed] = field(default_factory=list)
    hostility: str = ""  # of the whole answer
    delay: int = 0  # milliseconds before the answer leaves
    held: bool = False  # it leaves once the faults are disarmed

    def respond(self, call: Call) -> Answer:
        """Answer a call or a batch of calls; raises Dropped where nothing is to be sent."""
        if self.service.batch(call, lambda part: self._seen(call, part)) is None:
            return self._one(call)
        fault = self.faults.meet_batch(self.tenant)
        if fault is None:
            return self._batch(call)
        return self._noted(fault, Operation(BATCH, write=False), call, self._batch)

    def _batch(self, call: Call) -> Answer:
        joined = self.service.batch(call, lambda part: self._one(self._identified(call, part)))
        assert joined is not None
        return joined

    def _seen(self, call: Call, part: Call) -> Answer:
        """Look at a part without performing it: a batch may leave it to its parts to say whose it is."""
        if not self.tenant and (principal := self._identified(call, part).principal):
            self.tenant = principal.tenant_id
        return Answer()

    def _identified(self, call: Call, part: Call) -> Call:
        """Find out who sends a part, where that is not who sends the batch."""
        sender = part.headers.get("authorization", "")
        return (
            part if sender == call.headers.get("authorization", "") else replace(part, principal=self.identify(sender))
        )

    def _one(self, call: Call) -> Answer:
        call = _behind_host(call)
        operations = self.service.operations(call)
        if not operations:
            asked = Operation(f"{call.method} {call.path}", write=False)
            return self._noted(None, asked, call, lambda call: not_emulated(self.service, call))
        operation = operations[0]
        fault, stale = self.faults.meet(self.tenant, operation.name)
        if stale and operation.write:
            self.faults.keep_before(self.tenant, self.service.name, stale, self.store)
        return self._noted(fault, operation, call, partial(self._write, operation) if operation.write else self._read)

    def _noted(self, fault: Fault | None, operation: Operation, call: Call, perform: Perform) -> Answer:
        kind = fault.fault.value if fault else None
        try:
            answer = self._meeting(fault, call, perform) if fault else perform(call)
        except Dropped:
            self.performed.append(Performed(operation.name, operation.write, None, kind))
            raise
        self.performed.append(Performed(operation.name, operation.write, answer.status, kind))
        return answer

    def _meeting(self, fault: Fault, call: Call, perform: Perform) -> Answer:
        answer = Answer() if fault.fault.before else perform(call)
        match fault.fault:
            case FaultKind.DROPPED | FaultKind.DROPPED_AFTER:
                raise Dropped
            case FaultKind.KILL | FaultKind.KILL_AFTER:
                self.faults.processes.kill(fault.pid)
                raise Dropped
            case FaultKind.SLOW:
                self.delay += fault.milliseconds
                return answer
            case FaultKind.HELD:
                self.held = True
                return answer
            case FaultKind.STALE:
                return answer
            case FaultKind.HOSTILE:
                self.hostility = fault.reason
                return answer
            case FaultKind.TRUNCATED:
                return self.service.truncate(call, answer)
            case _:
                return self._refusal(fault, call)

    def _read(self, call: Call) -> Answer:
        return self.service.answer(call, self.faults.seen_by_read(self.tenant, self.service.name, self.store))

    def _write(self, operation: Operation, call: Call) -> Answer:
        with self.store.transaction():
            with self.store.noting() as touched:
                answer = self.service.answer(call, self.store)
            if call.principal and touched:
                doer = self.known_as(call.principal)
                note(self.store, call.principal.tenant_id, doer, operation.name, touched)
            return answer

    def _refusal(self, fault: Fault, call: Call) -> Answer:
        match fault.fault:
            case FaultKind.EXPIRED_TOKEN:
                return self.service.refuse(call, 401)
            case FaultKind.REFUSED:
                return self.service.refuse(call, 403)
            case FaultKind.UNAVAILABLE | FaultKind.UNAVAILABLE_AFTER:
                return _with_retry_after(self.service.refuse(call, fault.status), fault.seconds)
            case FaultKind.REJECTED | FaultKind.REJECTED_AFTER:
                return _with_retry_after(self.service.refuse(call, fault.status, fault.reason), fault.seconds)
            case _:
                seconds = 1 if fault.seconds is None else fault.seconds
                return _with_retry_after(self.service.refuse(call, 429), seconds)


def not_emulated(service: Service, call: Call) -> Answer:
    """Say that something is not emulated, so that no one takes silence for an empty answer."""
    text = f"The emulator's {service.name} does not emulate {call.method} {call.path}."
    return Answer(status=501, body={"error": {"code": "NotEmulated", "message": text}})


def _behind_host(call: Call) -> Call:
    """Take the host's name off the path of a part that its batch names by a whole address, as routing does."""
    prefix = urlsplit(call.base).path
    return replace(call, path=call.path.removeprefix(prefix)) if call.path.startswith(prefix + "/") else call


def _with_retry_after(answer: Answer, seconds: float | None) -> Answer:
    if seconds is None:
        return answer
    return replace(answer, headers={**answer.headers, "Retry-After": f"{seconds:g}"})
