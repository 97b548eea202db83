"""Reports are signed with SSH signatures, which ssh-keygen checks without toolkit, and `audit verify` checks too."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, blocks, commands, flat
from tests.door import CommandResult, Door
from tests.schools import few_people
from tests.services import require_service
from toolkit.school.signers import SignedContent

pytestmark = few_people

KEY_SETTING = "TOOLKIT_SIGNING_KEY_FILE"
OFFICE = "Office computer"


def make_key(path: Path) -> Path:
    """Make an SSH key without a passphrase, and return the path of the private key."""
    program = require_service("ssh-keygen")
    subprocess.run([program, "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path], check=True)
    return path


def allow(door: Door, *signers: tuple[str, Path, str]) -> None:
    """List public keys in the school file, each with a name and what it may sign, in the place of earlier keys."""
    school = door.playbooks / "00-school.yaml"
    lines = [
        f"  - {{name: {name}, key: {key.with_suffix('.pub').read_text().strip()}, may: [{may}]}}\n"
        for name, key, may in signers
    ]
    others = school.read_text().partition("\nsigners:\n")[0]
    school.write_text(f"{others}\nsigners:\n{''.join(lines)}" if lines else others)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return make_key(tmp_path / "office")


@pytest.fixture
def report(bare_door: Door, key: Path, tmp_path: Path) -> Path:
    """Export a signed report, and return the path of its page."""
    allow(bare_door, (OFFICE, key, "reports"))
    export = bare_door("audit", "export", bare_door.playbooks, "-o", tmp_path / "reports", **{KEY_SETTING: str(key)})
    assert export.exit in {0, 4}, export.err
    [page] = (tmp_path / "reports").glob("*.html")
    return page


def _verify(door: Door, report: Path) -> CommandResult:
    return door("audit", "verify", "--head", report, "--playbooks", door.playbooks)


def _change_the_report(report: Path, _door: Door, _tmp_path: Path) -> None:
    report.write_text(report.read_text().replace("Example Primary School", "Another School"))


def _sign_with_another_key(report: Path, _door: Door, tmp_path: Path) -> None:
    _sign_again(report, make_key(tmp_path / "another"), SignedContent.REPORTS)


def _sign_as_a_plan(report: Path, _door: Door, tmp_path: Path) -> None:
    _sign_again(report, tmp_path / "office", SignedContent.PLANS)


def _take_the_key_away(_report: Path, door: Door, tmp_path: Path) -> None:
    allow(door, ("Head Teacher", make_key(tmp_path / "head"), "reports"))


def _limit_the_key_to_plans(_report: Path, door: Door, tmp_path: Path) -> None:
    allow(door, (OFFICE, tmp_path / "office", "plans"))


def _sign_again(report: Path, key: Path, of: SignedContent) -> None:
    signature = report.with_name(f"{report.name}.sig")
    signature.unlink()
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", of.namespace, report], check=True)


ATTACKS: dict[Callable[[Path, Door, Path], None], str] = {
    _change_the_report: "changed since it was signed, or not signed as one of the reports",
    _sign_with_another_key: "no key under `signers:` that may sign reports made the signature",
    _sign_as_a_plan: "changed since it was signed, or not signed as one of the reports",
    _take_the_key_away: "no key under `signers:` that may sign reports made the signature",
    _limit_the_key_to_plans: "no key under `signers:` that may sign reports made the signature",
}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__.strip("_"))
def test_a_wrong_signature_is_found(
    attack: Callable[[Path, Door, Path], None], bare_door: Door, report: Path, tmp_path: Path
) -> None:
    before = _verify(bare_door, report)

    attack(report, bare_door, tmp_path)
    after = _verify(bare_door, report)

    assert before.exit == 0, before.out
    assert f"= {report.name} was signed by {OFFICE} (SHA256:" in before.out
    assert (after.exit, f"! {report.name}: {ATTACKS[attack]}" in after.out) == (1, True), after.out


def test_a_lost_key_still_signs_and_only_a_head_from_outside_shows_the_rewrite(
    bare_door: Door, report: Path, key: Path, tmp_path: Path
) -> None:
    for path in (bare_door.state / "emulator").glob("ledger*"):
        path.unlink()
    bare_door.toolkit("drift")
    again = tmp_path / "again"
    assert bare_door("audit", "export", bare_door.playbooks, "-o", again, **{KEY_SETTING: str(key)}).exit in {0, 4}
    [forged] = again.glob("*.html")

    assert f"= {forged.name} was signed by {OFFICE}" in _verify(bare_door, forged).out
    kept = _verify(bare_door, report)
    assert kept.exit == 1
    assert "Not the ledger that was recorded outside" in kept.out


def test_a_governor_follows_the_page_with_nothing_but_openssh(bare_door: Door, report: Path, tmp_path: Path) -> None:
    folder = tmp_path / "governor"
    folder.mkdir()
    (folder / "report.html").write_bytes(report.read_bytes())
    (folder / "report.html.sig").write_bytes(report.with_name(f"{report.name}.sig").read_bytes())
    (folder / "allowed_signers").write_text(bare_door("audit", "signers", bare_door.playbooks).out)
    with_ssh, with_toolkit = [
        command for block in blocks("docs/verify.md") if block.language == "console" for command in commands(block)
    ]

    checked = subprocess.run(with_ssh.words, shell=True, cwd=folder, capture_output=True, text=True, check=True)
    words = with_toolkit.words.removeprefix("toolkit ").replace("report.html", str(folder / "report.html")).split()
    verified = bare_door(*[str(bare_door.playbooks) if word == "playbooks/" else word for word in words])
    (folder / "report.html").write_text("Another report")
    changed = subprocess.run(with_ssh.words, shell=True, cwd=folder, capture_output=True, text=True, check=False)

    assert with_ssh.words.startswith("ssh-keygen -Y verify ")
    assert all(piece in checked.stdout for piece in with_ssh.pieces), checked.stdout
    assert verified.exit == 0
    assert all(piece in flat(verified.out) for piece in with_toolkit.pieces), verified.out
    assert changed.returncode != 0
    assert "Could not verify signature" in changed.stdout
    assert "Could not verify signature" in (ROOT / "docs/verify.md").read_text().replace("\n", " ")


def test_the_settings_on_the_page_are_valid(bare_door: Door) -> None:
    settings = [block.text for block in blocks("docs/verify.md") if block.language == "yaml"]
    school = bare_door.playbooks / "00-school.yaml"
    school.write_text("\n".join([school.read_text(), *settings]))

    validated = bare_door.toolkit("validate")

    assert len(settings) == 2
    assert validated.exit == 0, validated.err


def test_the_fingerprints_and_keys_are_printed_for_the_governors(bare_door: Door, report: Path, key: Path) -> None:
    printed = bare_door("audit", "signers", bare_door.playbooks)
    answer = bare_door("audit", "signers", bare_door.playbooks, "--json")
    shown = subprocess.run(["ssh-keygen", "-lf", key], capture_output=True, text=True, check=True)

    [fingerprint] = re.findall(r"SHA256:\S+", shown.stdout)
    assert f"# {OFFICE} may sign reports: {fingerprint}\n" in printed.out
    assert [signer["fingerprint"] for signer in answer.json["signers"]] == [fingerprint]


def test_a_signature_is_not_called_wrong_when_the_keys_are_not_known(bare_door: Door, report: Path) -> None:
    verified = bare_door("audit", "verify", "--head", report)
    answer = bare_door("audit", "verify", report, "--playbooks", bare_door.playbooks, "--json")
    report.with_name(f"{report.name}.sig").unlink()
    unsigned = _verify(bare_door, report)

    assert verified.exit == 0
    assert f"* {report.name}.sig was not checked. Name the playbooks" in verified.out
    assert [check["signer"] for check in answer.json["signatures"]] == [OFFICE]
    assert f"* {report.name} has no signature next to it" in unsigned.out


def test_a_key_that_the_school_file_does_not_list_signs_nothing_and_is_named(
    bare_door: Door, key: Path, tmp_path: Path
) -> None:
    allow(bare_door, (OFFICE, key, "plans"))

    export = bare_door("audit", "export", bare_door.playbooks, "-o", tmp_path / "out", **{KEY_SETTING: str(key)})
    plan = bare_door.toolkit("plan", "-o", str(tmp_path / "a.plan"), **{KEY_SETTING: str(make_key(tmp_path / "other"))})

    assert (export.exit, plan.exit) == (0, 0)
    assert "the reports are not signed: no entry of `signers:` with `may: [reports]`" in export.err
    assert "the plans are not signed: no entry of `signers:` with `may: [plans]`" in plan.err
    assert [*tmp_path.glob("**/*.sig")] == []


@pytest.mark.parametrize(
    ("place", "mode", "complaint"),
    [
        ("state/key", 0o600, "is in the state folder"),
        ("key", 0o644, "other users of this computer can open it"),
        ("missing", None, "there is no file"),
    ],
)
def test_an_unsuitable_key_is_refused_before_anything_is_read(
    place: str, mode: int | None, complaint: str, bare_door: Door, tmp_path: Path
) -> None:
    path = bare_door.playbooks.parent / place
    if mode is not None:
        make_key(path).chmod(mode)

    refused = bare_door("audit", "export", bare_door.playbooks, "-o", tmp_path / "out", **{KEY_SETTING: str(path)})

    assert refused.exit == 2
    assert complaint in refused.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ("{name: Office, key: ssh-ed25519 QUJD, may: [reports]}", "is not a public SSH key"),
        ("{name: 'Office*', key: KEY, may: [reports]}", "is not a name for a signer"),
        ("{name: Office computer, key: KEY, may: [reports]}", "two signers are called `Office computer`"),
        ("{name: Head Teacher, key: KEY, may: [plans]}", "`Head Teacher` has the key of `Office computer`"),
        ("{name: Head Teacher, key: KEY, may: [mail]}", "may"),
    ],
)
def test_a_wrong_signer_is_named_with_its_line(entry: str, complaint: str, bare_door: Door, key: Path) -> None:
    allow(bare_door, (OFFICE, key, "reports"))
    school = bare_door.playbooks / "00-school.yaml"
    public = " ".join(key.with_suffix(".pub").read_text().split()[:2])
    school.write_text(f"{school.read_text()}  - {entry.replace('KEY', public)}\n")

    refused = bare_door.toolkit("validate")

    assert refused.exit == 2
    assert re.search(rf"00-school\.yaml:\d+: .*{re.escape(complaint)}", refused.err), refused.err
