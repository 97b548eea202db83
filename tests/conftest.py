"""One emulator for all tests, and a tenant of its own for each that asks."""

import contextlib
import gc
import importlib
import os
import shutil
import signal
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.door import GOOGLE, MICROSOFT, Checkpoint, Door, open_door
from tests.emulated import FEW_PEOPLE, FEW_PUPILS, Emulator, Tenant, running
from tests.open_connections import no_connection_left_open, watch_connections
from tests.services import REMEDY, require_service
from tests.soak import COLLECTED
from tests.timing import MARK, sleepless

_MEMORY = Path("/dev/shm")
_ROOM = 2 * 1024**3
"""Bytes that have to be free there; with fewer the tests write to the disk."""
_LONGEST = (
    "tests/docs/test_blocks.py",
    "tests/verdicts/test_over_the_wire.py",
    "tests/cli/test_withdraw.py",
    "tests/canary",
    "tests/cli/test_import.py",
)
"""Files with tests of 5 seconds and more, so that none of these runs alone when all others have ended."""
_WITH_FEW_PEOPLE = ("tests/contract/", "tests/controls/", "tests/drift/", "tests/engine/", "tests/hostile/")
"""Folders with tests of a school of which few people are enough."""
_GARBAGE = (200_000, 20, 100)
"""After how many new objects, and how many looks at these, Python looks for garbage; its own number is 700."""


def pytest_configure() -> None:
    """Let tests and the programs they start write into memory, where there is such a folder with room.

    The ledger waits for the disk after each entry, which was half of what a test of an apply took. A program that is
    killed leaves the same there as on a disk; only a power cut would not, and no test cuts the power.
    """
    if "TMPDIR" not in os.environ and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)
    watch_connections()
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background of a script
        signal.signal(signal.SIGINT, signal.default_int_handler)  # programs that tests start would ignore it too


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Look for garbage among what tests make, less often than usual, and never among what is collected for them."""
    gc.disable()
    _compile_share(session.config)
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(*_GARBAGE)
        gc.enable()


def _compile_share(config: pytest.Config) -> None:
    """Import this worker's share of all tests first, so that the workers do not compile each file once each.

    In a fresh clone pytest compiles every file of tests (14 s of one core) and keeps the result for all who come after.
    """
    worker = getattr(config, "workerinput", None)
    if worker is None or config.args != config.getini("testpaths"):
        return
    files = sorted((config.rootpath / "tests").rglob("test_*.py"))
    for file in files[int(worker["workerid"].removeprefix("gw")) :: worker["workercount"]]:
        with contextlib.suppress(Exception, pytest.skip.Exception):  # collecting it says why
            importlib.import_module(".".join(file.relative_to(config.rootpath).with_suffix("").parts))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Look for garbage once among all that is left: pytest does it five times, which takes seconds each time."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let the longest tests begin first; note the soak tests of a whole collection, not selected after this."""
    items.sort(key=lambda item: not item.nodeid.startswith(_LONGEST))
    if not config.args or config.args == config.getini("testpaths"):
        config.stash[COLLECTED] = [item.nodeid for item in items if item.get_closest_marker("soak")]


settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Report all skips for a missing service at one place, so that the summary has one line for each service."""
    report = yield
    if report.skipped and isinstance(report.longrepr, tuple) and report.longrepr[2].endswith(REMEDY):
        code = require_service.__code__
        report.longrepr = (code.co_filename, code.co_firstlineno, report.longrepr[2])
    return report


@pytest.fixture(autouse=True)
def _sleepless(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that sleeps without saying that it depends on time."""
    if request.node.get_closest_marker(MARK):
        yield
        return
    with sleepless():
        yield


@pytest.fixture(autouse=True)
def _closed_connections() -> Iterator[None]:
    """Fail a test that leaves a connection to a ledger or another SQLite database open."""
    with no_connection_left_open():
        yield


@pytest.fixture(scope="session", autouse=True)
def _closed_connections_of_fixtures() -> Iterator[None]:
    """Fail the run if a fixture that tests share leaves a connection open."""
    with no_connection_left_open():
        yield


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """Run the emulator for the whole session."""
    with running(tmp_path_factory.mktemp("emulator"), "--proxy", "0") as emulator:
        yield emulator


@pytest.fixture
def tenant(request: pytest.FixtureRequest, emulator: Emulator) -> Iterator[Tenant]:
    """Borrow a tenant for one test: of few pupils, or of few people, unless the test says how many."""
    people = FEW_PEOPLE if request.node.nodeid.startswith(_WITH_FEW_PEOPLE) else FEW_PUPILS
    tenant = emulator.borrow_tenant(**getattr(request, "param", people))
    yield tenant
    tenant.close()


@pytest.fixture(scope="module")
def small_tenant(emulator: Emulator) -> Iterator[Tenant]:
    """Borrow a tenant of 40 people for all tests of a module."""
    tenant = emulator.borrow_tenant(users=40)
    yield tenant
    tenant.close()


@pytest.fixture(scope="module")
def large_tenant(emulator: Emulator) -> Iterator[Tenant]:
    """Borrow a tenant of more people than a page holds for all tests of a module."""
    tenant = emulator.borrow_tenant(users=1100)
    yield tenant
    tenant.close()


@pytest.fixture
def door(tenant: Tenant, tmp_path: Path) -> Door:
    """Open the door of a school with the sample playbooks."""
    return open_door(tenant, tmp_path, samples=True)


@pytest.fixture
def small_door(emulator: Emulator, tmp_path: Path) -> Iterator[Door]:
    """Open the door of a school of few people with the sample playbooks."""
    tenant = emulator.borrow_tenant(**FEW_PEOPLE)
    yield open_door(tenant, tmp_path, samples=True)
    tenant.close()


@pytest.fixture(scope="session")
def applied_samples(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkpoint]:
    """Apply the sample playbooks once, at a school of few people."""
    tenant = emulator.open_tenant(**FEW_PEOPLE)
    door = open_door(tenant, tmp_path_factory.mktemp("applied"), samples=True)
    before = tenant.everything()
    first = door.toolkit("apply", "--yes")
    assert first.exit == 0, first.out + first.err
    yield Checkpoint.of(door, tmp_path_factory.mktemp("checkpoint"), before)
    tenant.close()


@pytest.fixture
def applied_door(applied_samples: Checkpoint) -> Door:
    """Open the door of a school in which the sample playbooks were applied."""
    return applied_samples.restore()


@pytest.fixture
def bare_door(tenant: Tenant, tmp_path: Path) -> Door:
    """Open the door of a school that has Microsoft 365, a school file and nothing else."""
    return open_door(tenant, tmp_path, samples=False, clouds=[MICROSOFT])


@pytest.fixture
def google_door(tenant: Tenant, tmp_path: Path) -> Door:
    """Open the door of a school that has Google Workspace, a school file and nothing else."""
    return open_door(tenant, tmp_path, samples=False, clouds=[GOOGLE])


@pytest.fixture
def wide_door(tenant: Tenant, tmp_path: Path) -> Door:
    """Open the door of a school that has both clouds, a school file and nothing else."""
    return open_door(tenant, tmp_path, samples=False)
