"""Folders of private state are their owner's only, whatever the umask is, and so are files with private keys."""

import ast
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from stat import S_IMODE

import pytest

from toolkit.errors import UsageError
from toolkit.private_files import make_private_folder, refuse_shared_key

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
ROOT = Path(__file__).parents[1]
FOR_PEOPLE = {
    "toolkit/board_report/export_files.py",
    "toolkit/look/run.py",
    "toolkit/policy_draft/draft_file.py",
    "toolkit/render/import_yaml.py",
    "toolkit/starter/gitignore.py",
    "toolkit/trust/report.py",
    "toolkit/trust/write.py",
}
"""Modules that write what a person asked for, such as a report, into a folder that the person named."""


@pytest.fixture(params=[0o000, 0o002, 0o022, 0o077, 0o777])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_each_folder_that_is_made_is_its_owners(tmp_path: Path) -> None:
    there = tmp_path.stat().st_mode

    make_private_folder(tmp_path / "state" / "live" / "reports")
    make_private_folder(tmp_path / "state" / "live" / "reports")

    made = [tmp_path / "state", tmp_path / "state/live", tmp_path / "state/live/reports"]
    assert [S_IMODE(folder.stat().st_mode) for folder in made] == [0o700] * 3
    assert tmp_path.stat().st_mode == there


def test_a_file_in_the_place_of_a_folder_is_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "state").touch()

    with pytest.raises(OSError, match="state"):
        make_private_folder(tmp_path / "state")
    with pytest.raises(OSError, match="state"):
        make_private_folder(tmp_path / "state" / "live")


def test_no_other_code_makes_a_folder_of_private_state() -> None:
    makers = {
        path.relative_to(ROOT).as_posix()
        for package in ("toolkit", "connectors/microsoft365", "connectors/google_workspace")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"mkdir", "makedirs"}
    }

    assert makers == {"toolkit/private_files.py", *FOR_PEOPLE}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_private_key_that_others_can_open_is_refused(tmp_path: Path, mode: int) -> None:
    key = tmp_path / "the key.json"
    key.touch()
    key.chmod(mode)

    with pytest.raises(UsageError, match=r"contains a private key.*Run `chmod 600 '.*the key.json'`"):
        refuse_shared_key(key)


def test_a_certificate_alone_is_no_private_key(tmp_path: Path) -> None:
    certificate = tmp_path / "read.crt"
    certificate.write_text("-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n")
    certificate.chmod(0o644)

    refuse_shared_key(certificate)


def test_a_private_key_of_its_owner_is_used_and_a_missing_one_is_left_to_its_reader(tmp_path: Path) -> None:
    key = tmp_path / "key.json"
    key.touch(mode=0o600)

    refuse_shared_key(key)
    refuse_shared_key(tmp_path / "none.json")
