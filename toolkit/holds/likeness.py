"""Whether two people who are known by accounts in one cloud or another may be one person."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import partial

from toolkit.controls.data import plainly
from toolkit.errors import ServiceError
from toolkit.holds.model import Consent, Custodian
from toolkit.holds.session import Desk
from toolkit.records import dataclass
from toolkit.sdk.directory import PersonAccount
from toolkit.sdk.endpoint import attempt


class Likeness(StrEnum):
    """Why two people may be one."""

    SAME = "you are {them}"
    NAMESAKE = "you may be {them}: the accounts have the same name"
    UNKNOWN = "it is not known whether you are {them}: no cloud has accounts of both (--with names where to sign in)"

    def told(self, them: str) -> str:
        """Return the objection in words for the person who signed in."""
        return self.format(them=them)


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """All that is known of one person: their account in each cloud, every address, and every name."""

    ids: Mapping[str, str]  # by cloud
    addresses: frozenset[str]
    names: frozenset[str]

    def likeness(self, other: "KnownPerson") -> Likeness | None:
        """Return why this may be the other person; None where two accounts of one cloud show that it is not."""
        if self.addresses & other.addresses or self.ids.items() & other.ids.items():
            return Likeness.SAME
        if self.names & other.names:
            return Likeness.NAMESAKE
        return None if self.ids.keys() & other.ids.keys() else Likeness.UNKNOWN


def who_signed(desk: Desk, who: PersonAccount) -> KnownPerson:
    return _known(desk, {who.provider: who.id}, who.known_as | {who.address.casefold()}, [who.name])


def who_consented(desk: Desk, consent: Consent) -> KnownPerson:
    return _known(desk, {consent.verified: consent.id}, {consent.by}, ())


def who_is_held(desk: Desk, custodian: Custodian) -> KnownPerson:
    found = {cloud: held.id for cloud, held in custodian.clouds.items() if held.id}
    return _known(desk, found, {custodian.address.casefold()}, ())


def _known(desk: Desk, ids: Mapping[str, str], addresses: Iterable[str], names: Iterable[str]) -> KnownPerson:
    """Look up the accounts in every cloud, also by addresses that another cloud shows; what cannot be read is left."""
    found, known = dict(ids), {*addresses}
    said, asked = {plainly(name) for name in names}, set[tuple[str, str]]()
    for _ in desk.connections:  # an address of one cloud may find an account in another
        for cloud in desk.connections:
            keys = {(cloud, key) for key in ([found[cloud]] if cloud in found else known)} - asked
            asked |= keys
            for account in _accounts(desk, sorted(keys)):
                found.setdefault(cloud, account.id)
                known |= account.known_as
                said.add(plainly(account.name))
    return KnownPerson(found, frozenset(known), frozenset(said))


def _accounts(desk: Desk, keys: Iterable[tuple[str, str]]) -> Iterator[PersonAccount]:
    for cloud, key in keys:
        account = attempt("accounts", partial(desk.connections[cloud].account, key))
        if account and not isinstance(account, ServiceError):
            yield account
