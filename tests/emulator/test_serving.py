"""Starting and ending the emulator."""

import fcntl
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.emulated import HANG, Emulator, Tenant, running, trusting
from tests.timing import processor_seconds


def test_the_first_line_says_where_everything_is(emulator: Emulator) -> None:
    (tenant, *_) = emulator.line["tenants"]

    assert emulator.url.startswith("https://localhost:")
    assert emulator.line["now"] == "2026-11-10T09:00:00Z"
    assert tenant["name"] == "Example Primary School"
    assert tenant["microsoft365"]["domain"] == "example-primary.example"
    assert tenant["microsoft365"]["initial_domain"] == "example-primary.onmicrosoft.example"
    assert set(tenant["microsoft365"]["applications"]) == {"writer", "reader"}


@pytest.mark.timing
def test_it_is_ready_quickly_even_the_first_time(tmp_path: Path) -> None:
    with running(tmp_path) as emulator:
        assert processor_seconds(emulator.pid) < 3


def test_the_line_stands_in_a_file_while_it_runs_and_is_gone_afterwards(tmp_path: Path) -> None:
    with running(tmp_path) as emulator:
        assert json.loads((tmp_path / "serve.json").read_text()) == emulator.line

    assert not (tmp_path / "serve.json").exists()


def test_a_signal_ends_it_as_cleanly_as_a_closed_input(tmp_path: Path) -> None:
    with running(tmp_path) as emulator:
        os.kill(emulator.pid, signal.SIGTERM)
        with (tmp_path / "serve.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # comes back once the emulator has ended

        assert not (tmp_path / "serve.json").exists()


def test_tenants_credentials_and_the_authority_outlive_a_restart(tmp_path: Path) -> None:
    with running(tmp_path) as before:
        authority = Path(before.ca_file).read_text()
    with running(tmp_path) as after:
        tenant = Tenant(after, after.line["tenants"][0])

        assert after.line["tenants"] == before.line["tenants"]
        assert Path(after.ca_file).read_text() == authority
        assert tenant.graph("/v1.0/organization").ok


def test_what_was_answered_outlives_a_kill(tmp_path: Path) -> None:
    with running(tmp_path) as emulator:
        opened = emulator.open_tenant()
        os.kill(emulator.pid, signal.SIGKILL)
    with running(tmp_path) as emulator:
        assert [one["tenant_id"] for one in emulator.line["tenants"]][-1] == opened.tenant_id


def test_a_second_emulator_on_the_same_state_ends_with_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "connectors.emulator", "serve", "--state", str(tmp_path)]

    with running(tmp_path):
        second = subprocess.run(command, capture_output=True, text=True, timeout=HANG, check=False)

    assert second.returncode == 1
    assert second.stdout == ""
    assert second.stderr.splitlines() == [f"{tmp_path} is served by another emulator; see {tmp_path / 'serve.json'}"]


def test_keys_and_credentials_are_for_their_owner_alone(tmp_path: Path) -> None:
    with running(tmp_path):
        modes = {path.name: path.stat().st_mode & 0o077 for path in tmp_path.iterdir()}

    assert modes["ca.key"] == 0
    assert modes["store.db"] == 0


@pytest.mark.parametrize("host", ["graph.microsoft.com", "login.microsoftonline.com"])
def test_the_proxy_leads_a_vendors_host_here(emulator: Emulator, host: str) -> None:
    with trusting(emulator.ca_file) as client:
        client.proxies = {"https": str(emulator.proxy)}

        answer = client.get(f"https://{host}/common/discovery/instance", timeout=HANG)

        assert answer.status_code in (200, 501)
        assert answer.headers["content-type"].startswith("application/json")


def test_a_vendors_host_of_which_nothing_is_emulated_says_so_at_once(emulator: Emulator) -> None:
    with trusting(emulator.ca_file) as client:
        client.proxies = {"https": str(emulator.proxy)}
        answer = client.get("https://licensing.googleapis.com/apps/licensing/v1/product/101031", timeout=HANG)

    assert (answer.status_code, answer.json()["error"]["code"]) == (501, "NotEmulated")


def test_the_proxy_refuses_every_other_host(emulator: Emulator) -> None:
    with trusting(emulator.ca_file) as client:
        client.proxies = {"https": str(emulator.proxy)}

        with pytest.raises(OSError, match="403 Forbidden"):
            client.get("https://example.com/", timeout=HANG)
