"""Runs share a service's limit, and nothing is sent by a run that stood still until its lease may have ended."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.workers.workers_door import ask_database
from toolkit.errors import LedgerError, Throttled
from toolkit.ledger.gate import MOST, LedgerGate, open_gate
from toolkit.ledger.lease import LASTS, SPARE, Lease
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.redact import Redactor
from toolkit.sdk.calls import Caller
from toolkit.sdk.limits import RunDeadline
from toolkit.workers.migrate import migrate

GRAPH = "Microsoft Graph"


@pytest.fixture
def url(admin: str, tmp_path: Path) -> str:
    migrate(admin, ["oak", "elm"], tmp_path / "roles")
    return admin


@contextmanager
def _ledger(tmp_path: Path, tenant: str = "") -> Iterator[Ledger]:
    file = tmp_path / "roles" / f"{tenant}.env"
    url = file.read_text().strip().partition("=")[2] if tenant else None
    with Ledger(tmp_path / (tenant or "alone"), redactor=Redactor(), url=url) as ledger:
        yield ledger


def _counts(url: str) -> tuple[int, int]:
    query = "SELECT requests, throttled FROM toolkit_shared.rate_limit WHERE service = %s"
    requests, throttled = ask_database(url, query, GRAPH)[0]
    return requests, throttled


def _ask_often(gate: LedgerGate, times: int) -> None:
    for _ in range(times):
        gate.wait_for_turn(GRAPH, 1)


def test_two_tenants_together_get_no_more_than_the_limit(url: str, tmp_path: Path) -> None:
    ask_database(url, "UPDATE toolkit_shared.rate_limit SET per_second = 0.01, burst = 1 WHERE service = %s", GRAPH)
    waits: list[float] = []
    with _ledger(tmp_path, "oak") as oak, _ledger(tmp_path, "elm") as elm:
        first = LedgerGate(oak, sleep=waits.append, clock=lambda: 0.0)
        second = LedgerGate(elm, sleep=waits.append, clock=lambda: 0.0)
        first.wait_for_turn(GRAPH, 1)
        second.wait_for_turn(GRAPH, 1)
        first.wait_for_turn(GRAPH, 2)

    # One request may be sent each 100 seconds: the first at once, then one after 100 and two after 300 seconds.
    assert [round(wait, -2) for wait in waits] == [100, 300]


def test_a_gate_asks_the_database_less_and_less_often(url: str, tmp_path: Path) -> None:
    ask_database(url, "UPDATE toolkit_shared.rate_limit SET per_second = 1000000 WHERE service = %s", GRAPH)
    asked: list[str] = []
    with _ledger(tmp_path, "oak") as ledger:
        from sqlalchemy import event

        event.listen(ledger.engine, "commit", lambda _connection: asked.append("commit"))
        _ask_often(LedgerGate(ledger), 31 + 4 * MOST)

    assert len(asked) == 9  # 1, 2, 4, 8 and 16 turns, then MOST four times


def test_requests_and_throttling_are_counted_with_and_without_a_limit(url: str, tmp_path: Path) -> None:
    with _ledger(tmp_path, "oak") as ledger, open_gate(ledger) as gate:
        _ask_often(gate, 5)
        gate.wait_for_turn(GRAPH, 20)  # a batch
        gate.count_throttled(GRAPH)

    assert _counts(url) == (25, 1)


def test_a_lone_school_asks_its_ledger_nothing(tmp_path: Path) -> None:
    with _ledger(tmp_path) as ledger, open_gate(ledger) as gate:
        _ask_often(gate, 5)
        gate.count_throttled(GRAPH)

        assert not ledger.exists()


def test_a_database_that_is_away_stops_no_request(url: str, tmp_path: Path) -> None:
    away = url.replace("?host=", "?host=/nowhere").replace("postgresql://", "postgresql+psycopg://")
    with Ledger(tmp_path, redactor=Redactor(), url=away) as ledger, open_gate(ledger) as gate:
        _ask_often(gate, 2)


class _Clock:
    """A clock that a test moves."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def _refused(_request: Callable[[], str]) -> str:
    raise Throttled("too many requests", retry_after=0.0)


@pytest.mark.parametrize("moved", ["wall", "elapsed"])
@pytest.mark.parametrize("seconds", [LASTS - SPARE - 1, LASTS - SPARE])
def test_a_run_that_stood_still_sends_nothing_more(tmp_path: Path, moved: str, seconds: int) -> None:
    clocks = {"wall": _Clock(), "elapsed": _Clock()}
    sent: list[str] = []
    with _ledger(tmp_path) as ledger, open_gate(ledger) as gate:
        caller = Caller(GRAPH, concurrent=1, run=_deadline(gate))
        with Lease(ledger, run="r", clock=clocks["wall"], elapsed=clocks["elapsed"], every=10_000):
            clocks[moved].now += seconds  # between the step in the ledger and its request
            may_send = seconds < LASTS - SPARE
            for send in (caller.change, caller.send_once, caller.delete):
                _expect(partial(send, "a write", partial(sent.append, "write")), passes=may_send)
            _expect(lambda: caller.create("a write", lambda: sent.append("write"), lambda: None), passes=may_send)
            _expect(lambda: caller.read("a read", lambda: sent.append("read")), passes=True)

    assert sent.count("write") == (4 if may_send else 0)


def _deadline(gate: LedgerGate) -> RunDeadline:
    deadline = RunDeadline(None)
    deadline.gate = gate
    return deadline


def _expect(send: Callable[[], object], *, passes: bool) -> None:
    if passes:
        send()
        return
    with pytest.raises(LedgerError, match="stood still"):
        send()


def test_a_run_that_renews_its_lease_may_go_on(tmp_path: Path) -> None:
    clock = _Clock()
    with _ledger(tmp_path) as ledger, Lease(ledger, run="r", clock=clock, elapsed=clock, every=10_000) as lease:
        clock.now += LASTS
        lease.renew()
        ledger.check_lease()


def test_after_the_lease_its_clock_counts_no_more(tmp_path: Path) -> None:
    clock = _Clock()
    with _ledger(tmp_path) as ledger:
        with Lease(ledger, run="r", clock=clock, elapsed=clock, every=10_000):
            pass
        clock.now += LASTS
        ledger.check_lease()
