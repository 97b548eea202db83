"""Holding people on Microsoft 365: placed at once and once, widened, and let go without touching what others hold."""

from collections.abc import Iterator

import pytest

from connectors.microsoft365.connection import Microsoft365
from connectors.microsoft365.defender.pace import Pace
from connectors.microsoft365.holding import Holds
from connectors.microsoft365.holding.cases import CALL_SECONDS
from tests.emulated import Tenant
from tests.microsoft365.connected import connected
from tests.microsoft365.holding import (
    CARETAKER,
    CASES,
    GET,
    HEAD,
    HOLDS,
    LEAVER,
    MATTER,
    NEW_CASE,
    NEW_HOLD,
    NEW_SOURCE,
    OFFICE,
    SET,
    SOURCES,
    cases,
    held_in_case,
    mailbox,
    pass_time,
    people,
    person,
    place_all,
    reconnected,
    writes,
)
from toolkit.errors import BadAnswer, Refused, Rejected, ServiceError, Unavailable, WriteInReadOnlyRun
from toolkit.tenant.directory import Person
from toolkit.tenant.holding import Held, Service, Standing

MAILBOX, MAIL, FILES = Service.MAILBOX, Service.MAIL, Service.FILES
NOBODY = Person("00000000-0000-4000-8000-000000000001", "nobody@example-primary.example", "Nobody")


@pytest.fixture
def connection(tenant: Tenant) -> Iterator[Microsoft365]:
    """Open a connection that knows the tenant's time, and that reads have heard of every write."""
    connection = reconnected(tenant)
    yield connection
    connection.close()


@pytest.fixture
def opened() -> Iterator[list[Microsoft365]]:
    """Collect connections to be closed after the test."""
    connections: list[Microsoft365] = []
    yield connections
    for connection in connections:
        connection.close()


def _standing(connection: Microsoft365, one: Person, matter: str = MATTER) -> list[str]:
    return [held.standing.value for held in connection.holding.stands(matter, [one])[one.id]]


def test_the_second_request_puts_the_mailbox_on_hold_without_an_end_and_without_a_word_to_its_owner(
    connection: Microsoft365, tenant: Tenant
) -> None:
    head, before = person(tenant, HEAD), mailbox(tenant, HEAD)

    held = connection.holding.place(MATTER, head, MAILBOX)

    after = mailbox(tenant, HEAD)
    assert held == Held(MAILBOX, Standing.REQUESTED)
    assert tenant.operations() == [GET, SET]
    assert {name for name in after if after[name] != before[name]} == {
        "LitigationHoldEnabled", "LitigationHoldDate", "LitigationHoldOwner",
    }  # fmt: skip
    assert (after["LitigationHoldEnabled"], after["LitigationHoldDuration"]) == (True, "Unlimited")


def test_everything_of_a_person_is_held_in_eight_requests(connection: Microsoft365, tenant: Tenant) -> None:
    placed = place_all(connection, person(tenant, HEAD))

    assert placed == [(MAILBOX, "requested", ""), (MAIL, "requested", ""), (FILES, "requested", "")]
    assert connection.requests() <= 8
    address = f"{HEAD}@{tenant.domain}"
    assert held_in_case(tenant) == [
        (f"{MATTER} files hold", address, "site"), (f"{MATTER} mail hold", address, "mailbox"),
    ]  # fmt: skip
    assert [hold["contentQuery"] for hold in tenant.objects("graph.legalHolds").values()] == ["", ""]


def test_a_case_that_somebody_opened_is_used_in_eight_requests_too(connection: Microsoft365, tenant: Tenant) -> None:
    head = person(tenant, HEAD)

    for service in connection.holding.services:
        connection.holding.place("Matter 2026-A", head, service)

    assert connection.requests() <= 8
    assert (NEW_CASE in tenant.operations(), len(held_in_case(tenant))) == (False, 2)


def test_placing_again_writes_nothing_and_says_so(
    connection: Microsoft365, tenant: Tenant, opened: list[Microsoft365]
) -> None:
    head = person(tenant, HEAD)
    place_all(connection, head)
    sent = tenant.last_request()
    opened.append(again := reconnected(tenant))

    placed = place_all(again, head)

    assert placed == [
        (MAILBOX, "requested", "was on hold without an end before"),
        (MAIL, "requested", "was in this case before"),
        (FILES, "requested", "was in this case before"),
    ]
    assert writes(tenant, sent) == []


