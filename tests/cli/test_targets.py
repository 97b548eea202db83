"""Where a run goes: settings that do not say it clearly end in one line, and nobody writes by accident."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import responses

from tests.cases import playbook, resource
from tests.door import SAMPLES, CommandResult, Door, ask
from tests.emulated import HANG
from tests.schools import with_people

pytestmark = with_people(users=24, staff=10)

RULE = playbook(resource("microsoft365.transport_rule", "Rule", {"prepend_subject": "[a] "}))
TENANT = "11111111-2222-3333-4444-555555555555"
LOGIN = "https://login.microsoftonline.com"
CREDENTIALS = {
    "TOOLKIT_MICROSOFT365_AUTH": "secret",
    "TOOLKIT_MICROSOFT365_CLIENT_ID": "22222222-3333-4444-5555-666666666666",
    "TOOLKIT_MICROSOFT365_CLIENT_SECRET": "hidden-secret-of-the-school",
}


def is_one_line(answered: CommandResult) -> bool:
    """Say whether a command told its error once, in one line of ours."""
    return answered.err.startswith("toolkit: ") and answered.err.count("\n") == 1 and "Traceback" not in answered.err


@pytest.fixture
def live_door(bare_door: Door) -> Door:
    """Open the door of a school of its own, as one that is not the emulator's sample would be."""
    school = bare_door.playbooks / "00-school.yaml"
    text = school.read_text().replace("example-primary.example", "oak-primary.example")
    school.write_text(text.replace(bare_door.tenant.tenant_id, TENANT))
    return bare_door


@pytest.mark.parametrize("command", ["plan", "apply", "drift", "doctor"])
def test_live_without_credentials_names_what_is_missing(live_door: Door, command: str) -> None:
    answered = live_door.toolkit(command, TOOLKIT_TARGET="live")

    assert answered.exit == 2
    said = answered.out + answered.err
    identity = "WRITE" if command == "apply" else "READ"
    assert f"TOOLKIT_TARGET is live, and these are not set: TOOLKIT_{identity}_MICROSOFT365_AUTH" in said
    assert "Traceback" not in said


def test_live_with_half_of_the_credentials_names_the_other_half(live_door: Door) -> None:
    half = {name: value for name, value in CREDENTIALS.items() if not name.endswith("SECRET")}

    answered = live_door.toolkit("plan", TOOLKIT_TARGET="live", **half)

    assert answered.exit == 2
    assert is_one_line(answered)
    assert "these are not set: TOOLKIT_MICROSOFT365_CLIENT_SECRET. The steps that set them: `toolkit" in answered.err


def test_live_with_a_way_to_sign_in_that_is_none_names_those_there_are(live_door: Door) -> None:
    answered = live_door.toolkit("plan", TOOLKIT_TARGET="live", **{**CREDENTIALS, "TOOLKIT_MICROSOFT365_AUTH": "key"})

    assert answered.exit == 2
    assert is_one_line(answered)
    assert "TOOLKIT_MICROSOFT365_AUTH is 'key'. It must be one of secret, certificate, ambient" in answered.err


@responses.activate
def test_live_with_wrong_credentials_says_what_the_sign_in_service_says_and_what_to_do(live_door: Door) -> None:
    _refuse_sign_in()

    answered = live_door.toolkit("plan", TOOLKIT_TARGET="live", **CREDENTIALS)

    assert answered.exit == 1
    assert is_one_line(answered)
    assert "AADSTS7000215: Invalid client secret provided." in answered.err
    assert "What to do: set the client secret's value" in answered.err
    assert "hidden-secret" not in answered.err + answered.out


@responses.activate
def test_doctor_with_wrong_credentials_still_tells_everything_else(live_door: Door) -> None:
    _refuse_sign_in()

    answered = live_door.toolkit("doctor", "-v", TOOLKIT_TARGET="live", **CREDENTIALS)

    assert answered.exit == 1
    assert "on live tenants" in answered.out.splitlines()[0]
    assert "ok       state" in answered.out
    assert "wrong    tenants: Microsoft refuses to sign in" in answered.out
    assert "hidden-secret" not in answered.err + answered.out


def _refuse_sign_in() -> None:
    discovery = f"{LOGIN}/{TENANT}/v2.0/.well-known/openid-configuration"
    endpoints = {
        "authorization_endpoint": f"{LOGIN}/{TENANT}/oauth2/v2.0/authorize",
        "token_endpoint": f"{LOGIN}/{TENANT}/oauth2/v2.0/token",
        "issuer": f"{LOGIN}/{TENANT}/v2.0",
    }
    responses.get(discovery, json=endpoints)
    responses.get(f"{LOGIN}/common/discovery/instance", json={"tenant_discovery_endpoint": discovery, "metadata": []})
    said = "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent is the client secret value."
    responses.post(
        endpoints["token_endpoint"],
        status=401,
        json={"error": "invalid_client", "error_description": said, "error_codes": [7000215]},
    )


@pytest.mark.parametrize("command", ["plan", "apply", "drift", "doctor"])
def test_credentials_without_a_target_are_refused(small_door: Door, command: str) -> None:
    answered = small_door.toolkit(command, **CREDENTIALS)

    assert answered.exit == 2
    assert is_one_line(answered)
    assert "TOOLKIT_MICROSOFT365_CLIENT_SECRET are set, but TOOLKIT_TARGET is not: set it to live" in answered.err
    assert not small_door.tenant.requests()


def test_credentials_of_another_tool_never_count(wide_door: Door) -> None:
    wide_door.write("10-rule.yaml", RULE)
    answered = wide_door.toolkit(
        "plan", AZURE_CLIENT_ID="another", AZURE_CLIENT_SECRET="another", AZURE_TENANT_ID="another"
    )

    assert answered.exit == 3
    assert "on emulated tenants" in answered.out


