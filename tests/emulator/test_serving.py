"""Starting and ending the emulator."""

import fcntl
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from tests.emulated import HANG, Emulator, Tenant, running, trusting
from tests.timing import processor_seconds


def test_the_first_line_says_where_everything_is(emulator: Emulator) -> None:
    (tenant, *_) = emulator.line["tenants"]

    assert emulator.url.startswith("https://127.0.0.1:")
    assert emulator.line["now"] == "2026-11-10T09:00:00Z"
    assert tenant["name"] == "Example Primary School"
    assert tenant["microsoft365"]["domain"] == "example-primary.example"
    assert tenant["microsoft365"]["initial_domain"] == "example-primary.onmicrosoft.example"
    assert set(tenant["microsoft365"]["applications"]) == {"writer", "reader"}


@pytest.mark.timing
def test_it_is_ready_quickly_even_the_first_time_and_a_signal_ends_it_as_cleanly_as_a_closed_input(
    tmp_path: Path,
) -> None:
    with running(tmp_path) as emulator:
        assert processor_seconds(emulator.pid) < 3

        os.kill(emulator.pid, signal.SIGTERM)
        with (tmp_path / "serve.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # comes back once the emulator has ended

        assert not (tmp_path / "serve.json").exists()


def test_tenants_keys_and_the_authority_outlive_a_kill_and_the_line_in_a_file_outlives_no_end(tmp_path: Path) -> None:
    with running(tmp_path) as killed:
        opened = killed.open_tenant(users=12)
        os.kill(killed.pid, signal.SIGKILL)
    with running(tmp_path) as before:
        assert [one["tenant_id"] for one in before.line["tenants"]] == [
            killed.line["tenants"][0]["tenant_id"],
            opened.tenant_id,
        ]
        authority = Path(before.ca_file).read_text()
        assert json.loads((tmp_path / "serve.json").read_text()) == before.line
        modes = {path.name: path.stat().st_mode & 0o077 for path in tmp_path.iterdir()}
    assert not (tmp_path / "serve.json").exists()
    assert (modes["ca.key"], modes["store.db"]) == (0, 0), "they are their owner's alone"
    with running(tmp_path) as after:
        tenant = Tenant(after, after.line["tenants"][0])

        assert after.line["tenants"] == before.line["tenants"]
        assert Path(after.ca_file).read_text() == authority
        assert tenant.graph("/v1.0/organization").ok

        reset = after.control("POST", "/reset")
        assert [one["tenant_id"] for one in after.control("GET", "/")["tenants"]] == [reset["tenant_id"]]
        assert reset["tenant_id"] not in {one["tenant_id"] for one in before.line["tenants"]}


def test_a_second_emulator_on_the_same_state_ends_with_one_line(emulator: Emulator) -> None:
    state = Path(emulator.ca_file).parent
    command = [sys.executable, "-m", "connectors.emulator", "serve", "--state", str(state)]

    second = subprocess.run(command, capture_output=True, text=True, timeout=HANG, check=False)

    assert second.returncode == 1
    assert second.stdout == ""
    assert second.stderr.splitlines() == [f"{state} is served by another emulator. See {state / 'serve.json'}"]


@pytest.mark.parametrize(
    "request_text",
    [
        "\0\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",  # names no host
        "GET / HTTP/1.1\r\nHost: localhost\r\nno header\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: localhost\r\nX: {'a' * 66_000}\r\n\r\n",
        f"GET /{'a' * 66_000} HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
    ids=["no request", "no host", "no header", "space in the path", "long header", "long path"],
)
def test_a_request_that_is_malformed_or_too_long_is_refused(emulator: Emulator, request_text: str) -> None:
    port = int(emulator.url.rpartition(":")[2])
    trusted = ssl.create_default_context(cafile=emulator.ca_file)
    plain = socket.create_connection(("127.0.0.1", port), HANG)
    with trusted.wrap_socket(plain, server_hostname="127.0.0.1") as connection:
        connection.sendall(request_text.encode())
        answer = connection.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert answer.endswith(b"\r\n\r\nInvalid HTTP request received.")


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