def test_a_hold_of_a_year_is_widened_and_what_its_owner_is_told_stays(connection: Microsoft365, tenant: Tenant) -> None:
    leaver, before = person(tenant, LEAVER), mailbox(tenant, LEAVER)
    weaker = connection.holding.stands(MATTER, [leaver])[leaver.id][0]

    held = connection.holding.place(MATTER, leaver, MAILBOX)

    after = mailbox(tenant, LEAVER)
    assert (weaker.standing, "365 days from its own date" in weaker.reason) == (Standing.WEAKER, True)
    assert held == Held(MAILBOX, Standing.REQUESTED, "was 365 days")
    assert {**before, "LitigationHoldDuration": "Unlimited"} == after


def test_a_mailbox_whose_licence_has_no_hold_is_said_with_what_keeps_it_now(
    connection: Microsoft365, tenant: Tenant
) -> None:
    office, before = person(tenant, OFFICE), mailbox(tenant, OFFICE)

    held = connection.holding.place(MATTER, office, MAILBOX)

    assert held.standing is Standing.UNAVAILABLE
    assert "licence" in held.reason
    assert "single item recovery keeps deleted mail for 14 days" in held.reason
    assert (connection.holding.stands(MATTER, [office])[office.id][0], mailbox(tenant, OFFICE)) == (held, before)


def test_who_has_no_mailbox_cannot_be_held_and_that_is_said_of_each(connection: Microsoft365, tenant: Tenant) -> None:
    placed = place_all(connection, NOBODY)

    assert [standing for _, standing, _ in placed] == ["unavailable"] * 3
    assert all("no mailbox" in reason for _, _, reason in placed)
    assert held_in_case(tenant) == []


def test_a_refusal_that_is_not_about_the_licence_is_raised(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.fault("rejected", SET, status=400, reason="BadRequest")

    with pytest.raises(Rejected):
        connection.holding.place(MATTER, person(tenant, HEAD), MAILBOX)


def test_a_leaver_s_mailbox_is_held_after_the_account_is_gone(connection: Microsoft365, tenant: Tenant) -> None:
    leaver = person(tenant, LEAVER)
    tenant.delete("users", leaver.id)

    held = connection.holding.place(MATTER, leaver, MAILBOX)

    assert (held.standing, mailbox(tenant, LEAVER)["LitigationHoldDuration"]) == (Standing.REQUESTED, "Unlimited")


def test_a_mailbox_is_taken_by_its_account_and_never_by_an_address_that_went_to_somebody_else(
    connection: Microsoft365, tenant: Tenant
) -> None:
    head = person(tenant, HEAD)
    moved = Person(head.id, f"{CARETAKER}@{tenant.domain}", head.name)

    connection.holding.place(MATTER, moved, MAILBOX)

    held = [mailbox(tenant, alias)["LitigationHoldEnabled"] for alias in (HEAD, CARETAKER)]
    assert held == [True, False]


@pytest.mark.parametrize(
    ("now", "standing"),
    [
        ("2026-11-10T12:59:00+00:00", ["requested", "requested", "requested"]),
        ("2026-11-10T13:00:00+00:00", ["confirmed", "requested", "requested"]),
        ("2026-11-11T09:00:00+00:00", ["confirmed", "confirmed", "confirmed"]),
    ],
)
def test_a_hold_is_confirmed_when_it_has_had_its_time(
    connection: Microsoft365, tenant: Tenant, opened: list[Microsoft365], now: str, standing: list[str]
) -> None:
    head = person(tenant, HEAD)
    place_all(connection, head)

    opened.append(later := pass_time(tenant, now))

    assert _standing(later, head) == standing


def test_nobody_is_held_in_a_case_that_is_not_there(connection: Microsoft365, tenant: Tenant) -> None:
    head = person(tenant, HEAD)

    assert _standing(connection, head) == ["absent", "absent", "absent"]
    assert _standing(connection, head, "Matter 2026-A") == ["absent", "absent", "absent"]
    assert writes(tenant) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"isEnabled": False}, "switched off"),
        ({"errors": ["Something"]}, "1 errors"),
        ({"contentQuery": "subject:trip"}, "only what its query finds"),
    ],
)
def test_a_hold_that_keeps_less_is_weaker(
    connection: Microsoft365, tenant: Tenant, change: dict[str, object], reason: str
) -> None:
    head = person(tenant, HEAD)
    connection.holding.place(MATTER, head, MAIL)
    ((key, _),) = tenant.objects("graph.legalHolds").items()
    tenant.patch("graph.legalHolds", key, **change)

    _, mail, files = connection.holding.stands(MATTER, [head])[head.id]

    assert (mail.standing, files.standing) == (Standing.WEAKER, Standing.ABSENT)
    assert reason in mail.reason


