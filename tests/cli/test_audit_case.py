"""`toolkit audit export --pack case`: who is held, for those alone who may open it."""

import json
import tempfile
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pyrage  # type: ignore[import-untyped]
import pytest
from openpyxl import load_workbook

from tests.board_report.school import export_of
from tests.door import Door
from tests.schools import twenty_people
from toolkit.board_report.case_lines import case_sections
from toolkit.board_report.document import document
from toolkit.board_report.pack import Format, Pack
from toolkit.board_report.writers import report_files
from toolkit.holds.model import Case, Custodian, EvidenceCopy, Holds
from toolkit.holds.register import Register, new_key

pytestmark = twenty_people

HELD = "ada.held@example-primary.example"
MOMENT = datetime(2026, 11, 1, tzinfo=UTC)
COPY = EvidenceCopy(number=1, id="0a", what="mail of May", source="Purview", name="mail.pst", path="/stick/mail.pst",
                    bytes=8, sha256="ab" * 32, media="stick 3", added=MOMENT, review=date(2027, 5, 1))  # fmt: skip
HOLDS = Holds(cases={"2026-B": Case("2026-B", "Matter 0a", {HELD: Custodian(HELD, MOMENT)}, copies=[COPY])})


def test_the_case_pack_is_written_for_its_readers_alone(door: Door, tmp_path: Path) -> None:
    for path in door.playbooks.glob("[1-9]*.yaml"):
        path.unlink()
    key, reader, other = new_key(), pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    Register(door.playbooks, key).write(HOLDS)
    into, public = tmp_path / "out", ("--recipient", str(reader.to_public()))
    asked = ("audit", "export", door.playbooks, "-o", into, "--pack")

    assert "TOOLKIT_HOLDS_KEY is not set" in door(*asked, "case", *public).err
    secret = door(*asked, "case", "--recipient", str(reader), TOOLKIT_HOLDS_KEY=key)
    assert (secret.exit, str(reader) in secret.err) == (2, False)
    assert (
        "is not a public key of the program `age`"
        in door(*asked, "case", "--recipient", "ada", TOOLKIT_HOLDS_KEY=key).err
    )
    assert "--recipient is only for --pack case" in door(*asked, "governors", *public).err
    assert not into.exists()

    person = next(one for one in door.tenant.objects("users").values() if one.get("surname"))["displayName"]
    attested = f"{{clause: SEC-09, by: {person}, on: 2026-10-20, until: 2027-10-20}}"
    door.write("91-registers.yaml", f"registers: school\nattested:\n  - {attested}\n")
    written = door(*asked, "case,governors", *public, "--format", "html,csv,xlsx", TOOLKIT_HOLDS_KEY=key)
    assert written.exit in {0, 4}, written.err
    files = [Path(line) for line in written.out.splitlines()]
    closed = [path for path in files if "_case_" in path.name]
    assert [path.suffixes for path in closed] == [[f".{form}", ".age"] for form in ("json", "html", "csv", "xlsx")]
    assert not any(HELD.encode() in path.read_bytes() for path in into.iterdir())
    governors = next(path.read_text() for path in files if "_governors_" in path.name)
    assert "a person's name" in governors
    assert person not in governors
    document = json.loads(pyrage.decrypt(closed[0].read_bytes(), [reader]))
    assert document["cases"]["2026-B"]["people"][0]["who"] == HELD
    assert f"SHA-256 {COPY.sha256}" in document["cases"]["2026-B"]["copies"][0]["chain"]
    page = pyrage.decrypt(closed[1].read_bytes(), [reader]).decode()
    assert "on stick 3, added 2026-11-01 00:00, to be reviewed on 1 May 2027" in page
    book = load_workbook(BytesIO(pyrage.decrypt(closed[3].read_bytes(), [reader])))
    assert COPY.sha256 in [cell.value for row in book["Copies of evidence"].iter_rows() for cell in row]
    for identity in (other, pyrage.x25519.Identity.from_str(key)):
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(closed[0].read_bytes(), [identity])

    assert "= the file has not changed since it was written" in door("audit", "verify", closed[0]).out
    opened = tmp_path / closed[0].stem
    opened.write_bytes(pyrage.decrypt(closed[0].read_bytes(), [reader]))
    sound = door("audit", "verify", opened)
    assert (sound.exit, f"only as {closed[0].name}, encrypted" in sound.out) == (0, True)
    closed[0].write_bytes(closed[0].read_bytes()[:-1])
    broken = door("audit", "verify", closed[0])
    assert (broken.exit, f"! {closed[0].name} has changed since it was written" in broken.out) == (1, True)

    own = door("audit", "export", door.playbooks, "-o", tmp_path / "own", "--pack", "case", TOOLKIT_HOLDS_KEY=key)
    assert (
        HELD in pyrage.decrypt(Path(own.out.split()[0]).read_bytes(), [pyrage.x25519.Identity.from_str(key)]).decode()
    )


def test_no_form_of_it_passes_through_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = document(export_of(tmp_path / "school"), Pack.CASE, case_sections(HOLDS))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))

    written = dict(report_files(told, [Format.HTML, Format.CSV, Format.XLSX]))

    workbook = next(content for name, content in written.items() if name.endswith(".xlsx"))
    assert HELD in {cell.value for row in load_workbook(BytesIO(workbook))["Holds"] for cell in row}
