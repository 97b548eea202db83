"""Trying again: when, how long, and what is never sent twice."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from tests.emulated import HANG
from toolkit.errors import Conflict, HostNotFound, NotFound, Rejected, ServiceError, Throttled, Unavailable
from toolkit.sdk.calls import LOOK_UPS, Caller


@dataclass
class Time:
    """A clock that only moves when somebody sleeps."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def clock(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def caller(time: Time) -> Caller:
    return Caller("Exchange", concurrent=2, deadline=100.0, sleep=time.sleep, clock=time.clock)


def answering(*outcomes: str | ServiceError | None) -> Callable[[], str | None]:
    """Make a call that answers in turn, an error by raising it; the last answer stays."""
    turn = _turn(outcomes)

    def call() -> str | None:
        outcome = next(turn)
        if isinstance(outcome, ServiceError):
            raise outcome
        return outcome

    return call


def _turn(outcomes: tuple[str | ServiceError | None, ...]) -> Iterator[str | ServiceError | None]:
    yield from outcomes
    while True:
        yield outcomes[-1]


def never() -> None:
    pytest.fail("this was not to be called")


def test_a_read_that_fails_in_passing_is_sent_again(caller: Caller, time: Time) -> None:
    assert caller.read("Get-X", answering(Unavailable("500"), Unavailable("502"), "rows")) == "rows"
    assert caller.attempts == 3
    assert len(time.slept) == 2


def test_waits_grow_and_are_not_the_same_for_everybody(time: Time) -> None:
    caller = Caller("Exchange", concurrent=1, deadline=1000.0, longest_wait=8.0, sleep=time.sleep, clock=time.clock)

    caller.read("Get-X", answering(*[Unavailable("500")] * 6, "rows"))

    bounds = [(1, 2), (2, 3), (4, 5), (8, 8), (8, 8), (8, 8)]
    assert all(low <= slept <= high for slept, (low, high) in zip(time.slept, bounds, strict=True))


@pytest.mark.parametrize("kind", [Throttled, Unavailable])
def test_a_service_that_says_how_long_to_wait_is_obeyed(
    caller: Caller, time: Time, kind: type[Throttled] | type[Unavailable]
) -> None:
    caller.read("Get-X", answering(kind("later", retry_after=42.0), "rows"))

    assert time.slept == [42.0]


def test_a_wait_beyond_the_deadline_is_not_begun(caller: Caller, time: Time) -> None:
    with pytest.raises(Throttled, match=r"too many calls.*once.*Exchange asks to wait 900 s") as raised:
        caller.read("Get-X", answering(Throttled("too many calls", retry_after=900.0)))

    assert time.slept == []
    assert raised.value.retry_after == 900.0


def test_at_the_deadline_the_last_error_says_how_often_and_how_long_it_was_tried(caller: Caller, time: Time) -> None:
    with pytest.raises(Unavailable, match=r"^503: down \(Get-X was tried \d+ times over \d+ s\)$"):
        caller.read("Get-X", answering(Unavailable("503: down")))

    assert 30 < time.now <= 100


@pytest.mark.parametrize("error", [Rejected("no"), NotFound("gone"), Conflict("there"), ServiceError("else")])
def test_nothing_but_a_passing_error_is_tried_again(caller: Caller, error: ServiceError) -> None:
    with pytest.raises(type(error)):
        caller.change("Set-X", answering(error, "done"))

    assert caller.attempts == 1


def test_a_deletion_that_took_effect_without_an_answer_is_done(caller: Caller) -> None:
    caller.delete("Remove-X", answering(Unavailable("dropped"), NotFound("gone")))

    assert caller.attempts == 2


def test_a_deletion_of_what_is_not_there_is_an_error(caller: Caller) -> None:
    with pytest.raises(NotFound):
        caller.delete("Remove-X", answering(NotFound("gone")))


def test_what_goes_once_is_sent_again_only_where_the_service_took_nothing(caller: Caller, time: Time) -> None:
    assert caller.send_once("a message", answering(Throttled("busy", retry_after=7.0), "sent")) == "sent"
    assert (caller.attempts, time.slept) == (2, [7.0])