@pytest.mark.parametrize("broken", ["case", "hold"])
def test_nothing_is_put_into_a_case_that_is_closed_or_a_hold_that_is_off(
    connection: Microsoft365, tenant: Tenant, opened: list[Microsoft365], broken: str
) -> None:
    connection.holding.place(MATTER, person(tenant, HEAD), MAIL)
    (case,) = cases(tenant)
    ((key, _),) = tenant.objects("graph.legalHolds").items()
    if broken == "case":
        tenant.patch("graph.ediscoveryCases", case["id"], status="closed")
    else:
        tenant.patch("graph.legalHolds", key, isEnabled=False)
    sent = tenant.last_request()
    opened.append(again := reconnected(tenant))

    with pytest.raises(Rejected, match="open it in the Purview portal"):
        again.holding.place(MATTER, person(tenant, CARETAKER), MAIL)

    assert writes(tenant, sent) == []


FIRST_WRITES = [(MAILBOX, SET), (MAIL, NEW_CASE), (MAIL, NEW_HOLD), (MAIL, NEW_SOURCE), (FILES, NEW_SOURCE)]


@pytest.mark.parametrize("fault", ["dropped_after", "unavailable_after", "throttled_after", "dropped", "throttled"])
@pytest.mark.parametrize(("service", "write"), FIRST_WRITES)
def test_a_write_without_an_answer_is_looked_up_and_nothing_is_made_twice(
    connection: Microsoft365, tenant: Tenant, service: Service, write: str, fault: str
) -> None:
    tenant.fault(fault, write, seconds=0.01) if "throttled" in fault else tenant.fault(fault, write)

    held = connection.holding.place(MATTER, person(tenant, HEAD), service)

    assert held.standing is Standing.REQUESTED
    assert _stored(tenant) == ((True, 0, 0, 0) if service is MAILBOX else (False, 1, 1, 1))
    if fault.endswith("_after") and service is not MAILBOX:
        assert writes(tenant).count(write) == 1


@pytest.mark.parametrize(("service", "write"), FIRST_WRITES)
def test_a_run_that_ends_at_a_write_is_taken_up_and_nothing_is_made_twice(
    tenant: Tenant, opened: list[Microsoft365], service: Service, write: str
) -> None:
    tenant.fault("dropped_after", write)
    opened.append(ending := reconnected(tenant, patience="0"))
    head = person(tenant, HEAD)
    with pytest.raises(Unavailable):
        ending.holding.place(MATTER, head, service)
    opened.append(again := reconnected(tenant))

    held = again.holding.place(MATTER, head, service)

    assert held.standing is Standing.REQUESTED
    assert _stored(tenant) == ((True, 0, 0, 0) if service is MAILBOX else (False, 1, 1, 1))
    assert writes(tenant).count(write) == 1


def _stored(tenant: Tenant) -> tuple[bool, int, int, int]:
    """Tell whether the head's mailbox is held, and count the cases, holds and sources."""
    collections = ("graph.legalHolds", "graph.userSources")
    holds, sources = (len(tenant.objects(name)) for name in collections)
    return bool(mailbox(tenant, HEAD)["LitigationHoldEnabled"]), len(cases(tenant)), holds, sources


READS = [(MAILBOX, GET), (MAIL, CASES), (MAIL, HOLDS), (MAIL, SOURCES), (FILES, SOURCES)]


