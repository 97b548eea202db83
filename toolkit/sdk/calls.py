"""Send calls to services, and limit concurrent calls, repetitions and time."""

import time
from collections.abc import Callable, Mapping
from threading import BoundedSemaphore, Lock, local
from typing import TYPE_CHECKING, NoReturn, TypeVar

from toolkit.errors import (
    Conflict,
    HostNotFound,
    NotFound,
    RequestFailed,
    ServiceError,
    Throttled,
    Transient,
    Unavailable,
    answered,
)
from toolkit.sdk.limits import RunDeadline
from toolkit.sdk.shared_reads import SharedReads

if TYPE_CHECKING:
    from tenacity import RetryCallState  # tenacity is imported when a call is sent, because it imports asyncio

C = TypeVar("C")
T = TypeVar("T")

LOOK_UPS = 4
"""The number of lookups of a host before the first response, about 9 seconds in which a network can connect."""


class AcceptedWrites(local):
    """Counts, for each thread, the writes that services accepted. A change may need several writes."""

    number = 0


ACCEPTED = AcceptedWrites()


class Caller:
    """Sends calls to a service, at most `concurrent` at a time, and repeats failed calls for up to `deadline` seconds.

    A call is repeated only after a Transient error. The wait before a repetition is the time that the service asks for,
    or a growing time, in the calling thread. At the deadline the last error is raised, with the number of attempts and
    their duration. If the service has never responded and its host cannot be found, a call is sent only LOOK_UPS times,
    because a computer without a network would otherwise wait for minutes.

    `settles` is the maximum number of seconds by which reads lag behind writes. Set it if the service is quicker than
    its kinds expect. After the deadline `run` no read is sent. Writes ignore this deadline, because a change that has
    begun must be completed. With `shared`, reads that an earlier command of the session has sent are not sent again.
    """

    def __init__(
        self,
        service: str,
        *,
        concurrent: int,
        deadline: float = 300.0,
        first_wait: float = 1.0,
        longest_wait: float = 60.0,
        settles: float | None = None,
        run: RunDeadline | None = None,
        shared: SharedReads | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        from tenacity.wait import wait_exponential_jitter

        self._service = service
        self._deadline = deadline
        self._sleep = sleep
        self._clock = clock
        self._settles = settles
        self._run = run or RunDeadline(None)
        self._shared = shared
        self._first_wait = first_wait
        self._growing_wait = wait_exponential_jitter(multiplier=first_wait, max=longest_wait, jitter=first_wait)
        self._under_way = BoundedSemaphore(concurrent)
        self._counting = Lock()
        self._attempts = 0
        self._has_answered = False

    @property
    def attempts(self) -> int:
        """Return the number of calls sent so far, including repetitions."""
        return self._attempts

    def read(self, description: str, call: Callable[[], T], *, request: object = None) -> T:
        """Send a call that only reads, and return its result. Raise OutOfTime if the run has no time left for reading.

        `request` is equal for equal calls, so that the commands of a session can share a result.
        """
        if self._shared is None or request is None:
            return self._send_read(description, call)
        if shared := self._shared.next_stored_result(self._service, request):
            result: T = answered(shared.outcome)
            return result
        try:
            result = self._send_read(description, call)
        except ServiceError as error:
            self._shared.store_result(self._service, request, error)
            raise
        self._shared.store_result(self._service, request, result)
        return result

    def _send_read(self, description: str, call: Callable[[], T], *, requests: int = 1) -> T:
        def attempt() -> T:
            self._run.check(description)
            return self._send(call, requests=requests)

        return self._repeat_until_deadline(description, attempt)

    def change(self, description: str, call: Callable[[], T]) -> T:
        """Send a change that has the same result if it is repeated, and return the result."""
        return self._count_accepted(self._repeat_until_deadline(description, lambda: self._write(call)))

    def send_once(self, description: str, call: Callable[[], T]) -> T:
        """Send a call that must not take effect twice, and return its result.

        The call is repeated only if the service asks toolkit to slow down. After any other failure the call may have
        taken effect, so Unavailable is raised at once.
        """
        accepted = self._repeat_until_deadline(description, lambda: self._write(call), again=Throttled)
        return self._count_accepted(accepted)

    def delete(self, description: str, call: Callable[[], object]) -> None:
        """Send a deletion. If an earlier attempt may have deleted the object, NotFound counts as success."""
        sent = False

        def attempt() -> None:
            nonlocal sent
            try:
                self._write(call)
            except NotFound:
                if not sent:
                    raise
            except Transient:
                sent = True
                raise

        self._count_accepted(self._repeat_until_deadline(description, attempt))

    def create(
        self, description: str, call: Callable[[], T], find_object: Callable[[], T | None], *, settles: float = 0.0
    ) -> T:
        """Send a call that creates an object, and return the object.

        Before the call is repeated, `find_object` searches for the object, because an earlier attempt may have created
        it. If `find_object` finds the object, it is returned. Because reads lag behind writes, the search is repeated
        for `settles` seconds before the object counts as absent.
        """
        sent_at: float | None = None
        settles = settles if self._settles is None else min(settles, self._settles)

        def attempt() -> T:
            nonlocal sent_at
            if sent_at is not None:
                existing = self._search_repeatedly(find_object, sent_at + settles)
                if existing is not None:
                    return existing
            repeated, sent_at = sent_at is not None, None
            try:
                return self._write(call)
            except Transient:
                sent_at = self._clock()
                raise
            except Conflict:
                existing = self._search_repeatedly(find_object, self._clock() + settles) if repeated else None
                if existing is None:
                    raise
                return existing

        return self._count_accepted(self._repeat_until_deadline(description, attempt))

    def _count_accepted(self, answer: T) -> T:
        ACCEPTED.number += 1
        return answer

    def send_together(
        self,
        description: str,
        calls: Mapping[int, C],
        send: Callable[[Mapping[int, C]], Mapping[int, T | ServiceError]],
        *,
        reads: bool,
    ) -> Mapping[int, T | ServiceError]:
        """Send several reads or changes in one request, and return a result or an error for each call.

        Calls with a Transient error are sent again, so no call may create an object. Raise SignInRefused if sign-in is
        refused.
        """
        if self._shared is None or not reads:
            return self._send_batch(description, calls, send, reads=reads)
        taken = {number: self._shared.next_stored_result(self._service, call) for number, call in calls.items()}
        sent = {number: call for number, call in calls.items() if taken[number] is None}
        outcomes = self._send_batch(description, sent, send, reads=reads) if sent else {}
        for number, outcome in outcomes.items():
            self._shared.store_result(self._service, calls[number], outcome)
        return {number: shared.outcome if shared else outcomes[number] for number, shared in taken.items()}

    def _send_batch(
        self,
        description: str,
        calls: Mapping[int, C],
        send: Callable[[Mapping[int, C]], Mapping[int, T | ServiceError]],
        *,
        reads: bool,
    ) -> Mapping[int, T | ServiceError]:
        outcomes: dict[int, T | ServiceError] = dict.fromkeys(calls, Unavailable(f"{description}: not sent"))

        def attempt() -> None:
            outcomes.update(send({n: call for n, call in calls.items() if isinstance(outcomes[n], Transient)}))
            if passing := [error for error in outcomes.values() if isinstance(error, Transient)]:
                raise max(passing, key=lambda error: error.retry_after or 0.0)

        try:
            if reads:
                self._send_read(description, attempt, requests=len(calls))
            else:
                self._repeat_until_deadline(description, lambda: self._write(attempt, requests=len(calls)))
        except ServiceError as error:
            outcomes.update({n: error for n in calls if isinstance(outcomes[n], Transient)})
        return outcomes

    def _write(self, call: Callable[[], T], *, requests: int = 1) -> T:
        """Send a change. Raise LedgerError if the run may no longer write, because it stood still for too long."""
        return self._send(call, requests=requests, writes=True)

    def _send(self, call: Callable[[], T], *, requests: int = 1, writes: bool = False) -> T:
        gate = self._run.gate
        with self._under_way:
            if gate:
                gate.wait_for_turn(self._service, requests)
            with self._counting:
                self._attempts += 1
            if gate and writes:
                gate.check_write()
            try:
                result = call()
            except RequestFailed as error:
                self._has_answered = self._has_answered or not isinstance(error, HostNotFound)
                if gate and isinstance(error, Throttled):
                    gate.count_throttled(self._service)
                raise
            self._has_answered = True
            return result

    def _search_repeatedly(self, find_object: Callable[[], T | None], until: float) -> T | None:
        existing, wait = find_object(), self._first_wait
        while existing is None and (left := until - self._clock()) > 0:
            self._sleep(min(left, wait))
            existing, wait = find_object(), wait * 2
        return existing

    def _repeat_until_deadline(
        self, description: str, attempt: Callable[[], T], *, again: type[Transient] = Transient
    ) -> T:
        from tenacity import Retrying, retry_if_exception_type

        started = self._clock()
        retrying = Retrying(
            sleep=self._sleep,
            retry=retry_if_exception_type(again),
            wait=self._seconds_to_wait,
            stop=lambda state: (
                self._clock() - started + state.upcoming_sleep > self._deadline or self._cannot_find_host(state)
            ),
            retry_error_callback=lambda state: self._give_up(description, state, self._clock() - started),
        )
        return retrying(attempt)

    def _cannot_find_host(self, state: "RetryCallState") -> bool:
        unresolved = isinstance(_error_of_attempt(state), HostNotFound) and not self._has_answered
        return unresolved and state.attempt_number >= LOOK_UPS

    def _seconds_to_wait(self, state: "RetryCallState") -> float:
        requested_wait = _requested_wait(_error_of_attempt(state))
        return requested_wait or self._growing_wait(state)

    def _give_up(self, description: str, state: "RetryCallState", seconds: float) -> NoReturn:
        error = _error_of_attempt(state)
        requested_wait = _requested_wait(error)
        times = "once" if state.attempt_number == 1 else f"{state.attempt_number} times over {seconds:.0f} s"
        why = f"{description} was tried {times}"
        if requested_wait and seconds + requested_wait > self._deadline:
            wait = f"{requested_wait:.0f} s"
            why += (
                f"; {self._service} asks to wait {wait}, which is longer than this run can wait. Try again after that"
            )
        kind = next((kind for kind in (Throttled, HostNotFound) if isinstance(error, kind)), Unavailable)
        raise kind(f"{error} ({why})", retry_after=requested_wait) from error


def _error_of_attempt(state: "RetryCallState") -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _requested_wait(error: BaseException | None) -> float | None:
    return error.retry_after if isinstance(error, Transient) else None
