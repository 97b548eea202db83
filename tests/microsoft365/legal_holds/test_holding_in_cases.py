"""What a case holds: found or made, weaker than it should be, closed, or known to beta alone."""

import pytest

from connectors.microsoft365.connection import Microsoft365
from connectors.microsoft365.legal_holds import Holds
from connectors.microsoft365.legal_holds.cases import CALL_SECONDS
from tests.emulated import Tenant
from tests.microsoft365.legal_holds.people import (
    CARETAKER,
    FILES,
    HEAD,
    MAIL,
    MATTER,
    NEW_CASE,
    NEW_HOLD,
    cases,
    held_in_case,
    person,
    reconnect,
    rename,
    standing,
    writes,
)
from toolkit.errors import BadAnswer, Rejected
from toolkit.sdk.legal_holds import HoldStatus, ServiceHold
from toolkit.sdk.limits import Pace


def test_a_case_that_somebody_opened_is_used_in_eight_requests_too(connection: Microsoft365, tenant: Tenant) -> None:
    head = person(tenant, HEAD)

    for service in connection.holding.services:
        connection.holding.place("Matter 2026-A", head, service)

    assert connection.requests() <= 1 + 8  # the first is for the initial domain
    assert (NEW_CASE in tenant.operations(), len(held_in_case(tenant))) == (False, 2)


def test_nobody_is_held_in_a_case_that_is_not_there(connection: Microsoft365, tenant: Tenant) -> None:
    head = person(tenant, HEAD)

    assert standing(connection, head) == ["absent", "absent", "absent"]
    assert standing(connection, head, "Matter 2026-A") == ["absent", "absent", "absent"]
    assert writes(tenant) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"isEnabled": False}, "the hold keeps nothing"),
        ({"errors": ["Something"]}, "1 errors"),
        ({"contentQuery": "subject:trip"}, "only content that its query finds"),
    ],
)
def test_a_hold_that_keeps_less_is_weaker(
    connection: Microsoft365, tenant: Tenant, change: dict[str, object], reason: str
) -> None:
    head = person(tenant, HEAD)
    connection.holding.place(MATTER, head, MAIL)
    ((key, _),) = tenant.objects("graph.legalHolds").items()
    tenant.patch("graph.legalHolds", key, **change)

    _, mail, files = connection.holding.read_existing_holds(MATTER, [head])[head.id]

    assert (mail.standing, files.standing) == (HoldStatus.WEAKER, HoldStatus.ABSENT)
    assert reason in mail.reason


@pytest.mark.parametrize("broken", ["case", "hold"])
def test_nothing_is_put_into_a_case_that_is_closed_or_a_hold_that_is_off(
    connection: Microsoft365, tenant: Tenant, connections_to_close: list[Microsoft365], broken: str
) -> None:
    connection.holding.place(MATTER, person(tenant, HEAD), MAIL)
    (case,) = cases(tenant)
    ((key, _),) = tenant.objects("graph.legalHolds").items()
    if broken == "case":
        tenant.patch("graph.ediscoveryCases", case["id"], status="closed")
    else:
        tenant.patch("graph.legalHolds", key, isEnabled=False)
    sent = tenant.last_request()
    connections_to_close.append(again := reconnect(tenant))

    with pytest.raises(Rejected, match="Open the case in the Purview portal"):
        again.holding.place(MATTER, person(tenant, CARETAKER), MAIL)

    assert writes(tenant, sent) == []


def test_two_cases_of_one_name_are_told_and_neither_is_taken(connection: Microsoft365, tenant: Tenant) -> None:
    for key in ("1", "2"):
        tenant.put("graph.ediscoveryCases", key, {"id": key, "displayName": MATTER, "status": "active"})

    with pytest.raises(BadAnswer, match="2 entries in eDiscovery have the name"):
        connection.holding.place(MATTER, person(tenant, HEAD), MAIL)


@pytest.mark.parametrize("status", [400, 404])
def test_beta_is_asked_where_v1_does_not_know_legal_holds(
    connection: Microsoft365, tenant: Tenant, status: int
) -> None:
    head = person(tenant, HEAD)
    tenant.fault("rejected", NEW_HOLD, status=status, reason="BadRequest")

    placed = [connection.holding.place(MATTER, head, service) for service in (MAIL, FILES)]

    assert [held.standing for held in placed] == [HoldStatus.REQUESTED, HoldStatus.REQUESTED]
    assert standing(connection, head) == ["absent", "requested", "requested"]
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


def test_who_is_in_the_case_under_an_address_of_before_is_not_added_again(
    connection: Microsoft365, tenant: Tenant, connections_to_close: list[Microsoft365]
) -> None:
    head = person(tenant, HEAD)
    connection.holding.place(MATTER, head, MAIL)
    rename(tenant, head, "amara.new")
    connections_to_close.extend([reconnect(tenant), reconnect(tenant)])
    renamed, sent = person(tenant, "amara.new"), tenant.last_request()

    held = connections_to_close[0].holding.place(MATTER, renamed, MAIL)
    (one,) = connections_to_close[1].holding.place_many(MATTER, [renamed], MAIL).values()

    assert held == one == ServiceHold(MAIL, HoldStatus.REQUESTED, "was already in this case")
    assert writes(tenant, sent) == []
