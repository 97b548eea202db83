"""Reads that the commands of a session share: sent once, and never a result that may have changed meanwhile."""

from collections.abc import Mapping

import pytest

from toolkit.errors import Refused, ServiceError, Unavailable
from toolkit.sdk.calls import Caller
from toolkit.sdk.limits import RunDeadline
from toolkit.sdk.shared_reads import SharedReads


class Service:
    """Counts what it is asked, and gives each answer a number."""

    def __init__(self, shared: SharedReads) -> None:
        self.asked: list[str] = []
        self.refused: dict[str, ServiceError] = {}
        self.caller = Caller("Service", concurrent=1, deadline=0.0, shared=shared, sleep=lambda _: None)

    def read(self, request: str) -> str:
        return self.caller.read(request, lambda: self._answer(request), request=request)

    def read_all(self, *requests: str) -> list[object]:
        """Read several in one request; the value of each, or its error."""
        outcomes = self.caller.send_together("all", dict(enumerate(requests)), self._answers, reads=True)
        return [outcomes[number] for number in range(len(requests))]

    def _answer(self, request: str) -> str:
        self.asked.append(request)
        if error := self.refused.get(request):
            raise error
        return f"{request} {len(self.asked)}"

    def _answers(self, calls: Mapping[int, str]) -> Mapping[int, str | ServiceError]:
        return {number: self.refused.get(call) or self._answer(call) for number, call in calls.items()}


@pytest.fixture
def shared() -> SharedReads:
    return SharedReads()


@pytest.fixture
def service(shared: SharedReads) -> Service:
    return Service(shared)


def test_a_later_command_sends_only_what_no_earlier_one_has_sent(service: Service, shared: SharedReads) -> None:
    first = [service.read("people"), *service.read_all("groups", "devices")]
    shared.begin_command()
    later = [*service.read_all("people", "groups"), service.read("devices"), service.read("policies")]

    assert later == [*first, "policies 4"]
    assert service.asked == ["people", "groups", "devices", "policies"]


def test_a_command_that_reads_the_same_again_gets_what_is_there_now(service: Service, shared: SharedReads) -> None:
    """A run reads again to see whether a write of a killed run has arrived."""
    first = [service.read("rule"), service.read("rule")]
    shared.begin_command()
    later = [service.read("rule"), service.read("rule"), service.read("rule")]

    assert first == ["rule 1", "rule 2"]
    assert later == ["rule 1", "rule 2", "rule 3"]


def test_a_refusal_is_shared_and_an_error_that_may_pass_is_not(service: Service, shared: SharedReads) -> None:
    service.refused = {"holds": Refused("no permission", missing="eDiscovery.Read.All"), "mail": Unavailable("503")}
    for _ in range(2):
        shared.begin_command()
        with pytest.raises(Refused) as refused:
            service.read("holds")
        with pytest.raises(Unavailable):
            service.read("mail")
        outcomes = service.read_all("holds again", "mail again")
        service.refused |= {"holds again": service.refused["holds"], "mail again": service.refused["mail"]}

    assert refused.value.missing == "eDiscovery.Read.All"
    assert isinstance(outcomes[0], str)
    assert [service.asked.count(request) for request in ("holds", "mail", "mail again")] == [1, 2, 1]


def test_a_session_gives_each_command_the_whole_time_of_a_run() -> None:
    now = 0.0
    deadline = RunDeadline(10.0, clock=lambda: now)
    now = 9.0
    deadline.restart()

    assert deadline.seconds_left == 10.0
