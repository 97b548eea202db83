"""Secrets and git: `init` keeps them out, `validate` and `doctor` find those that git tracks. Real git, real keys."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.door import CommandResult, Door, ask
from tests.schools import with_people
from toolkit.starter.gitignore import LINES, add_to_gitignore

pytestmark = with_people(users=24, staff=10)

PLAYBOOK = "playbooks/00-school.yaml"
ANSWERS = ["--name", "Example Primary School", "--domains", "example-primary.example", "--tenants", "emulated"]


@cache
def private_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()


@cache
def certificate() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([]), datetime.now(UTC).replace(tzinfo=None)
    unsigned = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now)
    signed = unsigned.not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()


def service_account_key() -> str:
    return json.dumps({"type": "service_account", "private_key": private_key(), "client_id": "1"})


def git(folder: Path, *words: str) -> str:
    own = ["-c", "user.name=Test", "-c", "user.email=test@school.example"]
    done = subprocess.run(["git", *own, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a school into a repository without a .gitignore, and work in it."""
    folder = tmp_path / "school"
    assert ask("init", folder, *ANSWERS).exit == 0
    (folder / ".gitignore").unlink()
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    monkeypatch.chdir(folder)
    return folder


def track(school: Path, name: str, text: str) -> None:
    path = school / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    git(school, "add", "--force", name)


def validate(**variables: str) -> CommandResult:
    return ask("validate", "--json", **variables)


SECRETS: dict[str, tuple[Callable[[], str], str]] = {
    ".env": (str, "which holds settings and their secrets"),
    "keys/server.KEY": (str, "which has the name of a private key"),
    "id_ed25519": (str, "which has the name of a private key"),
    "notes/read.txt": (private_key, "which holds a private key"),
    "read.pem": (lambda: certificate() + private_key(), "which holds a private key"),
    "marked.txt": (lambda: "\ufeff" + private_key(), "which holds a private key"),
    "encrypted": (lambda: "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMII", "which holds a private key"),
    "holds.txt": (lambda: f"AGE-SECRET-KEY-1{'Q' * 58}\n", "which holds a private key"),
    "playbooks/reader.json": (service_account_key, "which is a key of a Google service account"),
    "a name with 'quotes'.key": (str, "which has the name of a private key"),
    ".toolkit": (str, "toolkit's state with 1 file: names of people, and keys"),
}


def test_a_tracked_secret_ends_validate_with_3_and_the_printed_command_removes_it(school: Path) -> None:
    for name, (text, _) in SECRETS.items():
        track(school, name if name != ".toolkit" else ".toolkit/live/school.key", text())

    answered, shown = validate(), ask("validate")

    secrets = answered.json["tracked_secrets"]
    assert (answered.exit, shown.exit) == (3, 3)
    assert {secret["path"]: secret["content"] for secret in secrets} == {
        name: content for name, (_, content) in SECRETS.items()
    }
    for secret in secrets:
        assert f"! git tracks {secret['path']}, {secret['content']}" in " ".join(shown.out.split())
        assert "still contains it, so" in secret["advice"]
        command = secret["advice"].split("`")[1]
        subprocess.run(command, shell=True, cwd=school, check=True)
        assert (school / secret["path"]).exists()
    assert (validate().exit, validate().json["tracked_secrets"]) == (0, [])


def test_a_text_about_keys_is_not_a_secret_and_neither_is_a_certificate_or_an_untracked_key(school: Path) -> None:
    track(school, "README.md", "The file begins with -----BEGIN PRIVATE KEY-----\nand `private_key` is in the JSON.\n")
    track(school, "example.json", json.dumps({"files": [{"type": "service_account", "private_key": "{key}"}]}))
    track(school, "filter.pem", certificate())
    track(school, ".env.example", "#TOOLKIT_TARGET=live\n")
    (school / "read.pem").write_text(private_key())
    (school / ".env").write_text("TOOLKIT_TARGET=emulator\n")

    assert validate(TOOLKIT_CA_FILE="filter.pem").json["tracked_secrets"] == []


def test_a_file_that_settings_name_is_a_secret_whatever_is_in_it_and_wherever_it_is(school: Path) -> None:
    elsewhere = school.parent / "elsewhere"
    elsewhere.mkdir()
    git(elsewhere, "init", "--quiet")
    track(elsewhere, "write.json", "{}")
    track(school, "secrets/read", "encoded")
    (school / "link").symlink_to("secrets/read")
    (school / ".env").write_text("TOOLKIT_TARGET=emulator\nTOOLKIT_READ_MICROSOFT365_CERTIFICATE=link\n")

    answered = validate(TOOLKIT_WRITE_GOOGLE_KEY_FILE=str(elsewhere / "write.json"))

    assert answered.exit == 3
    contents = {secret["path"]: secret["content"] for secret in answered.json["tracked_secrets"]}
    assert contents == {
        "secrets/read": "which TOOLKIT_READ_MICROSOFT365_CERTIFICATE names",
        str(elsewhere / "write.json"): "which TOOLKIT_WRITE_GOOGLE_KEY_FILE names",
    }
    assert f"git -C {elsewhere} rm --cached write.json" in answered.out


