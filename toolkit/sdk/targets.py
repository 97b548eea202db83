"""Whom an object touches, by its name and its settings, and what a change reaches that keeps less or deletes."""

from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from typing import TypeAlias

from toolkit.records import dataclass
from toolkit.sdk.legal_holds import OnHold
from toolkit.values import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedPlace:
    """Where such a change works; people are in it by account and by address, in lower case."""

    everybody: bool = False  # all people of the tenant, but those who are spared
    named: frozenset[str] = frozenset()
    spared: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()  # all people who have anything there, for `everybody`; empty if not read
    certain: bool = True  # False: whose it is cannot be told by asking the tenant
    sites: bool = False  # it may be a site that a case holds

    def has(self, account: str) -> bool | None:
        """Return whether a person has anything there; None where that is unknown."""
        if not self.certain:
            return None
        return account not in self.spared if self.everybody else account in self.named

    def has_one_of(self, addresses: frozenset[str]) -> bool | None:
        """Return whether the person with these addresses has anything there; None if that is unknown."""
        if not self.certain:
            return None
        if not self.everybody:
            return bool(addresses & self.named)
        return not addresses & self.spared and (not self.known or bool(addresses & self.known))


@dataclass(frozen=True, slots=True)
class Extent:
    """What a change reaches, and what becomes of that."""

    counts: tuple[str, ...]  # "46 mailboxes", "31 SharePoint sites"
    effects: tuple[str, ...]  # in plain words, each a clause
    places: tuple[AffectedPlace, ...]

    def concerns(self, accounts: Collection[str]) -> bool | None:
        """Say whether any of these accounts has something there; None where that cannot be told."""
        return _any(place.has(account.lower()) for place in self.places for account in accounts)

    def meets(self, held: OnHold) -> bool | None:
        """Return whether anything on legal hold is there; None where that cannot be told."""
        everybody = held.everybody if self.places else False
        unclear = None if self.concerns(held.unclear) is not False else False
        sites = _any(place.certain or None for place in self.places if held.sites and place.sites)
        return _any((everybody, self.concerns(held.accounts), sites, unclear))

    def meets_elsewhere(self, held: OnHold, domains: Collection[str]) -> bool | None:
        """Return whether anything there is of a person on hold in another cloud; None if that is unknown.

        People are known by address there. A name at one domain of the school is the same person at another.
        """
        all_people = held.everybody if self.places else False
        accounts = (self._has(held.people.get(account), domains) for account in held.accounts)
        unclear = (self._has(held.people.get(account), domains) is not False for account in held.unclear)
        return _any((all_people, *accounts, None if any(unclear) else False))

    def _has(self, addresses: frozenset[str] | None, domains: Collection[str]) -> bool | None:
        if addresses is None:
            return None if self.places else False
        everywhere = frozenset(alike for address in addresses for alike in _alike(address, domains))
        return _any(place.has_one_of(everywhere) for place in self.places)


def _alike(address: str, domains: Collection[str]) -> Iterable[str]:
    name, _, domain = address.partition("@")
    return [f"{name}@{other}" for other in domains] if domain in domains else [address]


def _any(answers: Iterable[bool | None]) -> bool | None:
    found = set(answers)
    if True in found:
        return True
    return None if None in found else False


class Scale(StrEnum):
    """For whom the objects of a kind are: the whole tenant, or as few as one of them can be for."""

    TENANT = "tenant"
    GROUP = "group"
    UNIT = "unit"
    MAILBOX = "mailbox"
    DEVICE = "device"


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Whom one object touches; groups and units are named as the directory finds them, people by id or address."""

    everyone: bool = False
    all_devices: bool = False  # no directory shows their number, so that it counts as everyone
    groups: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()  # groups
    whole_tenant: bool = False  # it is said of the whole tenant, and names nobody

    @property
    def everybody(self) -> bool:
        """Return whether it touches everyone but the groups that are excluded."""
        return self.everyone or self.all_devices

    @property
    def empty(self) -> bool:
        """Return whether it touches no one."""
        return not (self.everybody or self.groups or self.people)

    def together(self, other: "Targets") -> "Targets":
        """Return whom two objects touch together; a group that one of them excludes may be touched by the other."""
        return Targets(
            everyone=self.everyone or other.everyone,
            all_devices=self.all_devices or other.all_devices,
            groups=self.groups | other.groups,
            people=self.people | other.people,
            excluded=self.excluded & other.excluded,
        )

    @property
    def named(self) -> frozenset[str]:
        """Return the groups and units that have to be read to count the people."""
        return self.groups | self.excluded


TargetsOf: TypeAlias = Callable[[str, Settings], Targets]
"""Returns whom an object touches (name, all its settings)."""

_ROOT = "/"


def whole_tenant(_name: str, _settings: Settings) -> Targets:
    """Return everyone: the setting is the tenant's."""
    return Targets(everyone=True, whole_tenant=True)


def whole_fleet(_name: str, _settings: Settings) -> Targets:
    """Return all devices: the setting is the tenant's."""
    return Targets(all_devices=True, whole_tenant=True)


def one_person(name: str, _settings: Settings) -> Targets:
    return Targets(people=frozenset([name]))


TARGETS: Mapping[Scale, TargetsOf] = {Scale.MAILBOX: one_person, Scale.DEVICE: whole_fleet}
"""Whom an object touches by the reach of its kind alone; where there is no more to it, the whole tenant."""


def in_groups(names: Iterable[str]) -> Targets:
    """Return the people of some groups or units; the unit above all others has everyone."""
    groups = frozenset(names)
    return Targets(everyone=True, whole_tenant=True) if _ROOT in groups else Targets(groups=groups)
