"""What clients of Microsoft's services share: no write in a run that only reads, and many calls in one request."""

from collections.abc import Callable, Collection, Mapping, Sequence
from http import HTTPStatus
from typing import Generic, TypeVar

from connectors.microsoft365.http import ServiceCall, ServiceWire
from connectors.microsoft365.replies import Reply, read_part
from toolkit.errors import BadAnswer, RequestFailed, Unavailable, WriteInReadOnlyRun
from toolkit.records import dataclass
from toolkit.sdk import Caller
from toolkit.values import Body, Json

C = TypeVar("C", bound=ServiceCall)
T = TypeVar("T")
W = TypeVar("W", bound=ServiceWire)


class ServiceClient(Generic[W]):
    """A client: its wire, what sends and repeats its calls, and whether the run only reads."""

    def __init__(self, wire: W, caller: Caller, *, read_only: bool) -> None:
        self._wire = wire
        self._caller = caller
        self._read_only = read_only

    @property
    def request_count(self) -> int:
        """Count the requests sent so far."""
        return self._wire.request_count

    def close(self) -> None:
        self._wire.close()

    def _guard(self, *calls: ServiceCall) -> None:
        """Raise WriteInReadOnlyRun if a run that only reads would send a call that is not known to be a read."""
        for call in calls:
            if self._read_only and not call.reads:
                raise WriteInReadOnlyRun(f"{call} could change the tenant; this run only reads, nothing was sent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batches(Generic[C, T]):
    """The batches of one service: how large they are, and how a call in them is written and its answer read."""

    caller: Caller
    largest: int
    name: str
    title: Callable[[Collection[C]], str]
    part: Callable[[C], Body]
    send: Callable[[Body], Body]
    read: Callable[[C, Reply], T]
    renew: Callable[[], None]
    send_single: Callable[[C], Reply] | None = None
    """Sends a call that has no other beside it; None where a batch may hold one."""

    def run(self, calls: Sequence[C]) -> Sequence[T | RequestFailed]:
        """Send reads or changes and return for each its result or its error, in their order.

        Only the parts that failed and may go through are sent again, so no call may create anything.
        """
        outcomes: dict[int, T | RequestFailed] = {}
        for start in range(0, len(calls), self.largest):
            chunk = dict(enumerate(calls[start : start + self.largest], start))
            reads = all(call.reads for call in chunk.values())
            outcomes |= self.caller.together(self.title(chunk.values()), chunk, self._send_once, reads=reads)
        return [outcomes[number] for number in range(len(calls))]

    def _send_once(self, calls: Mapping[int, C]) -> Mapping[int, T | RequestFailed]:
        """Send calls once; raises only where all of them were refused together."""
        if self.send_single and len(calls) == 1:
            ((number, call),) = calls.items()
            return {number: self._outcome(call, self.send_single(call))}
        replies = self._replies(calls)
        stale = {n: calls[n] for n, reply in replies.items() if reply.status == HTTPStatus.UNAUTHORIZED}
        if stale:
            self.renew()
            replies = {**replies, **self._replies(stale)}
        return {n: self._outcome(call, replies.get(n)) for n, call in calls.items()}

    def _replies(self, calls: Mapping[int, C]) -> Mapping[int, Reply]:
        """Send a batch and match the answers by id: the service does not keep the order."""
        parts: list[Json] = [{"id": str(number), **self.part(call)} for number, call in calls.items()]
        responses = self.send({"requests": parts}).get("responses")
        if not isinstance(responses, list):
            raise BadAnswer(f"{self.name}: the answer holds no answers to its parts")
        replies_by_id = {str(part.get("id")): read_part(part) for part in responses if isinstance(part, Mapping)}
        return {n: replies_by_id[str(n)] for n in calls if str(n) in replies_by_id}

    def _outcome(self, call: C, reply: Reply | None) -> T | RequestFailed:
        if reply is None:
            return Unavailable(f"{call}: this part of the batch was not answered")
        try:
            return self.read(call, reply)
        except RequestFailed as error:
            return error
