"""What a plan stops that works today: named in words on the first screen, with the count that was read."""

import re

from tests.door import CommandResult, Door
from tests.schools import with_people

pytestmark = with_people(users=24, staff=10)

_PLAYBOOK = """\
playbook: stops
title: What stops
owner: Network Manager
clauses: [SYS-06]
mode: enforce
"""
_SHARING = """\
controls:
  - data.external_sharing:
      for: staff
      level: {level}
      links_reviewed: {{by: Data Protection Officer, on: 2026-11-02}}
"""


def _block(answer: CommandResult) -> list[str]:
    """Return the lines of the block, without its heading."""
    lines = answer.out.splitlines()
    if "What stops:" not in lines:
        return []
    begins = lines.index("What stops:") + 1
    return lines[begins : lines.index("", begins)]


def _write(door: Door, entries: str) -> None:
    door.write("stops.yaml", f"{_PLAYBOOK}{entries}")


def test_public_links_that_end_are_named_before_the_objects_and_a_second_run_says_nothing(bare_door: Door) -> None:
    door = bare_door
    _write(door, _SHARING.format(level="guests_who_sign_in"))

    plan, answer = door.toolkit("plan"), door.toolkit("plan", "--json").json
    applied = door.toolkit("apply", "--yes")
    again = door.toolkit("plan"), door.toolkit("plan", "--json").json
    door.tenant.patch("sharepoint.settings", "settings", sharingCapability="disabled")
    wider = door.toolkit("plan")

    assert "! public links stop working: not counted" in _block(plan)
    lines = plan.out.splitlines()
    assert lines.index("What stops:") < lines.index("microsoft365.sharing_setting")
    assert [stop for stop in answer["stops"] if stop["words"] == "public links stop working"] == [
        {
            "area": "files",
            "words": "public links stop working",
            "objects": [{"address": "microsoft365.sharing_setting[level]"}],
            "settings": ["sharing_level"],
            "count": None,
            "error": None,
        }
    ]
    assert "! public links stop working: not counted" in _block(applied)
    assert (applied.exit, _block(again[0]), again[1]["stops"]) == (0, [], [])
    assert [change for change in wider.out.splitlines() if change.startswith("~ ")]
    assert _block(wider) == []


STAFF = "all-staff@example-primary.example"
_LIST = f"""\
resources:
  - microsoft365.list_moderation: {STAFF}
    {{setting}}
"""
_MAY_TRACE = "ExchangeMessageTrace.Read.All"
_READER = ("User.Read.All", "GroupMember.Read.All", "Organization.Read.All", "Exchange.ManageAsApp")


def _post(door: Door, *senders: str) -> None:
    """Let people write to the list of all staff."""
    for key, sender in enumerate(senders):
        row = {"senderAddress": sender, "recipientAddress": STAFF, "receivedDateTime": "2026-11-09T09:00:00Z"}
        door.tenant.put("exchange.messageTraces", str(key), {**row, "status": "expanded", "fromIP": ""})


def _traces(door: Door, after: int) -> list[str]:
    """List the requests that only the count of outside senders makes."""
    asked = map(str, door.tenant.requests()[after:])
    return [request for request in asked if "messageTraces" in request or "AcceptedDomain" in request]


def test_outside_senders_of_a_list_are_counted_only_if_the_plan_stops_them(bare_door: Door) -> None:
    door = bare_door
    _post(
        door, "news@parent-app.example", "a.parent@post.example", "News@parent-app.example", f"h@{door.tenant.domain}"
    )
    lists = door.tenant.objects("exchange.lists")
    key = next(key for key, row in lists.items() if row["PrimarySmtpAddress"] == STAFF)
    door.tenant.patch("exchange.lists", key, RequireSenderAuthenticationEnabled=False)
    door.tenant.grant("reader", roles=[*_READER, _MAY_TRACE])

    _write(door, _LIST.format(setting="inside_only: true"))
    refused, traced = door.toolkit("plan"), _traces(door, 0)
    door.tenant.grant("reader", roles=list(_READER))
    unread = door.toolkit("plan"), door.toolkit("plan", "--json").json["stops"]
    before = len(door.tenant.requests())
    _write(door, _LIST.format(setting="notices: Never"))
    harmless = door.toolkit("plan")

    assert _block(refused) == [f"! mail from outside to {STAFF} is refused: 2 outside senders posted in 90 days"]
    assert traced
    assert _block(unread[0]) == [f"! mail from outside to {STAFF} is refused: not counted (could not be read)"]
    assert [(stop["count"], _MAY_TRACE in stop["error"]) for stop in unread[1]] == [(None, True)]
    assert "a.parent" not in refused.out
    assert _block(harmless) == []
    assert "notices: Always -> Never" in harmless.out
    assert _traces(door, before) == []


_APP = """\
resources:
  - google_workspace.chrome_policy: users.apps.InstallType android:com.whatsapp @ /Staff
    app_install_type: {word}
"""


def test_a_blocked_app_is_named_and_an_allowed_one_is_not(google_door: Door) -> None:
    door = google_door
    _write(door, _APP.format(word="BLOCKED"))
    first, applied, second = door.toolkit("plan"), door.toolkit("apply", "--yes"), door.toolkit("plan")
    _write(door, _APP.format(word="ALLOWED"))
    allowed = door.toolkit("plan")

    assert _block(first) == ["! some apps can no longer be installed or opened: not counted"]
    assert (applied.exit, _block(second)) == (0, [])
    assert "app_install_type: BLOCKED -> ALLOWED" in allowed.out
    assert _block(allowed) == []


_COMPLIANCE = """\
resources:
  - microsoft365.compliance_settings:
    secure_by_default: true
"""
_FREEZE = "freezes: [{from: 2026-01-01, to: 2027-12-31, why: exams, controls: [microsoft365.compliance_settings]}]\n"


def test_a_number_that_the_plan_read_anyway_is_shown_and_a_change_that_waits_stops_nothing(bare_door: Door) -> None:
    door = bare_door
    _write(door, _COMPLIANCE)
    plan = door.toolkit("plan")
    school = door.playbooks / "00-school.yaml"
    school.write_text(school.read_text() + _FREEZE)
    frozen, refused = door.toolkit("plan"), door.toolkit("apply", "--yes")

    (line,) = _block(plan)
    assert re.fullmatch(r"! devices without a compliance policy stop being compliant: (\d+) devices?(, and .*)?", line)
    assert " would wait: the freeze until 2027-12-31 (exams)" in frozen.out
    assert (_block(frozen), _block(refused), refused.exit) == ([], [], 5)
