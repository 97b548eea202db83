"""What `toolkit hold place` placed, as GAM and a plain cmdlet see it: without end, and without a word of the case."""

from pathlib import Path
from typing import Any

import pytest

from tests.clients.gam import Gam
from tests.door import open_door
from tests.emulated import Tenant
from tests.emulator.exchange.asking import Exchange
from toolkit.holds.register import new_key

pytestmark = pytest.mark.clients

CASE = "2026-B"


def test_others_see_holds_without_an_end_or_a_reason(gam: Gam, tenant: Tenant, tmp_path: Path) -> None:
    school, key = tmp_path / "school", new_key()
    school.mkdir()
    door, address = open_door(tenant, school, samples=False), f"edwin.elmsworth@{tenant.domain}"
    placed = door("hold", "place", CASE, "--person", "-", "--playbooks", door.playbooks, says=address,
                  TOOLKIT_HOLDS_KEY=key)  # fmt: skip
    assert placed.exit == 0, placed.out + placed.err

    (case,) = door("hold", "list", "--json", "--playbooks", door.playbooks, TOOLKIT_HOLDS_KEY=key).json["cases"]
    ours = [row for row in gam.table("print vaultholds") if row["matterName"] == case["matter"]]
    mailbox: dict[str, Any] = Exchange(tenant).rows("Get-Mailbox", Identity=address)[0]

    assert {row["corpus"] for row in ours} == {"MAIL", "DRIVE", "HANGOUTS_CHAT", "GROUPS", "CALENDAR"}
    bounds = ("terms", "startTime", "endTime")
    assert not [value for row in ours for name, value in row.items() if value and name.endswith(bounds)]
    assert CASE not in str(ours)
    assert (mailbox["LitigationHoldEnabled"], mailbox["LitigationHoldDuration"]) == (True, "Unlimited")
    assert not mailbox.get("RetentionComment")
    assert CASE not in str(mailbox)