@pytest.mark.parametrize("fault", ["refused", "unavailable", "truncated"])
@pytest.mark.parametrize(("service", "read"), READS)
def test_what_cannot_be_looked_at_is_not_written_and_not_called_absent(
    tenant: Tenant, opened: list[Microsoft365], service: Service, read: str, fault: str
) -> None:
    head = person(tenant, HEAD)
    opened.extend([reconnected(tenant), reconnected(tenant, patience="0.2")])
    place_all(opened[0], person(tenant, CARETAKER))
    again = opened[1]
    sent = tenant.last_request()
    _break(tenant, fault, read)

    with pytest.raises(ServiceError):
        again.holding.place(MATTER, head, service)
    with pytest.raises(ServiceError):
        again.holding.stands(MATTER, [head])
    with pytest.raises(ServiceError):
        again.holding.release(MATTER, head, service)
    with pytest.raises(ServiceError):
        again.holding.seen()

    assert writes(tenant, sent) == []


def _break(tenant: Tenant, fault: str, read: str) -> None:
    tenant.fault(fault, read, times=1000, **({"status": 500} if fault == "unavailable" else {}))


def test_a_list_that_is_broken_off_raises_on_its_later_page(connection: Microsoft365, tenant: Tenant) -> None:
    for number in range(120):
        tenant.put("graph.ediscoveryCases", f"{number:036}", {"id": f"{number:036}", "displayName": f"Case {number}",
                                                             "status": "closed"})  # fmt: skip
    tenant.fault("refused", CASES, nth=2)

    with pytest.raises(ServiceError):
        connection.holding.place(MATTER, person(tenant, HEAD), MAIL)

    assert writes(tenant) == []


def test_an_answer_that_does_not_say_whether_it_is_held_is_no_answer(connection: Microsoft365, tenant: Tenant) -> None:
    head = person(tenant, HEAD)
    tenant.patch("exchange.mailboxes", mailbox(tenant, HEAD)["Guid"], LitigationHoldEnabled=None)

    with pytest.raises(BadAnswer, match="does not say whether"):
        connection.holding.stands(MATTER, [head])


def test_two_cases_of_one_name_are_told_and_neither_is_taken(connection: Microsoft365, tenant: Tenant) -> None:
    for key in ("1", "2"):
        tenant.put("graph.ediscoveryCases", key, {"id": key, "displayName": MATTER, "status": "active"})

    with pytest.raises(BadAnswer, match="2 called"):
        connection.holding.place(MATTER, person(tenant, HEAD), MAIL)


