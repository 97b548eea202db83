"""Shared parts of the clients for Microsoft's services: a read-only guard, and batches of calls."""

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
    """A client for one of Microsoft's services. `caller` sends each call, and repeats it after temporary errors."""

    def __init__(self, wire: W, caller: Caller, *, read_only: bool) -> None:
        self._wire = wire
        self._caller = caller
        self._read_only = read_only

    @property
    def request_count(self) -> int:
        """Return the number of requests sent so far."""
        return self._wire.request_count

    def close(self) -> None:
        self._wire.close()

    def _guard(self, *calls: ServiceCall) -> None:
        """Raise WriteInReadOnlyRun if the run is read-only and a call may change something."""
        for call in calls:
            if self._read_only and not call.reads:
                raise WriteInReadOnlyRun(f"{call} could change the tenant. This run is read-only, so nothing was sent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batches(Generic[C, T]):
    """Sends calls in batches to one service.

    The fields are the number of calls in a batch, a function that writes a call, and a function that reads its
    response.
    """

    caller: Caller
    largest: int
    name: str
    title: Callable[[Collection[C]], str]
    part: Callable[[C], Body]
    send: Callable[[Body], Body]
    read: Callable[[C, Reply], T]
    renew: Callable[[], None]
    send_single: Callable[[C], Reply] | None = None
    """Sends a call without a batch. None if a batch may hold a single call."""

    def run(self, calls: Sequence[C]) -> Sequence[T | RequestFailed]:
        """Send reads or changes in batches. Return the result or the error of each call, in order.

        Only calls that failed with a temporary error are sent again. No call may create an object, because a call may
        be sent twice.
        """
        outcomes: dict[int, T | RequestFailed] = {}
        for start in range(0, len(calls), self.largest):
            chunk = dict(enumerate(calls[start : start + self.largest], start))
            reads = all(call.reads for call in chunk.values())
            outcomes |= self.caller.send_together(self.title(chunk.values()), chunk, self._send_once, reads=reads)
        return [outcomes[number] for number in range(len(calls))]

    def _send_once(self, calls: Mapping[int, C]) -> Mapping[int, T | RequestFailed]:
        """Send each call once, and return the results by number.

        Raise an error only if the service refused the whole batch.
        """
        if self.send_single and len(calls) == 1:
            ((number, call),) = calls.items()
            return {number: self._to_outcome(call, self.send_single(call))}
        replies = self._send_batch(calls)
        stale = {n: calls[n] for n, reply in replies.items() if reply.status == HTTPStatus.UNAUTHORIZED}
        if stale:
            self.renew()
            replies = {**replies, **self._send_batch(stale)}
        return {n: self._to_outcome(call, replies.get(n)) for n, call in calls.items()}

    def _send_batch(self, calls: Mapping[int, C]) -> Mapping[int, Reply]:
        """Send a batch.

        Return the responses by number, found by their ids, because the service does not keep the order.
        """
        parts: list[Json] = [{"id": str(number), **self.part(call)} for number, call in calls.items()]
        responses = self.send({"requests": parts}).get("responses")
        if not isinstance(responses, list):
            raise BadAnswer(f"{self.name}: the batch's response contains no list of responses")
        replies_by_id = {str(part.get("id")): read_part(part) for part in responses if isinstance(part, Mapping)}
        return {n: replies_by_id[str(n)] for n in calls if str(n) in replies_by_id}

    def _to_outcome(self, call: C, reply: Reply | None) -> T | RequestFailed:
        if reply is None:
            return Unavailable(f"{call}: the batch's response contains no part for this call")
        try:
            return self.read(call, reply)
        except RequestFailed as error:
            return error