def test_the_emulated_sample_is_refused_live(small_door: Door) -> None:
    answered = small_door.toolkit("apply", "--yes", TOOLKIT_TARGET="live", **CREDENTIALS)

    assert answered.exit == 2
    assert is_one_line(answered)
    assert (
        "example-primary.example is the domain of the sample school. Before going live, write your own" in answered.err
    )


def test_an_emulated_tenant_of_a_school_is_refused_live(tmp_path: Path) -> None:
    school = tmp_path / "playbooks/00-school.yaml"
    names = ("--name", "Oak Primary School", "--domains", "oak-primary.example", "--tenants", "emulated")
    ask("init", tmp_path, "--no-questions", *names)

    answered = ask("plan", school.parent, TOOLKIT_TARGET="live", **CREDENTIALS)

    assert answered.exit == 2
    assert "is an emulated tenant. Before going live, write the id of your own tenant in its place" in answered.err


def test_a_target_that_is_none_says_which_there_are(small_door: Door) -> None:
    answered = small_door.toolkit("plan", TOOLKIT_TARGET="life")

    assert answered.exit == 2
    assert answered.err == "toolkit: TOOLKIT_TARGET is 'life'; write emulator or live\n"


def test_a_ca_file_that_is_not_there_is_said(small_door: Door) -> None:
    answered = small_door.toolkit("plan", TOOLKIT_CA_FILE="/nowhere/ca.pem")

    assert answered.exit == 2
    assert answered.err == "toolkit: TOOLKIT_CA_FILE: there is no file /nowhere/ca.pem\n"


def test_a_ledger_that_is_no_database_is_said_without_its_password(small_door: Door) -> None:
    answered = small_door.toolkit("plan", TOOLKIT_LEDGER="mysql://school:hidden-password@localhost/ledger")

    assert answered.exit == 2
    assert is_one_line(answered)
    assert "hidden-password" not in answered.err


def test_a_patience_that_is_not_a_number_is_a_usage_error(small_door: Door) -> None:
    answered = small_door.toolkit("plan", TOOLKIT_PATIENCE="long")

    assert answered.exit == 2
    assert answered.err == "toolkit: TOOLKIT_PATIENCE is 'long'. It must be a number from 0 to 604,800.\n"


def test_the_emulated_tenants_need_no_proxy(wide_door: Door) -> None:
    wide_door.write("10-rule.yaml", RULE)
    with socket.create_server(("127.0.0.1", 0)) as server:
        dead = f"http://127.0.0.1:{server.getsockname()[1]}"
    proxies = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy", "ALL_PROXY"), dead)

    answered = wide_door.toolkit("apply", "--yes", **proxies)

    assert answered.exit == 0, answered.err


def test_an_env_file_that_is_no_text_is_said(small_door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes(b"TOOLKIT_TARGET=\xff\xfe")

    answered = small_door.toolkit("plan")

    assert answered.exit == 2
    assert is_one_line(answered)
    assert answered.err.startswith(f"toolkit: {tmp_path / '.env'} cannot be read: ")


def test_an_env_file_that_cannot_be_opened_is_said(
    small_door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").mkdir()

    answered = small_door.toolkit("plan")

    assert answered.exit == 2
    assert answered.err == f"toolkit: {tmp_path / '.env'} cannot be read: it is not a file\n"


def test_the_environment_counts_before_the_env_file(
    wide_door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = wide_door
    door.write("10-rule.yaml", RULE)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("TOOLKIT_TARGET=life\nOTHER=$TOOLKIT_TARGET\n")

    assert door.toolkit("validate", TOOLKIT_TARGET="emulator").exit == 0
    assert door.toolkit("plan").exit == 2
    assert door.toolkit("plan", TOOLKIT_TARGET="emulator").exit == 3


def test_apply_without_a_terminal_and_without_yes_writes_nothing(wide_door: Door) -> None:
    wide_door.write("10-rule.yaml", RULE)
    answered = wide_door.toolkit("apply")

    assert answered.exit == 5
    assert answered.err == "toolkit: needs confirmation: use a terminal or --yes\n"
    assert "Not applied: nothing was written" in answered.out
    operations = [one for request in wide_door.tenant.requests() for one in request["operations"]]
    assert not [one["name"] for one in operations if one["write"]]


def _started(door: Door, *arguments: str, out: int) -> "subprocess.Popen[str]":
    ours = {name: value for name, value in os.environ.items() if not name.startswith("TOOLKIT_")}
    command = [sys.executable, "-m", "toolkit", *arguments]
    return subprocess.Popen(
        command, env={**ours, **door.variables}, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.soak  # tests/cli/test_reader_goes_away.py closes the output of apply
@pytest.mark.parametrize("arguments", [("kinds", "microsoft365.transport_rule"), ("schema",)])
def test_a_reader_that_goes_away_sees_no_traceback(bare_door: Door, arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with _started(bare_door, *arguments, out=writing) as process:
        os.close(writing)
        _, err = process.communicate(timeout=HANG)

    assert err == ""
    assert process.returncode == 0


def test_settings_are_listed_while_a_forgotten_target_stops_every_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    shown, examined = ask("settings", **CREDENTIALS), ask("doctor", SAMPLES, **CREDENTIALS)

    assert shown.exit == 0, shown.err
    assert "no run starts: " in shown.out
    assert "TOOLKIT_TARGET is not: set it to live" in shown.out
    assert all(name in shown.out for name in CREDENTIALS)
    assert examined.exit == 2
    assert "TOOLKIT_TARGET is not: set it to live" in examined.err
