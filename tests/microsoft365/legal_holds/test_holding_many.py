"""Letting go what is held, and holding many people in few requests."""

import pytest

from connectors.microsoft365.connection import Microsoft365
from tests.emulated import Tenant, whole_school
from tests.microsoft365.legal_holds.people import (
    CARETAKER,
    FILES,
    GET,
    HEAD,
    LEAVER,
    MAIL,
    MAILBOX,
    MATTER,
    NEW_SOURCE,
    NOBODY,
    OFFICE,
    SET,
    cases,
    held_in_case,
    people,
    person,
    place_all,
    reconnect,
    standing,
    writes,
)
from toolkit.errors import Refused, Rejected
from toolkit.sdk.directory import Person
from toolkit.sdk.legal_holds import HoldStatus, Service, ServiceHold


def test_release_lets_go_one_thing_of_one_person_and_nothing_of_others(
    connection: Microsoft365, tenant: Tenant
) -> None:
    head, caretaker = person(tenant, HEAD), person(tenant, CARETAKER)
    for one in (head, caretaker):
        place_all(connection, one)
        connection.holding.place("Matter 2026-A", one, MAIL)

    connection.holding.release(MATTER, head, MAIL)

    assert standing(connection, head) == ["requested", "absent", "requested"]
    assert standing(connection, head, "Matter 2026-A") == ["requested", "requested", "absent"]
    assert standing(connection, caretaker) == ["requested"] * 3
    connection.holding.release(MATTER, head, MAILBOX)
    connection.holding.release(MATTER, head, FILES)
    assert standing(connection, head) == ["absent"] * 3
    assert standing(connection, caretaker) == ["requested"] * 3
    assert len(cases(tenant)) == 1
    assert [name for name in writes(tenant) if name.startswith("DELETE")] == [
        "DELETE /security/cases/ediscoveryCases/{id}/legalHolds/{id}/userSources/{id}"
    ] * 2


@pytest.mark.parametrize("service", [MAILBOX, MAIL, FILES])
def test_releasing_what_is_not_held_writes_nothing(connection: Microsoft365, tenant: Tenant, service: Service) -> None:
    for matter in (MATTER, "Matter 2026-A"):
        connection.holding.release(matter, person(tenant, HEAD), service)

    assert writes(tenant) == []


@pytest.mark.soak
@whole_school
def test_two_hundred_people_are_put_into_one_case_in_few_requests(
    tenant: Tenant, connections_to_close: list[Microsoft365]
) -> None:
    connections_to_close.append(connection := reconnect(tenant))
    everybody = people(tenant, 200)
    connection.holding.place_many(MATTER, everybody, MAILBOX)
    connection.holding.place(MATTER, everybody[0], MAIL)
    before = connection.requests()

    placed = connection.holding.place_many(MATTER, everybody, MAIL)

    assert len(held_in_case(tenant)) == 200
    assert list(placed) == [one.id for one in everybody]
    assert {held.standing for held in placed.values() if isinstance(held, ServiceHold)} == {HoldStatus.REQUESTED}
    assert [held.reason for held in placed.values() if isinstance(held, ServiceHold)][:2] == [
        "was already in this case",
        "",
    ]
    assert connection.requests() - before <= 18  # ten batches, and the lists before and after in pages


@pytest.mark.parametrize("fault", ["dropped_after", "unavailable_after", "throttled"])
def test_many_are_put_into_a_case_once_whatever_gets_lost(connection: Microsoft365, tenant: Tenant, fault: str) -> None:
    everybody = people(tenant, 25)
    tenant.fault(fault, NEW_SOURCE, nth=3, times=2, **({"seconds": 0.01} if fault == "throttled" else {}))

    placed = connection.holding.place_many(MATTER, everybody, MAIL)

    assert {held.standing for held in placed.values() if isinstance(held, ServiceHold)} == {HoldStatus.REQUESTED}
    assert (len(placed), len(held_in_case(tenant))) == (25, 25)


@whole_school
def test_many_mailboxes_are_held_ten_in_a_request_and_one_that_cannot_is_told(
    connection: Microsoft365, tenant: Tenant
) -> None:
    everybody = [*people(tenant, 38), person(tenant, OFFICE), NOBODY]
    assert LEAVER not in {one.address.partition("@")[0] for one in everybody}

    placed = connection.holding.place_many(MATTER, everybody, MAILBOX)

    standing = [held.standing for held in placed.values() if isinstance(held, ServiceHold)]
    assert standing == [HoldStatus.REQUESTED] * 38 + [HoldStatus.UNAVAILABLE] * 2
    assert connection.requests() == 1 + 8  # the first is for the initial domain
    assert [
        held.standing for (held, *_) in connection.holding.read_existing_holds(MATTER, everybody).values()
    ] == standing


def test_what_cannot_be_held_of_one_among_many_stands_in_that_one_s_place(
    connection: Microsoft365, tenant: Tenant
) -> None:
    everybody = people(tenant, 4)
    connection.holding.place(MATTER, everybody[0], MAILBOX)
    tenant.fault("refused", GET, nth=2)
    tenant.fault("rejected", SET, status=400, reason="BadRequest", nth=2)

    first, second, third, fourth = connection.holding.place_many(MATTER, everybody, MAILBOX).values()

    assert first == ServiceHold(MAILBOX, HoldStatus.REQUESTED, "was already on unlimited hold")
    assert isinstance(second, Refused)
    assert third == ServiceHold(MAILBOX, HoldStatus.REQUESTED)
    assert isinstance(fourth, Rejected)


def test_one_mailbox_of_many_that_cannot_be_read_leaves_nobody_called_absent(
    connection: Microsoft365, tenant: Tenant
) -> None:
    tenant.fault("refused", GET, nth=2)

    with pytest.raises(Refused):
        connection.holding.read_existing_holds(MATTER, people(tenant, 4))


def test_a_source_that_is_refused_is_told_of_the_one_it_was_for(connection: Microsoft365, tenant: Tenant) -> None:
    everybody = people(tenant, 3)
    tenant.fault("rejected", NEW_SOURCE, status=400, reason="BadRequest", nth=2)

    placed = list(connection.holding.place_many(MATTER, everybody, FILES).values())

    assert [type(one) for one in placed] == [ServiceHold, Rejected, ServiceHold]
    with pytest.raises(Rejected):
        _placed_while_refused(connection, tenant, everybody[1])


def _placed_while_refused(connection: Microsoft365, tenant: Tenant, one: Person) -> None:
    tenant.fault("rejected", NEW_SOURCE, status=400, reason="BadRequest")
    connection.holding.place(MATTER, one, FILES)
