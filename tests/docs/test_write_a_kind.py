"""The page about kinds leads, word for word, from a vendor's page to a green case."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, Block, blocks
from tests.mutants.__main__ import copy_project

PAGE = "docs/write-a-kind.md"
KIND_FILE = "connectors/microsoft365/kinds/direct_send.py"
CASES = "tests/kinds/microsoft365/direct_send"
FILES = {
    KIND_FILE: ("python", '"""Whether'),
    f"{CASES}/refused_mail.yaml": ("yaml", "name:"),
    f"{CASES}/refused.yaml": ("yaml", "refused:"),
}
"""The files that the page has its reader save: the language and the beginning of each block."""


def _text(language: str, beginning: str) -> str:
    found: list[Block] = [block for block in blocks(PAGE) if block.language == language]
    (text,) = [block.text for block in found if block.text.startswith(beginning)]
    return text


def test_the_code_of_the_page_defines_the_kind() -> None:
    names: dict[str, object] = {"__name__": "connectors.microsoft365.kinds.direct_send"}
    exec(compile(_text(*FILES[KIND_FILE]), PAGE, "exec"), names)

    assert getattr(names["KIND"], "name", "") == "direct_send"


@pytest.mark.soak
def test_a_reader_who_does_what_the_page_says_has_a_green_case(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    page = (ROOT / PAGE).read_text()
    for name, block in FILES.items():
        assert f"`{name}`" in page
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(_text(*block))
    row = _text("json", "{").strip()
    _insert(project / "connectors/emulator/microsoft365/exchange/cmdlets.json", '   "parameters": [\n', f"    {row},\n")
    sample = _text(*FILES[KIND_FILE]).partition('sample="""\\\n')[2].partition('"""')[0]
    playbook = project / "playbooks/39-mail-rules.yaml"
    playbook.write_text(playbook.read_text() + "".join(f"  {line}\n" for line in sample.splitlines()))
    trials = project / "tests/contract/trials.py"
    begins = "MADE = {case.kind for case in CASES} - {\n"
    trials.write_text(trials.read_text().replace(begins, f'{begins}    "microsoft365.direct_send",\n'))

    tests = [sys.executable, "-m", "pytest", "tests/contract", "-q", "-k", "direct_send", "-p", "no:cacheprovider"]
    ran = subprocess.run(tests, cwd=project, env={"PYTHONPATH": str(project), "PATH": "/usr/bin:/bin"}, check=False,
                         capture_output=True, text=True)  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-3000:]
    shown = [sys.executable, "-m", "toolkit", "kinds", "microsoft365.direct_send"]
    assert subprocess.run(shown, cwd=project, check=True, capture_output=True, text=True).stdout


def _insert(path: Path, after: str, text: str) -> None:
    """Insert a row behind the first `after` below the parameters of the cmdlet."""
    before, cmdlet, rest = path.read_text().partition('"Set-OrganizationConfig": {')
    head, found, tail = rest.partition(after)
    assert cmdlet
    assert found
    path.write_text(f"{before}{cmdlet}{head}{found}{text}{tail}")
