"""The built site: its links, and its pages in a real browser at a desk, on a phone, by keyboard and without network."""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.docs.blocks import PAGES, ROOT
from tests.services import require_service

pytestmark = pytest.mark.site

SITE = ROOT / "build" / "site"
GENERATED = ["reference", "kinds/microsoft365.transport_rule", "controls/mail.disclaimer"]
SEEN = [Path(page).stem for page in PAGES if page.startswith("docs/")] + GENERATED
WIDTHS = (390, 1280)
AA = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
HOST = "https://docs.example"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".json": "application/json"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the browser of this computer."""
    path = require_service("Chromium")
    assert SITE.is_dir(), "the site is not built: `make site`"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def elsewhere() -> list[str]:
    """Return the addresses outside the site that pages ask for."""
    return []


@pytest.fixture
def page(browser: Browser, elsewhere: list[str]) -> Iterator[Page]:
    """Open an empty page; the site is the only host that answers."""

    def answer(route: Route) -> None:
        path = SITE / route.request.url.removeprefix(f"{HOST}/").partition("?")[0]
        if route.request.url.startswith(HOST) and path.is_file():
            route.fulfill(body=path.read_bytes(), content_type=TYPES.get(path.suffix))
        else:
            elsewhere.append(route.request.url)
            route.abort()

    page = browser.new_page()
    page.route("**/*", answer)
    yield page
    page.close()


@pytest.mark.parametrize("name", SEEN)
def test_a_page_asks_for_nothing_elsewhere_fits_its_screen_and_shuts_no_one_out(
    page: Page, elsewhere: list[str], name: str
) -> None:
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(f"{HOST}/{name}.html", wait_until="networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found += Axe().run(page, options=AA).response["violations"]

    assert elsewhere == []
    assert [
        f"{violation['id']}: {violation['help']}: {violation['nodes'][0]['html'][:300]}" for violation in found
    ] == []


class Links(HTMLParser):
    """The links of a page, and what another page can link to on it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = {""}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, _tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Keep what an element refers to, and its names."""
        for name, value in attributes:
            if name in {"href", "src"} and value:
                self.links.append(value)
            elif name in {"id", "name"} and value:
                self.anchors.add(value)


def test_every_link_of_every_page_leads_to_a_page_and_its_heading() -> None:
    assert SITE.is_dir(), "the site is not built: `make site`"
    pages = {path.resolve(): Links(path) for path in SITE.rglob("*.html")}
    broken, checked = [], 0
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            checked += 1
            base = SITE.resolve() / parts.path.lstrip("/") if parts.path.startswith("/") else path.parent / parts.path
            target = (base if parts.path else path).resolve()
            target = target / "index.html" if target.is_dir() else target
            known = pages.get(target)
            if not target.is_file() or (known and unquote(parts.fragment) not in known.anchors):
                broken.append(f"{path.relative_to(SITE.resolve())}: {link}")

    assert checked > len(pages) > len(SEEN)
    assert broken == []


def test_a_search_finds_a_control(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 844})
    page.goto(f"{HOST}/index.html", wait_until="networkidle")
    page.keyboard.press("Control+k")
    page.keyboard.type("disclaimer")

    page.get_by_text("mail.disclaimer").first.wait_for()
