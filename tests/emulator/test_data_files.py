"""What the emulator keeps as data: rows are checked as they are read, and what the code names is there."""

import json
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from connectors.emulator.data_files import from_template, read_table
from connectors.emulator.google_workspace.chrome_policy.stored import PolicySchema

EMULATOR = Path(__file__).parents[2] / "connectors/emulator"
REFUSALS = {"microsoft365": "sign_in_errors.json", "google_workspace/oauth": "errors.json"}


def _write(folder: Path, name: str, data: object) -> str:
    (folder / name).write_text(json.dumps(data))
    return str(folder / "module.py")


def test_a_column_that_a_row_does_not_have_is_refused(tmp_path: Path) -> None:
    row = {"name": "chrome.users.A", "description": "A.", "category": "B", "fields": []}
    module = _write(tmp_path, "schemas.json", [row, {**row, "grups": False}])

    with pytest.raises(ValidationError, match="grups"):
        read_table(module, "schemas.json", PolicySchema)


def test_a_text_that_is_a_name_alone_becomes_the_value_itself(tmp_path: Path) -> None:
    template = {"on": "{on}", "text": "{name} at {domain}", "rows": [{"id": "{id}"}], "fixed": None}
    module = _write(tmp_path, "templates.json", {"thing": template})

    made = from_template(module, "thing", on=False, name="A", domain="b.example", id=7)

    assert made == {"on": False, "text": "A at b.example", "rows": [{"id": 7}], "fixed": None}


def test_a_value_is_not_taken_for_a_template_itself(tmp_path: Path) -> None:
    module = _write(tmp_path, "templates.json", {"thing": {"name": "{name}"}})

    assert from_template(module, "thing", name="{id}") == {"name": "{id}"}


@pytest.mark.parametrize(("folder", "name"), REFUSALS.items())
def test_each_refusal_has_a_row_and_each_row_is_a_refusal(folder: str, name: str) -> None:
    code = "".join(file.read_text() for file in (EMULATOR / folder).glob("*.py"))
    raised = set(re.findall(r'refusal\(\s*"(\w+)"', code))

    assert raised == set(json.loads((EMULATOR / folder / name).read_text()))
