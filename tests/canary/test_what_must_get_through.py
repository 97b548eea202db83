"""What must get through on the messy school does so before an apply and after it; a planted break is found."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.canary.passages import School, stops_message, stops_share, stops_sign_in
from tests.door import Door
from tests.emulated import FEW_PEOPLE
from tests.schools import Schools

_ROWS = YAML(typ="safe", pure=True).load(Path(__file__).with_name("passages.yaml"))
_JUDGES: Mapping[str, Callable[[School, Mapping[str, Any]], str]] = {
    "messages": stops_message,
    "shares": stops_share,
    "sign_ins": stops_sign_in,
}


@pytest.fixture
def messy(schools: Schools) -> Door:
    """Give a school as it really is, which asks for all that the sample asks for."""
    return schools.build({**FEW_PEOPLE, "seed": "messy"}, samples=True)


def _stopped(door: Door) -> dict[str, str]:
    """Name what does not get through, with the reason."""
    school = School(door.tenant)
    found = {row["why"]: judge(school, _addressed(door, row)) for kind, judge in _JUDGES.items() for row in _ROWS[kind]}
    return {why: reason for why, reason in found.items() if reason}


def _addressed(door: Door, row: Mapping[str, Any]) -> Mapping[str, Any]:
    def address(name: str) -> str:
        if name == "PUPIL":
            people = door.tenant.objects("users").values()
            return str(next(person["mail"] for person in people if person["jobTitle"] == "Pupil"))
        return name if "@" in name else f"{name}@{door.tenant.domain}"

    named = {key: address(row[key]) for key in ("from", "who") if key in row}
    return {**row, **named, "to": [address(name) for name in row.get("to", ())]}


def test_thirty_messages_shares_and_sign_ins_get_through_before_and_after_an_apply(messy: Door) -> None:
    assert sum(len(rows) for rows in _ROWS.values()) == 30
    assert _stopped(messy) == {}

    applied, again = messy.toolkit("apply", "--yes", "--json"), messy.toolkit("plan", "--json")

    assert len(applied.json["outcomes"]) > 100
    assert {outcome["result"] for outcome in applied.json["outcomes"]} == {"done"}
    assert _stopped(messy) == {}
    assert again.json["changes"] == []


def test_a_list_that_is_moderated_without_exceptions_is_found(messy: Door) -> None:
    """Plant what a careless control would do: moderation that no one bypasses."""
    lists = messy.tenant.objects("exchange.lists")
    key = next(key for key, row in lists.items() if row["Name"] == "all-staff")
    messy.tenant.patch("exchange.lists", key, ModerationEnabled=True, ModeratedBy=["office"])

    stopped = _stopped(messy)

    assert "the head locks the school down" in stopped
    assert set(stopped.values()) == {"the list all-staff: the message waits for a moderator"}
