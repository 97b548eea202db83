"""A `.env` that could lead a live run astray is used once somebody allowed its content, and never before."""

import json
import os
from pathlib import Path

import pytest

from tests.door import SAMPLES, CommandResult, ask

TENANT = "11111111-2222-3333-4444-555555555555"
LIVE = "TOOLKIT_TARGET=live\n"


@pytest.fixture
def school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a school a `.env` for the live target that nothing is wrong with, and a user a configuration."""
    playbooks = tmp_path / "school" / "playbooks"
    playbooks.mkdir(parents=True)
    sample = (
        (SAMPLES / "00-school.yaml")
        .read_text()
        .replace("example-primary.example", "oak-primary.example")
        .replace("id: example1\n", "")
    )
    sample = sample.replace("id: example1\n", "")
    bound = sample.replace("tenant_id: emulated", f"tenant_id: {TENANT}").replace("id: emulated", "id: C012345")
    (playbooks / "00-school.yaml").write_text(bound)
    monkeypatch.chdir(playbooks.parent)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    write(playbooks.parent, LIVE)
    return playbooks.parent


def write(school: Path, text: str, mode: int = 0o600) -> Path:
    file = school / ".env"
    file.write_text(text)
    file.chmod(mode)
    return file


def passes(answered: CommandResult) -> bool:
    """Say whether a live command went on to ask for its credentials."""
    assert answered.exit == 2
    return "TOOLKIT_TARGET is live, and these are not set: TOOLKIT_READ_MICROSOFT365_AUTH" in answered.err


def ca_file(school: Path) -> str:
    (school / "ca.pem").write_text("")
    return f"TOOLKIT_CA_FILE={school}/ca.pem\n"


def test_a_private_file_of_ours_needs_no_permission(school: Path) -> None:
    assert passes(ask("plan", "playbooks"))
    assert "it has no risks that must be allowed" in ask("settings", "allow").out


COMMANDS = [
    *("plan playbooks", "apply playbooks --yes", "drift playbooks", "check playbooks", "due playbooks --yes"),
    *("policy playbooks", "rollover playbooks", "audit log", "audit verify", "state backup x.zip", "hold list"),
    *("schedule cron playbooks", "notify test playbooks", "rollback last", "audit export playbooks -o out"),
    *("import microsoft365 -o new --tenant a.example", "why microsoft365.remote_domain[Default]"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_others_can_read_is_refused_live_by_every_command(school: Path, command: str) -> None:
    file = write(school, LIVE, 0o644)

    answered = ask(*command.split())

    assert answered.exit == 2
    assert answered.err == (
        f"toolkit: {file} is not used on live tenants yet: other users can read it. Type `chmod 600 {file}`. If that "
        f"is not possible, `toolkit settings allow {file}` allows this content once\n"
    )


def test_doctor_names_a_risky_file_as_a_finding_and_uses_nothing_that_it_sets(school: Path) -> None:
    state = school / "state"
    line = f"TOOLKIT_STATE={state}\nTOOLKIT_LEDGER=postgresql+psycopg://a:hidden-word@127.0.0.1:1/c\n"
    file = write(school, LIVE + line, 0o644)

    answered, told = ask("doctor"), ask("doctor", "--json")

    advice = f"Type `chmod 600 {file}`, then `toolkit settings allow {file}`"
    assert answered.exit == told.exit == 4
    assert f"wrong    .env: {file} is not used on live tenants yet: other users can read it; it sets" in answered.out
    assert f"-> {advice}\n" in answered.out
    assert [one["state"] for one in told.json["diagnoses"]] == ["note", "wrong", "unknown"]
    assert told.json["diagnoses"][1]["advice"] == advice
    assert not state.exists()
    assert "hidden-word" not in answered.out + answered.err + told.out


def test_doctor_names_a_permission_that_another_user_could_have_written(school: Path, tmp_path: Path) -> None:
    write(school, LIVE + ca_file(school))
    ask("settings", "allow", "--yes")
    kept = tmp_path / "config" / "toolkit" / "allowed.json"
    kept.chmod(0o666)

    answered = ask("doctor")

    assert answered.exit == 4
    assert (
        f"wrong    .env: another user can write to {kept}: delete it, and type `toolkit settings allow` again"
        in answered.out
    )


@pytest.mark.parametrize("name", ["TOOLKIT_LEDGER", "TOOLKIT_CA_FILE"])
def test_a_file_that_sets_the_ledger_or_a_ca_file_is_refused_live_with_the_command_to_type(
    school: Path, name: str
) -> None:
    line = (
        ca_file(school)
        if name == "TOOLKIT_CA_FILE"
        else "TOOLKIT_LEDGER=postgresql+psycopg://a:hidden-word@b.example/c\n"
    )
    file = write(school, LIVE + line)

    refused = ask("plan", "playbooks")
    allowed = ask("settings", "allow", str(file), "--yes")

    assert refused.exit == 2
    assert f"it sets {name}" in refused.err
    assert f"allow it once as this user: `toolkit settings allow {file}`" in refused.err
    assert allowed.exit == 0
    assert "hidden-word" not in allowed.out + allowed.err + refused.err
    assert passes(ask("plan", "playbooks"))


def test_a_file_of_another_user_is_refused_live(school: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only the superuser can give a file to another owner")
    file = write(school, LIVE)
    os.chown(file, 12345, -1)

    refused = ask("plan", "playbooks")
    ask("settings", "allow", "--yes")

    assert "another user owns it" in refused.err
    assert f"`chown {os.getuid()} {file}`" in refused.err
    assert passes(ask("plan", "playbooks"))


def test_a_permission_ends_with_any_change_of_the_content(school: Path) -> None:
    text = LIVE + ca_file(school)
    write(school, text)
    ask("settings", "allow", "--yes")

    write(school, f"{text}# a comment\n")
    changed = ask("plan", "playbooks")
    write(school, text)

    assert "and its content has changed since it was allowed" in changed.err
    assert passes(ask("plan", "playbooks"))


def test_a_permission_for_the_content_is_none_for_a_mode_that_came_later(school: Path) -> None:
    text = LIVE + ca_file(school)
    write(school, text)
    ask("settings", "allow", "--yes")

    write(school, text, 0o640)

    assert "other users can read it" in ask("plan", "playbooks").err


def test_a_permission_is_for_one_file(
    school: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = LIVE + ca_file(school)
    write(school, text)
    ask("settings", "allow", "--yes")
    other = write(tmp_path_factory.mktemp("other"), text)

    monkeypatch.chdir(other.parent)

    assert f"{other} is not used on live tenants yet" in ask("audit", "log").err


def test_a_permission_is_kept_in_the_users_configuration_alone(school: Path, tmp_path: Path) -> None:
    before = sorted(school.rglob("*"))
    write(school, LIVE + ca_file(school))

    ask("settings", "allow", "--yes")

    (kept,) = [path for path in (tmp_path / "config").rglob("*") if path.is_file()]
    assert kept == tmp_path / "config" / "toolkit" / "allowed.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert sorted(path for path in school.rglob("*") if path.name != "ca.pem") == before
    assert list(json.loads(kept.read_text())) == [str(school / ".env")]


def test_a_configuration_that_others_can_write_allows_nothing(school: Path, tmp_path: Path) -> None:
    write(school, LIVE + ca_file(school))
    ask("settings", "allow", "--yes")
    kept = tmp_path / "config" / "toolkit" / "allowed.json"
    kept.chmod(0o666)

    answered = ask("plan", "playbooks")

    assert answered.exit == 2
    assert (
        answered.err
        == f"toolkit: another user can write to {kept}: delete it, and type `toolkit settings allow` again\n"
    )


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1}', "{" * 9999])
def test_a_configuration_that_is_none_is_said(school: Path, tmp_path: Path, text: str) -> None:
    write(school, LIVE + ca_file(school))
    kept = tmp_path / "config" / "toolkit" / "allowed.json"
    kept.parent.mkdir(parents=True)
    kept.write_text(text)

    assert (
        ask("plan", "playbooks").err
        == f"toolkit: {kept} cannot be read: delete it, and type `toolkit settings allow` again\n"
    )


def test_without_a_terminal_and_without_yes_nothing_is_allowed(school: Path, tmp_path: Path) -> None:
    write(school, LIVE + ca_file(school))

    assert ask("settings", "allow").exit == 5
    assert not (tmp_path / "config").exists()


def test_on_the_emulator_nothing_is_refused(school: Path) -> None:
    write(school, "TOOLKIT_TARGET=emulator\n" + ca_file(school), 0o644)

    assert ask("audit", "log").exit == 0


def test_a_target_of_the_environment_counts_as_well(school: Path) -> None:
    write(school, ca_file(school))

    assert "is not used on live tenants yet" in ask("audit", "log", TOOLKIT_TARGET="live").err


def test_settings_names_each_source_and_hides_secrets(school: Path) -> None:
    write(school, LIVE + "TOOLKIT_MICROSOFT365_CLIENT_SECRET=hush\nTOOLKIT_PATIENCE=9\n")

    shown = ask("settings", TOOLKIT_PATIENCE="7")
    told = ask("settings", "--json", TOOLKIT_PATIENCE="7").json

    lines = [line.split() for line in shown.out.splitlines()]
    assert ["TOOLKIT_PATIENCE", "environment", "7"] in lines
    assert ["TOOLKIT_MICROSOFT365_CLIENT_SECRET", ".env", "(hidden)"] in lines
    assert "hush" not in shown.out + json.dumps(told)
    assert told["variables"][0] == {
        "name": "TOOLKIT_MICROSOFT365_CLIENT_SECRET", "source": ".env", "value": None,
    }  # fmt: skip


def test_a_schedule_says_that_the_user_of_the_jobs_has_to_allow_the_file(school: Path) -> None:
    file = write(school, LIVE + ca_file(school))
    ask("settings", "allow", "--yes")

    answered = ask("schedule", "cron", "playbooks", "--user", "toolkit")

    assert f"# Run this once as the user of the jobs: `toolkit settings allow {file}`" in answered.out.splitlines()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("A=1\n\nTOOLKIT_TARGT=live\n", ".env:3: unknown setting TOOLKIT_TARGT: did you mean `TOOLKIT_TARGET`?"),
        ("# TOOLKIT_TARGET live\nTOOLKIT_TARGET live\n", ".env:2: a setting is written as TOOLKIT_NAME=value"),
        ("TOOLKIT_TARGET\n", ".env:1: a setting is written as TOOLKIT_NAME=value"),
    ],
    ids=["a misspelt name", "no sign of equality", "no value"],
)
def test_a_setting_that_cannot_be_meant_is_no_reason_to_go_elsewhere(school: Path, text: str, says: str) -> None:
    write(school, text)

    answered = ask("plan")

    assert (answered.exit, answered.out) == (2, "")
    assert says in answered.err


@pytest.mark.parametrize("name", ["TOOLKIT_NOTIFY_HOOK", "TOOLKIT_NOTIFY_ALIVE"])
def test_the_addresses_of_digests_are_allowed_before_a_live_run_uses_them(school: Path, name: str) -> None:
    file = write(school, f"{LIVE}{name}=https://elsewhere.example/hook\n")

    refused = ask("plan", "playbooks")

    assert refused.exit == 2
    assert f"it sets {name}, an address that digests are sent to" in refused.err
    assert ask("settings", "allow", file, "--yes").exit == 0
    assert passes(ask("plan", "playbooks"))
