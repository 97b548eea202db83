"""A school in which runs are killed, prepared once for the session, and the process that starts their clients."""

from collections.abc import Callable, Iterator

import pytest

from tests.door import MICROSOFT, open_door
from tests.emulated import Emulator
from tests.kill.clients import Clients, running
from tests.kill.school import WANTED, School, prepare


@pytest.fixture(scope="session")
def only_school(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """Prepare the school once."""
    directory = tmp_path_factory.mktemp("school")
    tenant = emulator.open_tenant(users=20)
    yield prepare(open_door(tenant, directory, samples=False, clouds=[MICROSOFT]), directory / "spare")
    tenant.close()


@pytest.fixture
def school(only_school: School) -> School:
    """The school, restored to the state before its 30 changes."""
    only_school.put_back()
    return only_school


@pytest.fixture(scope="session")
def only_clients(only_school: School) -> Iterator[Clients]:
    """Start the process that clients are forked from, with everything imported."""
    only_school.put_back()
    with running(only_school) as clients:
        yield clients


@pytest.fixture
def clients(only_clients: Clients, school: School) -> Clients:
    """The clients of the restored school."""
    del school
    return only_clients


@pytest.fixture
def converges(school: School) -> Callable[[], None]:
    """A function that runs apply again and checks that it completes the killed run."""
    return lambda: _converge(school)


def _converge(school: School) -> None:
    """Apply again, and check the report of half-done steps, the rules and their order, and the chain."""
    half_done = school.half_done()
    assert school.verify_ledger().is_sound, school.verify_ledger().faults
    last_request = school.last_request()

    again = school.apply()

    assert again.exit == 0, again.out + again.err
    half_done_lines = [line for line in again.out.splitlines() if "not finished by run" in line]
    assert len(half_done_lines) == len(half_done)
    assert not [step for step in half_done if not any(f": {step}: " in line for line in half_done_lines)]
    assert school.rules() == WANTED
    assert school.failures(last_request) == []
    assert school.half_done() == []
    assert school.verify_ledger().is_sound, school.verify_ledger().faults
    assert school.door.toolkit("plan").exit == 0
