"""`toolkit policy draft`, `policy review` and `init --policy`, from a school's document to its report."""

from pathlib import Path

from tests.door import Door, ask
from tests.policy_draft.test_versions import FIRST
from tests.schools import twenty_people

pytestmark = twenty_people

_SCHOOL = [
    "init",
    "my-school",
    "--no-questions",
    "--name=Example Primary School",
    "--phase=primary",
    "--nation=England",
    "--tenants=emulated",
    "--domains=example-primary.example",
    "--groups=staff=all-staff@example-primary.example",
]


def _own_policy(door: Door) -> Path:
    """Replace the sample's policy with a document, in playbooks that name none of the sample's clauses."""
    for path in door.playbooks.rglob("*.yaml"):
        if path.name not in {"00-school.yaml", "30-mail-disclaimer.yaml"}:
            path.unlink()
    disclaimer = door.playbooks / "30-mail-disclaimer.yaml"
    lines = [line for line in disclaimer.read_text().splitlines() if not line.startswith("clauses:")]
    disclaimer.write_text("\n".join(lines) + "\n")
    document = door.playbooks.parent / "policy.md"
    document.write_text(FIRST, encoding="utf-8")
    return document


def test_a_drafted_policy_is_reported_with_its_own_numbers(door: Door) -> None:
    document = _own_policy(door)

    drafted = door("policy", "draft", str(document), "--playbooks", str(door.playbooks))
    assert drafted.exit == 0
    assert "UNRATIFIED: 5 clauses" in drafted.out
    assert "No one checks this: 1 clause" in drafted.out
    before = door.toolkit("policy", "--json").json
    assert {clause["status"] for clause in before["clauses"]} == {"not checked"}
    assert {clause["class"] for clause in before["clauses"]} == {"UNRATIFIED"}

    reviewed = door("policy", "review", "--playbooks", str(door.playbooks), says="\n\n1\n\np\n")
    assert (reviewed.exit, "Every clause is accepted" in reviewed.out) == (0, True)
    after = {clause["clause"]: clause for clause in door.toolkit("policy", "--json").json["clauses"]}
    assert {name: clause["class"] for name, clause in after.items()} == {
        "POL-1.1": "settable",
        "POL-1.2": "supported",
        "POL-1.3": "settable",
        "POL-2.1": "settable",
        "POL-2.2": "people",
    }
    assert after["POL-1.1"]["status"] in {"not met", "not checked"}
    assert after["POL-2.1"]["place"]["number"] == "2.1"
    exported = door("audit", "export", door.playbooks, "-o", door.playbooks.parent / "out")
    assert exported.exit == 0
    page = next((door.playbooks.parent / "out").glob("*.html")).read_text()
    assert "POL-2.1" in page
    assert "EML-18" not in page


def test_the_review_saves_each_answer_and_goes_on_where_it_stopped(door: Door) -> None:
    document = _own_policy(door)
    assert door("policy", "draft", str(document), "--playbooks", str(door.playbooks)).exit == 0

    stopped = door("policy", "review", "--playbooks", str(door.playbooks), says="\nn\n<\nq\n")
    assert (stopped.exit, "4 clauses UNRATIFIED" in stopped.out) == (3, True)
    wrong = door("policy", "review", "--playbooks", str(door.playbooks), says="data.dpl\n")
    assert (wrong.exit, "did you mean `data.dlp`" in wrong.err) == (2, True)
    ended = door("policy", "review", "--playbooks", str(door.playbooks), says="all\nall\n")

    assert "(1 of 4)" in ended.out
    assert ended.exit == 0


def test_todays_call_of_policy_works_unchanged(door: Door) -> None:
    whole = door("policy", door.playbooks, "--json").json
    one = door.toolkit("policy", "EML-18", "--json").json
    other_order = door("policy", "EML-18", door.playbooks, "--json").json

    assert len(whole["clauses"]) == 136
    assert [clause["clause"] for clause in one["clauses"]] == ["EML-18"]
    assert one["clauses"] == other_order["clauses"]


def test_a_hostile_document_ends_with_one_line(door: Door) -> None:
    path = door.playbooks.parent / "policy.docx"
    path.write_bytes(b"nothing")

    refused = door("policy", "draft", str(path), "--playbooks", str(door.playbooks / "text"))

    assert (refused.exit, refused.out, len(refused.err.splitlines())) == (2, "", 1)


def test_init_drafts_the_policy_and_refuses_a_document_that_it_cannot_read(tmp_path: Path) -> None:
    document = tmp_path / "policy.md"
    document.write_text(FIRST, encoding="utf-8")
    folder = [*_SCHOOL[:1], str(tmp_path / "my-school"), *_SCHOOL[2:]]

    refused = ask(*folder, f"--policy={tmp_path / 'none.docx'}")
    assert (refused.exit, (tmp_path / "my-school").exists()) == (2, False)
    made = ask(*folder, f"--policy={document}")

    assert made.exit == 0, made.err
    assert "5 clauses: all in order" in made.out
    assert (tmp_path / "my-school" / "playbooks" / "policy" / "clauses.yaml").exists()
