"""The ledger's head goes to people who do not run toolkit, and into the playbooks' git repository."""

import subprocess
from base64 import b64decode
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from tests.cli.test_signatures import KEY_SETTING, OFFICE, allow, make_key
from tests.door import CommandResult, Door
from tests.schools import few_people

pytestmark = few_people

CHANNELS = """
notifications:
  channels:
    it: {by: mail, from: office@example-primary.example, to: it@example-primary.example}
    clerk: {by: mail, from: office@example-primary.example, to: clerk@example-primary.example, sends: record}
    dpo: {by: mail, from: office@example-primary.example, to: dpo@example-primary.example, sends: record}
"""
CLERK, DPO, IT = "clerk@example-primary.example", "dpo@example-primary.example", "it@example-primary.example"


def _add_to_school_file(door: Door, text: str) -> None:
    school = door.playbooks / "00-school.yaml"
    school.write_text(school.read_text() + text)


def _night(door: Door, day: int) -> CommandResult:
    door.tenant.set_now(f"2026-11-{day}T02:30:00Z")
    return door.toolkit("drift", "--notify")


def _mails_to(door: Door, address: str) -> list[Any]:
    messages = [sent["message"] for sent in door.tenant.objects("outlook.sentMessages").values()]
    return [
        message
        for message in messages
        if address in [recipient["emailAddress"]["address"] for recipient in message["toRecipients"]]
    ]


def test_two_people_get_only_the_head_once_a_week_and_it_proves_a_rewrite(bare_door: Door, tmp_path: Path) -> None:
    _add_to_school_file(bare_door, CHANNELS)
    for day in (11, 12, 18):
        assert _night(bare_door, day).exit == 0
    mails = _mails_to(bare_door, CLERK)

    assert [len(_mails_to(bare_door, address)) for address in (CLERK, DPO, IT)] == [2, 2, 0]
    assert [mail["subject"] for mail in mails] == [
        "Practice run: Example Primary School: the record on 11 November 2026",
        "Practice run: Example Primary School: the record on 18 November 2026",
    ]
    kept = tmp_path / "message.txt"
    kept.write_text(mails[0]["body"]["content"])
    unchanged = bare_door("audit", "verify", "--head", kept)
    bare_door.forget()
    bare_door.toolkit("drift")
    replaced = bare_door("audit", "verify", "--head", kept)

    assert unchanged.exit == 0, unchanged.out
    assert replaced.exit == 1
    assert "Not the ledger that was recorded outside" in replaced.out


def test_with_a_key_the_head_is_attached_with_its_signature(bare_door: Door, tmp_path: Path) -> None:
    key = make_key(tmp_path / "office")
    allow(bare_door, (OFFICE, key, "reports"))
    _add_to_school_file(bare_door, CHANNELS)
    bare_door.tenant.set_now("2026-11-11T02:30:00Z")
    assert bare_door.toolkit("drift", "--notify", **{KEY_SETTING: str(key)}).exit == 0
    [mail] = _mails_to(bare_door, CLERK)
    for attachment in mail["attachments"]:
        (tmp_path / attachment["name"]).write_bytes(b64decode(attachment["contentBytes"]))

    verified = bare_door(
        "audit", "verify", "--head", tmp_path / "record_2026-11-11.txt", "--playbooks", bare_door.playbooks
    )

    assert verified.exit == 0, verified.out
    assert f"= record_2026-11-11.txt was signed by {OFFICE}" in verified.out
    assert "= The ledger is unchanged up to entry" in verified.out


def test_a_part_of_the_playbooks_sends_no_head(bare_door: Door) -> None:
    _add_to_school_file(bare_door, CHANNELS)
    bare_door.tenant.set_now("2026-11-11T02:30:00Z")

    bare_door.toolkit("drift", "--notify", "--provider", "microsoft365")

    assert _mails_to(bare_door, CLERK) == []


def _git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=test", "-c", "user.email=test@example-primary.example", "-c", "commit.gpgSign=false")
    done = subprocess.run(["git", "-C", folder, *identity, *arguments], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def repository(bare_door: Door) -> Door:
    if which("git") is None:
        pytest.skip("git is not installed")
    _git(bare_door.playbooks, "init", "--quiet")
    _git(bare_door.playbooks, "add", "--all")
    _git(bare_door.playbooks, "commit", "--quiet", "--message", "The playbooks")
    return bare_door


@pytest.mark.parametrize(
    ("kind", "label"), [("note", "the git note of commit "), ("tag", "the git tag toolkit/record/")]
)
def test_the_head_is_kept_in_git_only_if_the_school_file_asks_and_finds_a_rewrite(
    kind: str, label: str, repository: Door
) -> None:
    repository.toolkit("drift")
    before = _git(repository.playbooks, "for-each-ref")
    _add_to_school_file(repository, f"record_in_git: {kind}\n")
    repository.toolkit("drift")
    repository.toolkit("drift")
    repository.toolkit("plan")
    verified = repository("audit", "verify", "--playbooks", repository.playbooks)
    repository.forget()
    repository.toolkit("drift", TOOLKIT_PATIENCE="4")
    replaced = repository("audit", "verify", "--playbooks", repository.playbooks)

    assert "toolkit" not in before
    assert "toolkit" in _git(repository.playbooks, "for-each-ref")
    assert _git(repository.playbooks, "status", "--porcelain").split() == ["M", "00-school.yaml"]
    assert verified.exit == 0, verified.out
    assert verified.out.count(f"the last in {label}") == 1, "only the newest head is shown"
    assert "No head from outside was given" in verified.out, "git on this computer is not outside"
    assert replaced.exit == 1
    assert "Not the ledger that was recorded outside" in replaced.out


def test_a_folder_without_a_repository_is_named_and_the_run_goes_on(bare_door: Door) -> None:
    _add_to_school_file(bare_door, "record_in_git: note\n")

    drift = bare_door.toolkit("drift")

    assert drift.exit == 0
    assert "`record_in_git`: the head was not kept: git" in drift.err
