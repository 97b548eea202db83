"""Holds where answers get lost, are refused or say too little: nothing twice, and nothing called absent."""

from collections.abc import Sequence
from typing import Any

import pytest

from connectors.microsoft365.connection import Microsoft365
from tests.emulated import Tenant
from tests.microsoft365.connected import connect
from tests.microsoft365.legal_holds.people import (
    CARETAKER,
    CASES,
    FILES,
    GET,
    HEAD,
    HOLDS,
    MAIL,
    MAILBOX,
    MATTER,
    NEW_CASE,
    NEW_HOLD,
    NEW_SOURCE,
    SET,
    SOURCES,
    mailbox,
    person,
    place_all,
    reconnect,
    stored_holds,
    writes,
)
from toolkit.errors import BadAnswer, Conflict, Refused, ServiceError, Unavailable, WriteInReadOnlyRun
from toolkit.sdk.legal_holds import HoldStatus, Service

UNANSWERED = ["dropped_after", "unavailable_after", "throttled_after", "dropped", "throttled"]
FIRST_WRITES = [(MAILBOX, SET), (MAIL, NEW_CASE), (MAIL, NEW_HOLD), (MAIL, NEW_SOURCE), (FILES, NEW_SOURCE)]


def _each_once(calls: Sequence[tuple[Service, str]], faults: Sequence[str]) -> list[Any]:
    """Give each call with one fault, and each fault with some call; the soak has the whole product."""
    return [
        pytest.param(*call, fault, marks=() if place % len(faults) == number else pytest.mark.soak)
        for place, call in enumerate(calls)
        for number, fault in enumerate(faults)
    ]


@pytest.mark.parametrize(("service", "write", "fault"), _each_once(FIRST_WRITES, UNANSWERED))
def test_a_write_without_an_answer_is_looked_up_and_nothing_is_made_twice(
    connection: Microsoft365, tenant: Tenant, service: Service, write: str, fault: str
) -> None:
    tenant.fault(fault, write, seconds=0.01) if "throttled" in fault else tenant.fault(fault, write)

    held = connection.holding.place(MATTER, person(tenant, HEAD), service)

    assert held.standing is HoldStatus.REQUESTED
    assert stored_holds(tenant) == ((True, 0, 0, 0) if service is MAILBOX else (False, 1, 1, 1))
    if fault.endswith("_after") and service is not MAILBOX:
        assert writes(tenant).count(write) == 1


@pytest.mark.parametrize(("service", "write"), FIRST_WRITES)
def test_a_run_that_ends_at_a_write_is_taken_up_and_nothing_is_made_twice(
    tenant: Tenant, connections_to_close: list[Microsoft365], service: Service, write: str
) -> None:
    tenant.fault("dropped_after", write)
    connections_to_close.append(ending := reconnect(tenant, patience="0"))
    head = person(tenant, HEAD)
    with pytest.raises(Unavailable):
        ending.holding.place(MATTER, head, service)
    connections_to_close.append(again := reconnect(tenant))

    held = again.holding.place(MATTER, head, service)

    assert held.standing is HoldStatus.REQUESTED
    assert stored_holds(tenant) == ((True, 0, 0, 0) if service is MAILBOX else (False, 1, 1, 1))
    assert writes(tenant).count(write) == 1


READS = [(MAILBOX, GET), (MAIL, CASES), (MAIL, HOLDS), (MAIL, SOURCES), (FILES, SOURCES)]


@pytest.mark.parametrize(("service", "read", "fault"), _each_once(READS, ["refused", "unavailable", "truncated"]))
def test_what_cannot_be_looked_at_is_not_written_and_not_called_absent(
    tenant: Tenant, connections_to_close: list[Microsoft365], service: Service, read: str, fault: str
) -> None:
    head = person(tenant, HEAD)
    connections_to_close.extend([reconnect(tenant), reconnect(tenant, patience="0.2")])
    place_all(connections_to_close[0], person(tenant, CARETAKER))
    again = connections_to_close[1]
    sent = tenant.last_request()
    _break(tenant, fault, read)

    with pytest.raises(ServiceError):
        again.holding.place(MATTER, head, service)
    with pytest.raises(ServiceError):
        again.holding.read_existing_holds(MATTER, [head])
    with pytest.raises(ServiceError):
        again.holding.release(MATTER, head, service)
    with pytest.raises(ServiceError):
        again.holding.read_held_accounts()

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

    with pytest.raises(BadAnswer, match="does not show whether"):
        connection.holding.read_existing_holds(MATTER, [head])


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
    tenant: Tenant, connections_to_close: list[Microsoft365], service: Service
) -> None:
    connections_to_close.append(reading := connect(tenant, read_only=True))

    with pytest.raises(WriteInReadOnlyRun):
        reading.holding.place(MATTER, person(tenant, HEAD), service)

    assert writes(tenant) == []


@pytest.mark.parametrize("write", [NEW_HOLD, NEW_SOURCE])
def test_what_another_run_made_a_moment_before_is_taken(connection: Microsoft365, tenant: Tenant, write: str) -> None:
    tenant.fault("rejected_after", write, status=409, reason="Conflict")

    held = connection.holding.place(MATTER, person(tenant, HEAD), MAIL)

    assert (held.standing, stored_holds(tenant)) == (HoldStatus.REQUESTED, (False, 1, 1, 1))


def test_a_conflict_with_something_that_is_not_there_is_raised(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.fault("rejected", NEW_SOURCE, status=409, reason="Conflict")

    with pytest.raises(Conflict):
        connection.holding.place(MATTER, person(tenant, HEAD), MAIL)


@pytest.mark.parametrize(
    ("collection", "change", "said"),
    [
        ("graph.userSources", {"email": None}, "has no address"),
        ("graph.legalHolds", {"isEnabled": None}, "whether it is on"),
    ],
)
def test_an_answer_of_a_case_that_leaves_out_what_counts_is_no_answer(
    connection: Microsoft365, tenant: Tenant, collection: str, change: dict[str, object], said: str
) -> None:
    head = person(tenant, HEAD)
    connection.holding.place(MATTER, head, MAIL)
    ((key, _),) = tenant.objects(collection).items()
    tenant.patch(collection, key, **change)

    with pytest.raises(BadAnswer, match=said):
        connection.holding.read_existing_holds(MATTER, [head])
