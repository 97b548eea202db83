"""What Word and LibreOffice write into .docx and .odt files is read as a person sees it on the page."""

from pathlib import Path

import pytest

from tests.policy_draft.parts import W, docx, paragraph, write_zip
from toolkit.policy_draft.cut import CutDocument, cut_document
from toolkit.policy_draft.read_document import read_document

DOCUMENTS = Path(__file__).with_name("documents")
LOCK = "Staff must lock the screen when they leave."
STICKS = "Memory sticks must not hold data about pupils."
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_NAMESPACES = {name: name for name in "text office table style".split()} | {"draw": "drawing", "svg": "svg-compatible"}
ODF = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for prefix, name in _NAMESPACES.items()
)


def _run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def _level(level: int, form: str, text: str, more: str = "") -> str:
    return f'<w:lvl w:ilvl="{level}"><w:numFmt w:val="{form}"/>{more}<w:lvlText w:val="{text}"/></w:lvl>'


def _box(text: str) -> str:
    return f"<w:txbxContent><w:p>{_run(text)}</w:p></w:txbxContent>"


def _alternate(choice: str, fallback: str) -> str:
    return (
        f'<mc:AlternateContent xmlns:mc="{MC}"><mc:Choice Requires="wps">{choice}</mc:Choice>'
        f"<mc:Fallback>{fallback}</mc:Fallback></mc:AlternateContent>"
    )


def _cut(path: Path) -> tuple[CutDocument, str]:
    document = read_document(path)
    return cut_document(document), " ".join(document.remarks)


_FIELD = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> HYPERLINK "x" </w:instrText></w:r>'
    f'<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:hyperlink>{_run(" See the guide.")}</w:hyperlink>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
)
_PLACEHOLDER = (
    "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr>"
    f"<w:sdtContent>{_run(' Click here to enter text.')}</w:sdtContent></w:sdt>"
)


def _says(path: Path) -> list[str]:
    return [clause.says for clause in _cut(path)[0].clauses]


def _odt(path: Path, body: str, styles: str = "") -> Path:
    content = (
        f"<office:document-content {ODF}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    return write_zip(path, {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


@pytest.mark.parametrize("name", ["libreoffice.docx", "libreoffice.odt"])
def test_documents_that_libreoffice_wrote_are_read_alike(name: str) -> None:
    cut, remarks = _cut(DOCUMENTS / name)

    assert [(clause.section_label, clause.section, clause.number, clause.says) for clause in cut.clauses] == [
        ("1", "Passwords", "1.1", "Staff must choose a password of at least 12 characters."),
        ("1", "Passwords", "1.2.a", "Staff must not do any of these: write a password down;"),
        ("1", "Passwords", "1.2.b", "Staff must not do any of these: lend a password to a pupil."),
        ("1", "Passwords", "1.3", "Staff must lock the screen whenever they leave it."),
        ("1", "Passwords", "", "The box beside this paragraph has a rule that everyone must follow."),
        ("1", "Passwords", "", "Memory sticks must not hold any data about pupils."),
        ("2", "E-mail", "2.1", "Every e-mail must carry the disclaimer of the school."),
        ("2", "E-mail", "", "Pupils: Pupils must not send e-mail to people outside."),
    ]
    assert "2 tracked changes are read as if they were accepted" in remarks
    assert "1 text box is read after the paragraph" in remarks


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (_alternate(f"<w:drawing>{_box(STICKS)}</w:drawing>", f"<w:pict>{_box(STICKS)}</w:pict>"), f"{LOCK} {STICKS}"),
        (f"<w:pict>{_box(STICKS)}</w:pict>", f"{LOCK} {STICKS}"),
        (_alternate(_run(" Always."), _run(" Always.")), f"{LOCK} Always."),
        ("<w:smartTag><w:r><w:t> At</w:t></w:r></w:smartTag><w:r><w:t> home too.</w:t></w:r>", f"{LOCK} At home too."),
        (_FIELD, f"{LOCK} See the guide."),
        ("<w:r><w:softHyphen/><w:t> Al\u00adways and every\u00adwhere.</w:t></w:r>", f"{LOCK} Always and everywhere."),
        ("<w:r><w:rPr><w:vanish/></w:rPr><w:t> Hidden words are here.</w:t></w:r>", LOCK),
        ('<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t> Seen.</w:t></w:r>', f"{LOCK} Seen."),
        (_PLACEHOLDER, LOCK),
        ("<w:sdt><w:sdtContent><w:r><w:t> By the head.</w:t></w:r></w:sdtContent></w:sdt>", f"{LOCK} By the head."),
        (f"<w:moveFrom>{_run(' Away.')}</w:moveFrom><w:moveTo>{_run(' To.')}</w:moveTo>", f"{LOCK} To."),
    ],
    ids="box vml-box choice smart-tag field soft-hyphen hidden shown placeholder control moved".split(),
)
def test_the_content_of_a_paragraph_is_read_once(tmp_path: Path, content: str, says: str) -> None:
    path = docx(tmp_path / "policy.docx", f"<w:p>{_run(LOCK)}{content}</w:p>")

    assert " ".join(block.text for block in read_document(path).blocks) == says


