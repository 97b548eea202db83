"""Who is out of office, as the calendars of the made-up school and of people with odd entries tell it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

import pytest

from connectors.microsoft365.connection import Microsoft365
from tests.emulated import Tenant
from tests.emulator.outlook import Outlook, at
from tests.microsoft365.connected import connect
from toolkit.errors import Refused
from toolkit.school.signals import Diaries
from toolkit.sdk.connector import Identity
from toolkit.sdk.directory import Person

NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=14)
SCHEDULE, VIEW = "POST /users/{id}/calendar/getSchedule", "GET /users/{id}/calendarView"
SHORT = {"TOOLKIT_PATIENCE": "0.2"}
LONG = {"start": at("2026-10-01T00:00:00"), "end": at("2026-11-12T00:00:00")}  # longer than schedules tell


@dataclass(frozen=True)
class Staff:
    """The staff of a tenant, asked about through a connection that only reads."""

    outlook: Outlook
    via: Microsoft365
    people: Sequence[Person]

    @property
    def tenant(self) -> Tenant:
        return self.outlook.tenant

    def read(self, begins: datetime = NOW, ends: datetime = LATER, *, everybody: bool = False) -> Diaries:
        return self.via.diaries(self.people, begins, ends, everybody=everybody)

    def absences(self, diaries: Diaries, *names: str) -> dict[str, list[tuple[str, str]]]:
        """Give absences by name, days alone where they are whole."""
        known = {person.id: person.address.partition("@")[0] for person in self.people}
        told: dict[str, list[tuple[str, str]]] = {}
        for one in sorted(diaries.absences, key=lambda one: one.begins):
            told.setdefault(known[one.person], []).append((_short_instant(one.begins), _short_instant(one.ends)))
        return {name: told.get(name, []) for name in names} if names else told

    def id(self, name: str) -> str:
        return next(person.id for person in self.people if person.address.startswith(f"{name}@"))

    def put(self, name: str, key: str, **event: Any) -> None:
        """Store an entry of a calendar."""
        body = {"id": key, "subject": "Odd", "showAs": "oof", "isAllDay": False, **event}
        self.tenant.put("outlook.events", f"{self.id(name)}/{key}", body)

    def count_requests(self, **wanted: Any) -> int:
        """Count the requests that reading takes."""
        before = self.via.requests()
        self.read(**wanted)
        return self.via.requests() - before


def _short_instant(instant: datetime) -> str:
    return instant.strftime("%m-%d" if instant.hour == 0 else "%m-%d %H:%M")


def _staff(tenant: Tenant, via: Microsoft365) -> Staff:
    directory = via.directory(people=True, groups=["All staff"])
    members = directory.groups["All staff"].members
    people = sorted((directory.people[one] for one in members), key=lambda person: person.address)
    return Staff(Outlook(tenant), via, people)


@pytest.fixture
def staff(tenant: Tenant, reading: Microsoft365) -> Staff:
    return _staff(tenant, reading)


SEEN = {
    "beth.birchall": [("11-11", "11-12"), ("11-12", "11-13"), ("11-13", "11-14")],
    "dilys.dewhurst": [("11-10 13:00", "11-12 17:00"), ("11-12 09:00", "11-13 12:00")],
    "edwin.elmsworth": [("11-10", "11-19")],
    "gwen.greenhalgh": [("11-12", "11-13")],
    "harun.hazelwood": [("11-11", "11-14")],
    "jonah.juniper": [("11-13", "11-14"), ("11-20", "11-21")],
    "keira.kestrel": [("11-16", "11-21")],
    "quentin.quarrington": [("11-12", "11-17")],
    "samir.sorrelby": [("11-23 08:00", "11-27 16:00")],
    "wilf.willowby": [("11-09", "11-14")],
}


@pytest.mark.parametrize("everybody", [False, True])
def test_the_staff_are_away_as_their_calendars_say(staff: Staff, *, everybody: bool) -> None:
    diaries = staff.read(everybody=everybody)

    assert staff.absences(diaries) == SEEN
    assert (len(diaries.keep), diaries.unknown) == (31, {})
    assert {one.source for one in diaries.absences} == {"Outlook calendar"}


@pytest.mark.parametrize("everybody", [False, pytest.param(True, marks=pytest.mark.soak)])
def test_an_absence_across_the_end_of_summer_time_keeps_its_instants(staff: Staff, *, everybody: bool) -> None:
    diaries = staff.read(datetime(2026, 10, 20, tzinfo=UTC), datetime(2026, 10, 31, tzinfo=UTC), everybody=everybody)

    # Whole days are those of the owner: before the 25th they begin at 23:00 of the day before in UTC.
    assert staff.absences(diaries, "petra.pinewood", "jonah.juniper") == {
        "petra.pinewood": [("10-22 07:00", "10-27 17:00")],
        "jonah.juniper": [("10-22 23:00", "10-23 23:00"), ("10-30", "10-31")],
    }


def test_a_day_that_was_worked_after_all_is_no_absence(staff: Staff) -> None:
    diaries = staff.read(datetime(2026, 11, 26, tzinfo=UTC), datetime(2026, 12, 5, tzinfo=UTC))

    assert staff.absences(diaries, "jonah.juniper") == {"jonah.juniper": [("12-04", "12-05")]}


def test_an_absence_is_followed_beyond_the_days_asked_about_and_no_further(staff: Staff) -> None:
    for day in (12, 13, 16, 17, 25):
        times = {"start": at(f"2026-11-{day}T00:00:00"), "end": at(f"2026-11-{day + 1}T00:00:00")}
        staff.put("amara.ashdown", f"day{day}", isAllDay=True, originalStartTimeZone="UTC", **times)

    diaries = staff.read(NOW, datetime(2026, 11, 14, tzinfo=UTC))

    assert staff.absences(diaries, "amara.ashdown") == {
        "amara.ashdown": [("11-12", "11-13"), ("11-13", "11-14"), ("11-16", "11-17"), ("11-17", "11-18")]
    }


def test_what_a_schedule_does_not_tell_is_found_when_every_calendar_is_opened(staff: Staff) -> None:
    hidden = {"responseCode": "ErrorNoFreeBusyAccess", "message": "The caller may not read it."}
    staff.tenant.put("outlook.scheduleErrors", staff.id("beth.birchall"), hidden)

    few, all_of_them = staff.read(), staff.read(everybody=True)

    assert few.unknown == {staff.id("beth.birchall"): "Outlook does not let this app read this person's schedule"}
    assert "beth.birchall" not in staff.absences(few)
    assert staff.absences(all_of_them) == SEEN
    assert all_of_them.unknown == {}


def test_only_an_absence_longer_than_schedules_reach_has_the_calendar_opened(staff: Staff) -> None:
    before = staff.tenant.last_request()

    diaries = staff.read(NOW, datetime(2026, 11, 20, tzinfo=UTC))

    assert VIEW not in staff.tenant.operations(before)
    assert "verity.vetchling" not in staff.absences(diaries)  # who is busy, not away, for three days

    staff.put("amara.ashdown", "long", **LONG)
    diaries = staff.read(NOW, datetime(2026, 11, 20, tzinfo=UTC))

    assert staff.tenant.operations(before).count(VIEW) == 1
    assert staff.absences(diaries, "amara.ashdown") == {"amara.ashdown": [("10-01", "11-12")]}


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"start": at("2026-11-12T09:00:00"), "end": None}, "an entry has no end"),
        ({"start": at("2026-11-12T09:00:00"), "end": at("2026-11-12T08:00:00")}, "ends before it begins"),
    ],
)
def test_an_entry_that_makes_no_sense_leaves_its_owner_unknown(
    staff: Staff, event: dict[str, Any], reason: str
) -> None:
    staff.put("beth.birchall", "odd", **event)

    diaries = staff.read(everybody=True)

    assert reason in diaries.unknown[staff.id("beth.birchall")]
    assert staff.absences(diaries) == {name: of for name, of in SEEN.items() if name != "beth.birchall"}
    assert staff.id("beth.birchall") not in diaries.keep


def test_a_mailbox_in_a_zone_that_is_not_known_has_its_days_by_the_entry_itself(staff: Staff) -> None:
    hours = {"daysOfWeek": ["monday"], "timeZone": {"name": "Customized Time Zone"}}
    staff.tenant.put("outlook.mailboxSettings", staff.id("beth.birchall"), {"workingHours": hours})
    times = {"start": at("2026-11-18T00:00:00"), "end": at("2026-11-19T00:00:00"), "isAllDay": True}
    staff.put("beth.birchall", "there", originalStartTimeZone="Pacific Standard Time", **times)

    diaries = staff.read(datetime(2026, 11, 17, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC), everybody=True)

    assert staff.absences(diaries, "beth.birchall") == {"beth.birchall": [("11-18 08:00", "11-19 08:00")]}


def test_people_without_a_mailbox_are_unknown_alone_though_asking_began_with_them(staff: Staff) -> None:
    leaver = staff.people[0]
    plans = [{"service": "exchange", "capabilityStatus": "Suspended", "servicePlanId": "x"}]
    staff.tenant.patch("users", leaver.id, assignedPlans=plans)

    diaries = staff.read()

    assert diaries.unknown == {leaver.id: "Outlook does not know a mailbox with this address"}
    assert staff.absences(diaries) == {n: of for n, of in SEEN.items() if not leaver.address.startswith(n)}


def test_a_mailbox_that_the_app_may_not_open_is_unknown_alone(staff: Staff) -> None:
    client_id = staff.tenant.applications["reader"]["client_id"]
    others = [person.id for person in staff.people if person.id != staff.id("beth.birchall")]
    staff.tenant.put("outlook.applicationAccess", client_id, {"mailboxes": others})

    diaries = staff.read(everybody=True)

    assert list(diaries.unknown) == [staff.id("beth.birchall")]
    assert "lets this app open other mailboxes but not this mailbox" in diaries.unknown[staff.id("beth.birchall")]


@pytest.mark.parametrize("everybody", [False, True])
def test_without_the_permission_nobody_is_read_and_it_is_named(staff: Staff, *, everybody: bool) -> None:
    staff.tenant.grant("reader", roles=["User.Read.All", "Mail.Read"])
    via = connect(staff.tenant, identity=Identity.READ, read_only=True)

    with pytest.raises(Refused) as raised:
        via.diaries(staff.people, NOW, LATER, everybody=everybody)
    via.close()

    assert raised.value.missing == "Calendars.ReadBasic"


@pytest.mark.parametrize(
    "fault", ["throttled", *(pytest.param(one, marks=pytest.mark.soak) for one in ("unavailable", "expired_token"))]
)
def test_parts_that_fail_in_passing_are_asked_again(staff: Staff, fault: str) -> None:
    staff.tenant.fault(fault, SCHEDULE, nth=2, seconds=0.01)
    staff.tenant.fault(fault, VIEW, nth=2, seconds=0.01)

    assert staff.absences(staff.read(everybody=True)) == SEEN


def test_a_calendar_that_stays_throttled_leaves_its_owner_unknown_alone(tenant: Tenant) -> None:
    via = connect(tenant, identity=Identity.READ, read_only=True, variables=SHORT)
    staff = _staff(tenant, via)
    for name in ("farah.fernley", "tilda.thornhill"):
        staff.put(name, "long", **LONG)
    # The emulator answers in the order in which it is asked: the first of the two, each time.
    tenant.fault("throttled", VIEW, nth=1, times=1, seconds=9)

    diaries = staff.read()
    via.close()

    (unknown,) = diaries.unknown.values()
    assert "too many calls" in unknown
    assert len(staff.absences(diaries)) == len(SEEN) + 1


def test_a_calendar_of_which_a_page_is_missing_leaves_its_owner_unknown(staff: Staff) -> None:
    times = {"showAs": "oof", "isAllDay": False, "end": at("2026-11-12T10:00:00")}
    key = staff.id("amara.ashdown")
    many = {
        f"{key}/{n}": {"id": str(n), "subject": "x", "start": at(f"2026-11-12T09:00:{n % 60:02}"), **times}
        for n in range(250)
    }
    staff.tenant.control("PUT", "/objects/outlook.events", {**staff.tenant.objects("outlook.events"), **many})

    whole = staff.via.diaries(staff.people[:2], NOW, LATER, everybody=True)
    staff.tenant.fault("refused", VIEW, nth=3)  # the first pages of both come before it
    cut = staff.via.diaries(staff.people[:2], NOW, LATER, everybody=True)

    assert len([one for one in whole.absences if one.person == key]) == 60
    assert (whole.unknown, list(cut.unknown)) == ({}, [key])
    assert key not in {one.person for one in cut.absences}


def test_more_than_two_months_are_asked_about_in_parts(staff: Staff) -> None:
    diaries = staff.read(NOW, NOW + timedelta(days=100))

    absences = staff.absences(diaries)
    assert absences["jonah.juniper"][0] == ("11-13", "11-14")
    assert absences["jonah.juniper"][-1] == ("02-12", "02-13")
    assert len(absences["jonah.juniper"]) == 13
    assert absences["edwin.elmsworth"] == [("11-10", "11-19")]


def test_the_staff_of_a_school_take_one_request(staff: Staff) -> None:
    assert staff.count_requests() == 1
    assert staff.count_requests(everybody=True) == 1 + ceil(len(staff.people) / 20)


def test_a_thousand_people_take_a_handful_of_requests(large_tenant: Tenant) -> None:
    via = connect(large_tenant, identity=Identity.READ, read_only=True)
    directory = via.directory(people=True, groups=[])
    people = [person for person in directory.people.values() if person.enabled][:1000]
    before = via.requests()

    diaries = via.diaries(people, NOW, LATER, everybody=False)
    sent = via.requests() - before
    via.close()

    assert sent <= ceil(len(people) / 400) + 1  # one more where asking began with somebody who has no mailbox
    assert {*diaries.unknown.values()} <= {"Outlook does not know a mailbox with this address"}


def test_nobody_takes_no_request(reading: Microsoft365) -> None:
    gone = Person("1", "gone@example-primary.example", "Gone", mailbox=False)

    assert reading.diaries([], NOW, LATER, everybody=True) == Diaries()
    assert reading.diaries([gone], NOW, LATER, everybody=False).unknown == {"1": "there is no mailbox"}
    assert reading.requests() == 0