def test_the_content_that_git_holds_counts_and_not_the_one_on_the_disk(school: Path) -> None:
    track(school, "notes.txt", private_key())
    (school / "notes.txt").write_text("nothing")

    assert [secret["path"] for secret in validate().json["tracked_secrets"]] == ["notes.txt"]


def test_a_hook_stops_a_commit_that_would_hold_a_secret(school: Path) -> None:
    git(school, "commit", "--quiet", "--message", "First")
    hook = school / ".git/hooks/pre-commit"
    hook.write_text(f"#!/bin/sh\nexec {Path(sys.executable).parent / 'toolkit'} validate playbooks\n")
    hook.chmod(0o755)
    (school / PLAYBOOK).write_text((school / PLAYBOOK).read_text() + "# reviewed\n")
    git(school, "commit", "--quiet", "--all", "--message", "Second")
    (school / PLAYBOOK).with_name("notes.txt").write_text(private_key())
    git(school, "add", ".")

    with pytest.raises(subprocess.CalledProcessError) as refused:
        git(school, "commit", "--quiet", "--message", "Third")

    assert "git tracks playbooks/notes.txt, which holds a private key" in refused.value.stdout + refused.value.stderr
    assert git(school, "log", "--format=%s").split() == ["Second", "First"]


def test_nothing_is_said_without_git_or_without_a_repository(
    school: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    track(school, ".env", "")
    with monkeypatch.context() as without_git:
        without_git.setenv("PATH", str(tmp_path))
        assert (validate().exit, validate().json["tracked_secrets"]) == (0, None)
    (school / ".git").rename(tmp_path / "moved")

    assert (validate().exit, validate().json["tracked_secrets"]) == (0, None)
    assert "git" not in ask("validate").out


def test_a_repository_that_git_cannot_read_leaves_it_unknown(school: Path) -> None:
    (school / ".git/index").write_text("damaged")

    answered, shown = validate(), ask("validate")

    assert (answered.exit, shown.exit, answered.json["tracked_secrets"]) == (4, 4, None)
    assert "whether git tracks a secret is unknown: " in shown.out


def test_doctor_names_a_tracked_secret_with_what_to_do(bare_door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = bare_door.playbooks.parent
    monkeypatch.chdir(folder)
    outside = bare_door.toolkit("doctor", "--json")
    git(folder, "init", "--quiet")
    git(folder, "add", PLAYBOOK)
    clean = bare_door.toolkit("doctor", "--json")
    track(folder, "read.pem", private_key())
    tracked = bare_door.toolkit("doctor", "--json")

    def secrets(answered: CommandResult) -> list[tuple[str, str, str]]:
        diagnoses = [one for one in answered.json["diagnoses"] if one["subject"] == "secrets in git"]
        return [(one["state"], one["found"], one["advice"] or "") for one in diagnoses]

    assert secrets(outside) == []
    assert secrets(clean) == [("ok", "no secret among the 1 file that git tracks", "")]
    ((state, found, advice),) = secrets(tracked)
    assert (tracked.exit, state, found) == (4, "wrong", "git tracks read.pem, which holds a private key")
    assert advice.startswith("Type `git rm --cached read.pem`")


@pytest.mark.parametrize("demo", [True, False])
def test_init_keeps_secrets_out_of_git(*, demo: bool, tmp_path: Path) -> None:
    assert ask("init", tmp_path, *(["--demo"] if demo else ANSWERS)).exit == 0
    git(tmp_path, "init", "--quiet")
    names = [".env", "secrets/read.pem", "read.pem", "server.key", "a/b.pfx", "b.p12", "c.crt", "d.cer"]
    names += [".toolkit/live/ledger.db", "school-tools-0123456789ab.json", "client_secret_1.apps.json"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    git(tmp_path, "add", ".")

    tracked = git(tmp_path, "ls-files").split()
    assert {*names} & {*tracked} == set()
    assert {".gitignore", PLAYBOOK} <= {*tracked}


@pytest.mark.parametrize(
    "before",
    [
        b"",
        b"node_modules/\n",
        b"node_modules/\r\n.env\r\n",
        b"no line end",
        b"caf\xe9\n*.pem\n!filter.pem\n",
        "".join(f"{line}\n" for line in reversed(LINES)).encode(),
    ],
)
def test_a_gitignore_that_is_there_keeps_every_byte_and_gets_the_missing_lines_once(
    before: bytes, tmp_path: Path
) -> None:
    file = tmp_path / ".gitignore"
    file.write_bytes(before)

    add_to_gitignore(tmp_path)
    once = file.read_bytes()
    add_to_gitignore(tmp_path)

    lines = [line.strip() for line in once.splitlines()]
    assert once.startswith(before)
    assert [lines.count(line.encode()) for line in LINES] == [1] * len(LINES)
    assert file.read_bytes() == once


def test_a_gitignore_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").mkdir()

    answered = ask("init", "--demo", tmp_path)

    assert (answered.exit, answered.err) == (2, f"toolkit: {tmp_path}/.gitignore cannot be written: Is a directory\n")
