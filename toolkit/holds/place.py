"""Places holds and reads them back. Desired holds are stored in the register before any request to a cloud."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial

from toolkit.errors import RequestFailed, ServiceError
from toolkit.holds.model import FAILED, NOT_HELD, PLACED, WANTED, Case, CloudHold, Custodian, ServiceRecord
from toolkit.holds.session import HoldSession, begin
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import Person
from toolkit.sdk.endpoint import attempt, read_safely
from toolkit.sdk.legal_holds import Holding, HoldStatus, Service
from toolkit.sdk.legal_holds import ServiceHold as Seen

_LOST = {
    HoldStatus.ABSENT: "was confirmed, and was gone: removed by hand, or the account moved or lost its licence",
    HoldStatus.UNAVAILABLE: "was confirmed, and is gone: the account or its licence ended",
    HoldStatus.WEAKER: "was confirmed, and later kept less data",
}
_NOT_DECLARED = (
    "the school file no longer names this tenant, so its holds are not read. Name it again, or look in its "
    "console before it is closed"
)
_AGAIN = NOT_HELD | {WANTED}


def place(session: HoldSession, name: str, addresses: Sequence[str], *, review: date | None, tell_person: bool) -> Case:
    """Hold all data of some people, starting with the mailbox.

    If a service cannot hold its data, the case records why.
    """
    fresh = name not in session.holds.cases
    if fresh:
        session.holds.cases[name] = Case(name, session.register.matter(name))
    case = session.case(name)
    case.review = review or case.review
    if not case.people.keys() >= set(addresses):
        case.consents = []  # earlier consents to a release do not cover these people
    for address in addresses:
        custodian = case.people.setdefault(address, Custodian(address, session.now))
        custodian.told = tell_person or custodian.told
    _add_services(session, case)
    if fresh:
        for connection in session.connections.values():
            read_safely("holds", partial(connection.holding.mark_as_new, case.matter))
    people = [case.people[address] for address in addresses]
    before = [custodian for custodian in people if all(held.id for held in custodian.clouds.values())]
    _place_open_holds(session, case, [custodian for custodian in people if custodian not in before], again=True)
    if before:  # these holds may have ended
        read_back(session, case)
        _place_open_holds(session, case, before, again=True)
    return case


def finish_holds(session: HoldSession, case: Case, *, again: bool) -> bool:
    """Place unfinished, failed, missing and weakened holds again. Return whether there were any."""
    _add_services(session, case)
    return _place_open_holds(session, case, list(case.people.values()), again=again)


def read_back(session: HoldSession, case: Case, *, save: bool = True) -> None:
    """Read the state of a case's holds. If a hold cannot be read, keep its last state and record the reason."""
    for provider, account in (
        (name, held) for custodian in case.people.values() for name, held in custodian.clouds.items()
    ):
        if account.id and provider not in session.playbooks.school.all_clouds:
            account.unread = _NOT_DECLARED
    for provider, connection in session.connections.items():
        custodians = [
            custodian
            for custodian in case.people.values()
            if provider in custodian.clouds and custodian.clouds[provider].id
        ]
        people = [custodian.clouds[provider].person(custodian.address) for custodian in custodians]
        stands = (
            attempt("holds", partial(connection.holding.read_existing_holds, case.matter, people)) if people else {}
        )
        if isinstance(stands, ServiceError):
            for custodian in custodians:
                custodian.clouds[provider].unread = str(stands)
            continue
        for custodian in custodians:
            custodian.clouds[provider].unread = ""
            for held in stands[custodian.clouds[provider].id]:
                _record_outcome(session, custodian.clouds[provider], held.service, held)
    if save:
        session.save()


def _add_services(session: HoldSession, case: Case) -> None:
    for custodian in case.people.values():
        for provider, connection in session.connections.items():
            held = custodian.clouds.setdefault(provider, CloudHold())
            for service in connection.holding.services:
                held.parts.setdefault(service, ServiceRecord())
    session.save()


def _place_open_holds(session: HoldSession, case: Case, people: Sequence[Custodian], *, again: bool) -> bool:
    """Place the holds of some people that are not in place yet.

    With `again`, also look for accounts that did not exist, because they may have been created or restored since. No
    request is sent about other people.
    """
    has_open = False
    for provider in session.connections:
        if open_people := [custodian for custodian in people if _is_open(custodian.clouds[provider], again=again)]:
            has_open = True
            _hold_in_cloud(session, provider, case, open_people)
    return has_open


def _hold_in_cloud(session: HoldSession, provider: str, case: Case, people: Sequence[Custodian]) -> None:
    """Hold the data of some people in one cloud. The ledger records the start and the end."""
    steps = [
        begin(session, provider, custodian.address, session.fingerprints_of(provider, custodian.address), waiting=True)
        for custodian in people
    ]
    accounts = _find_accounts(session, provider, people)
    for service in session.connections[provider].holding.services:
        open_accounts = [
            (custodian, person)
            for custodian, person in accounts
            if custodian.clouds[provider].parts[service].standing in _AGAIN
        ]
        if open_accounts:
            _place_service_holds(session, provider, case.matter, service, open_accounts)
    for step in steps:
        session.journal.record_step_end(step, None, None)
    session.save()


