"""Decides whether two people with accounts in different clouds may be the same person."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import partial

from toolkit.controls.data import comparable_text
from toolkit.errors import ServiceError
from toolkit.holds.model import Consent, Custodian
from toolkit.holds.session import HoldSession
from toolkit.records import dataclass
from toolkit.sdk.directory import PersonAccount
from toolkit.sdk.endpoint import attempt


class Likeness(StrEnum):
    """The reasons why two people may be the same."""

    SAME = "you are {them}"
    NAMESAKE = "you may be {them}, because both accounts have the same name"
    UNKNOWN = "no cloud has an account for both of you, so you may be {them} (choose where to sign in with --with)"

    def objection_text(self, them: str) -> str:
        """Return the message for a person who signed in and may be the person described by `them`."""
        return self.format(them=them)


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """The known accounts, addresses and names of a person."""

    ids: Mapping[str, str]  # by cloud
    addresses: frozenset[str]
    names: frozenset[str]

    def likeness(self, other: "KnownPerson") -> Likeness | None:
        """Return why two records may be the same person, or None if they have different accounts in the same cloud."""
        if self.addresses & other.addresses or self.ids.items() & other.ids.items():
            return Likeness.SAME
        if self.names & other.names:
            return Likeness.NAMESAKE
        return None if self.ids.keys() & other.ids.keys() else Likeness.UNKNOWN


def person_who_signed(session: HoldSession, who: PersonAccount) -> KnownPerson:
    return _look_up_person(session, {who.provider: who.id}, who.known_as | {who.address.casefold()}, [who.name])


def person_who_consented(session: HoldSession, consent: Consent) -> KnownPerson:
    return _look_up_person(session, {consent.verified: consent.id}, {consent.by}, ())


def person_on_hold(session: HoldSession, custodian: Custodian) -> KnownPerson:
    account_ids = {cloud: held.id for cloud, held in custodian.clouds.items() if held.id}
    return _look_up_person(session, account_ids, {custodian.address.casefold()}, ())


def _look_up_person(
    session: HoldSession, ids: Mapping[str, str], addresses: Iterable[str], names: Iterable[str]
) -> KnownPerson:
    """Look up a person's accounts in every cloud, by ids and addresses. Accounts that cannot be read are left out."""
    account_ids, all_addresses = dict(ids), {*addresses}
    all_names, looked_up = {comparable_text(name) for name in names}, set[tuple[str, str]]()
    for _ in session.connections:  # an address of a cloud may find an account in another
        for cloud in session.connections:
            keys = {
                (cloud, key) for key in ([account_ids[cloud]] if cloud in account_ids else all_addresses)
            } - looked_up
            looked_up |= keys
            for account in _read_accounts(session, sorted(keys)):
                account_ids.setdefault(cloud, account.id)
                all_addresses |= account.known_as
                all_names.add(comparable_text(account.name))
    return KnownPerson(account_ids, frozenset(all_addresses), frozenset(all_names))


def _read_accounts(session: HoldSession, keys: Iterable[tuple[str, str]]) -> Iterator[PersonAccount]:
    for cloud, key in keys:
        account = attempt("accounts", partial(session.connections[cloud].account, key))
        if account and not isinstance(account, ServiceError):
            yield account
