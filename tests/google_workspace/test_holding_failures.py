"""Holds in Google Vault when something fails: nothing is made twice, and what could not be read is never absent."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

import pytest

from connectors.google_workspace.connection import GoogleWorkspace
from tests.emulated import Tenant
from tests.google_workspace.connected import connect
from tests.google_workspace.held import (
    CASE,
    HOLDS,
    MATTERS,
    MEMBERS,
    WHOLE,
    accounts,
    add_hold,
    groups_of,
    holds,
    matters,
    person,
    place_all,
    standings,
    the_hold,
    writes,
)
from toolkit.errors import BadAnswer, NotFound, Refused, Rejected, ServiceError, Unavailable
from toolkit.sdk.directory import Person
from toolkit.sdk.legal_holds import HoldStatus, Service

OPEN, LIST = "vault.matters.create", "vault.matters.list"
CREATE, HELD = "vault.matters.holds.create", "vault.matters.holds.list"
ADD, REMOVE = "vault.matters.holds.addHeldAccounts", "vault.matters.holds.removeHeldAccounts"
PUT, GET, DELETE = "vault.matters.holds.update", "vault.matters.holds.get", "vault.matters.holds.delete"
GROUPS = "directory.groups.list"
LOST = [
    "dropped_after",
    *(pytest.param(one, marks=pytest.mark.soak) for one in ("unavailable_after", "throttled_after")),
]
"""Here an answer is lost in one way, since one place asks again after each; the soak loses it in all."""

Asked: TypeAlias = Callable[[GoogleWorkspace, Person], object]
QUESTIONS: list[tuple[str, Asked]] = [
    ("place", lambda via, them: via.holding.place(CASE, them, Service.GROUPS)),
    ("stands", lambda via, them: via.holding.read_existing_holds(CASE, [them])),
    ("release", lambda via, them: via.holding.release(CASE, them, Service.GROUPS)),
    ("seen", lambda via, _: via.holding.read_held_accounts()),
]
READS = {"place": [LIST, HELD, GROUPS], "stands": [LIST, HELD, GROUPS], "release": [LIST, HELD], "seen": [LIST, HELD]}


def _first_and_last(points: Iterable[tuple[Any, ...]]) -> list[Any]:
    """Leave the points between the first and the last to `make soak`."""
    first, *between, last = points
    return [first, *(pytest.param(*point, marks=pytest.mark.soak) for point in between), last]


@pytest.fixture
def impatient(tenant: Tenant) -> Iterator[GoogleWorkspace]:
    """Open a connection that gives up soon."""
    connection = connect(tenant, TOOLKIT_PATIENCE="0.3")
    yield connection
    connection.close()


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize(("write", "times"), [(OPEN, 1), *_first_and_last((CREATE, nth) for nth in range(1, 6))])
def test_what_was_made_without_an_answer_is_found_and_not_made_again(
    connection: GoogleWorkspace, tenant: Tenant, fault: str, write: str, times: int
) -> None:
    them = person(connection, "amara.ashdown")
    tenant.fault(fault, write, nth=times)

    placed = place_all(connection, them)

    assert {one.standing for one in placed} == {HoldStatus.CONFIRMED}
    assert writes(tenant) == [OPEN, *[CREATE] * 5]
    assert_held_once(tenant, them)


@pytest.mark.parametrize("write", [OPEN, CREATE])
def test_what_was_made_is_found_though_lists_lag_behind(
    connection: GoogleWorkspace, tenant: Tenant, write: str
) -> None:
    them = person(connection, "amara.ashdown")
    tenant.fault("dropped_after", write)
    tenant.fault("stale", write, reads=2)

    place_all(connection, them)

    assert_held_once(tenant, them)


@pytest.mark.parametrize("write", [OPEN, CREATE])
def test_what_came_to_nothing_is_made(connection: GoogleWorkspace, tenant: Tenant, write: str) -> None:
    them = person(connection, "amara.ashdown")
    tenant.fault("dropped", write)
    patient = connect(tenant, TOOLKIT_PATIENCE="30")

    place_all(patient, them)
    patient.close()

    assert_held_once(tenant, them)


@pytest.mark.parametrize("again", [pytest.param("the same run", marks=pytest.mark.soak), "the next run"])
@pytest.mark.parametrize(
    ("write", "nth", "then", "reads"),
    [(OPEN, 1, LIST, 2), *_first_and_last((CREATE, nth, HELD, 2) for nth in range(1, 6))],
)
def test_a_run_that_ends_after_a_write_is_taken_up_and_nothing_is_made_twice(  # noqa: PLR0917 - one product
    impatient: GoogleWorkspace, tenant: Tenant, write: str, nth: int, then: str, reads: int, again: str
) -> None:
    them = person(impatient, "amara.ashdown")
    tenant.fault("dropped_after", write, nth=nth)
    tenant.fault("unavailable", then, nth=reads, times=999)
    with pytest.raises(Unavailable):
        place_all(impatient, them)
    tenant.disarm()
    taken_up = connect(tenant) if again == "the next run" else impatient

    placed = place_all(taken_up, them)
    taken_up.close()

    assert {one.standing for one in placed} == {HoldStatus.CONFIRMED}
    assert writes(tenant) == [OPEN, *[CREATE] * 5]
    assert_held_once(tenant, them)


@pytest.mark.parametrize("fault", LOST)
def test_an_account_is_put_on_a_hold_once_though_the_answer_was_lost(
    connection: GoogleWorkspace, tenant: Tenant, fault: str
) -> None:
    first, second = person(connection, "amara.ashdown"), person(connection, "beth.birchall")
    connection.holding.place(CASE, first, Service.MAIL)
    tenant.fault(fault, ADD)

    placed = connection.holding.place(CASE, second, Service.MAIL)

    assert placed.standing is HoldStatus.CONFIRMED
    assert writes(tenant) == [OPEN, CREATE, ADD, ADD]
    assert [one["accountId"] for one in the_hold(tenant)[1]["accounts"]] == [first.id, second.id]


def test_a_run_that_ends_while_it_adds_is_taken_up_without_another_write(
    impatient: GoogleWorkspace, tenant: Tenant
) -> None:
    first, second = person(impatient, "amara.ashdown"), person(impatient, "beth.birchall")
    impatient.holding.place(CASE, first, Service.MAIL)
    tenant.fault("dropped_after", ADD, times=999)
    with pytest.raises(Unavailable):
        impatient.holding.place(CASE, second, Service.MAIL)
    tenant.disarm()
    before = tenant.last_request()

    placed = impatient.holding.place(CASE, second, Service.MAIL)

    assert placed.standing is HoldStatus.CONFIRMED
    assert writes(tenant, before) == []
    assert [one["accountId"] for one in the_hold(tenant)[1]["accounts"]] == [first.id, second.id]


@pytest.mark.parametrize("fault", LOST)
def test_a_hold_is_widened_though_the_answer_was_lost(connection: GoogleWorkspace, tenant: Tenant, fault: str) -> None:
    them = person(connection, "amara.ashdown")
    connection.holding.place(CASE, them, Service.MAIL)
    tenant.patch(HOLDS, the_hold(tenant)[0], query={"mailQuery": {"terms": "x"}})
    connection.holding.read_existing_holds(CASE, [them])
    tenant.fault(fault, PUT)

    assert connection.holding.place(CASE, them, Service.MAIL).standing is HoldStatus.CONFIRMED
    assert the_hold(tenant)[1]["query"] == WHOLE["MAIL"]
    assert accounts(the_hold(tenant)[1]) == {them.id}


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("write", [REMOVE, DELETE])
def test_a_release_is_done_though_the_answer_was_lost(
    connection: GoogleWorkspace, tenant: Tenant, fault: str, write: str
) -> None:
    them = person(connection, "amara.ashdown")
    connection.holding.place(CASE, them, Service.MAIL)
    tenant.fault(fault, write)

    connection.holding.release(CASE, them, Service.MAIL)

    (matter,) = matters(tenant)
    assert holds(tenant, matter) == {}


@pytest.mark.parametrize("then", [GET, DELETE])
def test_a_release_that_ends_before_the_empty_hold_is_removed_is_taken_up(
    impatient: GoogleWorkspace, tenant: Tenant, then: str
) -> None:
    them = person(impatient, "amara.ashdown")
    impatient.holding.place(CASE, them, Service.MAIL)
    tenant.fault("unavailable", then, times=999)
    with pytest.raises(Unavailable):
        impatient.holding.release(CASE, them, Service.MAIL)
    tenant.disarm()
    assert accounts(the_hold(tenant)[1]) == set()
    assert standings(impatient, them)[Service.MAIL] is HoldStatus.ABSENT

    impatient.holding.release(CASE, them, Service.MAIL)

    (matter,) = matters(tenant)
    assert holds(tenant, matter) == {}


def test_an_empty_hold_that_was_left_over_holds_nobody_and_is_used_again(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    them = person(connection, "amara.ashdown")
    connection.holding.place(CASE, them, Service.MAIL)
    tenant.patch(HOLDS, the_hold(tenant)[0], accounts=[])
    assert standings(connection, them)[Service.MAIL] is HoldStatus.ABSENT

    assert connection.holding.place(CASE, them, Service.MAIL).standing is HoldStatus.CONFIRMED

    assert writes(tenant) == [OPEN, CREATE, ADD]
    assert accounts(the_hold(tenant)[1]) == {them.id}


UNREAD: list[tuple[str, set[type[ServiceError]]]] = [
    ("refused", {Refused}),
    ("unavailable", {Unavailable}),
    ("truncated", {BadAnswer, Rejected}),
]
ASKED = [(question, read) for question, reads in READS.items() for read in reads]


@pytest.mark.parametrize(
    ("fault", "kinds", "question", "read"),
    [
        pytest.param(*fault, *asked, marks=() if place % len(UNREAD) == number else pytest.mark.soak)
        for place, asked in enumerate(ASKED)
        for number, fault in enumerate(UNREAD)
    ],
)
def test_what_cannot_be_read_is_an_error_and_nothing_is_written(  # noqa: PLR0917 - one product
    impatient: GoogleWorkspace, tenant: Tenant, fault: str, kinds: set[type[ServiceError]], question: str, read: str
) -> None:
    them = person(impatient, "amara.ashdown")
    place_all(impatient, them)
    add_second_of_each(tenant)
    again = connect(tenant, TOOLKIT_PATIENCE="0.3")
    tenant.fault(fault, read, times=999, status=500)
    before = tenant.last_request()
    ask: Asked = dict(QUESTIONS)[question]

    with pytest.raises(ServiceError) as raised:
        ask(again, them)
    again.close()

    assert type(raised.value) in kinds
    assert read in tenant.operations(before)
    assert writes(tenant, before) == []


@pytest.mark.parametrize("fault", ["refused", "unavailable"])
def test_a_narrowed_hold_that_cannot_be_read_again_is_not_written(
    impatient: GoogleWorkspace, tenant: Tenant, fault: str
) -> None:
    them = person(impatient, "amara.ashdown")
    impatient.holding.place(CASE, them, Service.MAIL)
    tenant.patch(HOLDS, the_hold(tenant)[0], query={"mailQuery": {"terms": "x"}})
    impatient.holding.read_existing_holds(CASE, [them])
    tenant.fault(fault, GET, times=999)
    before = tenant.last_request()

    with pytest.raises(ServiceError):
        impatient.holding.place(CASE, them, Service.MAIL)

    assert writes(tenant, before) == []


@pytest.mark.parametrize("collection", [MATTERS, HOLDS])
def test_a_list_without_its_last_page_is_an_error(impatient: GoogleWorkspace, tenant: Tenant, collection: str) -> None:
    them = person(impatient, "amara.ashdown")
    add_pages(tenant, collection)
    read = LIST if collection == MATTERS else HELD
    tenant.fault("refused", read, nth=2, times=999)
    before = tenant.last_request()

    with pytest.raises(BadAnswer, match="ended too early, after 100 entries"):
        impatient.holding.place(CASE, them, Service.MAIL)

    assert writes(tenant, before) == []


@pytest.mark.parametrize("collection", [MATTERS, HOLDS])
def test_what_stands_on_the_second_page_is_found(connection: GoogleWorkspace, tenant: Tenant, collection: str) -> None:
    them = person(connection, "amara.ashdown")
    add_pages(tenant, collection, account=them.id)

    assert connection.holding.place(CASE, them, Service.MAIL).reason == "already on hold in this matter"
    assert writes(tenant) == []


def test_a_later_page_that_is_gone_does_not_make_an_account_gone(impatient: GoogleWorkspace, tenant: Tenant) -> None:
    them = person(impatient, "amara.ashdown")
    group = next(iter(tenant.objects("google.groups").values()))
    for number in range(200):
        tenant.put("google.groups", f"g{number}", {**group, "id": f"g{number}", "email": f"g{number}@{tenant.domain}"})
        tenant.put(MEMBERS, f"g{number}/{them.id}", {"id": them.id, "type": "USER", "role": "MEMBER"})
    tenant.fault("rejected", GROUPS, nth=2, status=404, reason="notFound")

    with pytest.raises(NotFound):
        impatient.holding.place(CASE, them, Service.GROUPS)

    assert writes(tenant) == []


def assert_held_once(tenant: Tenant, them: Person) -> None:
    """Check that there is one matter with one hold a service, and the person once on each."""
    (matter,) = matters(tenant)
    found = holds(tenant, matter)
    assert {corpus: len(there) for corpus, there in found.items()} == dict.fromkeys(WHOLE, 1)
    for corpus, (hold,) in found.items():
        wanted = groups_of(tenant, them) if corpus == "GROUPS" else {them.id}
        assert sorted(one["accountId"] for one in hold["accounts"]) == sorted(wanted)


def add_second_of_each(tenant: Tenant) -> None:
    """See to it that a page of each list can be cut short."""
    (matter,) = matters(tenant)
    add_hold(tenant, matter, "more", corpus="VOICE", query={"voiceQuery": {}})
    tenant.put(MATTERS, "more", {**tenant.read_object(MATTERS, matter), "matterId": "more", "description": "By hand"})


def add_pages(tenant: Tenant, collection: str, account: str = "1") -> None:
    """Make a matter of the case with a hold on an account, one of the two behind a hundred others."""
    sample = next(iter(tenant.objects(MATTERS).values()))
    fillers = range(100 if collection == MATTERS else 0)
    others = {f"a{n}": {**sample, "matterId": f"a{n}", "description": "By hand"} for n in fillers}
    case = {**sample, "matterId": "case", "description": f"[toolkit:{CASE}]"}
    tenant.control("PUT", f"/objects/{MATTERS}", {**others, "case": case})
    bodies = {f"a{n}": {"corpus": "VOICE", "query": {"voiceQuery": {}}} for n in range(100 - len(fillers))}
    mail = {"corpus": "MAIL", "query": WHOLE["MAIL"], "accounts": [{"accountId": account}]}
    for key, body in bodies.items():
        add_hold(tenant, "case", key, **body)
    add_hold(tenant, "case", "z", **mail)
