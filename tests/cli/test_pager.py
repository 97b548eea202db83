"""Long output on a terminal is shown in a pager, and nowhere else."""

import sys
from pathlib import Path

import pytest

from tests.cli.test_terminal_output import at_a_terminal
from tests.door import ask

PAGER = """
import os, sys
text = sys.stdin.read()
print("PAGED", len(text.splitlines()), os.environ["LESS"])
"""


def _run(folder: Path, *words: str, **variables: str) -> tuple[int, str]:
    """Run `toolkit` on a terminal with a pager that reports how it was started."""
    pager = folder / "pager.py"
    pager.write_text(PAGER)
    more = {"PAGER": f"{sys.executable} {pager}", "TOOLKIT_STATE": str(folder), **variables}
    return at_a_terminal([sys.executable, "-m", "toolkit", *words], says="", cwd=folder, variables=more)


def test_long_output_is_paged_and_keeps_its_exit_code_and_colours(tmp_path: Path) -> None:
    code, written = _run(tmp_path, "kinds")

    assert (code, written.startswith("PAGED ")) == (0, True)
    assert written.split()[2] == "FRX"


@pytest.mark.parametrize(
    ("words", "variables"),
    [
        (["--no-pager", "kinds"], {}),
        (["kinds", "--no-pager"], {}),
        (["kinds"], {"TOOLKIT_NO_PAGER": "1"}),
        (["kinds"], {"PAGER": ""}),
        (["kinds"], {"PAGER": "no-such-pager"}),
        (["kinds", "transport"], {}),
    ],
    ids=str,
)
def test_output_is_not_paged_if_the_user_wants_no_pager_or_it_is_short(
    words: list[str], variables: dict[str, str], tmp_path: Path
) -> None:
    code, written = _run(tmp_path, *words, **variables)

    assert code == 0
    assert "PAGED" not in written
    assert "microsoft365.transport_rule" in written


def test_output_that_is_not_on_a_terminal_is_not_paged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGER", "no-such-pager")

    assert "microsoft365.transport_rule" in ask("kinds").out
