"""Every file of a school's folder that the pages name is in a folder that `toolkit init --demo` has just made."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.docs.blocks import ROOT
from tests.door import ask

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
NOT_OF_A_SCHOOL = {"CONTRIBUTING.md", "docs/architecture.md", "docs/emulator.md"}
"""Pages about this repository or about hosts, whose paths only look like those of a school."""

MADE_LATER: Mapping[str, str] = {
    "playbooks/policy/clauses.yaml": "toolkit policy draft",
    ".env": "a copy of .env.example",
    "playbooks/private/holds.yaml.age": "toolkit hold place",
    "playbooks/no-such-file.yaml": "named because it is not there",
    "playbooks/registers.yaml": "toolkit init my-school",
}
"""Files that a page tells the reader to make, with what makes them."""

_IN_PLAYBOOKS = re.compile(r"(?<![\w/.-])(?:playbooks/)?((?:text|policy|private)/[\w.-]+\w|[0-9]{2}-[\w-]+\.yaml)")
_NAMED = re.compile(r"(?<![\w/.-])(playbooks/[\w.-]+\.\w+|\.env(?:\.example)?(?![\w.]))")
_MEDIA_TYPES = {"text/html", "text/plain", "text/csv"}


def named_files(text: str) -> Iterator[str]:
    """Yield the paths in a school's folder that a page names."""
    yield from (f"playbooks/{path}" for path in _IN_PLAYBOOKS.findall(text) if path not in _MEDIA_TYPES)
    yield from _NAMED.findall(text)


def test_a_demo_holds_every_file_that_a_page_names(tmp_path: Path) -> None:
    pages = [page for page in PAGES if page.relative_to(ROOT).as_posix() not in NOT_OF_A_SCHOOL]
    named = {path: page.name for page in pages for path in named_files(page.read_text(encoding="utf-8"))}
    assert len(named) > 15, "the pages name files"
    assert set(MADE_LATER) <= set(named), "a file that no page names any more"

    answered = ask("init", "--demo", tmp_path)

    assert answered.exit == 0, answered.err
    missing = {path: page for path, page in named.items() if not (tmp_path / path).exists()}
    assert missing.keys() == MADE_LATER.keys(), missing


def test_a_demo_practises_the_absences_that_a_page_names(tmp_path: Path) -> None:
    ask("init", "--demo", tmp_path)
    file = tmp_path / "playbooks/33-mail-availability.yaml"
    file.write_text(file.read_text().replace("# absences: private", "absences: private"))
    texts = {"text_file": "out-of-office.txt", "external_file": "outside.txt"}
    lines = "".join(f"      {name}: text/{path}\n" for name, path in texts.items())
    file.write_text(file.read_text().replace("      absences: private", f"{lines}      absences: private"))

    answered = ask("validate", tmp_path / "playbooks")

    assert answered.exit == 0, answered.err