def test_what_goes_once_is_not_sent_again_without_an_answer(caller: Caller) -> None:
    with pytest.raises(Unavailable, match="lost"):
        caller.send_once("a message", answering(Throttled("busy"), Unavailable("lost"), "sent"))
    assert caller.attempts == 2


def test_a_create_that_goes_through_is_not_looked_up(caller: Caller) -> None:
    assert caller.create("New-X", answering("made"), never) == "made"


@pytest.mark.parametrize("error", [Throttled("429", retry_after=3.0), Unavailable("dropped")])
def test_a_create_without_an_answer_is_looked_up_and_not_sent_again(caller: Caller, error: ServiceError) -> None:
    assert caller.create("New-X", answering(error, "made twice"), answering("found")) == "found"
    assert caller.attempts == 1


def test_a_create_is_sent_again_where_nothing_is_found(caller: Caller) -> None:
    assert caller.create("New-X", answering(Unavailable("503"), "made"), answering(None)) == "made"
    assert caller.attempts == 2


def test_a_create_is_not_sent_again_while_the_lookup_fails(caller: Caller) -> None:
    look = answering(Unavailable("503"), Throttled("429"), "found")

    assert caller.create("New-X", answering(Unavailable("503"), "made twice"), look) == "found"
    assert caller.attempts == 1


def test_a_lookup_that_is_refused_ends_the_create(caller: Caller) -> None:
    with pytest.raises(Rejected):
        caller.create("New-X", answering(Unavailable("503"), "made twice"), answering(Rejected("no")))

    assert caller.attempts == 1


def test_reads_that_lag_are_repeated_within_the_settling_time_before_a_create_is_sent_again(
    caller: Caller, time: Time
) -> None:
    look = answering(None, None, None, "found")

    assert caller.create("New-X", answering(Unavailable("503"), "made twice"), look, settles=30.0) == "found"
    assert time.now < 30


def test_a_create_is_sent_again_once_the_settling_time_is_over(caller: Caller, time: Time) -> None:
    sent: list[float] = []

    def call() -> str:
        sent.append(time.now)
        if len(sent) == 1:
            raise Unavailable("503")
        return "made"

    assert caller.create("New-X", call, answering(None), settles=30.0) == "made"
    assert sent == [0.0, pytest.approx(30.0)]


def test_a_conflict_on_the_second_attempt_means_that_the_first_took_effect(caller: Caller) -> None:
    call = answering(Unavailable("503"), Conflict("already exists"))

    assert caller.create("New-X", call, answering(None, "found")) == "found"


def test_a_conflict_on_the_first_attempt_is_somebody_elses_object(caller: Caller) -> None:
    with pytest.raises(Conflict):
        caller.create("New-X", answering(Conflict("already exists")), never)


def test_no_more_calls_are_under_way_than_allowed() -> None:
    caller = Caller("Exchange", concurrent=2)
    under_way, most = 0, 0
    lock, full = threading.Lock(), threading.Barrier(2)

    def call() -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        full.wait(HANG)  # nobody leaves before two are inside
        with lock:
            under_way -= 1

    threads = [threading.Thread(target=lambda: caller.read("Get-X", call)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == 2
    assert caller.attempts == 6


def test_host_that_cannot_be_found_is_looked_up_a_few_times_before_the_first_answer(caller: Caller, time: Time) -> None:
    with pytest.raises(HostNotFound, match=r"cannot find login\.example \(GET /organization was tried 4 times over"):
        caller.read("GET /organization", answering(HostNotFound("This computer cannot find login.example")))

    assert caller.attempts == LOOK_UPS
    assert time.now < 12


def test_host_that_answered_before_is_looked_up_until_the_deadline(caller: Caller, time: Time) -> None:
    caller.read("GET /organization", answering("school"))
    lost = [HostNotFound("This computer cannot find login.example")] * LOOK_UPS

    assert caller.read("GET /users", answering(*lost, "people")) == "people"
    assert caller.attempts == LOOK_UPS + 2
