"""Places holds and reads them back: the register says what is wanted before anything is asked of a cloud."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial

from toolkit.errors import RequestFailed, ServiceError
from toolkit.holds.model import FAILED, NOT_HELD, PLACED, WANTED, Case, CloudHold, Custodian, ServiceRecord
from toolkit.holds.session import Desk, begin
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import Person
from toolkit.sdk.endpoint import attempt, read_safely
from toolkit.sdk.legal_holds import Holding, HoldStatus, Service
from toolkit.sdk.legal_holds import ServiceHold as Seen

_LOST = {
    HoldStatus.ABSENT: "was confirmed, and was gone: removed by hand, or the account moved or lost its licence",
    HoldStatus.UNAVAILABLE: "was confirmed, and is gone: the account or its licence ended",
    HoldStatus.WEAKER: "was confirmed, and kept less",
}
_NOT_DECLARED = (
    "the school file no longer names this tenant, so nothing reads what is held there: name it again, or look in its "
    "console before it is closed"
)
_AGAIN = NOT_HELD | {WANTED}


def place(desk: Desk, name: str, addresses: Sequence[str], *, review: date | None, told: bool) -> Case:
    """Hold all that people have, the mailbox first; what cannot be held says why, and the rest is held all the same."""
    fresh = name not in desk.holds.cases
    if fresh:
        desk.holds.cases[name] = Case(name, desk.register.matter(name))
    case = desk.case(name)
    case.review = review or case.review
    if not case.people.keys() >= set(addresses):
        case.consents = []  # who agreed to a release did not agree to that of these people
    for address in addresses:
        custodian = case.people.setdefault(address, Custodian(address, desk.now))
        custodian.told = told or custodian.told
    _want(desk, case)
    if fresh:
        for connection in desk.connections.values():
            read_safely("holds", partial(connection.holding.starts, case.matter))
    people = [case.people[address] for address in addresses]
    before = [one for one in people if all(held.id for held in one.clouds.values())]
    _hold_open(desk, case, [one for one in people if one not in before], again=True)
    if before:  # what was held may be held no longer
        read_back(desk, case)
        _hold_open(desk, case, before, again=True)
    return case


def finish(desk: Desk, case: Case, *, again: bool) -> bool:
    """Place again what a run left half done, what failed, and what is gone or keeps less; say whether there was any."""
    _want(desk, case)
    return _hold_open(desk, case, list(case.people.values()), again=again)


def read_back(desk: Desk, case: Case, *, save: bool = True) -> None:
    """Read how the holds of a case stand; what cannot be read stays as it was seen last, and says why."""
    for provider, account in ((name, held) for one in case.people.values() for name, held in one.clouds.items()):
        if account.id and provider not in desk.playbooks.school.declared:
            account.unread = _NOT_DECLARED
    for provider, connection in desk.connections.items():
        found = [one for one in case.people.values() if provider in one.clouds and one.clouds[provider].id]
        people = [one.clouds[provider].person(one.address) for one in found]
        stands = attempt("holds", partial(connection.holding.stands, case.matter, people)) if people else {}
        if isinstance(stands, ServiceError):
            for one in found:
                one.clouds[provider].unread = str(stands)
            continue
        for one in found:
            one.clouds[provider].unread = ""
            for held in stands[one.clouds[provider].id]:
                _note(desk, one.clouds[provider], held.service, held)
    if save:
        desk.save()


def _want(desk: Desk, case: Case) -> None:
    for custodian in case.people.values():
        for provider, connection in desk.connections.items():
            held = custodian.clouds.setdefault(provider, CloudHold())
            for service in connection.holding.services:
                held.parts.setdefault(service, ServiceRecord())
    desk.save()


def _hold_open(desk: Desk, case: Case, people: Sequence[Custodian], *, again: bool) -> bool:
    """Hold what is open of some people; a person with nothing open is not asked about.

    `again` looks again for an account that was not there: it may have been made, or restored, since.
    """
    found = False
    for provider in desk.connections:
        if left := [one for one in people if _is_open(one.clouds[provider], again=again)]:
            found = True
            _hold(desk, provider, case, left)
    return found


def _hold(desk: Desk, provider: str, case: Case, people: Sequence[Custodian]) -> None:
    """Hold what some people have in one cloud, between the two entries of the ledger."""
    steps = [begin(desk, provider, one.address, desk.marks(provider, one.address), waiting=True) for one in people]
    found = _found(desk, provider, people)
    for service in desk.connections[provider].holding.services:
        left = [(one, person) for one, person in found if one.clouds[provider].parts[service].standing in _AGAIN]
        if left:
            _place(desk, provider, case.matter, service, left)
    for step in steps:
        desk.journal.ended(step, None, None)
    desk.save()


def _found(desk: Desk, provider: str, people: Sequence[Custodian]) -> list[tuple[Custodian, Person]]:
    """Find the accounts of people: one alone, and held at once; many by the directory."""
    connection = desk.connections[provider]
    unknown = [one for one in people if not one.clouds[provider].id]
    if len(unknown) == 1:
        _secure(desk, provider, unknown[0])
    elif unknown:
        ids, unread = _accounts(connection)
        for one in unknown:
            _is_account(desk, one.clouds[provider], ids.get(one.address, ""), unread)
    known = [one for one in people if one.clouds[provider].id]
    return [(one, one.clouds[provider].person(one.address)) for one in known]


def _accounts(connection: Connection) -> tuple[Mapping[str, str], str]:
    """Read the ids of all accounts by address, and why not all are known."""
    directory = attempt("directory", lambda: connection.directory(people=True, groups=[]))
    if isinstance(directory, ServiceError):
        return {}, str(directory)
    ids = {person.address.casefold(): person.id for person in directory.people.values()}
    return ids, directory.unknown.get("people", "")


def _secure(desk: Desk, provider: str, custodian: Custodian) -> None:
    held = custodian.clouds[provider]
    secured = attempt("holds", lambda: desk.connections[provider].holding.secure(custodian.address))
    if isinstance(secured, ServiceError):
        _is_account(desk, held, "", str(secured))
        return
    if secured.person is None:
        _is_account(desk, held, "", "")
        return
    _is_account(desk, held, secured.person.id, "")
    if secured.held:
        _note(desk, held, secured.held.service, secured.held)
    desk.save()


def _is_account(desk: Desk, held: CloudHold, key: str, unread: str) -> None:
    """Note a person's account; without one nothing can be held here, and where that is not known it is not said."""
    held.id, held.unread = key, "" if key else unread
    for service, part in held.parts.items():
        was_without = part.standing == HoldStatus.UNAVAILABLE
        if key and was_without:
            held.parts[service] = ServiceRecord()
        elif not key and not (unread and was_without):
            standing = FAILED if unread else HoldStatus.UNAVAILABLE
            held.parts[service] = ServiceRecord(standing, unread or "there is no such account here", desk.now)


