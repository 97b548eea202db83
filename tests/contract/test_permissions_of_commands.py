"""With exactly what is printed for the identity that writes, the commands work that no playbook asks for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cases import playbook, resource
from tests.door import Door, open_door
from tests.emulated import Emulator
from tests.granting import grant, printed_permissions
from toolkit.holds.register import new_key

HOLD, START = "toolkit hold", "toolkit retention start"
MAILBOXES, VAULT = "exchange.mailboxes", "google.vaultHolds"
SITES = {"sites": "all", "keep_days": 1095, "action": "keep_and_delete"}
MAIL = "  channels:\n    office: {by: mail, from: office@example-primary.example, to: it@example-primary.example}\n"


@pytest.fixture
def school(emulator: Emulator, tmp_path: Path) -> Iterator[Door]:
    tenant = emulator.borrow_tenant(users=20)
    for key, one in tenant.objects(MAILBOXES).items():
        if one.get("LitigationHoldEnabled"):  # whom a policy reaches who is held, nothing is started
            tenant.patch(MAILBOXES, key, LitigationHoldEnabled=False)
    tenant.control("PUT", f"/objects/{VAULT}", {})
    yield open_door(tenant, tmp_path, samples=False)
    tenant.close()


def test_holds_retention_and_mail_need_what_is_printed_for_them_and_say_what_of_it_is_missing(school: Door) -> None:
    door, key, named = school, new_key(), school.playbooks / "00-school.yaml"
    person = f"edwin.elmsworth@{door.tenant.domain}\n"
    hold = ("--playbooks", str(door.playbooks))
    assert "Mail.Send" not in str(printed_permissions(door, "write"))
    named.write_text(named.read_text() + "notifications:\n" + MAIL)
    door.write("10-retention.yaml", playbook(resource("microsoft365.retention_policy", "Old sites", SITES)))
    write, start = printed_permissions(door, "write"), printed_permissions(door, "write", START)

    grant(door, "writer", write)
    tested = door("notify", "test", door.playbooks)
    blind = door("retention", "start", "Old sites", door.playbooks, "--yes")
    grant(door, "writer", start)
    started = door("retention", "start", "Old sites", door.playbooks, "--yes")
    unheld = door("hold", "place", "2026-B", "--person", "-", *hold, says=person, TOOLKIT_HOLDS_KEY=key)
    grant(door, "writer", printed_permissions(door, "write", HOLD))
    held = door("hold", "place", "2026-B", "--person", "-", *hold, says=person, TOOLKIT_HOLDS_KEY=key)
    grant(door, "reader", printed_permissions(door, "read", HOLD))
    listed = door("hold", "list", *hold, TOOLKIT_HOLDS_KEY=key)

    assert tested.exit == 0, tested.out
    assert (blind.exit, "Reports.Read.All" in blind.out) == (4, True), blind.out
    assert started.exit == 0, started.out
    assert (unheld.exit, "Set-Mailbox: this app may not run it" in unheld.out) == (1, True), unheld.out
    assert held.exit == 0, held.out
    assert listed.exit in {0, 3}, listed.out
