"""`toolkit emulator`: a tenant to rehearse on, in the foreground or anew."""

import json
import os
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import trustme

from tests.cases import playbook, resource
from tests.door import Door, open_door
from tests.emulated import HANG, Emulator, Tenant, running
from tests.schools import with_people

pytestmark = with_people(users=24, staff=10)

Served = tuple["subprocess.Popen[str]", Mapping[str, object]]


@contextmanager
def _served(state: Path, *options: str) -> Iterator[Served]:
    command = [sys.executable, "-m", "toolkit", "emulator", "serve", *options]
    environment = {**os.environ, "TOOLKIT_STATE": str(state)}
    with subprocess.Popen(command, env=environment, cwd=state.parent, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


@pytest.fixture(scope="module")
def own_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """Run an emulator that may be reset."""
    with running(tmp_path_factory.mktemp("own") / "emulator", "--users", "24") as emulator:
        yield emulator


@pytest.fixture
def own_door(own_emulator: Emulator, tmp_path: Path) -> Door:
    """Open the door of a school that is the first of its emulator."""
    tenant = Tenant(own_emulator, own_emulator.control("GET", "/")["tenants"][0])
    door = open_door(tenant, tmp_path, samples=False)
    door.write("10-rule.yaml", playbook(resource("microsoft365.transport_rule", "Rule", {"prepend_subject": "[a] "})))
    school = door.playbooks / "00-school.yaml"
    bound = school.read_text().replace(tenant.tenant_id, "emulated").replace(tenant.customer_id, "emulated")
    school.write_text(bound)
    return door


def test_serve_says_in_one_line_where_it_is_and_ends_at_a_signal(tmp_path: Path) -> None:
    with _served(tmp_path / "state", "--users", "12", "--proxy", "0") as (process, line):
        assert str(line["url"]).startswith("https://127.0.0.1:")
        assert line["proxy"]
        assert line["pid"] == process.pid
        assert (tmp_path / "state" / "emulator" / "serve.json").is_file()

        process.send_signal(signal.SIGINT)

        assert process.wait(HANG) == 0
        assert process.stdout
        assert process.stdout.read() == ""
    assert not (tmp_path / "state" / "emulator" / "serve.json").exists()


def test_a_second_emulator_of_a_state_is_refused(own_emulator: Emulator) -> None:
    command = [sys.executable, "-m", "toolkit", "emulator", "serve"]
    environment = {**os.environ, "TOOLKIT_STATE": str(Path(own_emulator.ca_file).parents[1])}

    second = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert second.returncode == 1
    assert "is served by another emulator" in second.stderr
    assert "Traceback" not in second.stderr


def test_an_identity_for_another_program_is_in_the_line(tmp_path: Path) -> None:
    grants = ("--grant", "gam", "calendar.readonly,apps.alerts", "--grant", "audit", "Policy.Read.All")
    with _served(tmp_path / "state", "--users", "12", *grants) as (_, line):
        (tenant,) = json.loads(json.dumps(line["tenants"]))

    assert set(tenant["google_workspace"]["granted_clients"]) == {"gam"}
    assert set(tenant["microsoft365"]["applications"]) == {"writer", "reader", "audit"}


def test_a_grant_of_a_permission_that_can_write_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "toolkit", "emulator", "serve", "--grant", "gam", "calendar"]
    environment = {**os.environ, "TOOLKIT_STATE": str(tmp_path / "state")}

    ended = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert ended.returncode == 2
    assert ended.stderr == "--grant gam: calendar can also write. Use calendar.readonly\n"


