"""Holds in Google Vault: placed whole, once, in one matter; read back, widened, and let go for one person alone."""

import pytest

from connectors.google_workspace.connection import GoogleWorkspace
from tests.emulated import Tenant, whole_school
from tests.google_workspace.connected import SCOPE, called_methods, connect, delegate, google_details, users
from tests.google_workspace.held import (
    CASE,
    HOLDS,
    MARK,
    MATTERS,
    MEMBERS,
    WHOLE,
    accounts,
    add_hold,
    groups_of,
    holds,
    matters,
    nobody,
    person,
    place_all,
    standings,
    the_hold,
    writes,
)
from toolkit.errors import NotFound, Refused, Rejected, WriteInReadOnlyRun
from toolkit.sdk.legal_holds import Holding, HoldStatus, Service, ServiceHold

ALL = (Service.MAIL, Service.FILES, Service.CHAT, Service.GROUPS, Service.CALENDAR)
CORPORA = dict(zip(ALL, WHOLE, strict=True))
LIST, GROUPS = "vault.matters.holds.list", "directory.groups.list"
CREATE, ADD = "vault.matters.holds.create", "vault.matters.holds.addHeldAccounts"
PUT, GET = "vault.matters.holds.update", "vault.matters.holds.get"


def test_everything_of_somebody_is_held_without_bounds_in_one_matter(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    holding: Holding = connection.holding
    them = person(connection, "amara.ashdown")

    placed = place_all(connection, them)

    assert holding.services == ALL
    assert placed == [ServiceHold(service, HoldStatus.CONFIRMED) for service in ALL]
    (matter,) = matters(tenant)
    found = holds(tenant, matter)
    assert {corpus: one["query"] for corpus, (one,) in found.items()} == WHOLE
    assert {corpus: accounts(one) for corpus, (one,) in found.items() if corpus != "GROUPS"} == {
        corpus: {them.id} for corpus in WHOLE if corpus != "GROUPS"
    }
    assert accounts(found["GROUPS"][0]) == groups_of(tenant, them) != set()
    assert standings(connection, them) == dict.fromkeys(ALL, HoldStatus.CONFIRMED)


def test_nothing_that_is_made_names_anybody(connection: GoogleWorkspace, tenant: Tenant) -> None:
    them = person(connection, "amara.ashdown")

    place_all(connection, them)

    (matter,) = matters(tenant)
    body = tenant.read_object(MATTERS, matter)
    assert (body["name"], body["description"]) == (CASE, MARK)
    names = {corpus: one["name"] for corpus, (one,) in holds(tenant, matter).items()}
    tag = names.pop("GROUPS").removeprefix(f"{CASE} groups ")
    assert names == {
        "MAIL": f"{CASE} mail", "DRIVE": f"{CASE} files", "HANGOUTS_CHAT": f"{CASE} chat",
        "CALENDAR": f"{CASE} calendar",
    }  # fmt: skip
    assert len(tag) == 8
    assert tag not in them.id


def test_a_first_person_takes_four_requests_and_one_a_service(connection: GoogleWorkspace, tenant: Tenant) -> None:
    them = person(connection, "amara.ashdown")
    before, sent = tenant.last_request(), connection.requests()

    place_all(connection, them)

    assert sorted(tenant.operations(before)) == sorted(
        ["vault.matters.list", "vault.matters.create", LIST, GROUPS, *[CREATE] * 5]
    )
    assert connection.requests() - sent == 4 + len(ALL)


def test_the_next_person_joins_the_holds_of_the_case_in_one_request_a_service(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    first, second = person(connection, "amara.ashdown"), person(connection, "beth.birchall")
    place_all(connection, first)
    before, sent = tenant.last_request(), connection.requests()

    placed = place_all(connection, second)

    assert {one.standing for one in placed} == {HoldStatus.CONFIRMED}
    assert writes(tenant, before) == [ADD, ADD, ADD, CREATE, ADD]
    assert connection.requests() - sent == len(ALL) + 1
    assert accounts(the_hold(tenant)[1]) == {first.id, second.id}
    assert standings(connection, first) == standings(connection, second) == dict.fromkeys(ALL, HoldStatus.CONFIRMED)


def test_placing_again_writes_nothing_and_says_so(connection: GoogleWorkspace, tenant: Tenant) -> None:
    them = person(connection, "amara.ashdown")
    place_all(connection, them)
    before = tenant.last_request()
    again = connect(tenant)

    placed = place_all(again, them)
    again.close()

    assert placed == [ServiceHold(service, HoldStatus.CONFIRMED, "already on hold in this matter") for service in ALL]
    assert sorted(tenant.operations(before)) == sorted(["vault.matters.list", LIST, GROUPS])


def test_an_account_that_is_on_the_hold_unknown_to_us_counts_as_held(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    first, second = person(connection, "amara.ashdown"), person(connection, "beth.birchall")
    connection.holding.place(CASE, first, Service.MAIL)
    place, hold = the_hold(tenant)
    tenant.patch(HOLDS, place, accounts=[*hold["accounts"], {"accountId": second.id, "email": second.address}])

    placed = connection.holding.place(CASE, second, Service.MAIL)

    assert placed == ServiceHold(Service.MAIL, HoldStatus.CONFIRMED)
    assert called_methods(tenant)[-1] == ADD
    assert len(the_hold(tenant)[1]["accounts"]) == 2


@pytest.mark.parametrize(
    ("service", "query", "reason"),
    [
        (Service.MAIL, {"mailQuery": {"terms": "x"}}, "only data that matches the hold's search terms is kept"),
        (
            Service.MAIL,
            {"mailQuery": {"endTime": "2026-02-01T00:00:00Z", "startTime": "2026-01-03T00:00:00Z"}},
            "only data until 2026-02-01 is kept; only data from 2026-01-03 on is kept",
        ),
        (Service.FILES, {"driveQuery": {"includeSharedDriveFiles": False}}, "shared drives are left out"),
        (Service.CHAT, {"hangoutsChatQuery": {}}, "chat spaces are left out"),
        (Service.GROUPS, {"groupsQuery": {"terms": "x"}}, "only data that matches the hold's search terms is kept"),
    ],
)
def test_a_hold_that_somebody_narrowed_is_weaker_and_is_widened_with_all_who_are_on_it(
    connection: GoogleWorkspace, tenant: Tenant, service: Service, query: object, reason: str
) -> None:
    corpus = CORPORA[service]
    them = person(connection, "amara.ashdown")
    connection.holding.place(CASE, them, service)
    place, hold = the_hold(tenant, corpus)
    other = next(one for one in tenant.objects("google.groups" if corpus == "GROUPS" else "google.users").values()
                 if one["id"] not in accounts(hold))  # fmt: skip
    tenant.patch(HOLDS, place, query=query, accounts=[*hold["accounts"], {"accountId": other["id"]}])
    before = tenant.last_request()
    again = connect(tenant)

    stood = {one.service: one for one in again.holding.read_existing_holds(CASE, [them])[them.id]}[service]
    placed = again.holding.place(CASE, them, service)
    after = standings(again, them)[service]
    again.close()

    assert stood == ServiceHold(service, HoldStatus.WEAKER, reason)
    assert placed == ServiceHold(service, HoldStatus.CONFIRMED, f"before: {reason}")
    assert after is HoldStatus.CONFIRMED
    assert writes(tenant, before) == [PUT]
    widened = the_hold(tenant, corpus)[1]
    assert widened["query"] == WHOLE[corpus]
    assert accounts(widened) == {*accounts(hold), other["id"]}


def test_a_narrowed_hold_is_read_again_just_before_it_is_sent_whole(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    first, second, third = (person(connection, name) for name in ("amara.ashdown", "beth.birchall", "gethin.leaver"))
    connection.holding.place(CASE, first, Service.MAIL)
    place, hold = the_hold(tenant)
    tenant.patch(HOLDS, place, query={"mailQuery": {"terms": "x"}})
    connection.holding.read_existing_holds(CASE, [first])
    tenant.patch(HOLDS, place, accounts=[*hold["accounts"], {"accountId": second.id}])

    connection.holding.place(CASE, third, Service.MAIL)

    assert called_methods(tenant)[-2:] == [GET, PUT]
    assert accounts(the_hold(tenant)[1]) == {first.id, second.id, third.id}


def test_what_another_matter_holds_does_not_count(connection: GoogleWorkspace, tenant: Tenant) -> None:
    them = person(connection)
    other = next(iter(tenant.objects(MATTERS)))
    add_hold(tenant, other, "h1", corpus="MAIL", query=WHOLE["MAIL"], accounts=[{"accountId": them.id}])

    assert standings(connection, them)[Service.MAIL] is HoldStatus.ABSENT
    assert connection.holding.place(CASE, them, Service.MAIL) == ServiceHold(Service.MAIL, HoldStatus.CONFIRMED)
    assert accounts(the_hold(tenant)[1]) == {them.id}


def test_a_hold_that_somebody_else_made_in_the_matter_counts_and_is_never_touched(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    them, other = person(connection), person(connection, "beth.birchall")
    connection.holding.place(CASE, other, Service.FILES)
    (matter,) = matters(tenant)
    add_hold(tenant, matter, "h1", corpus="MAIL", query=WHOLE["MAIL"], accounts=[{"accountId": them.id}])
    again, before = connect(tenant), tenant.last_request()

    placed = again.holding.place(CASE, them, Service.MAIL)
    again.holding.release(CASE, them, Service.MAIL)
    after = standings(again, them)[Service.MAIL]
    again.close()

    assert placed == ServiceHold(Service.MAIL, HoldStatus.CONFIRMED, "already on hold in this matter")
    assert after is HoldStatus.CONFIRMED
    assert writes(tenant, before) == []


def test_a_hold_on_a_unit_is_never_taken_for_ours_whatever_its_name(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    them = person(connection)
    connection.holding.place(CASE, them, Service.FILES)
    (matter,) = matters(tenant)
    unit = {"orgUnitId": f"id:{next(iter(tenant.objects('google.orgunits')))}"}
    add_hold(tenant, matter, "h1", name=f"{CASE} mail", corpus="MAIL", query=WHOLE["MAIL"], orgUnit=unit)
    again = connect(tenant)

    again.holding.place(CASE, them, Service.MAIL)
    again.holding.release(CASE, them, Service.MAIL)
    again.close()

    (left,) = holds(tenant, matter)["MAIL"]
    assert left["orgUnit"] == unit


def test_a_matter_of_the_same_name_without_our_mark_is_not_ours(connection: GoogleWorkspace, tenant: Tenant) -> None:
    name = f"{CASE}1"
    tenant.put(MATTERS, "m1", {**_matter(tenant), "matterId": "m1", "name": CASE})
    tenant.put(MATTERS, "m2", {**_matter(tenant), "matterId": "m2", "name": CASE, "description": f"[toolkit:{name}]"})

    connection.holding.place(CASE, person(connection), Service.MAIL)

    assert set(matters(tenant)) & {"m1", "m2"} == set()
    assert not holds(tenant, "m1")
    assert not holds(tenant, "m2")


def test_a_matter_that_is_closed_is_left_closed_and_another_opened(connection: GoogleWorkspace, tenant: Tenant) -> None:
    tenant.put(MATTERS, "m1", {**_matter(tenant), "matterId": "m1", "description": MARK, "state": "CLOSED"})

    connection.holding.place(CASE, person(connection), Service.MAIL)

    assert tenant.read_object(MATTERS, "m1")["state"] == "CLOSED"
    assert len(matters(tenant)) == 2


def test_a_description_that_people_added_to_keeps_the_matter_ours(connection: GoogleWorkspace, tenant: Tenant) -> None:
    tenant.put(MATTERS, "m1", {**_matter(tenant), "matterId": "m1", "description": f"Ask the office. {MARK}"})

    connection.holding.place(CASE, person(connection), Service.MAIL)

    assert matters(tenant) == ["m1"]
    assert len(holds(tenant, "m1")["MAIL"]) == 1


def test_holds_in_two_matters_of_one_mark_are_one_case(connection: GoogleWorkspace, tenant: Tenant) -> None:
    first, second = person(connection), person(connection, "beth.birchall")
    connection.holding.place(CASE, first, Service.MAIL)
    tenant.put(MATTERS, "0", {**_matter(tenant), "matterId": "0", "description": MARK})
    again = connect(tenant)

    again.holding.place(CASE, second, Service.MAIL)
    after = again.holding.read_existing_holds(CASE, [first, second])
    again.close()

    assert {held[0].standing for held in after.values()} == {HoldStatus.CONFIRMED}
    assert not holds(tenant, "0")


def test_the_groups_somebody_joined_since_are_not_kept_until_it_is_placed_again(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    them = person(connection, "amara.ashdown")
    connection.holding.place(CASE, them, Service.GROUPS)
    joined = next(one for key, one in tenant.objects("google.groups").items() if key not in groups_of(tenant, them))
    tenant.put(MEMBERS, f"{joined['id']}/{them.id}", {"id": them.id, "type": "USER", "role": "MEMBER"})
    before = tenant.last_request()

    stood = {one.service: one for one in connection.holding.read_existing_holds(CASE, [them])[them.id]}[Service.GROUPS]
    placed = connection.holding.place(CASE, them, Service.GROUPS)

    assert stood == ServiceHold(
        Service.GROUPS, HoldStatus.WEAKER, f"not on hold because they joined later: {joined['email']}"
    )
    assert placed.standing is HoldStatus.CONFIRMED
    assert writes(tenant, before) == [ADD]
    assert accounts(the_hold(tenant, "GROUPS")[1]) == groups_of(tenant, them)


def test_a_group_that_somebody_left_stays_held(connection: GoogleWorkspace, tenant: Tenant) -> None:
    them = person(connection, "amara.ashdown")
    connection.holding.place(CASE, them, Service.GROUPS)
    held = accounts(the_hold(tenant, "GROUPS")[1])
    for key in held:
        tenant.delete(MEMBERS, f"{key}/{them.id}")

    assert standings(connection, them)[Service.GROUPS] is HoldStatus.CONFIRMED
    assert accounts(the_hold(tenant, "GROUPS")[1]) == held


def test_somebody_in_no_group_has_nothing_there_to_hold(connection: GoogleWorkspace, tenant: Tenant) -> None:
    them = person(connection, "amara.ashdown")
    for key in groups_of(tenant, them):
        tenant.delete(MEMBERS, f"{key}/{them.id}")

    placed = connection.holding.place(CASE, them, Service.GROUPS)

    assert placed == ServiceHold(Service.GROUPS, HoldStatus.UNAVAILABLE, f"{them.address} is in no group of the school")
    assert standings(connection, them)[Service.GROUPS] is HoldStatus.UNAVAILABLE
    assert writes(tenant) == []


def test_somebody_without_an_account_cannot_be_held_and_that_is_said(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    them, here = nobody(), person(connection)
    place_all(connection, here)

    placed = place_all(connection, them)

    reason = f"Google has no account {them.address}"
    assert placed == [ServiceHold(service, HoldStatus.UNAVAILABLE, reason) for service in ALL]
    assert connection.holding.read_existing_holds(CASE, [them])[them.id] == tuple(placed)
    assert accounts(the_hold(tenant)[1]) == {here.id}


def test_a_first_hold_on_an_account_that_is_gone_is_unavailable_too(connection: GoogleWorkspace) -> None:
    placed = connection.holding.place(CASE, nobody(), Service.MAIL)

    assert placed.standing is HoldStatus.UNAVAILABLE


@whole_school
def test_how_a_whole_staff_stands_is_read_in_a_request_for_fifty(connection: GoogleWorkspace, tenant: Tenant) -> None:
    people = list(connection.directory(people=True, groups=[]).people.values())[:120]
    connection.holding.place(CASE, people[0], Service.MAIL)
    sent = connection.requests()

    found = connection.holding.read_existing_holds(CASE, people)

    assert connection.requests() - sent == 1 + 3
    assert [one.id for one in people if found[one.id][0].standing is HoldStatus.CONFIRMED] == [people[0].id]
    assert {len(held) for held in found.values()} == {len(ALL)}
    assert len(found) == 120


def test_where_there_is_no_matter_nothing_is_held_and_none_is_opened(reading: GoogleWorkspace, tenant: Tenant) -> None:
    them = person(reading, "amara.ashdown")

    assert standings(reading, them) == dict.fromkeys(ALL, HoldStatus.ABSENT)
    assert matters(tenant) == []


def test_a_run_that_reads_places_and_releases_nothing(tenant: Tenant, connection: GoogleWorkspace) -> None:
    them = person(connection)
    connection.holding.place(CASE, them, Service.MAIL)
    before, reading = tenant.last_request(), connect(tenant, read_only=True)

    with pytest.raises(WriteInReadOnlyRun):
        reading.holding.place(CASE, them, Service.FILES)
    with pytest.raises(WriteInReadOnlyRun):
        reading.holding.release(CASE, them, Service.MAIL)
    reading.close()

    assert writes(tenant, before) == []


def test_release_takes_one_person_off_one_service_and_leaves_the_others(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    first, second = person(connection, "amara.ashdown"), person(connection, "beth.birchall")
    place_all(connection, first)
    place_all(connection, second)

    connection.holding.release(CASE, first, Service.MAIL)
    connection.holding.release(CASE, first, Service.GROUPS)

    released = {Service.MAIL: HoldStatus.ABSENT, Service.GROUPS: HoldStatus.ABSENT}
    assert standings(connection, first) == {**dict.fromkeys(ALL, HoldStatus.CONFIRMED), **released}
    assert standings(connection, second) == dict.fromkeys(ALL, HoldStatus.CONFIRMED)
    assert accounts(the_hold(tenant)[1]) == {second.id}
    assert accounts(the_hold(tenant, "GROUPS")[1]) == groups_of(tenant, second)


def test_the_last_release_removes_the_hold_and_leaves_the_matter_open(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    them = person(connection, "amara.ashdown")
    place_all(connection, them)

    for service in ALL:
        connection.holding.release(CASE, them, service)

    (matter,) = matters(tenant)
    assert holds(tenant, matter) == {}
    assert tenant.read_object(MATTERS, matter)["state"] == "OPEN"
    assert standings(connection, them) == dict.fromkeys(ALL, HoldStatus.ABSENT)


def test_what_was_released_is_placed_again_in_the_same_run(connection: GoogleWorkspace) -> None:
    them = person(connection)
    connection.holding.place(CASE, them, Service.MAIL)
    connection.holding.release(CASE, them, Service.MAIL)

    assert connection.holding.place(CASE, them, Service.MAIL) == ServiceHold(Service.MAIL, HoldStatus.CONFIRMED)
    assert standings(connection, them)[Service.MAIL] is HoldStatus.CONFIRMED


def test_releasing_what_is_not_held_writes_nothing(connection: GoogleWorkspace, tenant: Tenant) -> None:
    them, other = person(connection), person(connection, "beth.birchall")
    connection.holding.place(CASE, other, Service.MAIL)
    before = tenant.last_request()

    for service in ALL:
        connection.holding.release(CASE, them, service)
        connection.holding.release("2026-08", them, service)

    assert writes(tenant, before) == []


def test_a_matter_that_is_closed_meanwhile_is_an_error_and_not_nothing_held(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    them = person(connection)
    connection.holding.place(CASE, them, Service.MAIL)
    (matter,) = matters(tenant)
    tenant.patch(MATTERS, matter, state="CLOSED")

    with pytest.raises(Rejected, match="Matter must be OPEN"):
        connection.holding.read_existing_holds(CASE, [them])


def test_a_hold_that_is_gone_meanwhile_is_an_error_and_is_made_the_next_time(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    first, second = person(connection), person(connection, "beth.birchall")
    connection.holding.place(CASE, first, Service.MAIL)
    tenant.delete(HOLDS, the_hold(tenant)[0])

    with pytest.raises(NotFound):
        connection.holding.place(CASE, second, Service.MAIL)

    assert connection.holding.place(CASE, second, Service.MAIL).standing is HoldStatus.CONFIRMED
    assert accounts(the_hold(tenant)[1]) == {second.id}


def test_an_administrator_without_vault_is_told_what_is_missing(connection: GoogleWorkspace, tenant: Tenant) -> None:
    them = person(connection)
    administrator = next(one for one in users(tenant) if one["primaryEmail"] == google_details(tenant)["administrator"])
    tenant.patch("google.users", administrator["id"], isAdmin=False)

    with pytest.raises(Refused, match="must name an administrator who has a Google Vault licence and its privileges"):
        connection.holding.place(CASE, them, Service.MAIL)
    with pytest.raises(Refused, match="Manage Matters and Manage Holds"):
        connection.holding.read_held_accounts()
    assert matters(tenant) == []


def test_the_scope_that_is_missing_is_named(connection: GoogleWorkspace, tenant: Tenant) -> None:
    them = person(connection)
    delegate(tenant, "writer", without="ediscovery")

    with pytest.raises(Refused) as raised:
        connection.holding.place(CASE, them, Service.MAIL)

    assert raised.value.missing == SCOPE + "ediscovery"


def _matter(tenant: Tenant) -> dict[str, object]:
    seeded = next(iter(tenant.objects(MATTERS).values()))
    return {**seeded, "description": "By hand"}
