"""What toolkit set as an automatic reply, as programs written by others see it: the same instants on both clouds."""

import json
import subprocess
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.clients.gam import Gam
from tests.door import Door
from tests.emulated import Tenant

pytestmark = pytest.mark.clients

PERSON = "amara.ashdown@example-primary.example"
BEGINS, ENDS = datetime(2027, 3, 26, 16, tzinfo=UTC), datetime(2027, 3, 30, 7, tzinfo=UTC)  # the clock changes between
TIMES = f'status: scheduled\n    begins: "{BEGINS.isoformat()}"\n    ends: "{ENDS.isoformat()}"'
PLAYBOOK = f"""\
playbook: away
title: The head is away over Easter
owner: Head Teacher
resources:
  - google_workspace.vacation: {PERSON}
    {TIMES}
    text: I am away until Tuesday.
  - microsoft365.automatic_reply: {PERSON}
    {TIMES}
    internal: I am away until Tuesday.
    external: I am away until Tuesday.
"""


@pytest.fixture
def applied(wide_door: Door) -> Door:
    wide_door.write("50-away.yaml", PLAYBOOK)
    answer = wide_door.toolkit("apply", "--yes")
    assert answer.exit == 0, answer.out + answer.err
    return wide_door


def test_gam_shows_the_reply_and_the_days_that_it_is_for(applied: Door, gam: Gam) -> None:
    shown = gam(f"user {PERSON} show vacation")

    assert applied.toolkit("drift").exit == 0
    assert "I am away until Tuesday." in shown
    assert "Enabled: True" in shown
    assert "Start Date: 2027-03-26" in shown
    assert "End Date: 2027-03-30" in shown


def test_curl_shows_the_same_instants_in_outlook(applied: Door, tenant: Tenant) -> None:
    setting = _curl(tenant, f"/users/{PERSON}/mailboxSettings/automaticRepliesSetting")

    assert applied.toolkit("drift").exit == 0
    assert setting["status"] == "scheduled"
    assert "I am away until Tuesday." in setting["internalReplyMessage"]
    assert _instant(setting["scheduledStartDateTime"]) == BEGINS
    assert _instant(setting["scheduledEndDateTime"]) == ENDS


def _curl(tenant: Tenant, path: str) -> Any:
    command = ["curl", "--silent", "--fail-with-body", "--cacert", tenant.emulator.ca_file]
    header = f"Authorization: Bearer {tenant.token()}"
    ended = subprocess.run(
        [*command, "--header", "@-", f"{tenant.emulator.url}/graph.microsoft.com/v1.0{path}"],
        input=header,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(ended.stdout)


def _instant(shown: dict[str, str]) -> datetime:
    moment = datetime.fromisoformat(shown["dateTime"][:26])
    return moment.replace(tzinfo=ZoneInfo(shown["timeZone"])).astimezone(UTC)
