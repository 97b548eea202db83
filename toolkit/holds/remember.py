"""Puts into the ledger the fingerprints of holds that were read back: what the night job compares."""

from collections.abc import Iterator, Mapping

from toolkit.errors import ServiceError, SignInRefused
from toolkit.holds.session import Desk, begin
from toolkit.ledger.register import CloudHold
from toolkit.sdk.legal_holds import HoldStatus, Service
from toolkit.sdk.reader import read_safely
from toolkit.values import Settings

_DONE = frozenset({HoldStatus.CONFIRMED, HoldStatus.UNAVAILABLE})


def remember(desk: Desk) -> Mapping[str, str]:
    """Put into the ledger the fingerprints of what has to stay; give by cloud why that could not be read."""
    failed: dict[str, str] = {}
    for provider, connection in desk.connections.items():
        people = {address for case in desk.holds.cases.values() for address in case.people}
        try:
            there = read_safely("holds", connection.holding.seen) if people else {}
            wanted = {address: _wanted(desk, provider, address, there) for address in sorted(people)}
        except SignInRefused:
            raise
        except ServiceError as error:
            failed[provider] = str(error)
            continue
        for address, marks in wanted.items():
            _remember(desk, provider, address, tuple(sorted(marks)))
    return failed


def _remember(desk: Desk, provider: str, address: str, marks: tuple[str, ...]) -> None:
    parts = [part for _, held in _holds(desk, provider, address) for part in held.parts.values()]
    waiting = any(part.standing not in _DONE for part in parts)
    if desk.remembered.get(desk.address(provider, address)) != {"marks": marks, "waiting": waiting}:
        desk.journal.ended(begin(desk, provider, address, marks, waiting=waiting), None, None)


def _wanted(desk: Desk, provider: str, address: str, there: Mapping[str, Settings]) -> frozenset[str]:
    """Give what has to stay of somebody: of every account that holds something of them for a case of ours."""
    holding = desk.connections[provider].holding
    accounts: set[str] = set()
    mailbox = told = False
    for matter, held in _holds(desk, provider, address):
        if held.id:
            accounts |= holding.accounts(matter, [held.person(address)])[held.id]
            mailbox |= held.parts.get(Service.MAILBOX) is not None and (
                held.parts[Service.MAILBOX].standing == HoldStatus.CONFIRMED
            )
        told |= any(case.people[address].told for case in desk.holds.still().values() if address in case.people)
    return desk.fingerprints.wanted(provider, accounts, there, mailbox=mailbox, told=told)


def _holds(desk: Desk, provider: str, address: str) -> Iterator[tuple[str, CloudHold]]:
    """Give the matter and what is held of somebody, for each case that is not released."""
    for case in desk.holds.still().values():
        custodian = case.people.get(address)
        if custodian and provider in custodian.clouds:
            yield case.matter, custodian.clouds[provider]
