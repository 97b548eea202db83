"""The control plane answers clients of this user alone: token, Host and Origin, and whom a fault may kill."""

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest
from requests import Response

from tests.emulated import Emulator, Tenant, running
from tests.registered import client_waiting


def _reset(tenant: Tenant, **headers: str | None) -> Response:
    """Ask for what would do the most harm."""
    return tenant.emulator.ask("POST", "/reset", **headers)


@pytest.mark.parametrize("path", ["", "/", "/reset", "/tenants", "/clients", "/no-such-path"])
@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer wrong", "Basic d3Jvbmc6", "Bearer wr\xf6ng"])
def test_a_request_without_the_token_is_refused(tenant: Tenant, path: str, authorization: str | None) -> None:
    for method in ("GET", "POST", "PUT", "DELETE"):
        answer = tenant.emulator.ask(method, path, Authorization=authorization)

        assert answer.status_code == 401
        assert "token" in answer.json()["error"]
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert tenant.control("GET", "")


@pytest.mark.parametrize("host", ["attacker.example", "attacker.example:{port}", "localhost", "127.0.0.1:1", "[::1]:1"])
def test_another_host_is_refused_so_that_a_rebound_name_reaches_nothing(tenant: Tenant, host: str) -> None:
    answer = _reset(tenant, Host=host.format(port=_port(tenant)))

    assert answer.status_code == 403
    assert "Host header" in answer.json()["error"]
    assert tenant.control("GET", "")


@pytest.mark.parametrize("origin", ["https://attacker.example", "null", "http://localhost:{port}", "https://localhost"])
def test_a_web_page_of_another_origin_is_refused(tenant: Tenant, origin: str) -> None:
    answer = _reset(tenant, Origin=origin.format(port=_port(tenant)))

    assert answer.status_code == 403
    assert "Origin header" in answer.json()["error"]
    assert tenant.control("GET", "")


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
def test_each_loopback_name_of_its_own_is_answered(tenant: Tenant, name: str) -> None:
    own = f"{name}:{_port(tenant)}"

    assert tenant.emulator.ask("GET", "/", Host=own, Origin=f"https://{own}").ok


def _port(tenant: Tenant) -> str:
    return tenant.emulator.url.rpartition(":")[2]


def test_a_vendors_endpoint_needs_no_token_of_the_emulator(tenant: Tenant) -> None:
    assert tenant.graph("/v1.0/organization").ok


def test_every_emulator_has_a_token_of_its_own_in_a_file_that_its_owner_alone_reads_even_where_there_was_one(
    emulator: Emulator, tmp_path: Path
) -> None:
    for left_over in ("serve.json", "serve.new"):
        (tmp_path / left_over).touch(mode=0o644)
        (tmp_path / left_over).chmod(0o644)

    with running(tmp_path) as other:
        token = other.line["token"]
        assert stat.S_IMODE((tmp_path / "serve.json").stat().st_mode) == 0o600
        assert json.loads((tmp_path / "serve.json").read_text())["token"] == token

    assert token != emulator.line["token"]
    assert len(token) >= 43


def test_a_fault_for_a_process_that_did_not_register_is_refused_and_not_armed(tenant: Tenant) -> None:
    answer = tenant.ask("POST", "/faults", {"operation": "*", "fault": "kill", "pid": os.getppid()})

    assert answer.status_code == 400
    assert answer.json()["error"].startswith(f"process {os.getppid()} is not registered. ")
    assert tenant.control("GET", "/faults") == []


_NO_PROCESS = 2**22 + 1
"""More than the largest pid of Linux."""


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "pid must be"),
        ({"pid": "1"}, "pid must be"),
        ({"pid": True}, "pid must be"),
        ({"pid": 1}, "pid must be"),
        ({"pid": -1}, "pid must be"),
        ({"pid": _NO_PROCESS}, "there is no process"),
        ({"pid": 2**80}, "there is no process"),
    ],
)
def test_what_is_no_process_of_a_client_cannot_register(
    tenant: Tenant, body: Mapping[str, object], reason: str
) -> None:
    answer = tenant.emulator.ask("POST", "/clients", body)

    assert answer.status_code == 400
    assert answer.json()["error"].startswith(reason)


def test_the_emulator_itself_cannot_register(tenant: Tenant) -> None:
    assert tenant.emulator.ask("POST", "/clients", {"pid": tenant.emulator.pid}).status_code == 400


def test_a_process_that_registered_and_ended_is_not_killed_again(tenant: Tenant, tmp_path: Path) -> None:
    with client_waiting(tenant.emulator, tmp_path) as client:
        tenant.fault("kill", "GET /domains", pid=client.pid)
        client.communicate("go\n")

    with pytest.raises(OSError, match="Connection"):
        tenant.graph("/v1.0/domains")
    assert tenant.graph("/v1.0/domains").ok