def test_a_text_box_has_lists_and_the_remark_counts_the_boxes(tmp_path: Path) -> None:
    lines = paragraph("Staff must not do this:") + paragraph("share a password.", level=2)
    box = f"<w:txbxContent>{lines}</w:txbxContent>"
    path = docx(tmp_path / "policy.docx", f"<w:p>{_run(LOCK)}<w:r><w:drawing>{box}</w:drawing></w:r></w:p>")

    cut, remarks = _cut(path)

    assert [clause.says for clause in cut.clauses] == [LOCK, "Staff must not do this: share a password."]
    assert "1 text box is read" in remarks


def test_diagrams_and_hidden_text_are_reported_as_not_read(tmp_path: Path) -> None:
    graphic = (
        '<a:graphicData xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
        'uri="http://schemas.openxmlformats.org/drawingml/2006/diagram"/>'
    )
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>Hidden.</w:t></w:r>"
    path = docx(tmp_path / "policy.docx", f"<w:p>{_run(LOCK)}{hidden}<w:r><w:drawing>{graphic}</w:drawing></w:r></w:p>")

    _, remarks = _cut(path)

    assert "diagrams, charts and embedded objects are not read (1)" in remarks
    assert "hidden text is not read" in remarks


def test_rows_and_cells_in_content_controls_are_read_and_deleted_rows_are_not(tmp_path: Path) -> None:
    cell = f"<w:sdt><w:sdtContent><w:tc>{paragraph(LOCK)}</w:tc></w:sdtContent></w:sdt>"
    deleted = f"<w:tr><w:trPr><w:del/></w:trPr><w:tc>{paragraph(STICKS)}</w:tc></w:tr>"
    rows = f"<w:sdt><w:sdtContent><w:tr>{cell}</w:tr></w:sdtContent></w:sdt>{deleted}"
    path = docx(tmp_path / "policy.docx", f"<w:tbl>{rows}</w:tbl>")

    assert _says(path) == [LOCK]


def test_a_paragraph_whose_end_is_deleted_goes_on_in_the_next_one(tmp_path: Path) -> None:
    mark = "<w:pPr>{}<w:rPr><w:del/></w:rPr></w:pPr>"
    number = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    gone = f"<w:p>{mark.format(number)}<w:del><w:r><w:delText>Old rule of the school.</w:delText></w:r></w:del></w:p>"
    path = docx(
        tmp_path / "policy.docx",
        gone,
        f"<w:p>{mark.format('')}{_run('Staff must lock ')}</w:p>",
        paragraph("the screen when they leave.", level=0),
    )

    cut, _ = _cut(path)

    assert [(clause.number, clause.says) for clause in cut.clauses] == [("1", LOCK)]


