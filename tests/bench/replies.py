"""Finding absent people without an automatic reply, among very many people, on each cloud."""

import json
from collections.abc import Iterator, Sequence
from math import ceil

from tests.bench.row import Bound, Row
from tests.bench.running import Measurement, one_by_one, plain
from tests.bench.scenarios import Comparison, Place
from tests.door import GOOGLE, MICROSOFT, Door
from tests.emulated import SIGN_IN

_SIZES, _SHORT = (100, 1_000, 10_000, 50_000), (100,)
_MEGABYTES, _FAULTS = 150, 1_000
_SYSTEM = 2  # accounts of machines, whose calendars cannot be read
_BESIDE = 100  # people whose calendars the plain client reads, one by one
_AVAILABILITY = """\
playbook: availability
title: Whoever is away says so
owner: Head Teacher
clauses: [EML-21]
controls:
  - mail.out_of_office: {for: everyone}
"""
_WINDOW = "startDateTime=2026-11-10T00:00:00Z&endDateTime=2026-11-24T00:00:00Z"


def replies(place: Place) -> Iterator[Row]:
    """Check the replies of 100 people and more with a latency of 0.1 seconds, also with throttling."""
    for users in _SHORT if place.short else _SIZES:
        for cloud in (MICROSOFT, GOOGLE):
            yield _check_replies(place, users, cloud)
    for cloud in (MICROSOFT, GOOGLE):
        yield _check_replies(place, place.number(whole=1_000, short=200), cloud, every=20)


def _check_replies(place: Place, users: int, cloud: str, *, every: int = 0) -> Row:
    """Measure one size. With `every`, each such call is throttled once, and as many more calls are allowed."""
    door = place.school(f"replies {users} {cloud} {every}", users=users, staff=users, cloud=cloud)
    door.write("33-away.yaml", _AVAILABILITY)
    for nth in range(every, _FAULTS, every) if every else ():
        door.tenant.fault("throttled", nth=nth, seconds=1)
    before = door.tenant.last_request()
    measured, counts = place.over_playbooks(door, "check", "--json")
    counted = [request for request in door.tenant.requests(before) if request["service"] not in SIGN_IN]
    calls = [operation["name"] for request in counted for operation in request["operations"]]
    evidence = _evidence(measured)
    people = len(door.tenant.objects("users" if cloud == MICROSOFT else "google.users"))
    bounds = [
        Bound(
            "requests after sign-in" if cloud == MICROSOFT else "calls",
            counts.requests if cloud == MICROSOFT else len(calls),
            ceil(_most(cloud, calls, people, evidence["away"]) * (1 + 2 / every if every else 1)),
        ),
        Bound("writes", len(counts.writes), 0),
        Bound("peak MB", round(measured.megabytes), _MEGABYTES, needs_own_process=True),
    ]
    throttled = f", every {every}th call throttled" if every else ""
    away = f"{evidence['away']} away, {evidence['lacking']} without a reply"
    title = f"{users} people on {cloud}, {away}{throttled}: check"
    by_calendar = cloud == MICROSOFT and users == _SIZES[0]
    return place.row(
        title, (measured, counts), bounds, lambda: _each_calendar(door) if by_calendar else one_by_one(counts)
    )


def _evidence(measured: Measurement) -> dict[str, int]:
    findings = json.loads(measured.out)["findings"]
    (evidence,) = [finding["evidence"] for finding in findings if finding["subject"] == "automatic replies"]
    assert evidence["unknown"] <= _SYSTEM, evidence
    assert evidence["covered"] + evidence["lacking"] == evidence["away"], evidence
    return dict(evidence)


def _most(cloud: str, calls: Sequence[str], people: int, away: int) -> int:
    """Return the promised limit of requests. Candidates are the people whose calendar was read."""
    if cloud == MICROSOFT:
        return ceil(people / 999) + ceil(people / 400) + ceil(away / 20) + 6
    candidates = calls.count("calendar.events.list")
    return ceil(people / 500) + ceil(people / 50) + 2 * candidates + 6


def _each_calendar(door: Door) -> Comparison:
    people = list(door.tenant.objects("users"))[:_BESIDE]
    paths = [f"/users/{person}/calendarView?{_WINDOW}" for person in people]
    beside = plain(door, ["/users?$select=id,userPrincipalName&$top=999", *paths], [])
    return beside.seconds, f"calendars one by one, {beside.seconds:.1f} s"
