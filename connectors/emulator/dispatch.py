"""Responds to one request, operation by operation."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlsplit

from connectors.emulator.audit_log import Doer, note
from connectors.emulator.extension import Around
from connectors.emulator.service import Answer, Call, Operation, Principal, Service
from connectors.emulator.store import Store

BATCH = Operation("$batch", write=False)  # a batch as a whole
NOT_EMULATED = "not emulated"
"""The note of an operation that no service has."""


@dataclass
class Answering:
    """A request that a service is processing."""

    service: Service
    store: Store
    hook: Around
    tenant: str  # "" if the request does not name a tenant. Then the first part of a batch with a tenant counts.
    identify: Callable[[str], Principal | None]  # who sends an Authorization header
    author_of_change: Callable[[Principal], Doer]  # the name in the tenant's log of the person or application

    def respond(self, call: Call) -> Answer:
        """Return the response to a call or a batch. Raise Dropped if the connection must be cut."""
        batch = self.service.batch(call)
        if batch is None:
            return self._perform_one(call)
        if not self.tenant:
            batch(lambda part: self._find_tenant(call, part))
        return self.hook.perform(
            self, BATCH, call, lambda call, _store: batch(lambda part: self._perform_one(self._with_sender(call, part)))
        )

    def _find_tenant(self, call: Call, part: Call) -> Answer:
        """Record the tenant that a part of a batch names, without performing the part.

        The batch itself may not name a tenant.
        """
        if not self.tenant and (principal := self._with_sender(call, part).principal):
            self.tenant = principal.tenant_id
        return Answer()

    def _with_sender(self, call: Call, part: Call) -> Call:
        """Return a part of a batch as a call whose caller is identified by the part's own token."""
        sender = part.headers.get("authorization", "")
        return (
            part if sender == call.headers.get("authorization", "") else replace(part, principal=self.identify(sender))
        )

    def _perform_one(self, call: Call) -> Answer:
        call = _without_host(call)
        operations = self.service.operations(call)
        if not operations:
            unknown = Operation(f"{call.method} {call.path}", write=False, notes=NOT_EMULATED)
            return self.hook.perform(self, unknown, call, lambda call, _store: not_emulated(self.service, call))
        operation = operations[0]
        perform = partial(self._perform_write, operation) if operation.write else self.service.answer
        return self.hook.perform(self, operation, call, perform)

    def _perform_write(self, operation: Operation, call: Call, store: Store) -> Answer:
        with store.transaction():
            with store.record_changes() as touched:
                answer = self.service.answer(call, store)
            if call.principal and touched:
                doer = self.author_of_change(call.principal)
                note(store, call.principal.tenant_id, doer, operation.name, touched)
            return answer


def not_emulated(service: Service, call: Call) -> Answer:
    """Return a 501 response to a call that is not emulated, because an empty response could mislead the client."""
    text = f"The emulator's {service.name} does not emulate {call.method} {call.path}."
    return Answer(status=501, body={"error": {"code": "NotEmulated", "message": text}})


def _without_host(call: Call) -> Call:
    """Return a part of a batch with the host name removed from its path, because a part may have a complete address."""
    prefix = urlsplit(call.base).path
    return replace(call, path=call.path.removeprefix(prefix)) if call.path.startswith(prefix + "/") else call
