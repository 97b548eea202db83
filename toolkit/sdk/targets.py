"""The people whom an object affects, and the data that a change could delete."""

from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from typing import TypeAlias

from toolkit.records import dataclass
from toolkit.sdk.legal_holds import OnHold
from toolkit.values import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedPlace:
    """A place whose data a change affects, such as a mailbox or a site, with its accounts and
    addresses in lower case.
    """

    everybody: bool = False  # whether everyone except `excluded_accounts` is in it
    accounts: frozenset[str] = frozenset()
    excluded_accounts: frozenset[str] = frozenset()
    all_accounts: frozenset[str] = frozenset()  # for `everybody`: all accounts in the place, or empty if not read
    certain: bool = True  # False if the tenant does not show the owners
    sites: bool = False  # whether it may be a site that a case holds

    def has(self, account: str) -> bool | None:
        """Return whether a person has data in this place, or None if this is unknown."""
        if not self.certain:
            return None
        return account not in self.excluded_accounts if self.everybody else account in self.accounts

    def has_data_at_any_address(self, addresses: frozenset[str]) -> bool | None:
        """Return whether a person who has these addresses has data in this place, or None if this is unknown."""
        if not self.certain:
            return None
        if not self.everybody:
            return bool(addresses & self.accounts)
        return not addresses & self.excluded_accounts and (not self.all_accounts or bool(addresses & self.all_accounts))


@dataclass(frozen=True, slots=True)
class Extent:
    """The places from which a change deletes evidence, and the effects of the change."""

    counts: tuple[str, ...]  # "46 mailboxes", "31 SharePoint sites"
    effects: tuple[str, ...]  # clauses in plain words
    places: tuple[AffectedPlace, ...]

    def has_data_of_any(self, accounts: Collection[str]) -> bool | None:
        """Return whether any of these accounts has data in these places, or None if this is unknown."""
        return _any_or_unknown(place.has(account.lower()) for place in self.places for account in accounts)

    def includes_person_on_hold(self, held: OnHold) -> bool | None:
        """Return whether the places contain data on legal hold, or None if this is unknown."""
        everybody = held.everybody if self.places else False
        unclear = None if self.has_data_of_any(held.unclear) is not False else False
        sites = _any_or_unknown(place.certain or None for place in self.places if held.sites and place.sites)
        return _any_or_unknown((everybody, self.has_data_of_any(held.accounts), sites, unclear))

    def includes_person_on_hold_elsewhere(self, held: OnHold, domains: Collection[str]) -> bool | None:
        """Return whether the places contain data of a person who is on hold in another cloud, or None if this is
        unknown.

        People are matched by address. Two addresses with the same name at different domains of the school belong to the
        same person.
        """
        all_people = held.everybody if self.places else False
        accounts = (self._has_any_of(held.people.get(account), domains) for account in held.accounts)
        unclear = (self._has_any_of(held.people.get(account), domains) is not False for account in held.unclear)
        return _any_or_unknown((all_people, *accounts, None if any(unclear) else False))

    def _has_any_of(self, addresses: frozenset[str] | None, domains: Collection[str]) -> bool | None:
        if addresses is None:
            return None if self.places else False
        everywhere = frozenset(alike for address in addresses for alike in _addresses_of_same_person(address, domains))
        return _any_or_unknown(place.has_data_at_any_address(everywhere) for place in self.places)


def _addresses_of_same_person(address: str, domains: Collection[str]) -> Iterable[str]:
    name, _, domain = address.partition("@")
    return [f"{name}@{other}" for other in domains] if domain in domains else [address]


def _any_or_unknown(answers: Iterable[bool | None]) -> bool | None:
    values = set(answers)
    if True in values:
        return True
    return None if None in values else False


class Scale(StrEnum):
    """The smallest audience to which an object of a kind can be limited."""

    TENANT = "tenant"
    GROUP = "group"
    UNIT = "unit"
    MAILBOX = "mailbox"
    DEVICE = "device"


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """The people whom an object affects.

    Groups and units are given by their names in the directory, and people by their id or address.
    """

    everyone: bool = False
    all_devices: bool = False  # counts as everyone, because no directory shows the number of devices
    groups: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()  # excluded groups
    whole_tenant: bool = False  # whether it applies to the whole tenant and does not name people

    @property
    def everybody(self) -> bool:
        """Return whether the object affects everyone except the excluded groups."""
        return self.everyone or self.all_devices

    @property
    def is_empty(self) -> bool:
        """Return whether the object affects no one."""
        return not (self.everybody or self.groups or self.people)

    def combine_with(self, other: "Targets") -> "Targets":
        """Return the people whom one or both of the two objects affect.

        A group is excluded only if both objects exclude it.
        """
        return Targets(
            everyone=self.everyone or other.everyone,
            all_devices=self.all_devices or other.all_devices,
            groups=self.groups | other.groups,
            people=self.people | other.people,
            excluded=self.excluded & other.excluded,
        )

    @property
    def named_groups(self) -> frozenset[str]:
        """Return the groups and units whose members must be read to count the people."""
        return self.groups | self.excluded


TargetsOf: TypeAlias = Callable[[str, Settings], Targets]
"""Returns the people whom an object affects (name, all its settings)."""

_ROOT = "/"


def whole_tenant(_name: str, _settings: Settings) -> Targets:
    """Return all people as targets, for a setting that applies to the whole tenant."""
    return Targets(everyone=True, whole_tenant=True)


def all_devices(_name: str, _settings: Settings) -> Targets:
    """Return all devices as targets, for a setting that applies to the whole tenant."""
    return Targets(all_devices=True, whole_tenant=True)


def one_person(name: str, _settings: Settings) -> Targets:
    return Targets(people=frozenset([name]))


TARGETS: Mapping[Scale, TargetsOf] = {Scale.MAILBOX: one_person, Scale.DEVICE: all_devices}
"""The targets of a kind's objects, by the kind's reach. All other kinds affect the whole tenant."""


def in_groups(names: Iterable[str]) -> Targets:
    """Return the members of some groups or units as targets. The top unit contains everyone."""
    groups = frozenset(names)
    return Targets(everyone=True, whole_tenant=True) if _ROOT in groups else Targets(groups=groups)
