"""`hold place`, killed after a write and before its answer: run again it finishes, and nothing is written twice."""

import signal
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.door import CommandResult, Door, open_door
from tests.emulated import Tenant
from tests.registered import toolkit_waiting
from tests.schools import few_people
from toolkit.holds.reasons import INTERRUPTED
from toolkit.holds.register import new_key
from toolkit.sdk.reason import admin_text

pytestmark = few_people

_CASES = "POST /security/cases/ediscoveryCases"
_HOLDS = f"{_CASES}/{{id}}/legalHolds"
_SOURCES = f"{_HOLDS}/{{id}}/userSources"
_VAULT = "vault.matters.holds.create"
_OFTEN = [(_VAULT, 3)]  # all of Microsoft 365 is done, and half of Google Workspace
_ALL = [
    ("Set-Mailbox", 1),
    (_HOLDS, 1),
    ("vault.matters.create", 1),
    *((_CASES, n) for n in (1,)),
    *((_HOLDS, n) for n in (2,)),
    *((_SOURCES, n) for n in (1, 2)),
    *((_VAULT, n) for n in (1, 2, 4, 5)),
]


def _command(door: Door) -> list[str]:
    address = f"edwin.elmsworth@{door.tenant.domain}"
    return ["hold", "place", "2026-B", "--person", address, "--playbooks", str(door.playbooks)]


def _killed(door: Door, operation: str, nth: int, key: str) -> int:
    with toolkit_waiting(door, *_command(door), TOOLKIT_HOLDS_KEY=key) as client:
        door.tenant.fault("kill_after", operation, nth=nth, pid=client.pid)
        client.communicate("go\n")
    door.tenant.disarm()
    return client.returncode


def _count(tenant: Tenant) -> dict[str, int]:
    """Count what there is of the case, beside what the school had before."""
    names = (
        "graph.ediscoveryCases",
        "graph.legalHolds",
        "graph.userSources",
        "google.vaultMatters",
        "google.vaultHolds",
    )
    return {name: len(tenant.objects(name)) for name in names}


def _points() -> Iterator[object]:
    yield from (pytest.param(*point, id=f"{point[0]} {point[1]}") for point in _OFTEN)
    for point in _ALL:
        yield pytest.param(*point, id=f"{point[0]} {point[1]}", marks=pytest.mark.soak)


@pytest.mark.parametrize(("operation", "nth"), list(_points()))
def test_a_hold_that_was_killed_is_finished_by_the_next_run(
    tenant: Tenant, tmp_path: Path, operation: str, nth: int
) -> None:
    door, key = open_door(tenant, tmp_path, samples=False), new_key()
    before = _count(tenant)

    assert _killed(door, operation, nth, key) == -signal.SIGKILL
    half_way = door.toolkit("drift")
    listed = door("hold", "list", "--playbooks", door.playbooks, TOOLKIT_HOLDS_KEY=key)
    again = door(*_command(door), TOOLKIT_HOLDS_KEY=key)
    _later(tenant)
    confirmed = door("hold", "confirm", "--playbooks", door.playbooks, TOOLKIT_HOLDS_KEY=key)

    assert (half_way.exit, f"holds: unknown; {admin_text(INTERRUPTED())}" in half_way.out) == (4, True)
    assert (listed.exit, "no such account" in listed.out) == (3, False), listed.out
    assert (again.exit, confirmed.exit) == (0, 0), again.out + again.err + confirmed.out
    there = {name: after - before[name] for name, after in _count(tenant).items()}
    assert there == dict(zip(there, (1, 2, 2, 1, 5), strict=True))
    assert _line(door.toolkit("drift")) == "holds: all in place"
    assert door("audit", "verify").exit == 0


def _later(tenant: Tenant) -> None:
    now = datetime.fromisoformat(tenant.control("GET", "/clock")["now"])
    tenant.control("PUT", "/clock", {"now": (now + timedelta(hours=25)).isoformat()})


def _line(answered: CommandResult) -> str:
    return next(line for line in answered.out.splitlines() if line.startswith("holds: "))