def test_numbers_follow_the_links_between_styles_and_lists(tmp_path: Path) -> None:
    linked = '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    styles = (
        f'<w:styles xmlns:w="{W}"><w:style w:styleId="berschrift1"><w:name w:val="heading 1"/>{linked}'
        f'<w:style w:styleId="Rule"><w:name w:val="Rule"/>{linked}</w:styles>'
    )
    levels = (
        _level(0, "upperRoman", "%1.", '<w:pStyle w:val="berschrift1"/>'),
        _level(1, "decimal", "%1.%2", '<w:pStyle w:val="Rule"/><w:isLgl/>'),
    )
    override = f'<w:lvlOverride w:ilvl="0">{_level(0, "upperLetter", "%1)")}</w:lvlOverride>'
    numbering = (
        f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0"><w:numStyleLink w:val="Own"/></w:abstractNum>'
        f'<w:abstractNum w:abstractNumId="1"><w:styleLink w:val="Own"/>{"".join(levels)}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
        f'<w:num w:numId="2"><w:abstractNumId w:val="1"/>{override}</w:num></w:numbering>'
    )
    listed = '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="2"/></w:numPr></w:pPr>{}</w:p>'
    path = docx(
        tmp_path / "policy.docx",
        paragraph("Devices", style="berschrift1"),
        paragraph(LOCK, style="Rule"),
        listed.format(_run(STICKS)),
        word__styles_xml=styles,
        word__numbering_xml=numbering,
    )

    cut, _ = _cut(path)

    assert [(clause.section_label, clause.number, clause.says) for clause in cut.clauses] == [
        ("I", "1.1", LOCK),
        ("I", "A", STICKS),
    ]


def test_numbered_paragraphs_start_values_and_frames_of_an_odt_are_read(tmp_path: Path) -> None:
    levels = (
        '<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="1"/>'
        '<text:list-level-style-number text:level="2" style:num-format="a"/></text:list-style>'
    )
    body = (
        '<text:numbered-paragraph text:style-name="L" text:level="1"><text:p>Staff must lock'
        f"<text:soft-page-break/> the screen when they leave.</text:p></text:numbered-paragraph>"
        '<text:list text:style-name="L" text:continue-numbering="true"><text:list-item text:start-value="7">'
        "<text:p>Staff must sign the agreement each year.</text:p></text:list-item></text:list>"
        '<text:numbered-paragraph text:style-name="L" text:level="2"><text:p>Staff must choose long passwords.</text:p>'
        "</text:numbered-paragraph>"
        f"<text:p>A box is here for all staff.<draw:frame><svg:title>A picture of the school</svg:title><draw:text-box>"
        f"<text:p>{STICKS}</text:p></draw:text-box></draw:frame></text:p>"
        "<text:bibliography><text:index-body><text:p>A book that staff must read.</text:p></text:index-body>"
        "</text:bibliography>"
    )

    cut, remarks = _cut(_odt(tmp_path / "policy.odt", body, levels))

    assert [(clause.number, clause.says) for clause in cut.clauses] == [
        ("1", LOCK),
        ("7", "Staff must sign the agreement each year."),
        ("7.a", "Staff must choose long passwords."),
        ("", "A box is here for all staff."),
        ("", STICKS),
    ]
    assert "1 text box is read" in remarks


def test_tracked_changes_of_an_odt_are_read_as_accepted(tmp_path: Path) -> None:
    changes = (
        '<text:tracked-changes><text:changed-region text:id="a"><text:deletion><text:p>Staff may leave computers open.'
        '</text:p></text:deletion></text:changed-region><text:changed-region text:id="b"><text:insertion/>'
        "</text:changed-region></text:tracked-changes>"
    )
    body = (
        f'{changes}<text:p>Staff must lock<text:change-start text:change-id="b"/> the screen when they leave'
        '<text:change-end text:change-id="b"/><text:change text:change-id="a"/>.</text:p>'
    )

    cut, remarks = _cut(_odt(tmp_path / "policy.odt", body))

    assert [clause.says for clause in cut.clauses] == [LOCK]
    assert "2 tracked changes are read as if they were accepted" in remarks