def _find_accounts(session: HoldSession, provider: str, people: Sequence[Custodian]) -> list[tuple[Custodian, Person]]:
    """Find the accounts of people in the directory. A single person's account is found when it is put on hold."""
    connection = session.connections[provider]
    without_account = [custodian for custodian in people if not custodian.clouds[provider].id]
    if len(without_account) == 1:
        _secure_custodian(session, provider, without_account[0])
    elif without_account:
        ids, unread = _ids_by_address(connection)
        for custodian in without_account:
            _note_account(session, custodian.clouds[provider], ids.get(custodian.address, ""), unread)
    with_account = [custodian for custodian in people if custodian.clouds[provider].id]
    return [(custodian, custodian.clouds[provider].person(custodian.address)) for custodian in with_account]


def _ids_by_address(connection: Connection) -> tuple[Mapping[str, str], str]:
    """Return the id of each account by address, and the reason if some accounts are unknown."""
    directory = attempt("directory", lambda: connection.directory(people=True, groups=[]))
    if isinstance(directory, ServiceError):
        return {}, str(directory)
    ids = {person.address.casefold(): person.id for person in directory.people.values()}
    return ids, directory.unknown.get("people", "")


def _secure_custodian(session: HoldSession, provider: str, custodian: Custodian) -> None:
    held = custodian.clouds[provider]
    secured = attempt("holds", lambda: session.connections[provider].holding.place_first_hold(custodian.address))
    if isinstance(secured, ServiceError):
        _note_account(session, held, "", str(secured))
        return
    if secured.person is None:
        _note_account(session, held, "", "")
        return
    _note_account(session, held, secured.person.id, "")
    if secured.held:
        _record_outcome(session, held, secured.held.service, secured.held)
    session.save()


def _note_account(session: HoldSession, held: CloudHold, key: str, unread: str) -> None:
    """Record a person's account, or that there is none to hold. If the directory is unreadable, keep the last state."""
    held.id, held.unread = key, "" if key else unread
    for service, part in held.parts.items():
        was_without = part.standing == HoldStatus.UNAVAILABLE
        if key and was_without:
            held.parts[service] = ServiceRecord()
        elif not key and not (unread and was_without):
            standing = FAILED if unread else HoldStatus.UNAVAILABLE
            held.parts[service] = ServiceRecord(standing, unread or "there is no such account here", session.now)


def _place_service_holds(
    session: HoldSession, provider: str, matter: str, service: Service, people: list[tuple[Custodian, Person]]
) -> None:
    holding = session.connections[provider].holding
    outcomes = _request_outcomes(holding, matter, [person for _, person in people], service)
    for custodian, person in people:
        _record_outcome(session, custodian.clouds[provider], service, outcomes[person.id])


def _request_outcomes(
    holding: Holding, matter: str, people: Sequence[Person], service: Service
) -> Mapping[str, Seen | RequestFailed]:
    placed = attempt("holds", lambda: _request_holds(holding, matter, people, service))
    return dict.fromkeys((person.id for person in people), placed) if isinstance(placed, ServiceError) else placed


def _request_holds(
    holding: Holding, matter: str, people: Sequence[Person], service: Service
) -> Mapping[str, Seen | RequestFailed]:
    if len(people) == 1:
        return {people[0].id: holding.place(matter, people[0], service)}
    return holding.place_many(matter, people, service)


def _record_outcome(session: HoldSession, held: CloudHold, service: Service, outcome: Seen | RequestFailed) -> None:
    """Record the state of a hold. If a confirmed hold ended, the reason is kept even if the hold is placed again."""
    before = held.parts.get(service, ServiceRecord())
    if isinstance(outcome, RequestFailed):
        held.parts[service] = ServiceRecord(FAILED, str(outcome), session.now, before.lost)
    elif before.standing != FAILED or outcome.standing not in NOT_HELD:  # otherwise the failure is the reason
        lost = _LOST.get(outcome.standing, "") if before.standing == HoldStatus.CONFIRMED else ""
        existed = before.standing in PLACED
        held.parts[service] = ServiceRecord(
            outcome.standing,
            outcome.reason,
            session.now,
            lost or before.lost,
            since=(before.since or before.at) if existed else session.now,
            existed=existed,
            lacking=outcome.lacking,
        )


def hold_records(case: Case) -> Iterator[ServiceRecord]:
    """Yield the record of every hold in a case, for each person, cloud and service."""
    for custodian in case.people.values():
        for held in custodian.clouds.values():
            yield from held.parts.values()


def _is_open(held: CloudHold, *, again: bool) -> bool:
    return any(part.standing in _AGAIN for part in held.parts.values()) or (again and not held.id)
