"""Reads the objects of kinds with one object for each person. The account's id is the object's id."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from connectors.google_workspace.people import PersonUnreadable, affects_everyone
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.errors import BadAnswer, NotFound, ServiceError, Transient
from toolkit.sdk import Everything, NamedOnly, ReadScope, Remote, Unreadable
from toolkit.values import Body

if TYPE_CHECKING:
    from connectors.google_workspace.accounts import Account

T = TypeVar("T")


def read_people(
    via: GoogleWorkspace,
    selection: ReadScope,
    read: Callable[[Sequence[str]], Sequence[T | ServiceError]],
    body: Callable[[str, T], Body],
) -> Iterator[Remote | Unreadable]:
    """Yield the objects of the selected people who have an account. Raise an error if no one could be read.

    `read` returns the results for addresses, in order. `body` returns the body of the object for an address and its
    result, or raises an error if the result cannot be used. No error is raised if each person has a reason of their
    own.
    """
    accounts = _find_accounts(via, selection)
    open_accounts = {name: account for name, account in accounts.items() if not account.closed}
    closed_accounts = {name: account for name, account in accounts.items() if account.closed}
    yield from (
        _to_unreadable(account, name, PersonUnreadable(account.closed)) for name, account in closed_accounts.items()
    )
    outcomes = read([account.address for account in open_accounts.values()])
    failures = [outcome for outcome in outcomes if isinstance(outcome, ServiceError)]
    if (
        failures
        and len(failures) == len(outcomes)
        and not any(isinstance(error, PersonUnreadable) for error in failures)
    ):
        raise failures[0]
    for (name, account), outcome in zip(open_accounts.items(), outcomes, strict=True):
        yield _to_remote(account, name, outcome, body)


def read_again(person: str, read: Callable[[Sequence[str]], Sequence[T | ServiceError]]) -> T:
    """Return a person's object, read again before a change, because the person may have changed it.

    Raise BadAnswer if only this person's object cannot be read. Its settings are then unknown and must not be written.
    """
    (outcome,) = read([person])
    if not isinstance(outcome, ServiceError):
        return outcome
    if affects_everyone(outcome) or isinstance(outcome, Transient):
        raise outcome
    raise BadAnswer(f"nothing was changed, because {person} could not be read again first: {outcome}") from outcome


def _find_accounts(via: GoogleWorkspace, selection: ReadScope) -> dict[str, Account]:
    """Return the accounts of the selected people, by the name in the selection.

    People without an account are left out.
    """
    match selection:
        case Everything():
            return dict(via.accounts.all())
        case NamedOnly(names):
            accounts: dict[str, Account] = {}
            for name in sorted(names):
                try:
                    accounts[name] = via.accounts.find(name)
                except NotFound:
                    continue
            return accounts


def _to_remote(
    account: Account, name: str, outcome: T | ServiceError, body: Callable[[str, T], Body]
) -> Remote | Unreadable:
    if isinstance(outcome, ServiceError):
        return _to_unreadable(account, name, outcome)
    try:
        return Remote(account.id, account.id, body(account.address, outcome))
    except ServiceError as error:
        return _to_unreadable(account, name, error)


def _to_unreadable(account: Account, name: str, error: ServiceError) -> Unreadable:
    reason = str(error)
    full_reason = reason if account.address in reason else f"{account.address}: {reason}"
    return Unreadable(account.id, name, full_reason, unused=isinstance(error, PersonUnreadable))
