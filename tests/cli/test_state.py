"""`toolkit state`: a ledger on another computer, and objects that another ledger manages."""

from pathlib import Path

from tests.cases import newest, playbook, resource, writes
from tests.door import Door, open_door
from tests.emulated import Emulator
from tests.schools import with_people
from toolkit.errors import Exit

pytestmark = with_people(users=24, staff=10)

KIND = "microsoft365.windows_configuration"
STORED = "intune.deviceConfigurations"
OURS = f"{KIND}[Ours]"


def _adopt(door: Door, *words: str) -> tuple[int, str]:
    answered = door("state", "adopt", *words, "--playbooks", door.playbooks)
    return answered.exit, answered.out + answered.err


def test_what_another_ledger_manages_is_not_written_until_it_is_adopted(bare_door: Door, tmp_path: Path) -> None:
    door, backup = bare_door, tmp_path / "ledger.zip"
    door.write("10-ours.yaml", playbook(resource(KIND, "Ours", {"game_dvr_blocked": True})))
    assert door("state", "backup", backup).exit == 2  # there is nothing yet
    assert door.toolkit("apply", "--yes").exit == 0
    assert door("state", "backup", backup).out.startswith(f"Copied: 4 entries into {backup}, without people's names")
    door.forget()
    (key,) = door.tenant.objects(STORED)
    as_wanted = door.toolkit("plan").exit
    door.tenant.patch(STORED, key, gameDvrBlocked=False)
    before = newest(door)

    plan, drift, apply = (door.toolkit(*words) for words in (["plan"], ["drift"], ["apply", "--yes"]))

    assert (as_wanted, plan.exit, drift.exit, apply.exit) == (0, 5, 3, 5)
    assert f"! {OURS}: refused: another ledger manages it, because it has toolkit's marker" in plan.out
    assert f"toolkit state adopt '{OURS}'" in plan.out
    assert _adopt(door, f"{KIND}[Our]") == (
        2,
        f"toolkit: {KIND}[Our]: the tenant has no such object with toolkit's marker: did you mean `{OURS}`?\n",
    )
    assert _adopt(door)[0] == 2
    assert _adopt(door, OURS) == (0, f"= {OURS}: managed by this ledger from now on\n")
    assert _adopt(door, OURS) == (2, f"toolkit: {OURS}: it is already in this ledger\n")
    assert _adopt(door, "--all") == (0, "every object with toolkit's marker is already in this ledger\n")
    assert writes(door, before) == []
    assert "1 adopted" in door("audit", "log").out
    assert door.toolkit("apply", "--yes").exit == 0
    assert door.toolkit("plan").exit == 0
    assert door("audit", "verify").exit == 0

    restored = door("state", "restore", backup)
    assert (restored.exit, "is not a continuation of the current ledger" in restored.err) == (1, True)

    elsewhere = tmp_path / "Dropbox" / "state"
    (elsewhere / "emulator").mkdir(parents=True)
    (elsewhere / "emulator" / "serve.json").write_text((door.state / "emulator" / "serve.json").read_text())
    back = door("state", "restore", backup, TOOLKIT_STATE=str(elsewhere))
    door.tenant.patch(STORED, key, gameDvrBlocked=False)
    apply = door.toolkit("apply", "--yes", TOOLKIT_STATE=str(elsewhere))

    assert (back.exit, apply.exit) == (0, 0)
    assert back.out.startswith("Restored: 4 entries behind 0 in ")
    assert "is in a folder of Dropbox" in apply.err
    assert door.tenant.objects(STORED)[key]["gameDvrBlocked"] is True


def test_the_ledger_of_another_tenant_is_not_restored(bare_door: Door, emulator: Emulator, tmp_path: Path) -> None:
    backup = tmp_path / "ledger.zip"
    bare_door.write("10-ours.yaml", playbook(resource(KIND, "Ours", {"game_dvr_blocked": True})))
    assert bare_door.toolkit("apply", "--yes").exit == 0
    assert bare_door("state", "backup", backup).exit == 0
    tenant = emulator.borrow_tenant(users=12)
    (tmp_path / "other").mkdir()
    other = open_door(tenant, tmp_path / "other", samples=False)

    refused = other("state", "restore", backup, "--playbooks", other.playbooks)
    restored = other("state", "restore", backup, "--playbooks", bare_door.playbooks)

    assert refused.exit == Exit.FAILED
    assert f"is the ledger of another microsoft365 tenant, {bare_door.tenant.tenant_id}" in refused.err
    assert refused.err.count("\n") == 1
    assert restored.exit == Exit.AS_WANTED
    tenant.close()
