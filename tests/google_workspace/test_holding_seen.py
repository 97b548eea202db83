"""What Vault holds of everybody, told so that it changes where somebody changed it and never by itself."""

from collections.abc import Mapping
from itertools import product

import pytest

from connectors.google_workspace.connection import GoogleWorkspace
from tests.emulated import Tenant
from tests.google_workspace.connected import connect, users
from tests.google_workspace.held import (
    CASE,
    HOLDS,
    MATTERS,
    WHOLE,
    add_hold,
    groups_of,
    holds,
    matters,
    person,
    place_all,
    the_hold,
)
from toolkit.errors import ServiceError
from toolkit.sdk.legal_holds import Service
from toolkit.values import Settings

LIST, HELD = "vault.matters.list", "vault.matters.holds.list"


def test_the_hold_of_another_administrator_on_a_unit_is_seen_for_all_who_are_in_it(
    reading: GoogleWorkspace, tenant: Tenant
) -> None:
    (key,) = tenant.objects(HOLDS)

    found = reading.holding.read_held_accounts()

    covered = {str(one["id"]) for one in users(tenant, "/Service accounts")}
    assert covered
    assert found == {one: {"holds": (), "units": (f"{key}/MAIL/whole",)} for one in covered}


def test_leaving_a_unit_on_hold_is_seen_and_units_below_are_covered(tenant: Tenant) -> None:
    (key,) = tenant.objects(HOLDS)
    leaver = users(tenant, "/Service accounts")[0]["id"]
    newcomer = users(tenant, "/Pupils")[0]["id"]
    unit = next(one for one in tenant.objects("google.orgunits").values() if one["orgUnitPath"] == "/Pupils")
    tenant.patch("google.users", leaver, orgUnitPath="/Pupils")
    tenant.put(HOLDS, f"{key}2", {**tenant.read_object(HOLDS, key), "holdId": f"{key}2".partition("/")[2],
                                  "orgUnit": {"orgUnitId": unit["orgUnitId"]}})  # fmt: skip

    found = read_held_accounts(tenant)

    assert found[leaver]["units"] == found[newcomer]["units"] == (f"{key}2/MAIL/whole",)
    assert {str(one["id"]) for one in users(tenant, "/Pupils")} <= set(found)
    assert any(one["orgUnitPath"] != "/Pupils" for one in users(tenant, "/Pupils"))


