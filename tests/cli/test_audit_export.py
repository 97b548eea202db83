"""`toolkit audit export` and `audit verify FILE`: what a hand in the tenant makes of a report, and of its file."""

import json
from contextlib import closing
from csv import DictReader
from html import unescape
from io import BytesIO, StringIO
from pathlib import Path
from re import findall
from sqlite3 import connect
from typing import Any

from openpyxl import load_workbook

from tests.door import Door, ask, keep_mail
from tests.schools import twenty_people
from toolkit.board_report.page import group_clauses

pytestmark = twenty_people

FOOTER = """\
attestations: mail
confirmed:
  - {control: mail.disclaimer, provider: google_workspace, part: append footer, by: Head Teacher, on: 2026-09-07}
"""


def _exported(door: Door, into: Path, *options: str) -> tuple[Any, Path]:
    """Export, and give the document for governors with its path."""
    answer = door("audit", "export", door.playbooks, "-o", into, *options)
    assert answer.exit in {0, 4}, answer.err
    path = next(into.glob("*_governors_*.json"))
    return json.loads(path.read_text()), path


def test_a_report_says_what_a_hand_in_the_tenant_changed_and_its_file_what_a_hand_changed_in_it(
    door: Door, tmp_path: Path
) -> None:
    keep_mail(door)
    for path in door.playbooks.glob("3[1-9]-*.yaml"):
        path.unlink()
    door.write("90-attestations.yaml", FOOTER)
    assert door.toolkit("apply", "--yes").exit == 0
    first, first_path = _exported(door, tmp_path / "1", "--pack", "governors,evidence", "--format", "html,csv,xlsx")
    assert first["summary"]["clauses"] == sum(first["summary"]["all"].values()) == 136
    assert (first["summary"]["judged"], first["changes"]["since"]) == (46, None)
    assert len(list((tmp_path / "1").iterdir())) == 9

    _logged(door, first)

    door.tenant.set_now("2026-11-11T12:00:00Z")
    rules = door.tenant.objects("exchange.transportRules")
    rule = next(key for key, rule in rules.items() if rule["Name"] == "School disclaimer")
    door.tenant.patch_by(f"beth.birchall@{door.tenant.domain}", "exchange.transportRules", rule, State="Disabled")
    second, path = _exported(door, tmp_path / "2", "--format", "html")
    assert _moved(second) == ("met", "not met", "outside the agreed set-up")
    assert _sentence(second).endswith(
        "mail rule on Microsoft 365: different from the agreed set-up, changed outside the agreed set-up by a member of"
        " staff and first seen on 11 November 2026."
    )
    assert next(one for one in second["clauses"] if one["clause"] == "EML-18")["since"] == second["run"]["at"]
    summary = door("audit", "export", door.playbooks, "-o", tmp_path / "x", "--pack", "summary")
    assert summary.exit == 2
    assert "a practice run is not published" in summary.err
    assert door("audit", "export", door.playbooks, "-o", tmp_path / "x", "--pack", "case").exit == 2
    assert not (tmp_path / "x").exists()

    door.toolkit("drift")
    door.tenant.set_now("2026-11-11T17:00:00Z")
    assert door.toolkit("apply", "--yes").exit == 0
    assert door.toolkit("drift").exit == 0
    third, _ = _exported(door, tmp_path / "3")
    assert _moved(third) == ("not met", "met", "outside the agreed set-up")
    assert "by a member of staff, first seen on 11 November 2026, and a run of the tool put it right" in _sentence(
        third
    )
    assert (third["changes"]["put_right"], third["trend"]["reports"][-1]["minutes"]) == (1, 300)
    assert third["changes"]["found"][0]["by"] == "a member of staff"

    playbook = (door.playbooks / "30-mail-disclaimer.yaml").read_text()
    door.write("30-mail-disclaimer.yaml", playbook.replace("{decision: C18.scope}", "outgoing"))
    assert door.toolkit("apply", "--yes").exit == 0
    fourth, _ = _exported(door, tmp_path / "4", "--compare", str(first_path), "--format", "html,csv,xlsx")
    assert (fourth["changes"]["since"], fourth["compared"]["in_record"]) == (first["run"]["at"], True)
    assert fourth["summary"]["before"]["all"] == first["summary"]["all"]
    assert _moved(fourth) == ("met", "partly", "inside the agreed set-up")
    assert _sentence(fourth).endswith(
        "scope is outgoing, and the policy requires all; the agreed set-up was changed, and a run of the tool followed"
        " it on 11 November 2026."
    )
    _agree(fourth, tmp_path / "4")

    door.tenant.grant("reader", directory_roles=[])
    fifth = _blindly_exported(door, tmp_path / "5")
    assert fifth["changes"]["since"] == first["run"]["at"]  # the last look before that day
    assert _moved(fifth) == ("met", "partly", "inside the agreed set-up")
    assert any(
        need.startswith("Ask when the parts that could not be read will be checked, for ") for need in fifth["needs"]
    )
    less, unread = next(one for one in fifth["clauses"] if one["clause"] == "EML-18")["because"]
    assert less in _sentence(fifth)
    assert "could not be read, because toolkit lacks a permission (the evidence shows which)" in unread

    _edit_files_and_record(door, path)


def _blindly_exported(door: Door, into: Path) -> Any:
    """Export with a permission missing."""
    assert door("audit", "export", door.playbooks, "-o", into, "--since", "2026-11-11").exit == 4
    return json.loads(next(into.glob("*.json")).read_text())


def _logged(door: Door, told: Any) -> None:
    """Read in the log what the last export said of the clauses."""
    logged = door("audit", "log", "--last", "1").out
    stood = {f"{word} {number}" for word, number in told["summary"]["all"].items() if number}
    assert set(logged.rstrip().partition("clauses: ")[2].split(", ")) == stood
    answered = door("audit", "log", "--last", "1", "--json").json["runs"][0]
    assert answered["clauses"]["EML-18"] == "met"


