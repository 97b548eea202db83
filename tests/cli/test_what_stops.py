"""What a plan stops that works today: named in words on the first screen, with the count that was read."""

from tests.door import Answered, Door

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


def _block(answer: Answered) -> list[str]:
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
