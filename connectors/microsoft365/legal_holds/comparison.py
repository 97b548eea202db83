"""Everything that is held of anybody, read in bulk and written so that two readings can be compared."""

from collections.abc import Iterator, Mapping, Sequence

from connectors.microsoft365.legal_holds.cases import Cases, identifier
from connectors.microsoft365.legal_holds.mailbox import Mailbox
from connectors.microsoft365.legal_holds.mailboxes import Mailboxes
from connectors.microsoft365.legal_holds.sources import address_of, included
from toolkit.values import Body, Settings, unique

_CLOSED = "closed"


def held_of_everybody(mailboxes: Mailboxes, cases: Cases) -> Mapping[str, Settings]:
    """Read every mailbox on litigation hold and every source of a case; a source's owner is found by its address."""
    held = mailboxes.held()
    in_cases = _by_address(cases)
    known = {address for mailbox in held for address in mailbox.addresses}
    others = list(mailboxes.reached_under(sorted(in_cases.keys() - known)))
    told = {one.account: _told(one, _marks(one, in_cases)) for one in (*held, *others)}
    owned = {address for mailbox in (*held, *others) for address in mailbox.addresses}
    nobody = {address: _without_mailbox(marks) for address, marks in in_cases.items() if address not in owned}
    return {**told, **nobody}


def _by_address(cases: Cases) -> Mapping[str, Sequence[str]]:
    """Say by address what cases hold; a closed case holds nothing, nor does a hold that is switched off."""
    open_cases = [identifier(case) for case in cases.all() if case.get("status") != _CLOSED]
    holds = [
        (case, hold)
        for case, listed in zip(open_cases, cases.holds(open_cases), strict=True)
        for hold in listed
        if hold.get("isEnabled") is not False
    ]
    sources = cases.sources([(case, identifier(hold)) for case, hold in holds])
    found: dict[str, list[str]] = {}
    for (case, hold), listed in zip(holds, sources, strict=True):
        for source in listed:
            found.setdefault(address_of(source), []).extend(_of_source(case, hold, source))
    return found


def _of_source(case: str, hold: Body, source: Body) -> Iterator[str]:
    narrowed = "/query" if hold.get("contentQuery") else ""
    return (f"{case}/{identifier(hold)}/{service}{narrowed}" for service in included(source))


def _marks(mailbox: Mailbox, in_cases: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return unique(mark for address in mailbox.addresses for mark in in_cases.get(address, ()))


def _told(mailbox: Mailbox, marks: tuple[str, ...]) -> Settings:
    return {
        "litigation_hold": mailbox.held,
        "duration": mailbox.duration if mailbox.held else None,
        "comment": mailbox.comment,
        "url": mailbox.url,
        "capable": mailbox.capable,
        "cases": marks,
    }


def _without_mailbox(marks: Sequence[str]) -> Settings:
    return {
        "litigation_hold": False,
        "duration": None,
        "comment": False,
        "url": False,
        "capable": False,
        "cases": unique(marks),
    }
