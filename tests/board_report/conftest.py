"""Every pack of a practice run, exported once, and a browser to open them in, started once."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyrage  # type: ignore[import-untyped]
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.board_report.golden import read_document
from tests.board_report.school import export_of
from tests.door import open_door
from tests.emulated import Emulator
from tests.services import require_service
from toolkit.board_report.document import document
from toolkit.board_report.pack import Format, Pack
from toolkit.board_report.page import as_html
from toolkit.board_report.writers import as_json, report_files
from toolkit.holds.register import new_key

_QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()


@pytest.fixture(scope="session")
def packs(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Mapping[Pack, Path]:
    """The page of each pack, exported from a tenant to which no playbooks were applied.

    A summary of a practice run is refused, so the summary is of the small school.
    """
    directory = tmp_path_factory.mktemp("packs")
    tenant = emulator.borrow_tenant(users=20)
    door = open_door(tenant, directory, samples=True)
    key = new_key()
    whom = f"edwin.elmsworth@{tenant.domain}\n"
    place = ("hold", "place", "2026-B", "--person", "-", "--playbooks", door.playbooks)
    assert door(*place, says=whom, TOOLKIT_HOLDS_KEY=key).exit == 0
    options = ("-o", directory / "made", "--pack", "governors,evidence,standards,case")
    made = door("audit", "export", door.playbooks, *options, TOOLKIT_HOLDS_KEY=key)
    assert made.exit == 0, made.err
    tenant.close()
    for closed in (directory / "made").glob("*.age"):
        opened = pyrage.decrypt(closed.read_bytes(), [pyrage.x25519.Identity.from_str(key)])
        closed.with_suffix("").write_bytes(opened)
    summary = directory / "summary.html"
    summary.write_text(as_html(read_document(directory / "small", Pack.SUMMARY, target="live")), encoding="utf-8")
    pages = {pack: next((directory / "made").glob(f"*_{pack}_*.html"), summary) for pack in Pack}
    assert len(set(pages.values())) == len(Pack)
    return pages


@pytest.fixture(scope="session")
def report(packs: Mapping[Pack, Path]) -> Any:
    """The document for governors of the sample school, as read from its file."""
    return json.loads(packs[Pack.GOVERNORS].with_suffix(".json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def files(report: Any) -> Mapping[str, bytes]:
    """That document in every format, by file extension."""
    return {Path(name).suffix[1:]: content for name, content in report_files(report, list(Format))}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser of this computer."""
    path = require_service("Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page of a desktop's width."""
    page = browser.new_page(viewport={"width": 1280, "height": 1024})
    yield page
    page.close()


@pytest.fixture
def governors_document(tmp_path: Path) -> Any:
    """The document for governors of the small school, as read from its file."""
    return json.loads(as_json(document(export_of(tmp_path / "playbooks"), Pack.GOVERNORS)))