def test_an_app_that_is_not_registered_is_told_how_that_is_done(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.patch("graph.ediscoverySettings", "settings", registered=False)

    with pytest.raises(Refused, match=r"New-ServicePrincipal.*Add-RoleGroupMember eDiscoveryManager.*CaseAdmin"):
        connection.holding.place(MATTER, person(tenant, HEAD), MAIL)


def test_an_app_without_the_permission_is_told_its_name(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.grant("writer", roles=["User.Read.All", "Exchange.ManageAsApp"], directory_roles=["Exchange Administrator"])

    with pytest.raises(Refused) as raised:
        connection.holding.place(MATTER, person(tenant, HEAD), MAIL)

    assert raised.value.missing == "eDiscovery.ReadWrite.All"


@pytest.mark.parametrize("service", [MAILBOX, MAIL, FILES])
def test_a_run_that_only_reads_places_and_releases_nothing(
    tenant: Tenant, opened: list[Microsoft365], service: Service
) -> None:
    opened.append(reading := connected(tenant, read_only=True))

    with pytest.raises(WriteInReadOnlyRun):
        reading.holding.place(MATTER, person(tenant, HEAD), service)

    assert writes(tenant) == []


@pytest.mark.parametrize("status", [400, 404])
def test_beta_is_asked_where_v1_does_not_know_legal_holds(
    connection: Microsoft365, tenant: Tenant, status: int
) -> None:
    head = person(tenant, HEAD)
    tenant.fault("rejected", NEW_HOLD, status=status, reason="BadRequest")

    placed = [connection.holding.place(MATTER, head, service) for service in (MAIL, FILES)]

    assert [held.standing for held in placed] == [Standing.REQUESTED, Standing.REQUESTED]
    assert _standing(connection, head) == ["absent", "requested", "requested"]
    asked = [request["url"] for request in tenant.requests() if "/legalHolds" in request["url"]]
    assert ["/beta/" in url for url in asked] == [False, *[True] * (len(asked) - 1)]
    assert len(tenant.objects("graph.legalHolds")) == 2


def test_requests_to_ediscovery_are_held_apart_and_those_to_mailboxes_are_not(
    connection: Microsoft365, tenant: Tenant
) -> None:
    waits: list[float] = []
    pace = Pace(CALL_SECONDS, sleep=waits.append, clock=lambda: 0.0)
    holds = Holds(connection.exchange, connection.graph, pace=pace)

    for service in holds.services:
        holds.place(MATTER, person(tenant, HEAD), service)

    assert waits == [12.0, 24.0, 36.0, 48.0, 60.0]


def test_release_lets_go_one_thing_of_one_person_and_nothing_of_others(
    connection: Microsoft365, tenant: Tenant
) -> None:
    head, caretaker = person(tenant, HEAD), person(tenant, CARETAKER)
    for one in (head, caretaker):
        place_all(connection, one)
        connection.holding.place("Matter 2026-A", one, MAIL)

    connection.holding.release(MATTER, head, MAIL)

    assert _standing(connection, head) == ["requested", "absent", "requested"]
    assert _standing(connection, head, "Matter 2026-A") == ["requested", "requested", "absent"]
    assert _standing(connection, caretaker) == ["requested"] * 3
    connection.holding.release(MATTER, head, MAILBOX)
    connection.holding.release(MATTER, head, FILES)
    assert _standing(connection, head) == ["absent"] * 3
    assert _standing(connection, caretaker) == ["requested"] * 3
    assert len(cases(tenant)) == 1
    assert [name for name in writes(tenant) if name.startswith("DELETE")] == [
        "DELETE /security/cases/ediscoveryCases/{id}/legalHolds/{id}/userSources/{id}"
    ] * 2


@pytest.mark.parametrize("service", [MAILBOX, MAIL, FILES])
def test_releasing_what_is_not_held_writes_nothing(connection: Microsoft365, tenant: Tenant, service: Service) -> None:
    for matter in (MATTER, "Matter 2026-A"):
        connection.holding.release(matter, person(tenant, HEAD), service)

    assert writes(tenant) == []


def test_two_hundred_people_are_put_into_one_case_in_few_requests(tenant: Tenant, opened: list[Microsoft365]) -> None:
    opened.append(connection := reconnected(tenant))
    everybody = people(tenant, 200)
    connection.holding.place(MATTER, everybody[0], MAIL)
    before = connection.requests()

    placed = connection.holding.place_many(MATTER, everybody, MAIL)

    assert len(held_in_case(tenant)) == 200
    assert list(placed) == [one.id for one in everybody]
    assert {held.standing for held in placed.values() if isinstance(held, Held)} == {Standing.REQUESTED}
    assert [held.reason for held in placed.values() if isinstance(held, Held)][:2] == ["was in this case before", ""]
    assert connection.requests() - before <= 18  # ten batches, and the lists before and after in pages


@pytest.mark.parametrize("fault", ["dropped_after", "unavailable_after", "throttled"])
def test_many_are_put_into_a_case_once_whatever_gets_lost(connection: Microsoft365, tenant: Tenant, fault: str) -> None:
    everybody = people(tenant, 25)
    tenant.fault(fault, NEW_SOURCE, nth=3, times=2, **({"seconds": 0.01} if fault == "throttled" else {}))

    placed = connection.holding.place_many(MATTER, everybody, MAIL)

    assert {held.standing for held in placed.values() if isinstance(held, Held)} == {Standing.REQUESTED}
    assert (len(placed), len(held_in_case(tenant))) == (25, 25)


def test_many_mailboxes_are_held_ten_in_a_request_and_one_that_cannot_is_told(
    connection: Microsoft365, tenant: Tenant
) -> None:
    everybody = [*people(tenant, 38), person(tenant, OFFICE), NOBODY]
    assert LEAVER not in {one.address.partition("@")[0] for one in everybody}

    placed = connection.holding.place_many(MATTER, everybody, MAILBOX)

    standing = [held.standing for held in placed.values() if isinstance(held, Held)]
    assert standing == [Standing.REQUESTED] * 38 + [Standing.UNAVAILABLE] * 2
    assert connection.requests() == 8
    assert [held.standing for (held, *_) in connection.holding.stands(MATTER, everybody).values()] == standing
