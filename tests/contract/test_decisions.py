"""What the governors have not decided yet holds up what rests on it, and never sets an exit code by itself."""

from pathlib import Path

from tests.door import MICROSOFT, open_door
from tests.emulated import Emulator

SCREENS = "  - decision: C16\n    value: {lock_minutes: 5, signout_minutes: 60, lock_counts_as_logoff: true}\n"
PASSWORDS = "  - decision: C7\n    value: {min_length: 12, composition: strength_equivalent, mfa_required: true}\n"
USE = "  - decision: C1\n    value: incidental_labelled\n"
OPEN = [("C1", USE), ("C7", PASSWORDS), ("C16", SCREENS)]
"""Decisions that controls of the samples rest on, as they stand there."""


def test_three_open_decisions_hold_up_their_controls_alone(emulator: Emulator, tmp_path: Path) -> None:
    door = open_door(emulator.open_tenant(users=20), tmp_path, samples=True, clouds=[MICROSOFT])
    for playbook in door.playbooks.glob("*.yaml"):
        if not playbook.name.startswith(("0", "10", "30", "32", "90")):
            playbook.unlink()
    path = door.playbooks / "05-decisions.yaml"
    for name, written in OPEN:
        assert written in path.read_text()
        path.write_text(path.read_text().replace(written, f"  - decision: {name}\n    value: undecided\n"))

    assert door.toolkit("apply", "--yes").exit == 0

    drift = door.toolkit("drift", "--json")
    assert (drift.exit, drift.json["summary"]["undecided"]) == (0, 3)
    waiting = {one["decision"]: [control["control"] for control in one["waiting"]] for one in drift.json["undecided"]}
    assert waiting == {
        "C1": ["mail.personal_label"],
        "C7": ["identity.password_policy"],
        "C16": ["identity.idle_lock"],
    }
    realised = {one["control"] for one in drift.json["controls"]}
    assert "mail.disclaimer" in realised
    assert not realised & {"mail.personal_label", "identity.password_policy", "identity.idle_lock"}
    assert door.toolkit("check", "--json").json["summary"]["undecided"] == 3
    shown = door.toolkit("plan")
    assert shown.exit == 0
    assert "* mail.personal_label waits for C1, and nothing of it is written (" in shown.out
    assert "    C1: Whether staff may use school e-mail for themselves (EML-02, " in shown.out

    asked = door.toolkit("apply", "--yes", "--only", "mail.personal_label")
    assert asked.exit == 5
    assert "mail.personal_label waits for C1" in asked.out
    assert door.toolkit("drift", "--only", "mail.personal_label").exit == 0