def _moved(told: Any) -> tuple[str, str, str]:
    """Say how the clause about the disclaimer moved, and where that came from."""
    one = next(one for one in told["changes"]["clauses"] if one["clause"] == "EML-18")
    return one["before"], one["now"], one["where"]


def _sentence(told: Any) -> str:
    return str(next(one["sentence"] for one in told["changes"]["clauses"] if one["clause"] == "EML-18"))


def _agree(told: Any, directory: Path) -> None:
    """Compare each form with the document: every clause, how it stands and stood, and the sentence of each move."""
    stands = [(one["clause"], one["status"], one["before"]) for one in told["clauses"]]
    moves = [one["sentence"] for one in told["changes"]["clauses"]]
    rows = list(DictReader(StringIO(next(directory.glob("*_governors_*.csv")).read_text())))
    assert [(row["clause"], row["status"], row["before (2026-11-10)"]) for row in rows] == stands
    book = load_workbook(BytesIO(next(directory.glob("*_governors_*.xlsx")).read_bytes()), read_only=True)
    lines = list(book["Clauses"].iter_rows(min_row=3, values_only=True))
    assert [(line[0], line[2], line[3]) for line in lines] == stands
    assert [line[4] for line in book["Clauses that moved"].iter_rows(min_row=3, values_only=True)] == moves
    page = unescape(next(directory.glob("*.html")).read_text())
    shown = findall(r'(?s)<h2 id="([a-z-]+)">(?:Rules|Clauses) that [^<]+</h2>(.*?)</section>', page)
    assert {key: findall(r'<(?:tr role="row"|li) id="([A-Z]+-\d+)"', text) for key, text in shown} == {
        group.id: [clause["clause"] for clause in group.clauses] for group in group_clauses(told["clauses"])
    }
    assert all(move in page for move in moves)


def _edit_files_and_record(door: Door, path: Path) -> None:
    """Change one sign of a document, of a page and of the record: each is named."""
    page = next(path.parent.glob("*.html"))
    sound = door("audit", "verify", path)
    assert sound.exit == 0
    page.write_text(page.read_text().replace("136", "137", 1))
    assert "has changed since it was written: line " in door("audit", "verify", page).out
    document = path.read_text()
    path.write_text(document.replace("first seen", "First seen", 1))
    broken = door("audit", "verify", path, "--playbooks", door.playbooks)
    assert broken.exit == 1
    assert "changed after it was sealed: changes, clauses" in broken.out
    assert "it was made with other playbooks" in broken.out
    refused = door("audit", "export", door.playbooks, "-o", path.parent, "--compare", path)
    assert refused.exit == 2
    assert "it was changed after it was written: changes, clauses" in refused.err
    path.write_text(document)
    renamed = path.with_name("report.html")
    renamed.write_text(page.read_text())
    unknown = door("audit", "verify", renamed)
    assert unknown.exit == 1
    assert "lists report.html, so toolkit cannot check whether it has changed" in unknown.out
    renamed.write_bytes(next(path.parent.parent.glob("1/*_governors_*.html")).read_bytes())
    assert "= the file has not changed since it was written as practice-run-" in door("audit", "verify", renamed).out
    assert door("audit", "verify", path.parent / "SHA256SUMS").exit == 0

    for n, there, instead in ((1, "apply", "Apply"), (20, '"format"', '"Format"')):
        with closing(connect(door.state / "emulator" / "ledger.db")) as ledger:
            ledger.execute("DROP TRIGGER IF EXISTS entry_never_changes")
            ledger.execute("UPDATE entry SET text = replace(text, ?, ?) WHERE n = ?", (there, instead, n))
            ledger.commit()
        edited = door("audit", "verify", path)
        assert edited.exit == 1
        assert f"Entry {n} was edited" in edited.out
        assert f"entries of the ledger, of which only {n - 1} are undamaged" in edited.out
        with closing(connect(door.state / "emulator" / "ledger.db")) as ledger:
            ledger.execute("UPDATE entry SET text = replace(text, ?, ?) WHERE n = ?", (instead, there, n))
            ledger.commit()


def test_a_second_factor_that_somebody_turned_off_is_told_first_though_its_clause_was_partly_met_before(
    door: Door, tmp_path: Path
) -> None:
    for path in (one for one in door.playbooks.glob("[2-9]*.yaml") if not one.name.startswith("91")):
        path.unlink()
    first, _ = _exported(door, tmp_path / "1")
    policies = door.tenant.objects("entra.conditionalAccessPolicies")
    asked = next(key for key, one in policies.items() if one["displayName"] == "Require MFA for staff")

    door.tenant.set_now("2026-11-11T12:00:00Z")
    door.tenant.patch("entra.conditionalAccessPolicies", asked, state="disabled")
    second, _ = _exported(door, tmp_path / "2")
    third, _ = _exported(door, tmp_path / "3")

    assert {one["clause"]: one["status"] for one in first["clauses"]}["SEC-02"] == "partly"
    told = second["changes"]["clauses"][0]
    assert (told["clause"], told["before"], told["now"]) == ("SEC-02", "partly", "partly")
    assert told["where"] == "outside the agreed set-up"
    assert told["sentence"].startswith("SEC-02 is “partly” as before, and less of it is in place: ")
    assert "people who are asked for a second factor on Microsoft 365: always asked: not all, by" in told["sentence"]
    assert third["changes"]["clauses"] == []


def test_the_help_says_that_the_pack_board_is_the_pack_governors() -> None:
    helped = " ".join(ask("audit", "export", "--help").out.split())

    assert "governors or board, which is the same (roles, no names)" in helped
