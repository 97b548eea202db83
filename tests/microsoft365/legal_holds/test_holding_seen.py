"""What is seen of everything held: the same while nobody changes a hold, another as soon as one is weakened."""

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.microsoft365.connection import Microsoft365
from tests.emulated import Tenant
from tests.microsoft365.legal_holds.people import (
    CARETAKER,
    HEAD,
    LEAVER,
    MATTER,
    OFFICE,
    mailbox,
    pass_time,
    person,
    place_all,
    rename,
)
from toolkit.sdk.legal_holds import Service
from toolkit.values import Settings

HELD_BY_HAND: Settings = {
    "licensed": True,
    "litigation_hold": True, "duration": 365, "comment": True, "url": False, "capable": True, "cases": (),
}  # fmt: skip


def test_what_somebody_held_by_hand_is_seen_and_nobody_else(connection: Microsoft365, tenant: Tenant) -> None:
    assert connection.holding.read_held_accounts() == {person(tenant, LEAVER).id: HELD_BY_HAND}


def test_what_is_held_is_seen_by_whose_it_is_and_reads_the_same_days_later(
    connection: Microsoft365, tenant: Tenant
) -> None:
    head, caretaker = person(tenant, HEAD), person(tenant, CARETAKER)
    place_all(connection, head)
    connection.holding.place(MATTER, caretaker, Service.MAIL)

    seen = connection.holding.read_held_accounts()
    later = pass_time(tenant, "2026-11-20T09:00:00+00:00")
    again = later.holding.read_held_accounts()
    later.close()

    holds = {hold["displayName"]: key for key, hold in tenant.objects("graph.legalHolds").items()}
    mail, files = f"{holds[f'{MATTER} mail hold']}/mailbox", f"{holds[f'{MATTER} files hold']}/site"
    assert seen == again
    assert set(seen) == {head.id, caretaker.id, person(tenant, LEAVER).id}
    assert seen[head.id] == {
        "licensed": True,
        "litigation_hold": True, "duration": "unlimited", "comment": False, "url": False, "capable": True,
        "cases": tuple(sorted([mail, files])),
    }  # fmt: skip
    assert seen[caretaker.id] == {
        "licensed": True,
        "litigation_hold": False, "duration": None, "comment": False, "url": False, "capable": True, "cases": (mail,),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "setting", "value"),
    [
        ({"LitigationHoldDuration": "30.00:00:00"}, "duration", 30),
        ({"PersistedCapabilities": []}, "capable", False),
        ({"RetentionComment": "Kept for a matter"}, "comment", True),
        ({"RetentionUrl": "https://example.org/hold"}, "url", True),
    ],
)
def test_what_is_changed_of_a_mailbox_s_hold_shows_as_that_alone(
    connection: Microsoft365, tenant: Tenant, change: Mapping[str, Any], setting: str, value: object
) -> None:
    head = person(tenant, HEAD)
    place_all(connection, head)
    before = connection.holding.read_held_accounts()

    tenant.patch("exchange.mailboxes", mailbox(tenant, HEAD)["Guid"], **change)

    assert connection.holding.read_held_accounts() == {**before, head.id: {**before[head.id], setting: value}}


@pytest.mark.parametrize("change", [{"isEnabled": False}, {"contentQuery": "subject:trip"}])
def test_a_hold_that_is_switched_off_or_narrowed_shows(
    connection: Microsoft365, tenant: Tenant, change: Mapping[str, Any]
) -> None:
    head = person(tenant, HEAD)
    connection.holding.place(MATTER, head, Service.MAIL)
    ((key, _),) = tenant.objects("graph.legalHolds").items()
    before = connection.holding.read_held_accounts()

    tenant.patch("graph.legalHolds", key, **change)

    after = connection.holding.read_held_accounts()
    assert before[head.id]["cases"] == (f"{key}/mailbox",)
    assert after.get(head.id, {}).get("cases") == (None if "isEnabled" in change else (f"{key}/mailbox/query",))


def test_who_is_held_under_an_address_of_before_is_known_all_the_same(connection: Microsoft365, tenant: Tenant) -> None:
    head = person(tenant, HEAD)
    connection.holding.place(MATTER, head, Service.MAIL)
    rename(tenant, head, "amara.new")
    renamed = person(tenant, "amara.new")

    _, mail, _ = connection.holding.read_existing_holds(MATTER, [renamed])[head.id]

    assert mail.standing.value == "requested"
    assert connection.holding.read_held_accounts()[head.id]["cases"] == (
        f"{next(iter(tenant.objects('graph.legalHolds')))}/mailbox",
    )
    connection.holding.release(MATTER, renamed, Service.MAIL)
    assert tenant.objects("graph.userSources") == {}


def test_a_source_without_a_mailbox_is_seen_under_its_address(connection: Microsoft365, tenant: Tenant) -> None:
    office = person(tenant, OFFICE)
    connection.holding.place(MATTER, office, Service.MAIL)

    tenant.delete("exchange.mailboxes", mailbox(tenant, OFFICE)["Guid"])

    assert connection.holding.read_held_accounts()[office.address]["cases"] != ()


def test_all_that_is_held_of_many_is_read_in_few_requests(connection: Microsoft365, tenant: Tenant) -> None:
    for alias in (HEAD, CARETAKER, OFFICE):
        connection.holding.place(MATTER, person(tenant, alias), Service.MAIL)
    before = connection.requests()

    assert len(connection.holding.read_held_accounts()) == 4

    assert (
        connection.requests() - before == 7
    )  # the region, held mailboxes, cases, holds, sources, mailboxes and licences of these
