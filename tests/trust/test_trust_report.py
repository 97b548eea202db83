"""One page on the policy in all schools of a trust, and a page for each school."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.emulated import Emulator
from tests.trust.ten_schools import RULES, TREES, TenSchools, build_ten_schools

POLICY = """\
policy: mail
section: Mail
owner: Chief Executive
document: {title: The policy, ratified: 2026-05-18, review_due: 2027-05-18}
clauses:
  - clause: EML-01
    says: Mail has a disclaimer.
    class: settable
    place: {paragraph: 1, begins: Mail has}
    controls: [mail.disclaimer]
    parts: {mail.disclaimer: [mail rule]}
  - clause: EML-02
    says: Mail is polite.
    class: people
    place: {paragraph: 2, begins: Mail is}
"""
DEVICES = """\
policy: devices
section: Devices
owner: Chief Executive
clauses:
  - clause: DEV-01
    says: Computers lock after ten minutes.
    class: settable
    place: {paragraph: 3, begins: Computers lock}
    controls: [device.compliance]
    parts: {device.compliance: [Windows]}
"""
DISCLAIMER = "  - mail.disclaimer: {for: everyone, scope: all, text_file: text.html, phrase: our trust, beside: true}\n"
COMPLIANCE = "  - device.compliance: {for: staff, platforms: [windows], lock_minutes: 10}\n"


@pytest.fixture(scope="module")
def trust(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TenSchools]:
    """A trust whose rules are in place in Oak and Elm, and in which Elm tightens one."""
    trust = build_ten_schools(emulator, tmp_path_factory.mktemp("report"), own_google=["elm"])
    trust.write_trust(folders=["elm"])
    trust.write("base/text.html", "<p>Sent from our trust.</p>")
    trust.write("base/10-rules.yaml", RULES + DISCLAIMER + COMPLIANCE)
    trust.write("base/policy/1.yaml", POLICY)
    trust.write("base/policy/2.yaml", DEVICES)
    trust.write("schools/elm/10.yaml", RULES.replace("Chief Executive", "Head Teacher") + COMPLIANCE.replace("10", "5"))
    state = trust.state / "tenants" / "main"
    (state / "emulator").mkdir(parents=True)
    (state / "emulator" / "serve.json").write_text((trust.state / "emulator" / "serve.json").read_text())
    words = ("--yes", "--tenant", "main", "--provider", "microsoft365", "--reach", "900")
    applied = trust("apply", trust.folder, "--school", "OAK,ELM", *words, TOOLKIT_STATE=str(state))
    assert applied.exit == 0, applied.out + applied.err
    yield trust
    trust.close()


@pytest.fixture(scope="module")
def report(trust: TenSchools, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the report, which is made once."""
    folder = tmp_path_factory.mktemp("pages")
    made = trust("trust", "report", trust.folder, "-o", folder / "pages", "--format", "html,pdf")
    assert made.exit in {3, 4}, made.err
    (folder / "out.txt").write_text(made.out)
    return folder / "pages"


def told(report: Path) -> Any:
    return json.loads((report / "trust.json").read_text())["report"]


def school(report: Path, name: str) -> Any:
    (row,) = [row for row in told(report)["schools"] if row["short_name"] == name]
    return row


def test_each_school_is_judged_over_its_own_slice(report: Path) -> None:
    words = {
        name: {clause["clause"]: clause["status"] for clause in school(report, name)["clauses"]}
        for name in ("OAK", "ELM", "ASH")
    }

    assert words["OAK"] == {"EML-01": "met", "EML-02": "not technical", "DEV-01": "met"}
    assert words["ELM"] == {"EML-01": "met", "EML-02": "not technical", "DEV-01": "varied as agreed"}
    assert words["ASH"]["EML-01"] == "not met"


def test_there_is_a_page_for_the_trust_and_for_each_school(report: Path) -> None:
    names = {"trust", *(tree.upper() for tree in TREES)}

    files = {f"{name}.{form}" for name in names for form in ("html", "pdf")}
    assert {path.name for path in report.iterdir()} == {"trust.json", *files}
    assert all((report / f"{name}.pdf").read_bytes().startswith(b"%PDF") for name in names)
    assert not re.search(r"\b(Elm|Ash|Rowan)\b", (report / "OAK.html").read_text())


def test_schools_have_no_rank_and_no_total(report: Path) -> None:
    page = (report / "trust.html").read_text()

    table = page.partition('id="schools"')[2].partition("</table>")[0]
    shown = re.findall(r'<a href="#(\w+)">', table)
    assert shown == [tree.upper() for tree in TREES]  # as in trust.yaml
    assert not re.search(r"total|per cent|%|best|worst", re.sub(r"<[^>]+>", "", table.partition("<tbody")[2]))


def test_a_tenant_that_cannot_be_read_is_named_and_its_school_has_no_status(trust: TenSchools, tmp_path: Path) -> None:
    trust.own_google["elm"].fault("refused", times=1000)

    made = trust("trust", "report", trust.folder, "--tenant", "elm", "--format", "html", "-o", tmp_path)

    assert made.exit == 1, made.err
    page = (tmp_path / "trust.html").read_text()
    assert "Elm Primary School was not read completely: elm: Google refuses to sign in" in page
    assert "? not read: elm: Google refuses to sign in" in made.out


def test_only_what_was_not_read_is_hatched(report: Path) -> None:
    page = (report / "trust.html").read_text()

    for row in told(report)["schools"]:
        unread = sum(any(count["status"] == "not read" for count in counts) for counts in row["sections"].values())
        cells = page.partition(f'<a href="#{row["short_name"]}">')[2].partition("</tr>")[0]
        assert cells.count('class="unread"') == unread, row["short_name"]
