"""`make services` installs only missing programs, and a test that needs one is skipped with one line."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.services import find_browser, find_postgres, require_service

SCRIPT = Path(__file__).parent / "services.py"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder, which is the only folder on PATH."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def _add_program(path: Path, script: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def _run_services(variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-B", str(SCRIPT)]
    return subprocess.run(command, env=dict(variables), capture_output=True, text=True, check=False)


def test_the_newest_postgresql_of_debian_is_found_and_one_on_path_is_preferred(tmp_path: Path, programs: Path) -> None:
    for version in ("9.6", "15", "17"):
        _add_program(tmp_path / "debian" / version / "bin" / "initdb")
    assert find_postgres(tmp_path / "debian") == tmp_path / "debian" / "17" / "bin"

    (programs / "initdb").symlink_to(_add_program(tmp_path / "own" / "initdb"))
    assert find_postgres(tmp_path / "debian") == tmp_path / "own"
    assert find_postgres(tmp_path / "none") == tmp_path / "own"


def test_a_test_without_a_browser_is_skipped_with_one_line_that_names_the_remedy(programs: Path) -> None:
    assert find_browser() is None
    with pytest.raises(pytest.skip.Exception, match=r"^Chromium is not installed\. Run `make services`\.$"):
        require_service("Chromium")

    browser = _add_program(programs / "chromium")
    assert require_service("Chromium") == browser


def test_services_fails_with_one_line_if_this_system_has_no_apt_get(programs: Path) -> None:
    _add_program(programs / "initdb")
    _add_program(programs / "ssh-keygen")
    done = _run_services({"PATH": str(programs)})

    assert done.returncode == 1
    assert done.stderr == (
        "Chromium not found, and this system has no apt-get. Install Chromium with its package manager.\n"
    )
    _add_program(programs / "google-chrome")
    assert _run_services({"PATH": str(programs)}).returncode == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root can install packages")
def test_services_fails_with_the_command_for_root(programs: Path) -> None:
    _add_program(programs / "initdb")
    _add_program(programs / "ssh-keygen")
    _add_program(programs / "apt-get")
    done = _run_services({"PATH": str(programs)})

    assert done.returncode == 1
    assert done.stderr == "Chromium not found. Run as root: apt-get install chromium\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can install packages")
def test_services_installs_only_missing_programs_and_fails_if_one_is_still_missing(programs: Path) -> None:
    _add_program(programs / "initdb")
    _add_program(programs / "ssh-keygen")
    _add_program(programs / "apt-get", f'echo "$*" >>"{programs}/log"')
    without_browser = _run_services({"PATH": str(programs)})
    _add_program(programs / "apt-get", "echo no such package; exit 100")
    failed = _run_services({"PATH": str(programs)})
    _add_program(programs / "apt-get", f'/bin/cp "{programs}/initdb" "{programs}/chromium"')
    installed = _run_services({"PATH": str(programs)})

    assert (programs / "log").read_text(encoding="utf-8").splitlines() == [
        "-o Acquire::Retries=3 --quiet=2 update",
        "-o Acquire::Retries=3 --quiet=2 install --yes --no-install-recommends chromium",
    ]
    assert [done.returncode for done in (without_browser, failed, installed)] == [1, 1, 0]
    assert "apt-get succeeded, but Chromium not found.\n" in without_browser.stderr
    assert "no such package\n" in failed.stderr
    assert "failed with exit code 100" in failed.stderr
    assert installed.stderr == "Installing Chromium with apt-get\n"


@pytest.mark.parametrize("failing", ["services", "test", "clients", "bench-quick", "none"])
def test_ci_runs_four_targets_shows_the_output_of_each_and_fails_if_one_fails(tmp_path: Path, failing: str) -> None:
    script = _add_program(tmp_path / ".ci" / "run")
    script.write_bytes((SCRIPT.parent.parent / ".ci" / "run").read_bytes())
    _add_program(tmp_path / "programs" / "make", f'echo "make $*"; test "$*" != {failing}')
    variables = {**os.environ, "PATH": f"{tmp_path / 'programs'}:{os.environ['PATH']}"}
    done = subprocess.run([script], env=variables, capture_output=True, text=True, check=False)

    targets = ["services", "test", "clients", "bench-quick"]
    last = 1 + targets.index(failing) if failing in targets[:2] else len(targets)  # the others run side by side
    assert (done.returncode == 0) == (failing == "none")
    assert done.stdout.splitlines() == [f"make {target}" for target in targets[:last]]
