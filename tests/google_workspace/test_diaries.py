"""Who is out of office by the calendars: every absence of more than a day is found, in few calls, or is unknown."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.google_workspace.calendars import Span
from connectors.google_workspace.connection import GoogleWorkspace
from connectors.google_workspace.out_of_office import SOURCE, may_be_away
from tests.emulated import Tenant, whole_school
from tests.google_workspace.connected import SCOPE, connect, delegate, tokens
from toolkit.errors import Refused
from toolkit.school.signals import Diaries
from toolkit.sdk.directory import Person
from toolkit.sdk.endpoint import NamedOnly
from toolkit.sdk.providers import kinds

BUSY, LIST = "calendar.freebusy.query", "calendar.events.list"
EVENTS, ACL = "calendar.events", "calendar.acl"
LONDON = ZoneInfo("Europe/London")
BEGINS, ENDS = datetime(2026, 11, 10, tzinfo=LONDON), datetime(2026, 12, 8, tzinfo=LONDON)
# All that begins or ends in these four weeks, by the instants in UTC.
SEEDED = {
    "beth.birchall": ["11-11T00 11-12T00", "11-12T00 11-13T00", "11-13T00 11-14T00"],
    "dilys.dewhurst": ["11-10T13 11-12T17", "11-12T09 11-13T12"],
    "edwin.elmsworth": ["11-10T00 11-19T00"],
    "gwen.greenhalgh": ["11-12T00 11-13T00"],
    "harun.hazelwood": ["11-11T00 11-14T00"],
    "jonah.juniper": ["11-13T00 11-14T00", "11-20T00 11-21T00", "12-04T00 12-05T00"],  # not on 27 November
    "keira.kestrel": ["11-16T00 11-21T00"],
    "samir.sorrelby": ["11-23T08 11-27T16"],
    "tilda.thornhill": ["11-30T08 12-04T15"],
    "wilf.willowby": ["11-09T00 11-14T00"],
}
CANDIDATES = len(SEEDED) + 1  # one is busy for days, and not away


def test_the_absences_of_four_weeks_are_found_in_a_call_for_each_who_may_be_away(
    reading: GoogleWorkspace, tenant: Tenant
) -> None:
    people = staff(reading)
    before, signed_in = tenant.last_request(), tokens(tenant)

    found = diaries(reading, people)

    assert absences_by_name(found, people) == SEEDED
    assert {one.source for one in found.absences} == {SOURCE}
    assert (len(people), len(found.keep), found.unknown) == (46, 31, {})
    assert counts(tenant, before) == (1, CANDIDATES)
    assert tokens(tenant) - signed_in == 1 + CANDIDATES


def test_an_absence_that_shows_as_free_is_found_where_everybodys_calendar_is_opened(
    reading: GoogleWorkspace, tenant: Tenant
) -> None:
    people = staff(reading)
    before = tenant.last_request()

    found = diaries(reading, people, everybody=True)

    assert absences_by_name(found, people) == {**SEEDED, "quentin.quarrington": ["11-12T00 11-17T00"]}
    assert (len(found.keep), found.unknown) == (31, {})
    assert counts(tenant, before) == (1, 46)


def test_a_token_for_the_calendar_reads_the_reply_too(reading: GoogleWorkspace, tenant: Tenant) -> None:
    found = diaries(reading, staff(reading))
    signed_in = tokens(tenant)

    away = frozenset(one.person for one in found.absences)
    replies = list(kinds("google_workspace")["vacation"].endpoint.read(reading, NamedOnly(away)))

    assert len(replies) == len(SEEDED)
    assert tokens(tenant) == signed_in


def test_without_the_scope_for_replies_the_absences_are_found(reading: GoogleWorkspace, tenant: Tenant) -> None:
    delegate(tenant, "reader", without="gmail.settings.basic")
    people = staff(reading)

    assert absences_by_name(diaries(reading, people), people) == SEEDED


def test_without_the_scope_for_calendars_replies_are_read_and_the_scope_is_named(
    reading: GoogleWorkspace, tenant: Tenant
) -> None:
    delegate(tenant, "reader", without="calendar.events.readonly")
    people = staff(reading)

    with pytest.raises(Refused, match="add this scope") as raised:
        diaries(reading, people)

    assert raised.value.missing == SCOPE + "calendar.events.readonly"
    vacation = kinds("google_workspace")["vacation"].endpoint
    assert len(list(vacation.read(reading, NamedOnly(frozenset({people[0].id}))))) == 1


def test_a_calendar_that_is_hidden_from_the_administrator_is_opened_by_its_owner(
    reading: GoogleWorkspace, tenant: Tenant
) -> None:
    people = staff(reading)
    for name in ("beth.birchall", "amara.ashdown", "callum.copperfield"):
        hide(tenant, people, name)
    before = tenant.last_request()

    found = diaries(reading, people)

    assert absences_by_name(found, people) == SEEDED
    assert (len(found.keep), found.unknown) == (31, {})
    assert counts(tenant, before) == (1, CANDIDATES + 2)


def test_somebody_whose_calendar_nobody_can_open_is_unknown_alone(reading: GoogleWorkspace, tenant: Tenant) -> None:
    people = staff(reading)
    gone = person(people, "beth.birchall")
    tenant.patch("google.users", gone.id, suspended=True)
    hide(tenant, people, "beth.birchall")
    deleted = person(people, "dilys.dewhurst")
    tenant.delete("google.users", deleted.id)

    found = diaries(reading, people)

    assert dict(found.unknown) == {
        gone.id: f"the account {gone.address} is suspended or archived",
        deleted.id: f"Google has no account {deleted.address}",
    }
    assert absences_by_name(found, people) == {
        k: v for k, v in SEEDED.items() if k not in ("beth.birchall", "dilys.dewhurst")
    }


def test_throttled_parts_of_a_batch_are_asked_for_again(reading: GoogleWorkspace, tenant: Tenant) -> None:
    people = staff(reading)
    tenant.fault("throttled", LIST, nth=3, times=5, seconds=0)
    before = tenant.last_request()

    found = diaries(reading, people)

    assert absences_by_name(found, people) == SEEDED
    assert found.unknown == {}
    assert counts(tenant, before)[1] == CANDIDATES + 5


def test_whose_calendar_stays_throttled_is_unknown_and_not_at_work(tenant: Tenant) -> None:
    patient = connect(tenant, read_only=True, TOOLKIT_PATIENCE="1")
    people = staff(patient)
    tenant.fault("throttled", LIST, nth=1, seconds=60)

    found = diaries(patient, people)
    patient.close()

    (lost,) = found.unknown
    assert "too many" in found.unknown[lost].lower() or "quota" in found.unknown[lost].lower()
    assert lost not in {one.person for one in found.absences}
    assert len(absences_by_name(found, people)) == len(SEEDED) - 1


@pytest.mark.parametrize("operation", [BUSY, LIST])
def test_where_nobodys_calendar_can_be_read_that_is_raised(
    reading: GoogleWorkspace, tenant: Tenant, operation: str
) -> None:
    people = [one for one in staff(reading) if one.address.partition("@")[0] in SEEDED]
    tenant.fault("refused", operation, times=999)

    with pytest.raises(Refused):
        diaries(reading, people)


@whole_school
def test_a_question_about_fifty_that_fails_makes_these_unknown(reading: GoogleWorkspace, tenant: Tenant) -> None:
    everyone = sorted(reading.directory(people=True, groups=[]).people.values(), key=lambda one: one.address)[:100]
    tenant.fault("refused", BUSY, nth=2)

    found = diaries(reading, everyone)

    assert len(found.unknown) == 50
    assert not {one.person for one in found.absences} & set(found.unknown)
    assert not found.keep & set(found.unknown)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"end": None, "endTimeUnspecified": True}, "has no end"),
        ({"end": {"date": "2026-11-09"}}, "ends before it begins"),
    ],
)
def test_an_absence_that_does_not_end_makes_its_owner_unknown(
    reading: GoogleWorkspace, tenant: Tenant, changes: Mapping[str, object], reason: str
) -> None:
    people = staff(reading)
    odd = person(people, "edwin.elmsworth")
    key = next(key for key, one in events(tenant, odd).items() if one["eventType"] == "outOfOffice")
    tenant.patch(EVENTS, key, **changes)

    found = diaries(reading, people, everybody=True)

    assert list(found.unknown) == [odd.id]
    assert reason in found.unknown[odd.id]


def test_a_whole_day_is_one_of_the_clock_also_where_summer_time_ends(reading: GoogleWorkspace) -> None:
    people = staff(reading)
    begins, ends = datetime(2026, 10, 22, tzinfo=LONDON), datetime(2026, 11, 1, tzinfo=LONDON)

    found = reading.diaries(people, begins, ends, everybody=False)

    assert absences_by_name(found, people)["petra.pinewood"] == ["10-22T07 10-27T17"]
    assert absences_by_name(found, people)["milo.mapleton"] == ["10-27T00 10-30T00"]
    assert absences_by_name(found, people)["jonah.juniper"] == ["10-22T23 10-23T23", "10-30T00 10-31T00"]


def test_a_list_of_several_pages_is_read_to_its_end(reading: GoogleWorkspace, tenant: Tenant) -> None:
    people = staff(reading)
    busy = person(people, "beth.birchall")
    sample = next(one for one in events(tenant, busy).values() if one["eventType"] == "outOfOffice")
    tenant.control("PUT", f"/objects/{EVENTS}", {**tenant.objects(EVENTS), **_many(sample, busy, 2600)})
    before = tenant.last_request()

    found = diaries(reading, [busy])

    assert counts(tenant, before) == (1, 2)
    assert len(found.absences) == 2600 + 3


def test_a_later_page_that_fails_makes_its_owner_unknown(reading: GoogleWorkspace, tenant: Tenant) -> None:
    people = staff(reading)
    busy, other = person(people, "beth.birchall"), person(people, "edwin.elmsworth")
    sample = next(one for one in events(tenant, busy).values() if one["eventType"] == "outOfOffice")
    tenant.control("PUT", f"/objects/{EVENTS}", {**tenant.objects(EVENTS), **_many(sample, busy, 2600)})
    tenant.fault("refused", LIST, nth=3, times=9)

    found = diaries(reading, [busy, other])

    assert list(found.unknown) == [busy.id]
    assert {one.person for one in found.absences} == {other.id}


def test_a_thousand_people_take_a_question_for_fifty_and_a_call_for_each_who_may_be_away(
    large_tenant: Tenant,
) -> None:
    tenant = large_tenant
    reading = connect(tenant, read_only=True)
    people = list(reading.directory(people=True, groups=[]).people.values())
    before = tenant.last_request()

    found = diaries(reading, people)
    asked, opened = counts(tenant, before)
    batches = sum("batch" in request["url"] for request in tenant.requests(before))
    reading.close()

    away = {one.person for one in found.absences}
    assert asked == ceil(len(people) / 50)
    assert len(away) > 10
    assert len(away) <= opened <= len(away) + 5
    assert batches == ceil(opened / 50)
    assert found.unknown == {}


def test_nobody_is_asked_about_where_there_is_nobody(reading: GoogleWorkspace, tenant: Tenant) -> None:
    assert diaries(reading, []) == Diaries()
    assert tenant.requests() == []


WITHIN = Span(datetime(2026, 11, 10, tzinfo=UTC), datetime(2026, 12, 8, tzinfo=UTC))


@pytest.mark.parametrize(
    ("busy", "away"),
    [
        ([], False),
        (["11-16T09:00 11-16T16:59"], False),
        (["11-16T09:00 11-16T17:00"], True),
        (["11-16T09:00 11-16T13:00", "11-16T13:00 11-16T17:00"], True),  # touching
        (["11-16T09:00 11-16T14:00", "11-16T12:00 11-16T17:00"], True),  # overlapping
        (["11-16T09:00 11-16T12:00", "11-16T13:00 11-16T17:00"], False),
        (["11-16T13:00 11-16T15:30", "11-17T08:30 11-17T15:30"], True),  # from the middle of a day
        (["11-20T08:30 11-20T15:30", "11-24T08:30 11-24T09:00"], True),  # over a weekend
        (["11-16T09:00 11-16T11:00", "11-17T09:00 11-17T11:00"], False),
        (["11-16T08:30 11-16T15:30", "11-23T08:30 11-23T15:30"], False),  # a week apart
        (["11-10T00:00 11-10T01:00"], True),  # perhaps the end of something long
        (["12-07T23:00 12-08T00:00"], True),
    ],
)
def test_who_may_be_away_is_told_by_when_they_are_busy(busy: Sequence[str], *, away: bool) -> None:
    spans = [Span(*(datetime.fromisoformat(f"2026-{at}+00:00") for at in one.split())) for one in busy]

    assert may_be_away(spans, WITHIN) is away
    assert may_be_away(reversed(spans), WITHIN) is away


def diaries(via: GoogleWorkspace, people: Sequence[Person], *, everybody: bool = False) -> Diaries:
    return via.diaries(people, BEGINS, ENDS, everybody=everybody)


def staff(via: GoogleWorkspace) -> Sequence[Person]:
    directory = via.directory(people=True, groups=["/Staff"])
    members = [directory.people[key] for key in directory.groups["/Staff"].members]
    return sorted(members, key=lambda one: one.address)


def person(people: Sequence[Person], name: str) -> Person:
    return next(one for one in people if one.address.startswith(f"{name}@"))


def absences_by_name(found: Diaries, people: Sequence[Person]) -> dict[str, list[str]]:
    """Write absences as month, day and hour, by the names of who is away."""
    names = {one.id: one.address.partition("@")[0] for one in people}
    shown: dict[str, list[str]] = {}
    for one in sorted(found.absences, key=lambda one: (names[one.person], one.begins)):
        text = " ".join(at.astimezone(UTC).strftime("%m-%dT%H") for at in (one.begins, one.ends))
        shown.setdefault(names[one.person], []).append(text)
    return shown


def counts(tenant: Tenant, before: int) -> tuple[int, int]:
    """Count the questions about free and busy, and the calls that opened a calendar."""
    operations = tenant.operations(before)
    return operations.count(BUSY), operations.count(LIST)


def hide(tenant: Tenant, people: Sequence[Person], name: str) -> None:
    tenant.put(ACL, person(people, name).id, {"role": "none"})


def events(tenant: Tenant, of: Person) -> Mapping[str, Mapping[str, Any]]:
    return {key: one for key, one in tenant.objects(EVENTS).items() if key.startswith(f"{of.id}/")}


def _many(sample: Mapping[str, Any], of: Person, number: int) -> Mapping[str, Mapping[str, Any]]:
    return {f"{of.id}/many{n:04}": {**sample, "id": f"many{n:04}"} for n in range(number)}
