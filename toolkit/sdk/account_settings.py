"""The types with which a connector describes the settings that reach one account and its devices.

A connector turns the objects of its kinds into layers, each with the group or unit that leads to the account, and says
how the service combines them. `toolkit/planning/account_settings.py` works out the values. Each cloud has an
ACCOUNT_SETTINGS in connectors/<provider>/account_settings.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import Protocol, TypeAlias, TypeVar

from toolkit.records import dataclass
from toolkit.sdk.directory import Directory
from toolkit.sdk.mail_flow import MailObject, NotRead
from toolkit.sdk.targets import Targets
from toolkit.sdk.truth import Truth, any_of, cannot_tell, no, yes
from toolkit.values import Settings, Value

C_contra = TypeVar("C_contra", contravariant=True)
VENDORS_OWN = "the provider's own value"
"""The source of a value if no administrator has set the value."""
Objects: TypeAlias = Mapping[str, Sequence[MailObject]]
"""The objects by kind, without the provider, in the service's order."""


class Combination(StrEnum):
    """The way in which a service combines the layers that reach an account."""

    FIRST = "first"  # the first layer decides, and the others have no effect
    ALL = "all"  # every layer applies
    EQUAL = "equal"  # layers with different values cancel each other
    STRICTEST = "strictest"  # the strictest value applies


@dataclass(frozen=True, slots=True)
class SettingLayer:
    """An object whose settings reach an account, or may reach it.

    The reasons of `reaches` name the groups and units that lead there.
    """

    kind: str
    name: str
    settings: Settings
    reaches: Truth


Strictest: TypeAlias = Callable[[str, Sequence[Value]], Value | None]
"""Returns the strictest of several values of a setting, or None if no rule says which value is stricter."""


def _no_rule(_setting: str, _values: Sequence[Value]) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class LayeredSettings:
    """Settings of the same subject in several layers, the strongest first. Layers that reach no one are left out."""

    area: str  # the heading under which people look for it, such as "Mail" or a device
    title: str  # such as "malware policy"
    layers: tuple[SettingLayer, ...]
    combination: Combination = Combination.ALL
    device: str = ""  # "" if the settings belong to the account
    doubt: str = ""  # why the values cannot be listed_group
    where: str = ""  # where to look instead
    strictest: Strictest = _no_rule


@dataclass(frozen=True, slots=True)
class AccountDevice:
    """A device of an account."""

    name: str
    platform: str  # as the service writes it, such as Windows
    ids: frozenset[str]  # under which groups contain it
    facts: Mapping[str, str] = field(default_factory=dict)  # that assignment filters use


@dataclass(frozen=True, slots=True)
class CloudAccount:
    """An account of a cloud, with its unit and its devices, and without a name or anything about its use."""

    id: str
    address: str
    unit: str = ""
    devices: tuple[AccountDevice, ...] = ()
    devices_unknown: str = ""  # why the devices could not be read
    has_mailbox: bool = True


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """An account, the objects of the tenant, and the members of the groups and units that the objects name."""

    account: CloudAccount
    objects: Objects
    directory: Directory

    def is_in(self, group: str) -> Truth:
        """Return whether the account is in a group or a unit."""
        return self._contains(group, frozenset({self.account.id}))

    def has_device(self, group: str, device: AccountDevice) -> Truth:
        """Return whether a device is a member of a group."""
        listed_group = self.directory.groups.get(group)
        if listed_group is None:
            return self._unknown(group)
        return yes(_group_title(group)) if listed_group.device_ids & device.ids else no(f"not in {group}")

    def reached_by(self, targets: Targets) -> Truth:
        """Return whether an object with these targets affects the account, with the groups and units that lead to it.

        Exclusions win.
        """
        excluded = any_of(self.is_in(group) for group in sorted(targets.excluded))
        if excluded.value:
            return no(*(f"excluded by {reason}" for reason in excluded.reasons))
        if targets.everybody:
            included = yes("for everyone")
        elif targets.people & {self.account.id, self.account.address}:
            included = yes("the account itself")
        else:
            included = any_of(self.is_in(group) for group in sorted(targets.groups))
        if included.value and excluded.value is None:
            return cannot_tell(*excluded.reasons)
        return included

    def _contains(self, group: str, ids: frozenset[str]) -> Truth:
        listed_group = self.directory.groups.get(group)
        if listed_group is None:
            return self._unknown(group)
        name = listed_group.address or listed_group.name
        return yes(_group_title(group, name)) if listed_group.members & ids else no(f"not in {group}")

    def _unknown(self, group: str) -> Truth:
        reason = self.directory.unknown.get(group, "it was not read")
        return (
            no(f"{group} no longer exists")
            if group in self.directory.gone
            else cannot_tell(f"the members of {group} are unknown: {reason}")
        )


def _group_title(group: str, name: str = "") -> str:
    return f"the unit {name or group}" if (name or group).startswith("/") else f"the group {name or group}"


class AccountReader(Protocol):
    """A reader of the settings of a single account, on an open connection."""

    kinds: tuple[str, ...]
    """The kinds, without the provider, whose objects reach people or devices and are shown."""

    not_read: tuple[NotRead, ...]

    def find(self, address: str) -> CloudAccount | None:
        """Return the account with an address, or None. Raise ServiceError if it cannot be read."""

    def object_names(self, account: CloudAccount) -> Mapping[str, frozenset[str]]:
        """Return the names of the objects to read, for kinds that the service cannot list."""

    def named_groups(self, account: CloudAccount, objects: Objects) -> frozenset[str]:
        """Return the groups and units that decide whom the objects reach."""

    def list_layers(self, facts: AccountFacts) -> Iterable[LayeredSettings]:
        """Yield the settings that reach the account, in the service's order of precedence."""


class AccountSettings(Protocol[C_contra]):
    """Opens the reader of a cloud."""

    def __call__(self, connection: C_contra) -> AccountReader:
        """Return the reader for a connection."""
