"""The accessibility faults that axe finds in an open page, by the rules of WCAG 2.2 at level AA."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AA = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
LEAVE_FEW = "document.querySelectorAll('.wide tbody tr:nth-child(n+8)').forEach(row => row.remove())"


def violations(page: Page, within: str | None = None) -> list[str]:
    """Return a line for each rule that the page, or the part within a selector, breaks."""
    broken = Axe().run(page, within, options=AA).response["violations"]
    return [f"{rule['id']}: {rule['help']}: {rule['nodes'][0]['html'][:200]}" for rule in broken]
