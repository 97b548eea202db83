"""The two pictures of README.md. `python -m tests.pictures` draws them from the sample school on emulated tenants."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.sax.saxutils import escape

from playwright.sync_api import sync_playwright

from tests.services import find_browser

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
PLAN, REPORT = PICTURES / "plan.svg", PICTURES / "report.png"
HEADINGS = PICTURES / "report.txt"
"""The headings of the report in the picture, which a test cannot read from the picture."""

_COLUMNS, _ROW, _LETTER = 112, 19, 7.9
_COLOURS = {"!": "#e5c07b", "?": "#e5c07b", "Plan:": "#98c379"}
_HEADING = re.compile(r"^\w[^:]*:$|^Changes by control")


def main() -> None:
    """Draw both pictures. The report is of the school after an apply."""
    with TemporaryDirectory() as folder:
        school = Path(folder) / "demo"
        _run(["init", "--demo", str(school)], Path(folder))
        PLAN.write_text(as_svg(_run(["plan"], school).splitlines()))
        _run(["apply", "--yes"], school)
        _run(["audit", "export", "-o", "reports", "--since", "2026-09-01", "--format", "html"], school)
        _draw_report(next((school / "reports").glob("*.html")))


def _run(words: Sequence[str], folder: Path) -> str:
    program = [sys.executable, "-m", "toolkit", *words]
    variables = {name: value for name, value in os.environ.items() if not name.startswith("TOOLKIT_")}
    done = subprocess.run(
        program, cwd=folder, env={**variables, "COLUMNS": str(_COLUMNS)}, capture_output=True, text=True, check=False
    )
    if done.returncode not in {0, 3}:
        raise SystemExit(f"toolkit {' '.join(words)}: {done.stderr}")
    return done.stdout


def as_svg(lines: Sequence[str]) -> str:
    """Draw the lines of a terminal, wrapped as in a terminal, without loading fonts or anything else."""
    rows = [row for line in lines for row in wrap(line)]
    width, height = round(_COLUMNS * _LETTER) + 32, len(rows) * _ROW + 32
    texts = [
        f'<text x="16" y="{(number + 1) * _ROW + 10}" fill="{_colour(row)}" xml:space="preserve">{escape(row)}</text>'
        for number, row in enumerate(rows)
        if row
    ]
    font = 'font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" {font}>'
    title = "<title>A plan for the sample school</title>"
    ground = f'<rect width="{width}" height="{height}" rx="8" fill="#22272e"/>'
    return "\n".join([head, title, ground, *texts, "</svg>\n"])


def wrap(line: str) -> Sequence[str]:
    """Break a line at spaces. Further rows are indented four columns more than the first."""
    indent = " " * (len(line) - len(line.lstrip()))
    rows, words = [""], re.findall(r" *\S+", line)
    for word in words:
        if len(rows[-1]) + len(word) > _COLUMNS and rows[-1]:
            rows.append(indent + "    " + word.lstrip())
        else:
            rows[-1] += word
    return rows


def _colour(row: str) -> str:
    first = row.split(" ", 1)[0]
    return _COLOURS.get(first, "#61afef" if _HEADING.match(row) else "#d7dae0")


def headings(html: str) -> str:
    """Return the headings of a report, one per line."""
    matches = re.findall(r"<h[12][^>]*>(.*?)</h[12]>", html, re.DOTALL)
    return "\n".join(re.sub(r"<[^>]+>", "", heading).strip() for heading in matches) + "\n"


def _draw_report(page: Path) -> None:
    path = find_browser()
    if path is None:
        raise SystemExit("Chromium is not installed. Run `make services`.")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        sheet = opened.new_page(viewport={"width": 900, "height": 1100})
        sheet.goto(page.as_uri())
        sheet.screenshot(path=REPORT)
        opened.close()
    HEADINGS.write_text(headings(page.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