def test_every_account_and_group_that_is_held_is_seen_with_what_holds_it(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    them = person(connection, "amara.ashdown")
    place_all(connection, them)

    found = connection.holding.read_held_accounts()

    (matter,) = matters(tenant)
    kept = {corpus: f"{matter}/{one['holdId']}" for corpus, (one,) in holds(tenant, matter).items()}
    groups = f"{kept.pop('GROUPS')}/GROUPS/whole"
    assert found[them.id] == {
        "holds": tuple(sorted(f"{at}/{corpus}/whole" for corpus, at in kept.items())),
        "units": (),
    }
    assert {key for key, one in found.items() if groups in holds_of(one)} == groups_of(tenant, them)


def test_what_is_seen_stays_the_same_until_somebody_changes_it(connection: GoogleWorkspace, tenant: Tenant) -> None:
    them, other = person(connection, "amara.ashdown"), person(connection, "beth.birchall")
    place_all(connection, them)
    place_all(connection, other)
    first = read_held_accounts(tenant)
    tenant.set_now("2026-12-01T10:00:00+00:00")
    place, hold = the_hold(tenant)
    times = {"updateTime": "2026-12-01T10:00:00Z", "accounts": [*reversed(hold["accounts"])]}
    tenant.patch(HOLDS, place, **times)

    assert read_held_accounts(tenant) == first

    tenant.patch(HOLDS, place, query={"mailQuery": {"terms": "x"}})
    narrowed = read_held_accounts(tenant)
    assert f"{place}/MAIL/restricted" in str(narrowed[them.id]["holds"])
    assert {key for key in first if first[key] != narrowed[key]} == {them.id, other.id}

    connection.holding.read_existing_holds(CASE, [them])
    connection.holding.release(CASE, them, Service.MAIL)
    assert place not in str(read_held_accounts(tenant)[them.id]["holds"])
    assert f"{place}/MAIL/restricted" in str(read_held_accounts(tenant)[other.id]["holds"])


@pytest.mark.parametrize(
    ("corpus", "query", "kept"),
    [
        ("DRIVE", {"driveQuery": {"includeSharedDriveFiles": True, "includeTeamDriveFiles": True}}, "whole"),
        ("DRIVE", {"driveQuery": {}}, "restricted"),
        ("GEMINI_IN_WORKSPACE", {}, "whole"),
        ("VOICE", {"voiceQuery": {"coveredData": ["VOICEMAILS"]}}, "restricted"),
    ],
)
def test_a_hold_made_by_hand_is_told_as_whole_or_restricted(
    connection: GoogleWorkspace, tenant: Tenant, corpus: str, query: Mapping[str, object], kept: str
) -> None:
    them = person(connection)
    matter = next(iter(tenant.objects(MATTERS)))
    add_hold(tenant, matter, "h1", corpus=corpus, query=query, accounts=[{"accountId": them.id}])

    assert connection.holding.read_held_accounts()[them.id]["holds"] == (f"{matter}/h1/{corpus}/{kept}",)


def test_only_open_matters_are_seen(connection: GoogleWorkspace, tenant: Tenant) -> None:
    (matter,) = tenant.objects(MATTERS)
    tenant.patch(MATTERS, matter, state="CLOSED")

    assert connection.holding.read_held_accounts() == {}


def test_a_unit_that_is_gone_covers_nobody(connection: GoogleWorkspace, tenant: Tenant) -> None:
    (key,) = tenant.objects(HOLDS)
    tenant.patch(HOLDS, key, orgUnit={"orgUnitId": "id:gone"})

    assert connection.holding.read_held_accounts() == {}


def test_fifty_matters_are_read_in_one_request(connection: GoogleWorkspace, tenant: Tenant) -> None:
    them = person(connection)
    add_matters(tenant, 120, them.id)
    sent = connection.requests()

    found = connection.holding.read_held_accounts()

    lists, batches, units = 2, 3, 1
    assert connection.requests() - sent == lists + batches + units
    assert len(holds_of(found[them.id])) == 120


@pytest.mark.parametrize(
    ("fault", "read"),
    [
        *product(["refused", "truncated"], [LIST, HELD, "directory.users.list"]),
        ("refused", "directory.orgunits.list"),  # it has no pages
    ],
)
def test_a_part_that_cannot_be_read_is_an_error_and_not_less_seen(tenant: Tenant, fault: str, read: str) -> None:
    add_matters(tenant, 3, "1")
    tenant.fault(fault, read, nth=1, times=999)

    with pytest.raises(ServiceError):
        read_held_accounts(tenant)


def test_one_matter_of_many_that_cannot_be_read_is_an_error(tenant: Tenant) -> None:
    add_matters(tenant, 5, "1")
    tenant.fault("refused", HELD, nth=4)

    with pytest.raises(ServiceError):
        read_held_accounts(tenant)


def read_held_accounts(tenant: Tenant) -> Mapping[str, Settings]:
    """Ask a run of its own, as one that compares with the last does."""
    connection = connect(tenant, read_only=True)
    try:
        return connection.holding.read_held_accounts()
    finally:
        connection.close()


def holds_of(one: Settings) -> tuple[str, ...]:
    """Give what holds an account."""
    there = one["holds"]
    assert isinstance(there, tuple)
    return there


def add_matters(tenant: Tenant, count: int, account: str) -> None:
    """Make matters by hand, each with a hold on an account and another."""
    sample = next(iter(tenant.objects(MATTERS).values()))
    for number in range(count):
        tenant.put(MATTERS, f"m{number}", {**sample, "matterId": f"m{number}"})
        hold = {"corpus": "MAIL", "query": WHOLE["MAIL"], "accounts": [{"accountId": account}]}
        add_hold(tenant, f"m{number}", f"h{number}", **hold)
        add_hold(tenant, f"m{number}", f"i{number}", corpus="VOICE", query={"voiceQuery": {}})
