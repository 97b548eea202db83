"""What a school imported, changed and took back is as it was imported; an apply names the command that does it."""

import shlex
from pathlib import Path

import pytest

from tests.cases import playbook, resource
from tests.contract.going_back import MORE
from tests.contract.rules import apply
from tests.door import GOOGLE, MICROSOFT, Door
from tests.schools import TWENTY_PEOPLE, Schools, with_people

pytestmark = with_people(users=24, staff=10)


@pytest.mark.soak  # tests/contract/test_rollback.py takes a changed playbook back in both clouds each time
def test_a_changed_playbook_rolled_back_leaves_both_clouds_as_their_import_says(
    schools: Schools, tmp_path: Path
) -> None:
    door = schools.build(TWENTY_PEOPLE)
    imported = tmp_path / "imported"
    imported.mkdir()
    (imported / "00-school.yaml").write_text((door.playbooks / "00-school.yaml").read_text())
    for provider in (MICROSOFT, GOOGLE):
        assert door("import", provider, "-o", imported).exit == 0
    before = door("plan", imported, "--json")
    assert before.exit == 0
    door.write("20-more.yaml", MORE)
    apply(door)
    assert door("plan", imported, "--json").json["summary"]["checked"] > before.json["summary"]["checked"]

    back = door("rollback", "last", door.playbooks, "--yes", "--allow-deletes", "99")

    assert back.exit == 0, back.out + back.err
    assert door("plan", imported, "--json").json["summary"] == before.json["summary"]


def test_the_command_that_an_apply_names_as_the_way_back_takes_it_back(bare_door: Door) -> None:
    door = bare_door
    settings = {"sent_to": ["office@example-primary.example"], "prepend_subject": "[Ours] "}
    door.write("10-rule.yaml", playbook(resource("microsoft365.transport_rule", "Ours", settings)))
    before = door.toolkit("plan", "--json").json["summary"]

    applied = door.toolkit("apply", "--yes")
    (back,) = [line for line in applied.out.splitlines() if line.startswith("To undo this run: toolkit ")]
    taken_back = door(*shlex.split(back)[5:], "--yes")

    assert applied.exit == 0, applied.err
    assert taken_back.exit == 0, taken_back.err
    assert door.toolkit("plan", "--json").json["summary"] == before
    assert "To undo this run" not in taken_back.out
