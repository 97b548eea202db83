"""A document is cut into clauses word for word, each with its heading, number and page, whatever program made it."""

from pathlib import Path

import pytest
import typst

from tests.policy_draft.parts import docx, paragraph, table
from toolkit.policy_draft.cut import CutDocument, cut_document
from toolkit.policy_draft.read_document import read_document

DOCUMENTS = Path(__file__).with_name("documents")
RULES = {
    "Staff must choose a password of at least 12 characters.": ("Accounts and passwords", "1"),
    "Passwords must not be shared with anyone: Staff must not write a password down.": (
        "Accounts and passwords",
        "2.a",
    ),
    "Staff must lock the screen when they leave a computer.": ("Accounts and passwords", "3"),
    "Staff must not: send chain letters or jokes;": ("E-mail", ""),
    "E-mail is a formal way of communication, e.g. like a letter.": ("E-mail", ""),
    "USB: Memory sticks must not be used for pupil data.": ("Rules for devices", ""),
    "A volunteer must sign the agreement before the first day.": ("Introduction", ""),
}


def _cut(path: Path) -> CutDocument:
    return cut_document(read_document(path))


@pytest.mark.parametrize("name", ["policy.md", "pandoc.docx", "pandoc.odt"])
def test_lists_tables_footnotes_and_definitions_are_read(name: str) -> None:
    cut = _cut(DOCUMENTS / name)

    places = {clause.says.replace("’", "'"): (clause.section, clause.number) for clause in cut.clauses}
    assert {says: places.get(says) for says in RULES} == RULES
    assert len(cut.clauses) == 15
    assert cut.title == "Staff ICT and Acceptable Use Policy"
    assert [definition[1:7] for definition in cut.definitions] == ["Device"]


def test_two_columns_of_a_pdf_are_read_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "two-columns.pdf"
    typst.compile(str(DOCUMENTS / "two-columns.typ"), output=str(path))

    cut = _cut(path)

    numbered = [(clause.section_label, clause.number, clause.says) for clause in cut.clauses if clause.number]
    assert numbered == [
        (
            "2",
            "1",
            (
                "Staff must choose a password of at least 12 characters, which must be different from the password of "
                "any other service that they use at home."
            ),
        ),
        ("2", "2", "Passwords must not be shared with anyone."),
        ("2", "3", "Staff must lock the screen when they leave a computer."),
    ]
    says = [clause.says for clause in cut.clauses]
    assert "Staff must not: open attachments from people they do not know." in says
    assert "Every e-mail must carry the school’s disclaimer." in says
    assert {clause.page for clause in cut.clauses} == {1, 2}
    assert not [text for text in says if "Example Primary School" in text or "Page" in text]


def test_automatic_numbers_of_word_are_worked_out(tmp_path: Path) -> None:
    path = docx(
        tmp_path / "numbers.docx",
        paragraph("Contents 3", style="T1"),
        paragraph("Passwords", style="H1", level=0),
        paragraph("Staff must keep their passwords secret.", level=1),
        paragraph("Staff must not do any of these:", level=1),
        paragraph("write a password down;", level=2),
        paragraph("lend a password to a pupil.", level=2),
        paragraph("E-mail", style="H1", level=0),
        paragraph("Staff must check e-mail every day.", level=1),
        table(("Who", "Rule"), ("Pupils", "Pupils must not send e-mail to people outside.")),
    )

    cut = _cut(path)

    assert [(clause.section_label, clause.number, clause.begins) for clause in cut.clauses] == [
        ("1", "1.1", "Staff must keep their passwords secret."),
        ("1", "1.2.a", "write a password down;"),
        ("1", "1.2.b", "lend a password to a pupil."),
        ("2", "2.1", "Staff must check e-mail every day."),
        ("2", "", "Pupils: Pupils must not send e-mail"),
    ]


def test_tracked_changes_are_read_as_accepted_and_the_remark_says_so(tmp_path: Path) -> None:
    path = docx(
        tmp_path / "tracked.docx",
        paragraph("Staff must lock every computer.", mark="ins"),
        paragraph("Staff may leave computers open.", mark="del"),
    )

    document = read_document(path)

    assert [clause.says for clause in cut_document(document).clauses] == ["Staff must lock every computer."]
    assert "2 tracked changes are read as if they were accepted" in document.remarks[0]


def test_a_text_without_numbers_has_sections_and_a_typed_table(tmp_path: Path) -> None:
    path = tmp_path / "policy.txt"
    path.write_text(
        "ICT Policy\n\nPasswords\n\nStaff must keep passwords\nsecret. "
        "They must not share\nthem with Mr. Smith or others.\n\n"
        "Version\tDescription\n1\tFirst issue\n\nSignature:\n\nUSE OF E-MAIL\n(a) Staff must be polite in e-mail.\n",
        encoding="utf-8",
    )

    assert [(clause.section, clause.number, clause.says) for clause in _cut(path).clauses] == [
        ("Passwords", "", "Staff must keep passwords secret."),
        ("Passwords", "", "They must not share them with Mr. Smith or others."),
        ("USE OF E-MAIL", "a", "Staff must be polite in e-mail."),
    ]


def test_a_word_that_is_divided_at_the_end_of_a_line_is_whole_again(tmp_path: Path) -> None:
    path = tmp_path / "policy.txt"
    path.write_text(
        "Staff must keep infor-\nmation safe and must check e-\nmail each day. The information is password pro-\n"
        "tected. The information is protected by a password. Staff must not open password-\nprotected files.\n",
        encoding="utf-8",
    )

    assert [clause.says for clause in _cut(path).clauses] == [
        "Staff must keep information safe and must check e-mail each day.",
        "The information is password protected.",
        "The information is protected by a password.",
        "Staff must not open password-protected files.",
    ]


def test_duties_in_a_table_are_clauses_and_other_short_lines_are_counted(tmp_path: Path) -> None:
    path = docx(
        tmp_path / "duties.docx",
        paragraph("Last reviewed in the summer term"),
        table(("Who", "What"), ("Technician", "checks that backups can be restored")),
    )

    cut = _cut(path)

    assert [clause.says for clause in cut.clauses] == ["Technician: checks that backups can be restored"]
    assert cut.labels == ["Last reviewed in the summer term"]
