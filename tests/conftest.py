"""The emulator for all tests, and the fixtures that lend a tenant or a school to a test."""

import contextlib
import gc
import importlib
import os
import shutil
import signal
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.door import GOOGLE, MICROSOFT, Checkpoint, Door, open_door
from tests.emulated import FEW_PEOPLE, FEW_PUPILS, Emulator, Tenant, running
from tests.open_connections import no_connection_left_open, watch_connections
from tests.schools import Schools
from tests.services import REMEDY, require_service
from tests.soak import COLLECTED
from tests.timing import MARK, sleepless

_MEMORY = Path("/dev/shm")
_ROOM = 2 * 1024**3
"""Bytes that must be free there. With fewer, the tests write to the disk."""
_LONGEST = (
    "tests/docs/test_blocks.py",
    "tests/verdicts/test_over_the_wire.py",
    "tests/cli/test_withdraw.py",
    "tests/canary",
    "tests/cli/test_import.py",
)
"""Files with tests of 5 seconds and more. They run first, so that none of them is the last to end."""
_GARBAGE = (200_000, 20, 100)
"""The thresholds of Python's garbage collection. The first is 700 by default."""


def pytest_configure() -> None:
    """Let tests and their programs write into memory if there is such a folder with enough room.

    The ledger waits for the disk after each entry, which took half of the time of an apply in a test. A killed program
    leaves the same files there as on a disk. Only a power cut would not, and no test cuts the power.
    """
    if "TMPDIR" not in os.environ and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)
    watch_connections()
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background of a script
        signal.signal(signal.SIGINT, signal.default_int_handler)  # programs that tests start would ignore it too


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Collect garbage less often than usual, and never among the objects of the collection of tests."""
    gc.disable()
    _compile_share(session.config)
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(*_GARBAGE)
        gc.enable()


def _compile_share(config: pytest.Config) -> None:
    """Import this worker's share of the test files first, so that no two workers compile the same file.

    In a fresh clone pytest compiles every test file, which takes 14 seconds, and stores the result for all workers.
    """
    worker = getattr(config, "workerinput", None)
    if worker is None or config.args != config.getini("testpaths"):
        return
    files = sorted((config.rootpath / "tests").rglob("test_*.py"))
    for file in files[int(worker["workerid"].removeprefix("gw")) :: worker["workercount"]]:
        with contextlib.suppress(Exception, pytest.skip.Exception):  # the collection reports the error
            importlib.import_module(".".join(file.relative_to(config.rootpath).with_suffix("").parts))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Collect garbage once: pytest would do it five times, which takes seconds each time."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let the longest tests begin first, and record the soak tests of a whole collection before they are deselected."""
    items.sort(key=lambda test: not test.nodeid.startswith(_LONGEST))
    if not config.args or config.args == config.getini("testpaths"):
        config.stash[COLLECTED] = [test.nodeid for test in items if test.get_closest_marker("soak")]


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
    """Fail a test that sleeps without the mark for tests that depend on time."""
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
    """Lend a tenant to one test: with the people of its mark `people` or of its parameter, else with few pupils."""
    mark = request.node.get_closest_marker("people")
    people = mark.kwargs if mark else FEW_PUPILS
    tenant = emulator.borrow_tenant(**getattr(request, "param", people))
    yield tenant
    tenant.close()


@pytest.fixture
def schools(emulator: Emulator, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Schools]:
    """Build schools for one test, the first in `tmp_path`."""
    with closing(Schools(emulator, chain([tmp_path], _new_folders(tmp_path_factory)))) as schools:
        yield schools


@pytest.fixture(scope="module")
def module_schools(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Schools]:
    """Build schools that the tests of a module share."""
    with closing(Schools(emulator, _new_folders(tmp_path_factory))) as schools:
        yield schools


def _new_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    while True:
        yield tmp_path_factory.mktemp("school")


@pytest.fixture(scope="module")
def small_tenant(emulator: Emulator) -> Iterator[Tenant]:
    """Lend a tenant of 40 people to all tests of a module."""
    tenant = emulator.borrow_tenant(users=40)
    yield tenant
    tenant.close()


@pytest.fixture(scope="module")
def large_tenant(emulator: Emulator) -> Iterator[Tenant]:
    """Lend a tenant with more people than a page holds to all tests of a module."""
    tenant = emulator.borrow_tenant(users=1100)
    yield tenant
    tenant.close()


@pytest.fixture
def door(tenant: Tenant, tmp_path: Path) -> Door:
    """A school with the sample playbooks."""
    return open_door(tenant, tmp_path, samples=True)


@pytest.fixture
def small_door(schools: Schools) -> Door:
    """A school of few people with the sample playbooks."""
    return schools.build(samples=True)


@pytest.fixture(scope="session")
def applied_samples(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkpoint]:
    """Apply the sample playbooks once, in a school of few people."""
    tenant = emulator.open_tenant(**FEW_PEOPLE)
    door = open_door(tenant, tmp_path_factory.mktemp("applied"), samples=True)
    before = tenant.everything()
    first = door.toolkit("apply", "--yes")
    assert first.exit == 0, first.out + first.err
    yield Checkpoint.take(door, tmp_path_factory.mktemp("checkpoint"), before)
    tenant.close()


@pytest.fixture
def applied_door(applied_samples: Checkpoint) -> Door:
    """A school in which the sample playbooks were applied."""
    return applied_samples.restore()


@pytest.fixture
def bare_door(tenant: Tenant, tmp_path: Path) -> Door:
    """A school with Microsoft 365 and only a school file."""
    return open_door(tenant, tmp_path, samples=False, clouds=[MICROSOFT])


@pytest.fixture
def google_door(tenant: Tenant, tmp_path: Path) -> Door:
    """A school with Google Workspace and only a school file."""
    return open_door(tenant, tmp_path, samples=False, clouds=[GOOGLE])


@pytest.fixture
def wide_door(tenant: Tenant, tmp_path: Path) -> Door:
    """A school with both clouds and only a school file."""
    return open_door(tenant, tmp_path, samples=False)
