"""Placing holds of one person: at once, once, widened, and unavailable where they are."""

import pytest

from connectors.microsoft365.connection import Microsoft365
from tests.emulated import Tenant
from tests.microsoft365.connected import DOMAIN
from tests.microsoft365.legal_holds.people import (
    CARETAKER,
    FILES,
    GET,
    HEAD,
    LEAVER,
    MAIL,
    MAILBOX,
    MATTER,
    NOBODY,
    OFFICE,
    SET,
    held_in_case,
    mailbox,
    pass_time,
    person,
    place_all,
    reconnect,
    standing,
    writes,
)
from toolkit.errors import Rejected
from toolkit.sdk.directory import Person
from toolkit.sdk.legal_holds import HoldStatus, ServiceHold


def test_the_second_request_puts_the_mailbox_on_hold_without_an_end_and_without_a_word_to_its_owner(
    connection: Microsoft365, tenant: Tenant
) -> None:
    head, before = person(tenant, HEAD), mailbox(tenant, HEAD)

    held = connection.holding.place(MATTER, head, MAILBOX)

    after = mailbox(tenant, HEAD)
    assert held == ServiceHold(MAILBOX, HoldStatus.REQUESTED)
    assert tenant.operations() == [DOMAIN, GET, SET]
    assert {name for name in after if after[name] != before[name]} == {
        "LitigationHoldEnabled", "LitigationHoldDate", "LitigationHoldOwner",
    }  # fmt: skip
    assert (after["LitigationHoldEnabled"], after["LitigationHoldDuration"]) == (True, "Unlimited")


def test_everything_of_a_person_is_held_in_eight_requests(connection: Microsoft365, tenant: Tenant) -> None:
    placed = place_all(connection, person(tenant, HEAD))

    assert placed == [(MAILBOX, "requested", ""), (MAIL, "requested", ""), (FILES, "requested", "")]
    assert connection.requests() <= 1 + 8  # the first is for the initial domain
    address = f"{HEAD}@{tenant.domain}"
    assert held_in_case(tenant) == [
        (f"{MATTER} files hold", address, "site"), (f"{MATTER} mail hold", address, "mailbox"),
    ]  # fmt: skip
    assert [hold["contentQuery"] for hold in tenant.objects("graph.legalHolds").values()] == ["", ""]


def test_placing_again_writes_nothing_and_says_so(
    connection: Microsoft365, tenant: Tenant, connections_to_close: list[Microsoft365]
) -> None:
    head = person(tenant, HEAD)
    place_all(connection, head)
    sent = tenant.last_request()
    connections_to_close.append(again := reconnect(tenant))

    placed = place_all(again, head)

    assert placed == [
        (MAILBOX, "requested", "was already on unlimited hold"),
        (MAIL, "requested", "was already in this case"),
        (FILES, "requested", "was already in this case"),
    ]
    assert writes(tenant, sent) == []


def test_a_hold_of_a_year_is_widened_and_what_its_owner_is_told_stays(connection: Microsoft365, tenant: Tenant) -> None:
    leaver, before = person(tenant, LEAVER), mailbox(tenant, LEAVER)
    weaker = connection.holding.read_existing_holds(MATTER, [leaver])[leaver.id][0]

    held = connection.holding.place(MATTER, leaver, MAILBOX)

    after = mailbox(tenant, LEAVER)
    assert (weaker.standing, "only for 365 days from its date" in weaker.reason) == (HoldStatus.WEAKER, True)
    assert held == ServiceHold(MAILBOX, HoldStatus.REQUESTED, "was 365 days")
    assert {**before, "LitigationHoldDuration": "Unlimited"} == after


def test_a_mailbox_whose_licence_has_no_hold_is_said_with_what_keeps_it_now(
    connection: Microsoft365, tenant: Tenant
) -> None:
    office, before = person(tenant, OFFICE), mailbox(tenant, OFFICE)

    held = connection.holding.place(MATTER, office, MAILBOX)

    assert held.standing is HoldStatus.UNAVAILABLE
    assert "licence" in held.reason
    assert "single item recovery keeps deleted mail for 14 days" in held.reason
    assert (connection.holding.read_existing_holds(MATTER, [office])[office.id][0], mailbox(tenant, OFFICE)) == (
        held,
        before,
    )


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

    assert (held.standing, mailbox(tenant, LEAVER)["LitigationHoldDuration"]) == (HoldStatus.REQUESTED, "Unlimited")


def test_a_mailbox_is_taken_by_its_account_and_never_by_an_address_that_went_to_somebody_else(
    connection: Microsoft365, tenant: Tenant
) -> None:
    head = person(tenant, HEAD)
    moved = Person(head.id, f"{CARETAKER}@{tenant.domain}", head.name)

    connection.holding.place(MATTER, moved, MAILBOX)

    held = [mailbox(tenant, alias)["LitigationHoldEnabled"] for alias in (HEAD, CARETAKER)]
    assert held == [True, False]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-10T12:59:00+00:00", ["requested", "requested", "requested"]),
        ("2026-11-10T13:00:00+00:00", ["confirmed", "requested", "requested"]),
        ("2026-11-11T09:00:00+00:00", ["confirmed", "confirmed", "confirmed"]),
    ],
)
def test_a_hold_is_confirmed_when_it_has_had_its_time(
    connection: Microsoft365, tenant: Tenant, connections_to_close: list[Microsoft365], now: str, expected: list[str]
) -> None:
    head = person(tenant, HEAD)
    place_all(connection, head)

    connections_to_close.append(later := pass_time(tenant, now))

    assert standing(later, head) == expected
