"""What the governors have not decided yet holds up what rests on it, and never sets an exit code by itself."""

import pytest

from tests.contract.rules import apply
from tests.door import GOOGLE, MICROSOFT, Door
from tests.schools import Schools

SCREENS = "  - decision: C16\n    value: {lock_minutes: 5, signout_minutes: 60, lock_counts_as_logoff: true}\n"
PASSWORDS = "  - decision: C7\n    value: {min_length: 12, composition: strength_equivalent, mfa_required: true}\n"
USE = "  - decision: C1\n    value: incidental_labelled\n"
OPEN = [("C1", USE), ("C7", PASSWORDS), ("C16", SCREENS)]
"""Decisions that controls of the samples rest on, as they stand there."""


@pytest.fixture
def school(schools: Schools) -> Door:
    """Open the door of a small school with those of the samples that rest on these decisions, or on Intune."""
    door = schools.build(samples=True, clouds=[MICROSOFT])
    for playbook in door.playbooks.glob("*.yaml"):
        if not playbook.name.startswith(("0", "10", "20", "30", "32", "90")):
            playbook.unlink()
    attestations = door.playbooks / "90-attestations.yaml"
    of_others = attestations.read_text().index("  - control: web.monitoring_alerts")
    attestations.write_text(attestations.read_text()[:of_others])
    return door


def test_three_open_decisions_and_no_intune_set_no_exit_code(school: Door) -> None:
    door = school
    assert door.toolkit("apply", "--yes").exit == 0
    path = door.playbooks / "05-decisions.yaml"
    for name, written in OPEN:
        assert written in path.read_text()
        path.write_text(path.read_text().replace(written, f"  - decision: {name}\n    value: undecided\n"))

    pruned = door.toolkit("apply", "--yes", "--prune", "--json")  # takes away nothing that may be theirs
    assert (pruned.exit, pruned.json["changes"]) == (0, [])
    assert "it may belong to identity.password_policy, which waits for C7" in str(pruned.json["kept"])

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
    checked = door.toolkit("check", "--json")
    assert checked.out, checked.err
    assert checked.json["summary"]["undecided"] == 3
    shown = door.toolkit("plan")
    assert shown.exit == 0
    assert "* mail.personal_label waits for C1, so none of it is applied (" in shown.out
    assert "    C1: Whether staff may use school e-mail privately (EML-02, " in shown.out

    asked = door.toolkit("apply", "--yes", "--only", "mail.personal_label")
    assert asked.exit == 5
    assert "mail.personal_label waits for C1" in asked.out
    assert door.toolkit("drift", "--only", "mail.personal_label").exit == 0

    ((organization, there),) = door.tenant.objects("organization").items()
    plans = [plan for plan in there["assignedPlans"] if plan["service"] != "SCO"]
    door.tenant.patch("organization", organization, assignedPlans=plans)
    without = door.toolkit("drift", "--json")
    assert (without.exit, without.json["summary"]["undecided"], without.json["unknown"]) == (0, 3, [])
    assert "microsoft365.windows_compliance_policy" in {one["kind"] for one in without.json["unavailable"]}
    (compliance,) = [one for one in without.json["controls"] if one["control"] == "device.compliance"]
    assert compliance["level"] == "unavailable"
    assert "- the school's licences do not include Intune: not read: " in door.toolkit("drift").out
    assert door.toolkit("apply", "--yes").exit == 0

    assert door.toolkit("drift", "--only", "device.compliance").exit == 0
    assert door.toolkit("check", "--json").json["summary"]["unknown"] == 0

    rules = door.tenant.objects("exchange.transportRules").items()
    ours = next(key for key, rule in rules if rule["Name"] == "School disclaimer")
    door.tenant.delete("exchange.transportRules", ours)
    assert door.toolkit("drift").exit == 3  # what is wrong elsewhere is found as ever


ONLY_GOOGLE = ("--provider", GOOGLE)
WHATSAPP = "  - {decision: C3, value: block, by: Head Teacher, on: 2026-10-15}\n"


@pytest.fixture
def blocks(schools: Schools) -> Door:
    """Open the door of a small school with the sample's blocks alone: several controls share one list."""
    door = schools.build(samples=True)
    for playbook in door.playbooks.glob("*.yaml"):
        if not playbook.name.startswith(("0", "40")):
            playbook.unlink()
    return door


def test_what_waits_stays_in_lists_that_others_share(blocks: Door) -> None:
    door, decisions, web = blocks, blocks.playbooks / "05-decisions.yaml", blocks.playbooks / "40-web-and-chat.yaml"
    decided, written = decisions.read_text(), web.read_text()
    assert WHATSAPP in decided
    decisions.write_text(decided.replace(WHATSAPP, "  - {decision: C3, value: undecided}\n"))

    apply(door, *ONLY_GOOGLE)  # the others take over the list that the one which waits says is to be adopted
    assert "telegram.org" not in _blocked(door)
    decisions.write_text(decided)
    apply(door, *ONLY_GOOGLE)
    assert {"telegram.org", "netflix.com", "spotify.com"} <= _blocked(door)
    decisions.write_text(decided.replace(WHATSAPP, "  - {decision: C3, value: undecided}\n"))

    assert [door.toolkit(command, *ONLY_GOOGLE).exit for command in ("plan", "drift")] == [0, 0]
    web.write_text(written.replace("[netflix, spotify, twitch]", "[netflix, twitch]"))
    apply(door, *ONLY_GOOGLE)
    assert "spotify.com" not in _blocked(door)
    assert {"telegram.org", "netflix.com"} <= _blocked(door)

    decisions.write_text(decided)
    web.write_text(web.read_text().replace("      rests_on: [C3, C4]\n", "      rests_on: [C3, C4]\n      mode: off\n"))
    apply(door, *ONLY_GOOGLE)
    assert "telegram.org" not in _blocked(door)  # what was spared is still known to be ours


def _blocked(door: Door) -> set[str]:
    """Give the hosts that the list for the staff's unit closes."""
    policies = door.tenant.objects("google.chromePolicies").values()
    lists = [one["value"]["urlBlocklist"] for one in policies if one["policySchema"] == "chrome.users.UrlBlocking"]
    return {host for hosts in lists for host in hosts}
