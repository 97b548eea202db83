"""`toolkit schema`: completion and checks in an editor."""

import json
from pathlib import Path

from tests.door import Door
from tests.schools import with_people

pytestmark = with_people(users=24, staff=10)


def test_the_schema_is_printed_or_written_and_knows_kinds_and_controls(bare_door: Door, tmp_path: Path) -> None:
    file = tmp_path / "playbooks.schema.json"

    answered, written = bare_door("schema"), bare_door("schema", "-o", file)

    assert answered.exit == 0
    assert answered.json["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {"mail.disclaimer", "microsoft365.transport_rule", "school"} <= set(answered.json["$defs"])
    assert (written.exit, written.out) == (0, "")
    assert json.loads(file.read_text()) == answered.json


def test_a_file_that_cannot_be_written_is_said_in_one_line(bare_door: Door, tmp_path: Path) -> None:
    answered = bare_door("schema", "-o", tmp_path / "nowhere" / "schema.json")

    assert answered.exit == 2
    assert answered.err.endswith("schema.json cannot be written: No such file or directory\n")


def test_the_help_says_how_an_editor_is_told(bare_door: Door) -> None:
    assert "# yaml-language-server: $schema=" in bare_door("schema", "--help").out
