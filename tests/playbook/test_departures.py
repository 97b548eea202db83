"""Files of exceptions: what they may say, and what is told of the rest, with the line."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from toolkit.errors import PlaybookError
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.load import load

SCHOOL = """\
school: Example Primary School
short_name: EPS
domains: [example-primary.example]
time_zone: Europe/London
tenants:
  microsoft365: {tenant_id: emulated, domain: example-primary.example}
roles:
  staff: {microsoft365: all-staff@example-primary.example}
  trip_leaders: {microsoft365: trip-leaders@example-primary.example}
"""
CHAT = """\
playbook: chat
controls:
  - web.chat_im_block: {for: staff, block: [whatsapp, signal], hosts: [chat.example]}
  - device.removable_storage: {for: staff}
"""
TRIP = """\
exceptions: trips
approved:
  - exception: trip
    control: web.chat_im_block
    for: trip_leaders
    change: {without: [whatsapp]}
    reason: Residential trip
    starts: 2026-10-24 22:00
    ends: 2026-10-25
    by: Head Teacher
    on: 2026-10-20
    dpia: DPIA-2026-11
"""
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_files(trips: str = TRIP, chat: str = CHAT) -> Path:
        (tmp_path / "00-school.yaml").write_text(SCHOOL)
        (tmp_path / "40-chat.yaml").write_text(chat)
        (tmp_path / "95-trips.yaml").write_text(trips)
        return tmp_path

    return write_files


def _problems(path: Path) -> list[str]:
    with pytest.raises(PlaybookError) as caught:
        load(path)
    return [f"{Path(one.path).name}:{one.line}: {one.message}" for one in caught.value.problems]


def _only(playbooks: Playbooks) -> tuple[list[str], list[str]]:
    (one,) = playbooks.departures
    assert one.settings is not None
    return [app.name for app in one.settings.apps], [app.name for app in one.settings.allowed_apps]  # type: ignore[attr-defined]


def test_an_exception_is_the_control_with_what_changes(write: Write) -> None:
    playbooks = load(write())
    (one,) = playbooks.departures

    assert _only(playbooks) == (["signal"], ["whatsapp"])
    assert (one.audience, one.entry.settings.audience) == ("trip_leaders", "staff")


def test_it_lasts_by_the_school_s_clock_over_the_night_on_which_the_clock_changes(write: Write) -> None:
    (one,) = load(write()).departures

    assert (one.begins, one.ends) == (datetime(2026, 10, 24, 21, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC))
    assert one.live(datetime(2026, 10, 25, 23, 59, tzinfo=UTC))
    assert not one.live(one.ends)


def test_off_leaves_every_app_and_host_of_a_block_open(write: Write) -> None:
    playbooks = load(write(TRIP.replace("{without: [whatsapp]}", "off")))

    assert _only(playbooks) == ([], ["whatsapp", "signal"])
    (one,) = playbooks.departures
    assert one.settings is not None
    assert one.settings.allow == ["chat.example"]  # type: ignore[attr-defined]


def test_off_asks_nothing_where_the_control_blocks_no_apps(write: Write) -> None:
    trips = TRIP.replace("web.chat_im_block", "device.removable_storage").replace("{without: [whatsapp]}", "off")

    (one,) = load(write(trips)).departures

    assert one.settings is None


def test_a_playbook_by_itself_takes_the_exceptions_from_its_own_controls_alone(write: Write) -> None:
    other = TRIP + TRIP.split("approved:\n")[1].replace("trip\n", "sticks\n").replace(
        "web.chat_im_block", "identity.idle_lock"
    ).replace("{without: [whatsapp]}", "off")
    path = write(other)

    assert [one.name for one in load(path / "40-chat.yaml").departures] == ["trip"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("trip_leaders", "trip_leader", "95-trips.yaml:5: unknown role `trip_leader`: did you mean `trip_leaders`?"),
        ("for: trip_leaders", "for: everyone", "95-trips.yaml:5: an exception must be for a role"),
        ("web.chat_im_block", "web.chat_block", "95-trips.yaml:4: no playbook asks for web.chat_block"),
        (
            "[whatsapp]",
            "[whatsap]",
            "95-trips.yaml:6: entry 1 of `without`: unknown app `whatsap`",
        ),
        ("[whatsapp]", "[telegram]", "`without` names telegram, which `block` does not"),
        ("without", "witout", "95-trips.yaml:6: unknown setting `witout`"),
        (
            "ends: 2026-10-25",
            "ends: 2026-10-23",
            "95-trips.yaml:9: `ends` of entry 1 of `approved`: does not",
        ),
        (
            "starts: 2026-10-24 22:00",
            "starts: 24/10/2026",
            "95-trips.yaml:8: `starts` of entry 1 of `approved`",
        ),
        ("    by: Head Teacher\n", "", "needs `by`"),
        (
            "on: 2026-10-20",
            "on: 2026-10-25",
            "95-trips.yaml:11: it was approved on 2026-10-25, but it starts earlier, on 2026-10-24. Start it on",
        ),
        ("{without: [whatsapp]}", "{for: staff}", "put `for` on the same level as `change`, not inside it"),
        (
            "Head Teacher",
            "Class Teacher",
            "95-trips.yaml:10: `Class Teacher` may not approve exceptions: did you mean `Head Teacher`?",
        ),
        (
            "by: Head Teacher",
            "by: Head Teacher\n    requested_by: head teacher",
            "95-trips.yaml:10: `Head Teacher` cannot approve it because the same role asked for it",
        ),
        ("    dpia: DPIA-2026-11\n", "", "95-trips.yaml:3: an exception from web.chat_im_block needs `dpia:`"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(write: Write, old: str, new: str, told: str) -> None:
    assert any(told in line for line in _problems(write(TRIP.replace(old, new)))), _problems(
        write(TRIP.replace(old, new))
    )


def test_the_school_file_says_who_may_approve_and_nobody_approves_for_themselves(write: Write) -> None:
    path = write(TRIP.replace("Head Teacher", "Trip Leaders"))
    (path / "00-school.yaml").write_text(SCHOOL + "approvers: [Head of Year, Trip Leaders]\n")
    own = _problems(path)
    write(TRIP.replace("Head Teacher", "head of year"))
    (path / "00-school.yaml").write_text(SCHOOL + "approvers: [Head of Year]\n")

    assert [line.partition(": ")[2] for line in own] == ["`Trip Leaders` cannot approve it because it is for them"]
    assert [one.by for one in load(path).departures] == ["head of year"]


def test_no_impact_assessment_is_asked_for_where_nothing_leaves_for_others(write: Write) -> None:
    trips = TRIP.replace("web.chat_im_block", "device.removable_storage").replace("{without: [whatsapp]}", "off")

    (one,) = load(write(trips.replace("    dpia: DPIA-2026-11\n", ""))).departures

    assert one.dpia is None


def test_two_for_the_same_people_and_time_are_refused(write: Write) -> None:
    again = TRIP.split("approved:\n")[1].replace("exception: trip", "exception: other")

    (told,) = _problems(write(TRIP + again))

    assert "trip_leaders has an exception from web.chat_im_block for the same time in `trip`" in told


def test_which_audience_must_be_said_where_the_control_has_several(write: Write) -> None:
    several = CHAT + "  - web.chat_im_block: {for: everyone, block: [signal]}\n"

    (told,) = _problems(write(TRIP, several))
    playbooks = load(write(TRIP.replace("    reason", "    within: staff\n    reason"), several))

    assert told.endswith("`within:` must name one of the audiences of web.chat_im_block: `staff` or `everyone`")
    assert [one.entry.settings.audience for one in playbooks.departures] == ["staff"]
