"""A week of nights on the emulator, in which everything happens at once. `make soak-week SEED=n` runs one seed.

Each day has events: edits by hand, an administrator who works against the school, renamed rules and groups, a lost
licence, a clock that is set, another installation. Each night has a drift, an apply with faults or a kill, and an apply
without them. After every run the oracle checks what the tenant stores and what it was asked for.

Promises of the design that are checked: 1, 2 (what is asked for is there after the night, and a second apply sends
nothing), 3, 4, 5, 6 (holds of mailboxes), 7, 10, 11, 12 (secrets), 13 (the heading), 14, 19 and 20 (control
characters). Not checked here: 8, 9, 15 to 18, 21 and 22.
"""

import os
import signal
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from shutil import copytree

import pytest

from tests.door import CommandResult, Door
from tests.emulated import FEW_PEOPLE, HANG
from tests.kill.school import WRITE
from tests.registered import toolkit_waiting
from tests.schools import Schools
from tests.week.days import Week, spend_day
from tests.week.oracle import Run, begun_steps, broken_ledger, broken_promises, read_tenant, unfinished_wishes
from tests.week.school import playbooks

NIGHTS = 7
SEEDS: Sequence[int] = [int(os.environ["SEED"])] if os.environ.get("SEED") else range(1, 11)
FAULTS = (
    "throttled", "throttled_after", "unavailable", "unavailable_after", "dropped", "dropped_after", "truncated",
    "expired_token", "refused",
)  # fmt: skip
CALLS = ("Get-*", "GET *", "*TransportRule*", "chromepolicy.*", "directory.*", "PATCH *", "POST *", "*")
LIMITS = ("--allow-changes", "microsoft365.transport_rule", "--reach", "1000", "--lose", "1000", "--allow-deletes", "9")


@pytest.fixture
def week(schools: Schools, tmp_path: Path, request: pytest.FixtureRequest) -> Week:
    """Build a school whose playbooks were applied on a Tuesday, and a second installation of it."""
    door = schools.build(FEW_PEOPLE, files=playbooks())
    policies = door.tenant.objects("intune.configurationPolicies").items()
    baseline = next(key for key, policy in policies if policy["name"] == "LA Edge baseline")
    door.tenant.delete("intune.configurationPolicies", baseline)  # it sets the same list, so that chat would be refused
    first = door.toolkit("apply", "--yes", *LIMITS)
    assert first.exit == 0, first.out + first.err
    second = replace(door, state=tmp_path / "second")
    copytree(
        door.state / "emulator",
        second.state / "emulator",
        ignore=lambda _, names: [name for name in names if name.startswith("ledger")],
    )
    second = replace(second, variables={**door.variables, "TOOLKIT_STATE": str(second.state)})
    return Week(door, second, datetime.fromisoformat("2026-11-10T02:30:00+00:00"), Random(request.param))


@pytest.mark.soak
@pytest.mark.parametrize("week", SEEDS, indirect=True)
def test_a_week_of_nights_keeps_the_promises(week: Week) -> None:
    broken = []
    for night in range(1, NIGHTS + 1):
        week.now += timedelta(days=1)
        spend_day(week)
        week.door.tenant.set_now(week.now.strftime("%Y-%m-%dT%H:%M:%SZ"))
        broken += [f"night {night} (after {', '.join(week.log)}): {sentence}" for sentence in spend_night(week)]
        week.log.clear()

    assert broken == []


def spend_night(week: Week) -> Iterator[str]:
    """Run the jobs of a night, and yield a sentence for each broken promise."""
    door, ledger = week.door, week.door.state / "emulator" / "ledger.db"
    runs = [observed(door, "drift"), troubled_apply(week)]
    door.tenant.disarm()
    runs += [observed(door, "apply", "--yes", *LIMITS), observed(door, "apply", "--yes", *LIMITS)]
    for run in runs:
        yield from broken_promises(run, door)
    last, again = runs[-2:]
    if last.result.exit not in {0, 4}:
        yield f"10: the apply without faults ended with {last.result.exit}: {last.result.out[-600:]}{last.result.err}"
    if again.writes():
        yield f"2, 4: a second apply sent {again.writes()}"
    yield from unfinished_wishes(again.after, has_intune=week.licence is None)
    yield from broken_ledger(ledger, runs_were_killed=any(run.was_killed for run in runs))
    yield from _ran_at_another_school(week)


def troubled_apply(week: Week) -> Run:
    """Apply with up to three faults, or kill the apply at one of its writes."""
    door = week.door
    if week.random.random() < 0.3:
        week.log.append("a kill")
        return killed_apply(week)
    for _ in range(week.random.randint(0, 3)):
        fault, call = week.random.choice(FAULTS), week.random.choice(CALLS)
        more = {"seconds": 0.01} if fault.startswith("throttled") else {}
        door.tenant.fault(fault, call, nth=week.random.randint(1, 5), times=week.random.randint(1, 3), **more)
        week.log.append(f"{fault} {call}")
    return observed(door, "apply", "--yes", *LIMITS)


def killed_apply(week: Week) -> Run:
    """Kill an apply before or after one of its first writes. If it writes less, it ends undisturbed."""
    door = week.door
    before, number, begun = read_tenant(door), door.tenant.last_request(), _begun(door)
    with toolkit_waiting(door, "apply", str(door.playbooks), "--yes", *LIMITS) as process:
        fault = week.random.choice(["kill", "kill_after"])
        door.tenant.fault(fault, WRITE, nth=week.random.randint(1, 4), pid=process.pid)
        out, _ = process.communicate("\n", HANG)
    was_killed = process.returncode == -signal.SIGKILL
    result = CommandResult(0 if was_killed else process.returncode, out, "")
    return Run(
        "apply", result, door.tenant.requests(number), before, read_tenant(door), was_killed=was_killed,
        begun_count=_begun(door) - begun,
    )  # fmt: skip


def observed(door: Door, command: str, *options: str) -> Run:
    """Run a command, and return it with its requests and with the tenant before and after it."""
    before, number, begun = read_tenant(door), door.tenant.last_request(), _begun(door)
    result = door.toolkit(command, *options)
    return Run(
        command, result, door.tenant.requests(number), before, read_tenant(door), begun_count=_begun(door) - begun
    )


def _begun(door: Door) -> int:
    return begun_steps(door.state / "emulator" / "ledger.db")


def _ran_at_another_school(week: Week) -> Iterator[str]:
    """Run the playbooks of another school, which must send nothing to be written."""
    school = week.door.playbooks / "00-school.yaml"
    text = school.read_text()
    school.write_text(text.replace("domain: example-primary.example", "domain: other.example"))
    run = observed(week.door, "apply", "--yes")
    school.write_text(text)
    if run.result.exit != 2 or run.writes():
        yield f"7: the playbooks of another school ended with {run.result.exit} and sent {run.writes()}"