def _place(desk: Desk, provider: str, matter: str, service: Service, people: list[tuple[Custodian, Person]]) -> None:
    holding = desk.connections[provider].holding
    outcomes = _outcomes(holding, matter, [person for _, person in people], service)
    for one, person in people:
        _note(desk, one.clouds[provider], service, outcomes[person.id])


def _outcomes(
    holding: Holding, matter: str, people: Sequence[Person], service: Service
) -> Mapping[str, Seen | RequestFailed]:
    placed = attempt("holds", lambda: _placed(holding, matter, people, service))
    return dict.fromkeys((person.id for person in people), placed) if isinstance(placed, ServiceError) else placed


def _placed(
    holding: Holding, matter: str, people: Sequence[Person], service: Service
) -> Mapping[str, Seen | RequestFailed]:
    if len(people) == 1:
        return {people[0].id: holding.place(matter, people[0], service)}
    return holding.place_many(matter, people, service)


def _note(desk: Desk, held: CloudHold, service: Service, outcome: Seen | RequestFailed) -> None:
    """Note how one hold stands; one that was confirmed and is so no longer says so, whatever is done about it."""
    before = held.parts.get(service, ServiceRecord())
    if isinstance(outcome, RequestFailed):
        held.parts[service] = ServiceRecord(FAILED, str(outcome), desk.now, before.lost)
    elif before.standing != FAILED or outcome.standing not in NOT_HELD:  # else the failure is why it is not held
        lost = _LOST.get(outcome.standing, "") if before.standing == HoldStatus.CONFIRMED else ""
        existed = before.standing in PLACED
        held.parts[service] = ServiceRecord(
            outcome.standing,
            outcome.reason,
            desk.now,
            lost or before.lost,
            since=(before.since or before.at) if existed else desk.now,
            existed=existed,
            lacking=outcome.lacking,
        )


def parts_of(case: Case) -> Iterator[ServiceRecord]:
    """Give every hold of a case, of everybody and in every cloud."""
    for custodian in case.people.values():
        for held in custodian.clouds.values():
            yield from held.parts.values()


def _is_open(held: CloudHold, *, again: bool) -> bool:
    return any(part.standing in _AGAIN for part in held.parts.values()) or (again and not held.id)
