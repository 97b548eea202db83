"""Places, reads and releases a school's holds in Google Vault.

Follows https://developers.google.com/workspace/vault/guides/holds.

toolkit places holds on accounts and never on units, because a person who leaves a unit also leaves the unit's hold.
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


def hold_status(case: Case, person: Person, service: Service, groups: Groups | None) -> ServiceHold:
    """Return the status of a person's hold in a service.

    `groups` are the person's groups, or None without an account.
    """
    if service is Service.GROUPS:
        return _find_group_status(case.own_holds(service, person), person, groups)
    holds = [hold for hold in case.holds_on(service) if person.id in hold.accounts]
    if any(is_whole(hold.corpus, hold.query) for hold in holds):
        return ServiceHold(service, HoldStatus.CONFIRMED)
    if holds:
        return ServiceHold(service, HoldStatus.WEAKER, _describe_restrictions(service, holds))
    return status_without_account(person, service) if groups is None else ServiceHold(service, HoldStatus.ABSENT)


def status_without_account(person: Person, service: Service) -> ServiceHold:
    """Return the status for a person who has no account that could be held."""
    return ServiceHold(service, HoldStatus.UNAVAILABLE, f"Google has no account {person.address}")


def status_without_groups(person: Person) -> ServiceHold:
    """Return the status for a person who is in no group, because messages to groups are held by group."""
    return ServiceHold(Service.GROUPS, HoldStatus.UNAVAILABLE, f"{person.address} is in no group of the school")


def _find_group_status(ours: Sequence[Hold], person: Person, groups: Groups | None) -> ServiceHold:
    fully_held = {key for hold in ours if is_whole(hold.corpus, hold.query) for key in hold.accounts}
    bounded = [hold for hold in ours if hold.accounts and not is_whole(hold.corpus, hold.query)]
    missing = sorted(address for key, address in (groups or {}).items() if key not in fully_held)
    if bounded and (missing or not fully_held):
        return ServiceHold(Service.GROUPS, HoldStatus.WEAKER, _describe_restrictions(Service.GROUPS, bounded))
    if fully_held and missing:
        return ServiceHold(
            Service.GROUPS, HoldStatus.WEAKER, f"not on hold because they joined later: {', '.join(missing)}"
        )
    if fully_held:
        return ServiceHold(Service.GROUPS, HoldStatus.CONFIRMED)
    if groups is None:
        return status_without_account(person, Service.GROUPS)
    return ServiceHold(Service.GROUPS, HoldStatus.ABSENT) if groups else status_without_groups(person)


def _describe_restrictions(service: Service, holds: Iterable[Hold]) -> str:
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
    """The holds of a tenant in Vault. The class implements toolkit.sdk.legal_holds.Holding.

    MAIL, FILES, CHAT and CALENDAR hold data of the person's account. FILES includes the shared drives that the person
    can open, and CHAT includes the spaces that the person was in. GROUPS holds each group of which the person is a
    direct member, with everyone's messages, because Vault cannot hold only one person's messages to a group. Groups
    that contain these groups are not held.
    """

    services: tuple[Service, ...] = tuple(CORPORA)

    def __init__(self, vault: Vault, admin: Api, accounts: Accounts, units: Units, read_logged_changes: Trail) -> None:
        self._vault = vault
        self._trail = read_logged_changes
        self._cases = Cases(vault)
        self.searching: Searching = MailSearches(vault.api, self._cases)
        self._memberships = Memberships(admin)
        self._accounts = accounts
        self._units = units
        self._one_at_a_time = Lock()

    def read_case_access(self, matter: str, begins: datetime, ends: datetime) -> Sequence[CaseAccess]:
        """Return who acted in the matters of a case between two instants, without toolkit's own service accounts."""
        return self._trail.in_matters(self._cases.find_all(matter), begins, ends)

    def mark_as_new(self, matter: str) -> None:
        """Record that a case is new, so that toolkit creates its matter without a search for an existing matter."""
        self._cases.mark_as_new(matter)

    def place_first_hold(self, address: str) -> HeldAccount:
        """Return the account with an address. On Google, this does not place a hold yet."""
        return HeldAccount(self._memberships.account(address))

    def accounts(self, matter: str, people: Sequence[Person]) -> Mapping[str, frozenset[str]]:
        """Return the ids to hold for each person: the person's own account, and the groups held for the person."""
        with self._one_at_a_time:
            case = self._cases.read(matter)
        group_holds = {person.id: case.own_holds(Service.GROUPS, person) for person in people}
        return {key: frozenset({key}).union(*(hold.accounts for hold in holds)) for key, holds in group_holds.items()}

    def place_many(
        self, matter: str, people: Sequence[Person], service: Service
    ) -> Mapping[str, ServiceHold | RequestFailed]:
        """Put a service of many people on hold, and return the results by person id.

        One change is enough except for groups.
        """
        groups: Sequence[Groups | None] = [{} for _ in people]
        with self._one_at_a_time:
            if service is Service.GROUPS:
                groups = self._memberships.groups_of(people)
            else:
                self._hold_all(matter, people, service)
        return {
            person.id: self._try_to_hold(matter, person, service, person_groups)
            for person, person_groups in zip(people, groups, strict=True)
        }

    def _hold_all(self, matter: str, people: Sequence[Person], service: Service) -> None:
        """Put all people on one hold. If that fails, `place_many` tries each person separately."""
        case = self._cases.open(matter)
        missing = [
            person for person in people if hold_status(case, person, service, {}).standing is not HoldStatus.CONFIRMED
        ]
        try:
            if missing:
                account_ids = frozenset(person.id for person in missing)
                self._cases.keep(case.with_hold(self._write_hold(case, missing[0], service, account_ids)))
        except (NotFound, Rejected):
            self._cases.forget(matter)

    def _try_to_hold(
        self, matter: str, person: Person, service: Service, groups: Groups | None
    ) -> ServiceHold | RequestFailed:
        try:
            with self._one_at_a_time:
                return self._hold_service(matter, person, service, groups)
        except ServiceError as error:
            return error

    def place(self, matter: str, person: Person, service: Service) -> ServiceHold:
        """Put a service of a person on hold, without restrictions. If toolkit's own hold has restrictions, remove them.

        The holds of a matter are read once in a run, and the run's own changes are added to them. `read_existing_holds`
        reads the holds again.
        """
        with self._one_at_a_time:
            return self._hold_service(matter, person, service, self._find_groups(person, service))

    def read_existing_holds(self, matter: str, people: Sequence[Person]) -> Mapping[str, Sequence[ServiceHold]]:
        """Return the status of people's holds in a matter, by person id.

        A person's list is in the order of `services`.
        """
        with self._one_at_a_time:
            case = self._cases.read(matter)
            groups_by_person = self._memberships.groups_of(people)
        return {
            person.id: tuple(hold_status(case, person, service, groups) for service in self.services)
            for person, groups in zip(people, groups_by_person, strict=True)
        }

    def release(
        self,
        matter: str,
        person: Person,
        service: Service,
        *,
        since: datetime | None = None,  # noqa: ARG002 - a hold belongs to only one matter
    ) -> bool:
        """Remove a person from the hold that `place` created. Delete the hold if it is then empty, but keep the matter.

        Holds that others created in the matter are not changed. `read_existing_holds` still shows them.
        """
        with self._one_at_a_time:
            for hold in self._cases.read(matter).own_holds(service, person):
                self._release_hold(hold, person, service)
            self._cases.forget(matter)
        return True

    def check_case_access(self) -> None:
        """Check with one request that the administrator can use Vault. Raise an error otherwise."""
        self._vault.check_case_access()

    def read_held_accounts(self) -> Mapping[str, Settings]:
        """Return the accounts on hold in every open matter that the administrator may see, with their holds.

        The key is the id of the account, or of the group for a hold on groups. The setting `holds` lists the holds on
        the account itself. The setting `units` lists the holds on the unit in which the account is at present. A hold
        is written as matter/hold/corpus/whole or matter/hold/corpus/restricted.
        """
        return read_seen(self._vault, self._accounts, self._units)

    def read_accounts_on_hold(self) -> OnHold:
        """Return the accounts that open matters hold, directly or through the unit in which they are at present."""
        return read_on_hold(self._vault, self._accounts, self._units)

    def _find_groups(self, person: Person, service: Service) -> Groups | None:
        if service is not Service.GROUPS:
            return {}
        (groups,) = self._memberships.groups_of([person])
        return groups

    def _hold_service(self, matter: str, person: Person, service: Service, groups: Groups | None) -> ServiceHold:
        """Put a service of a person on hold. `groups` are the person's groups if the service is GROUPS."""
        if service is Service.GROUPS and not groups:
            return status_without_account(person, service) if groups is None else status_without_groups(person)
        case = self._cases.open(matter)
        before = hold_status(case, person, service, groups)
        if before.standing is HoldStatus.CONFIRMED:
            return ServiceHold(service, HoldStatus.CONFIRMED, "already on hold in this matter")
        try:
            account_ids = frozenset(groups or {}) if service is Service.GROUPS else frozenset({person.id})
            hold = self._write_hold(case, person, service, account_ids)
        except RequestFailed as error:
            self._cases.forget(matter)  # the write may have taken effect
            if not isinstance(error, NotFound | Rejected) or self._memberships.has_account(person):
                raise
            return status_without_account(person, service)
        self._cases.keep(case := case.with_hold(hold))
        if hold_status(case, person, service, groups).standing is not HoldStatus.CONFIRMED:
            return ServiceHold(service, HoldStatus.REQUESTED)
        return ServiceHold(service, HoldStatus.CONFIRMED, before.reason and f"before: {before.reason}")

    def _write_hold(self, case: Case, person: Person, service: Service, account_ids: frozenset[str]) -> Hold:
        """Create a hold, remove its restrictions, or add the missing accounts, with a single change."""
        corpus = CORPORA[service]
        ours = case.own_holds(service, person)
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
        if service is Service.GROUPS:  # a hold for only this person
            self._vault.delete(hold)
            return
        if person.id in hold.accounts:
            self._vault.remove(hold, person.id)
            # Another account may have been added since it was listed.
            hold = self._vault.read_hold(hold)
        if not hold.accounts:
            self._vault.delete(hold)
