"""What a school imported, changed and took back is as it was imported."""

from pathlib import Path

from tests.contract.going_back import MORE
from tests.contract.rules import apply
from tests.door import GOOGLE, MICROSOFT, open_door
from tests.emulated import Emulator


def test_a_changed_playbook_rolled_back_leaves_both_clouds_as_their_import_says(
    emulator: Emulator, tmp_path: Path
) -> None:
    tenant = emulator.open_tenant(users=20)
    door = open_door(tenant, tmp_path, samples=False)
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
    tenant.close()
