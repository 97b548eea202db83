"""The same school from any folder: state and `.env` lie beside the playbooks, wherever a command is run."""

import json
import os
from pathlib import Path

import pytest

from tests.door import CommandResult, Door, ask
from tests.schools import with_people

pytestmark = with_people(users=24, staff=10)


@pytest.fixture
def school(bare_door: Door, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a school its state in `.toolkit` beside its playbooks, and one drift in its ledger."""
    folder = bare_door.playbooks.parent
    bare_door.state.rename(folder / ".toolkit")
    (folder / "below" / "deeper").mkdir(parents=True)
    monkeypatch.chdir(folder)
    assert ask("drift", "playbooks", TOOLKIT_PATIENCE="5").exit == 0
    return folder


def runs(answered: CommandResult) -> list[str]:
    """List the commands in the ledger, newest first."""
    return [run["command"] for run in answered.json["runs"]]


@pytest.mark.parametrize("place", ["below", "below/deeper", "playbooks"])
def test_a_folder_below_has_the_same_ledger(school: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(school / place)

    drift = ask("drift", os.path.relpath(school / "playbooks"))

    assert f"; state {school}/.toolkit/emulator\n" in drift.out
    assert runs(ask("audit", "log", "--json")) == ["drift", "drift"]
    assert not list((school / place).rglob(".toolkit"))


def test_a_folder_elsewhere_has_the_ledger_of_the_playbooks_that_it_names(
    school: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(elsewhere)

    assert ask("drift", school / "playbooks").exit == 0

    assert list(elsewhere.iterdir()) == []
    monkeypatch.chdir(school)
    assert runs(ask("audit", "log", "--json")) == ["drift", "drift"]


@pytest.mark.parametrize("command", [["doctor"], ["why", "mail.disclaimer"], ["hold", "list"], ["schedule", "cron"]])
def test_every_command_reads_the_env_file_of_the_school(
    school: Path, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (school / ".env").write_text("TOOLKIT_TARGET=life\n")
    monkeypatch.chdir(school / "below")

    named = [school / "playbooks"] if command[0] == "schedule" else []
    answered = ask(*command, *named)

    assert answered.exit == 2
    assert answered.err == "toolkit: TOOLKIT_TARGET is 'life'; write emulator or live\n"


@pytest.mark.parametrize("command", ["audit log", "audit verify", "emulator reset --yes", "state backup x.zip"])
def test_so_does_every_command_that_names_no_playbooks(
    school: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (school / ".env").write_text("TOOLKIT_TARGET=life\n")
    monkeypatch.chdir(school / "below")

    assert ask(*command.split()).err == "toolkit: TOOLKIT_TARGET is 'life'; write emulator or live\n"


def test_paths_in_the_env_file_are_relative_to_it_and_those_of_the_environment_to_the_working_directory(
    school: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (school / ".env").write_text("TOOLKIT_STATE=kept\n")
    (school / ".toolkit").rename(school / "kept")
    monkeypatch.chdir(school / "below")

    written, given = ask("audit", "verify"), ask("audit", "verify", TOOLKIT_STATE="kept")

    assert f"{school}/kept/emulator/ledger.db" in written.out
    assert "The ledger does not exist yet" in given.out


def test_state_in_two_places_is_refused_and_both_are_named(school: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (school / "below" / ".toolkit").mkdir()
    monkeypatch.chdir(school / "below" / "deeper")

    for answered in (ask("audit", "log"), ask("plan")):
        assert answered.exit == 2
        assert f"{school}/below/.toolkit and {school}/.toolkit" in answered.err
    assert runs(ask("audit", "log", "--json", TOOLKIT_STATE=str(school / ".toolkit"))) == ["drift"]


def test_state_above_a_school_that_has_none_is_refused_before_another_is_made(
    school: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask("init", "--demo", elsewhere := tmp_path_factory.mktemp("elsewhere") / "demo")
    (elsewhere / "playbooks").rename(school / "below/playbooks")
    monkeypatch.chdir(school / "below")

    answered = ask("plan")

    assert answered.exit == 2
    assert f"there is state in {school}/.toolkit, and the school's folder is {school}/below. Move it" in answered.err
    assert not (school / "below/.toolkit").exists()


def test_a_school_without_playbooks_is_named(school: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (school / "playbooks").rename(school / "elsewhere")
    monkeypatch.chdir(school / "elsewhere")

    plan = ask("plan")

    assert plan.exit == 2
    assert f"there is no folder playbooks/ in the school's folder {school}" in plan.err


def test_settings_below_the_school_are_never_left_unread(school: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (school / "below" / ".env").write_text("# ours\nTOOLKIT_TARGET=live\n")
    monkeypatch.chdir(school / "below")

    answered = ask("drift", school / "playbooks")

    assert answered.exit == 2
    assert f"{school}/below/.env holds settings that would not be read" in answered.err


def test_an_env_file_of_another_program_is_no_setting_of_ours(school: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (school / "below" / ".env").write_text("DATABASE_URL=x\n")
    monkeypatch.chdir(school / "below")

    assert ask("audit", "log").exit == 0


def test_two_schools_that_are_set_up_are_not_mixed(
    school: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / ".env").write_text("TOOLKIT_TARGET=emulator\n")
    monkeypatch.chdir(other)

    answered = ask("drift", school / "playbooks")

    assert answered.exit == 2
    assert str(other) in answered.err
    assert f"Run it in {school}" in answered.err


def test_the_search_stops_at_the_root_of_a_git_repository(school: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (school / "below" / ".git").mkdir()
    monkeypatch.chdir(school / "below" / "deeper")

    assert json.loads(ask("audit", "log", "--json").out)["runs"] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can give a folder to another owner")
def test_the_search_stops_where_the_owner_changes(school: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.chown(school / "below", 12345, -1)
    os.chown(school / "below" / "deeper", 12345, -1)
    monkeypatch.chdir(school / "below" / "deeper")

    assert json.loads(ask("audit", "log", "--json").out)["runs"] == []
