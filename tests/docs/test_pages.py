"""The pages fit together: links lead somewhere, the site names every page, and the pictures show what is there."""

import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.board_report.reading import visible_text
from tests.docs.blocks import PAGES, ROOT, blocks
from tests.door import Door
from tests.pictures import HEADINGS, PICTURES, PLAN, REPORT, headings, wrap
from toolkit.board_report.page import GROUPS

ALL = [*PAGES, "docs/reference.md", *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/*/*.md"))]
MOST = 200_000
"""Bytes of a picture, so that a page opens on a slow line."""


def test_every_link_to_a_file_or_a_heading_leads_there() -> None:
    assert [f"{page}: {link}" for page in ALL for link in _links(page) if not _leads(page, link)] == []


def _links(page: str) -> Iterator[str]:
    text = re.sub(r"```.*?```|`[^`]*`", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL)
    return (link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link)


def _leads(page: str, link: str) -> bool:
    path, _, heading = link.partition("#")
    target = (ROOT / page).parent / path if path else ROOT / page
    return target.exists() and (not heading or heading in _anchors(target))


def _anchors(target: Path) -> set[str]:
    found = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.casefold()).strip().replace(" ", "-") for heading in found}


def test_the_site_names_every_page_that_people_write() -> None:
    config = YAML(typ="safe", pure=True).load(ROOT / "mkdocs.yml")
    written = {page.removeprefix("docs/") for page in PAGES if page.startswith("docs/")}

    assert set(_listed_pages(config["nav"])) == written | {"reference.md", "emulator.md"}


def test_every_page_calls_a_playbook_a_rule_file_at_its_first_mention() -> None:
    for page in (page for page in PAGES if page.startswith("docs/") or page == "README.md"):
        text = re.sub(r"```.*?```|`[^`]*`|<!--.*?-->", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL)
        first = re.search(r"playbook", text)

        assert first is None or "rule file" in text[max(0, first.start() - 60) : first.end() + 30], page


def test_every_page_of_the_site_names_the_version_and_earlier_versions_are_listed() -> None:
    config = YAML(typ="safe", pure=True).load(ROOT / "mkdocs.yml")
    listed = re.findall(
        r"^\| (\d+\.\d+\.\d+) \|", (ROOT / "docs/versions.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    released = re.findall(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert config["copyright"] == f"For toolkit {version('school-policy-toolkit')}"
    assert listed == released


def _listed_pages(nav: object) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    for entry in nav if isinstance(nav, list) else nav.values() if isinstance(nav, dict) else ():
        yield from _listed_pages(entry)


def test_the_readme_is_short_and_has_both_pictures_and_six_promises() -> None:
    readme = (ROOT / "README.md").read_text()

    assert len(readme.splitlines()) < 150
    assert [path.name for path in (PLAN, REPORT) if f"(docs/pictures/{path.name})" not in readme] == []
    assert re.findall(r"^(\d)\. \*\*", readme, re.MULTILINE) == list("123456")
    assert {path.name: size for path in PICTURES.iterdir() if (size := path.stat().st_size) > MOST} == {}


def test_the_picture_of_a_plan_has_the_lines_that_a_plan_of_the_samples_has(door: Door) -> None:
    drawn = re.findall(r"<text[^>]*>(.*?)</text>", PLAN.read_text())
    planned = [row for line in door.toolkit("plan").out.splitlines() for row in wrap(line)]

    titles = re.compile(r"^  (\S.* \([a-z_]+\.[a-z_]+\)):|^(Needs attention|Changes by control|Plan)\b")
    assert _matches(titles, drawn) == _matches(titles, planned) != []


def test_the_picture_of_a_plan_ends_with_the_numbers_that_start_here_shows() -> None:
    drawn = re.findall(r"<text[^>]*>(Plan: .*?)</text>", PLAN.read_text())
    shown = re.findall(r"^Plan: .*", (ROOT / "docs/index.md").read_text(), re.MULTILINE)

    assert drawn == shown[:1]


def _matches(pattern: re.Pattern[str], rows: list[str]) -> list[str]:
    return [found[0] for row in rows if (found := pattern.match(row))]


def test_the_picture_of_the_report_was_drawn_with_the_headings_that_a_report_has() -> None:
    golden = (ROOT / "tests/board_report/governors.txt").read_text().splitlines()
    drawn = HEADINGS.read_text().splitlines()[1:]

    templates = "".join(path.read_text() for path in (ROOT / "toolkit/board_report").glob("*.j2"))
    known = {*golden, *(heading for _, heading, _ in GROUPS)}
    bare = [re.sub(r" \(\d+\)$", "", heading) for heading in drawn]
    gone = [heading for heading in bare if heading not in known and f">{heading}</h" not in templates]
    assert [heading for heading in gone if not heading.startswith("What changed since")] == []
    assert headings("<h1><b>A</b>: B</h1><p>C</p><h2 id=x>D</h2>") == "A: B\nD\n"
    assert visible_text("<h2>D</h2>").strip() == "D"


@pytest.mark.parametrize(
    "block", [block for block in blocks("docs/write-a-kind.md") if block.language == "yaml"], ids=str
)
def test_a_case_on_the_page_about_kinds_is_one_that_the_tests_would_read(block: object) -> None:
    read = YAML(typ="safe", pure=True).load(getattr(block, "text", ""))

    assert set(read) <= {"name", "stored", "find", "settings", "edits", "refused"}