@contextmanager
def _older(directory: Path) -> Iterator[Mapping[str, object]]:
    """Serve as an emulator did before there was a token: anybody is answered, and nothing is written of a token."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(directory / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with HTTPServer(("127.0.0.1", 0), _Anybody) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"https://127.0.0.1:{server.server_port}"
        yield {"url": url, "ca_file": str(directory / "ca.pem"), "pid": 4711, "tenants": []}
        server.shutdown()
        thread.join()


class _Anybody(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"tenants": []}')

    def log_message(self, *_told: object) -> None:
        pass


def test_an_emulator_of_an_older_version_that_still_runs_is_named(bare_door: Door, tmp_path: Path) -> None:
    serve = bare_door.state / "emulator" / "serve.json"
    with _older(tmp_path) as line:
        serve.write_text(json.dumps(line))

        answered = bare_door.toolkit("plan")

    assert answered.exit == 1
    assert answered.err.startswith("toolkit: an older version of the emulator (process 4711) is running for ")
    assert answered.err.endswith("End that process, then run this again\n")


def test_a_token_that_the_emulator_does_not_know_is_said(bare_door: Door) -> None:
    serve = bare_door.state / "emulator" / "serve.json"
    serve.write_text(json.dumps({**json.loads(serve.read_text()), "token": "changed"}))

    answered = bare_door.toolkit("plan")

    assert answered.exit == 1
    assert "refused a request: 401" in answered.err
    assert "changed" not in answered.err


def test_reset_gives_new_tenants_and_an_empty_ledger(own_door: Door) -> None:
    own_door.toolkit("apply", "--yes")
    before = own_door.tenant.tenant_id

    answered = own_door("emulator", "reset", "--yes")

    assert answered.exit == 0, answered.err
    assert before not in answered.out
    assert "microsoft365 tenant" in answered.out
    assert "the ledger is empty" in answered.out
    assert not list((own_door.state / "emulator").glob("ledger*"))
    assert own_door.toolkit("plan").exit == 3


def test_reset_works_where_no_emulator_runs(tmp_path: Path, bare_door: Door) -> None:
    state = str(tmp_path / "other")
    first = bare_door("emulator", "reset", "--yes", TOOLKIT_STATE=state)
    second = bare_door("emulator", "reset", "--yes", TOOLKIT_STATE=state)

    assert (first.exit, second.exit) == (0, 0)
    assert first.out.splitlines()[0] != second.out.splitlines()[0]


def test_reset_takes_the_name_of_a_seed_and_changes_nothing_where_there_is_none(own_door: Door) -> None:
    refused = own_door("emulator", "reset", "--yes", "--seed", "tidy")

    assert refused.exit == 1
    assert "unknown seed 'tidy'. The seeds are: messy, mixed, trust" in refused.err
    assert own_door.tenant.objects("users")

    answered = own_door("emulator", "reset", "--yes", "--seed", "messy")

    assert answered.exit == 0, answered.err
    assert "a new school, messy" in answered.out


def test_reset_opens_all_tenants_of_a_seed_with_the_same_ids_each_time(own_door: Door) -> None:
    first = own_door("emulator", "reset", "--yes", "--seed", "mixed")
    second = own_door("emulator", "reset", "--yes", "--seed", "mixed")
    own_door("emulator", "reset", "--yes")  # the other tests of the module expect the sample school

    assert (first.exit, second.exit) == (0, 0), first.err + second.err
    assert first.out == second.out
    assert first.out.count("a new school, mixed") == 8


def test_reset_removes_nothing_without_a_yes(own_door: Door) -> None:
    own_door.toolkit("apply", "--yes")

    answered = own_door("emulator", "reset")

    assert answered.exit == 5
    assert "needs confirmation" in answered.err
    assert (own_door.state / "emulator" / "ledger.db").exists()
    assert own_door.toolkit("plan").exit == 0


def test_reset_is_refused_live(bare_door: Door) -> None:
    answered = bare_door("emulator", "reset", "--yes", TOOLKIT_TARGET="live")

    assert answered.exit == 2
    assert answered.err.startswith("toolkit: TOOLKIT_TARGET is live, and only emulated tenants can be reset")


def test_reset_leaves_a_ledger_in_another_database_alone(own_door: Door) -> None:
    url = "postgresql+psycopg://school:hidden@localhost/ledger"

    answered = own_door("emulator", "reset", "--yes", TOOLKIT_LEDGER=url)

    assert answered.exit == 0
    assert "is unchanged. Empty or drop that database yourself" in answered.out
    assert "hidden" not in answered.out + answered.err


def test_the_time_goes_on_for_every_command_and_begins_again_with_a_reset(own_door: Door) -> None:
    assert own_door.toolkit("apply", "--yes").exit == 0
    before = own_door.tenant.last_request()

    shown, moved, again = (own_door("emulator", "clock", *move) for move in ([], ["+3d"], ["2027-01-08T16:30"]))
    back = own_door("emulator", "clock", "2026-11-09")
    less = own_door("emulator", "clock", "-3d")

    assert (shown.exit, moved.exit, again.exit) == (0, 0, 0), shown.err + moved.err + again.err
    assert shown.out == "Tuesday 10 November 2026, 09:00 GMT\n"
    assert moved.out == "Tuesday 10 November 2026, 09:00 GMT -> Friday 13 November 2026, 09:00 GMT\n"
    assert again.out == "Friday 13 November 2026, 09:00 GMT -> Friday 8 January 2027, 16:30 GMT\n"
    assert own_door.tenant.control("GET", "/clock") == {"now": "2027-01-08T16:30:00Z"}
    assert (back.exit, less.exit) == (2, 2)
    assert "Their time never goes back, and the ledger's last entry of Tuesday 10 November 2026" in back.err
    assert "Their time never goes back. `toolkit emulator reset` starts again" in less.err
    assert own_door.tenant.requests(before) == [], "no tenant is asked"
    own_door.toolkit("apply", "--yes")
    assert "2027-01-08" in own_door("audit", "log", "--json").out

    own_door("emulator", "reset", "--yes")

    assert own_door("emulator", "clock").out == shown.out


def test_the_emulator_itself_moves_no_tenant_back(own_door: Door) -> None:
    body = {"tenant_id": own_door.tenant.tenant_id, "now": "2026-11-09T09:00:00Z"}

    refused = own_door.tenant.emulator.ask("PUT", "/clock", body)
    unzoned = own_door.tenant.emulator.ask("PUT", "/clock", {**body, "now": "2027-11-09T09:00:00"})
    unknown = own_door.tenant.emulator.ask("PUT", "/clock", {**body, "tenant_id": "none"})

    assert (refused.status_code, unzoned.status_code, unknown.status_code) == (400, 400, 404)
    assert "never goes back" in refused.json()["error"]
    assert own_door.tenant.control("GET", "/clock") == {"now": "2026-11-10T09:00:00Z"}
