"""Places, reads and releases a school's holds in Google Vault.

Follows https://developers.google.com/workspace/vault/guides/holds. Accounts are held, never units: a person who
is moved out of a unit on hold is held no longer.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from threading import Lock

from connectors.google_workspace.accounts import Accounts
from connectors.google_workspace.api.calls import Api
from connectors.google_workspace.audit_log import Trail
from connectors.google_workspace.groups import Groups, Memberships
from connectors.google_workspace.legal_holds.cases import CORPORA, Case, Cases, hold_name, is_whole
from connectors.google_workspace.legal_holds.held_accounts import read_on_hold, read_seen
from connectors.google_workspace.legal_holds.mail_search import MailSearches
from connectors.google_workspace.legal_holds.vault import Hold, Vault
from connectors.google_workspace.permissions import needs
from connectors.google_workspace.units import Units
from toolkit.errors import NotFound, Rejected, RequestFailed, ServiceError
from toolkit.sdk import (
    CaseAccess,
    HeldAccount,
    HoldStatus,
    OnHold,
    Permissions,
    Person,
    Searching,
    Service,
    ServiceHold,
)
from toolkit.values import Settings


def standing(case: Case, person: Person, service: Service, groups: Groups | None) -> ServiceHold:
    """Say how one hold stands; `groups` are those that the person is in, None where there is no such account."""
    if service is Service.GROUPS:
        return _group_hold(case.ours(service, person), person, groups)
    holds = [hold for hold in case.holds_on(service) if person.id in hold.accounts]
    if any(is_whole(hold.corpus, hold.query) for hold in holds):
        return ServiceHold(service, HoldStatus.CONFIRMED)
    if holds:
        return ServiceHold(service, HoldStatus.WEAKER, _bounds(service, holds))
    return no_account(person, service) if groups is None else ServiceHold(service, HoldStatus.ABSENT)


def no_account(person: Person, service: Service) -> ServiceHold:
    """Say that there is nothing to hold, since there is no account."""
    return ServiceHold(service, HoldStatus.UNAVAILABLE, f"Google knows no account {person.address}")


def no_groups(person: Person) -> ServiceHold:
    """Say that there is nothing to hold, since messages of groups are held by the group."""
    return ServiceHold(Service.GROUPS, HoldStatus.UNAVAILABLE, f"{person.address} is in no group of the school")


def _group_hold(ours: Sequence[Hold], person: Person, groups: Groups | None) -> ServiceHold:
    fully_held = {key for hold in ours if is_whole(hold.corpus, hold.query) for key in hold.accounts}
    bounded = [hold for hold in ours if hold.accounts and not is_whole(hold.corpus, hold.query)]
    missing = sorted(address for key, address in (groups or {}).items() if key not in fully_held)
    if bounded and (missing or not fully_held):
        return ServiceHold(Service.GROUPS, HoldStatus.WEAKER, _bounds(Service.GROUPS, bounded))
    if fully_held and missing:
        return ServiceHold(Service.GROUPS, HoldStatus.WEAKER, f"not kept, since joined after: {', '.join(missing)}")
    if fully_held:
        return ServiceHold(Service.GROUPS, HoldStatus.CONFIRMED)
    if groups is None:
        return no_account(person, Service.GROUPS)
    return ServiceHold(Service.GROUPS, HoldStatus.ABSENT) if groups else no_groups(person)


def _bounds(service: Service, holds: Iterable[Hold]) -> str:
    words = (bound for hold in holds for bound in CORPORA[service].bounds(hold.query))
    return "; ".join(dict.fromkeys(words))


_READS = needs(
    "vault.matters.list", "vault.matters.holds.list", "directory.users.list", "directory.groups.list",
    "directory.orgunits.list", "reports.activities.list",
)  # fmt: skip
_WRITES = needs(
    "vault.matters.create", "vault.matters.holds.create", "vault.matters.savedQueries.create",
    "vault.matters.exports.create",
)  # fmt: skip
PERMISSIONS = Permissions(_READS, _WRITES)


class Holds:
    """The holds of a customer; follows toolkit.sdk.legal_holds.Holding.

    MAIL, FILES, CHAT and CALENDAR hold the person's account. FILES has the shared drives that they can open and CHAT
    the spaces that they were in. GROUPS holds each group that they are directly in, with what others wrote there: Vault
    knows no hold on what one person wrote to groups, nor are groups around a group among those held.
    """

    services: tuple[Service, ...] = tuple(CORPORA)

    def __init__(self, vault: Vault, admin: Api, accounts: Accounts, units: Units, trail: Trail) -> None:
        self._vault = vault
        self._trail = trail
        self._cases = Cases(vault)
        self.searching: Searching = MailSearches(vault.api, self._cases)
        self._memberships = Memberships(admin)
        self._accounts = accounts
        self._units = units
        self._one_at_a_time = Lock()

    def opened_by(self, matter: str, begins: datetime, ends: datetime) -> Sequence[CaseAccess]:
        """Read who did something in the case's matters, without what our own service accounts did."""
        return self._trail.in_matters(self._cases.find_all(matter), begins, ends)

    def starts(self, matter: str) -> None:
        """Hear that a matter is new, and need not be looked for."""
        self._cases.starts(matter)

    def secure(self, address: str) -> HeldAccount:
        """Find whose an address is; nothing is held by that."""
        return HeldAccount(self._memberships.account(address))

    def accounts(self, matter: str, people: Sequence[Person]) -> Mapping[str, frozenset[str]]:
        """Give everybody's own account, and the groups that the matter holds for them."""
        with self._one_at_a_time:
            case = self._cases.read(matter)
        group_holds = {person.id: case.ours(Service.GROUPS, person) for person in people}
        return {key: frozenset({key}).union(*(hold.accounts for hold in holds)) for key, holds in group_holds.items()}

    def place_many(
        self, matter: str, people: Sequence[Person], service: Service
    ) -> Mapping[str, ServiceHold | RequestFailed]:
        """Hold one thing of many people: all of them by one write, but groups and accounts that are not there."""
        groups: Sequence[Groups | None] = [{} for _ in people]
        with self._one_at_a_time:
            if service is Service.GROUPS:
                groups = self._memberships.groups_of(people)
            else:
                self._put_together(matter, people, service)
        return {
            person.id: self._try_put(matter, person, service, person_groups)
            for person, person_groups in zip(people, groups, strict=True)
        }

    def _put_together(self, matter: str, people: Sequence[Person], service: Service) -> None:
        """Put all on one hold; where that fails, each is tried alone afterwards."""
        case = self._cases.open(matter)
        missing = [
            person for person in people if standing(case, person, service, {}).standing is not HoldStatus.CONFIRMED
        ]
        try:
            if missing:
                account_ids = frozenset(person.id for person in missing)
                self._cases.keep(case.with_hold(self._write_hold(case, missing[0], service, account_ids)))
        except (NotFound, Rejected):
            self._cases.forget(matter)

    def _try_put(
        self, matter: str, person: Person, service: Service, groups: Groups | None
    ) -> ServiceHold | RequestFailed:
        try:
            with self._one_at_a_time:
                return self._put(matter, person, service, groups)
        except ServiceError as error:
            return error

    def place(self, matter: str, person: Person, service: Service) -> ServiceHold:
        """Hold one thing of one person without search terms and dates; what bounds a hold of ours is taken off.

        What the matter holds is read once in a run and followed from then on; `stands` reads it again.
        """
        with self._one_at_a_time:
            return self._put(matter, person, service, self._groups(person, service))

    def stands(self, matter: str, people: Sequence[Person]) -> Mapping[str, Sequence[ServiceHold]]:
        """Read how the holds of a matter stand, by the person's id, each in the order of `services`."""
        with self._one_at_a_time:
            case = self._cases.read(matter)
            groups_by_person = self._memberships.groups_of(people)
        return {
            person.id: tuple(standing(case, person, service, groups) for service in self.services)
            for person, groups in zip(people, groups_by_person, strict=True)
        }

    def release(
        self,
        matter: str,
        person: Person,
        service: Service,
        *,
        since: datetime | None = None,  # noqa: ARG002 - a hold is one matter's alone
    ) -> bool:
        """Take one person off the hold that `place` made; a hold with no one left on it is removed, the matter stays.

        A hold that others made in the same matter stays as it is, and `stands` goes on to show it.
        """
        with self._one_at_a_time:
            for hold in self._cases.read(matter).ours(service, person):
                self._release_hold(hold, person, service)
            self._cases.forget(matter)
        return True

    def look_in(self) -> None:
        """Hear whether Vault lets the administrator in, in one request; raises where it does not."""
        self._vault.look_in()

    def read_held_accounts(self) -> Mapping[str, Settings]:
        """Read every account that an open matter holds which the administrator may see, and what holds it.

        By the account's id, which for a hold on groups is the group's: `holds` on the account, `units` on the unit that
        it is in now, each as matter/hold/corpus/whole or restricted.
        """
        return read_seen(self._vault, self._accounts, self._units)

    def on_hold(self) -> OnHold:
        """Read whom an open matter holds: by account, and through the unit that they are in now."""
        return read_on_hold(self._vault, self._accounts, self._units)

    def _groups(self, person: Person, service: Service) -> Groups | None:
        if service is not Service.GROUPS:
            return {}
        (groups,) = self._memberships.groups_of([person])
        return groups

    def _put(self, matter: str, person: Person, service: Service, groups: Groups | None) -> ServiceHold:
        """Hold one thing of one person whose groups are known, where it is about them."""
        if service is Service.GROUPS and not groups:
            return no_account(person, service) if groups is None else no_groups(person)
        case = self._cases.open(matter)
        before = standing(case, person, service, groups)
        if before.standing is HoldStatus.CONFIRMED:
            return ServiceHold(service, HoldStatus.CONFIRMED, "this matter holds it already")
        try:
            account_ids = frozenset(groups or {}) if service is Service.GROUPS else frozenset({person.id})
            hold = self._write_hold(case, person, service, account_ids)
        except RequestFailed as error:
            self._cases.forget(matter)  # it may have taken effect
            if not isinstance(error, NotFound | Rejected) or self._memberships.has_account(person):
                raise
            return no_account(person, service)
        self._cases.keep(case := case.with_hold(hold))
        if standing(case, person, service, groups).standing is not HoldStatus.CONFIRMED:
            return ServiceHold(service, HoldStatus.REQUESTED)
        return ServiceHold(service, HoldStatus.CONFIRMED, before.reason and f"before: {before.reason}")

    def _write_hold(self, case: Case, person: Person, service: Service, account_ids: frozenset[str]) -> Hold:
        """Make the hold, or widen it, or put on it what is missing; whichever is one write."""
        corpus = CORPORA[service]
        ours = case.ours(service, person)
        if not ours:
            name = hold_name(case.name, service, person)
            return self._vault.create(
                case.matters[0], name=name, corpus=corpus.name, query=corpus.whole, accounts=account_ids
            )
        unrestricted = [hold for hold in ours if is_whole(hold.corpus, hold.query)]
        if unrestricted:
            return self._vault.add(unrestricted[0], account_ids - unrestricted[0].accounts)
        return self._vault.widen(self._vault.read_hold(ours[0]), corpus.whole, account_ids)

    def _release_hold(self, hold: Hold, person: Person, service: Service) -> None:
        if service is Service.GROUPS:  # this person's alone
            self._vault.delete(hold)
            return
        if person.id in hold.accounts:
            self._vault.remove(hold, person.id)
            # Somebody may have been put on it since it was listed.
            hold = self._vault.read_hold(hold)
        if not hold.accounts:
            self._vault.delete(hold)
