"""What the points one by one do not reach: no ledger yet, lagging reads, runs killed in a row, and another run."""

import os
import signal
from collections.abc import Callable
from threading import Timer

import pytest

from tests.kill.clients import Clients
from tests.kill.death import EMPTY, Moment
from tests.kill.school import WANTED, WRITE, School
from tests.registered import toolkit_waiting

_KINDS = 5  # read at once, each by one request


@pytest.mark.parametrize("moment", [EMPTY, *(pytest.param(moment, marks=pytest.mark.soak) for moment in Moment)])
def test_killed_before_there_is_a_ledger(
    clients: Clients, school: School, moment: str, converges: Callable[[], None]
) -> None:
    school.start_anew()

    assert clients.start(entry=1, moment=moment).run() == -signal.SIGKILL

    converges()


def test_a_create_that_the_next_read_does_not_show_is_not_sent_again(
    clients: Clients, school: School, converges: Callable[[], None]
) -> None:
    client = clients.start()
    school.door.tenant.fault("stale", "New-TransportRule", nth=2, reads=_KINDS)
    school.door.tenant.fault("kill", WRITE, nth=3, pid=client.pid)
    assert client.run() == -signal.SIGKILL

    converges()


def test_runs_killed_one_after_another_get_there_in_the_end(
    clients: Clients, school: School, converges: Callable[[], None]
) -> None:
    ends: list[int] = []
    while not ends or ends[-1] != 0:
        assert len(ends) < 12
        assert school.verify_ledger().is_sound
        school.door.tenant.disarm()
        client = clients.start()
        school.door.tenant.fault("kill_after" if len(ends) % 2 else "kill", WRITE, nth=8, pid=client.pid)
        ends.append(client.run())

    assert set(ends[:-1]) == {-signal.SIGKILL}
    school.door.tenant.disarm()
    converges()


@pytest.mark.soak
def test_the_command_itself_can_be_killed(school: School, converges: Callable[[], None]) -> None:
    door = school.door
    with toolkit_waiting(door, "apply", str(door.playbooks), "--yes") as client:
        door.tenant.fault("kill_after", WRITE, nth=17, pid=client.pid)
        client.communicate("go\n")
    assert client.returncode == -signal.SIGKILL
    door.tenant.disarm()

    converges()


def test_plan_and_drift_say_too_what_was_left_half_done(clients: Clients, school: School) -> None:
    client = clients.start()
    school.door.tenant.fault("kill_after", WRITE, nth=4, pid=client.pid)
    assert client.run() == -signal.SIGKILL

    for command in ("plan", "drift"):
        answered = school.door.toolkit(command)
        assert answered.exit == 3
        assert [step for step in school.half_done() if f"{step}: " not in answered.out] == []


@pytest.mark.parametrize(("fault", "verdict"), [("kill", "not applied"), ("kill_after", "applied")])
def test_a_create_that_was_cut_off_is_reported_by_what_the_tenant_shows(
    clients: Clients, school: School, fault: str, verdict: str
) -> None:
    client = clients.start()
    school.door.tenant.fault(fault, "New-TransportRule", pid=client.pid)
    assert client.run() == -signal.SIGKILL
    (created,) = [step for step in school.half_done() if step.startswith("create microsoft365.transport_rule")]

    planned = school.door.toolkit("plan")

    assert f"{created}: {verdict}\n" in planned.out


def test_of_two_applies_at_once_one_is_refused_and_told_why(
    clients: Clients, school: School, converges: Callable[[], None]
) -> None:
    asked = school.last_request()
    first = clients.start()
    school.door.tenant.fault("held", "New-TransportRule")  # it waits, and holds no database
    first.go()
    school.door.tenant.wait_for("New-TransportRule", asked)
    os.kill(first.pid, signal.SIGSTOP)
    asked = school.last_request()

    second = school.apply()

    sent = school.door.tenant.operations(asked)
    os.kill(first.pid, signal.SIGCONT)
    school.door.tenant.disarm()
    assert first.wait() == 0, first.output_text
    assert second.exit == 5
    assert f"another run (pid {first.pid} on " in second.err
    assert "Traceback" not in second.err
    assert sent == []
    assert school.rules() == WANTED
    converges()


@pytest.mark.soak
@pytest.mark.parametrize("milliseconds", range(10, 800, 20))
def test_killed_at_any_time(clients: Clients, school: School, milliseconds: int, converges: Callable[[], None]) -> None:
    client = clients.start()
    end = Timer(milliseconds / 1000, os.kill, (client.pid, signal.SIGKILL))
    client.go()
    end.start()

    assert client.wait() in {0, -signal.SIGKILL}
    end.cancel()

    converges()
