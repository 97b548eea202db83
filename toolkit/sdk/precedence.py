"""The setting that a person gets if a service has several in layers: the protocol of a mechanism.

A connector describes the place and the audience of each object. The engine compares the settings that people have today
with the settings after a plan. A mechanism is a module in connectors/<provider>/precedence with a PRECEDENCE.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field
from typing import Protocol, TypeVar

from toolkit.records import dataclass
from toolkit.sdk.directory import GroupNesting
from toolkit.sdk.resource import Address, Desired
from toolkit.values import Settings, Value

C_contra = TypeVar("C_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class LayerPlace:
    """The place of an object: its setting, its units and groups, and its rank."""

    key: str  # the subject of the setting, such as one policy of Chrome
    included: frozenset[str]  # ids of units and groups
    rank: tuple[int, ...] = ()  # the lowest is first
    excluded: frozenset[str] = frozenset()
    bare: bool = field(default=False, compare=False)  # without desired settings there, nothing remains there

    def reaches(self, targets: Collection[str]) -> bool:
        """Return whether it applies to people who are in these units and groups."""
        return not self.included.isdisjoint(targets) and self.excluded.isdisjoint(targets)


@dataclass(frozen=True, slots=True)
class Layer:
    """The settings at one place."""

    place: LayerPlace
    name: str  # as an admin knows it
    settings: Settings
    address: Address | None = None  # of an object of the playbooks


@dataclass(frozen=True, slots=True)
class Cohort:
    """All people who are in the same of the units and groups that any object names."""

    targets: frozenset[str]
    people: int


@dataclass(frozen=True, slots=True)
class SettledValue:
    """The value of a setting for a cohort: from the layer that wins, with the layers behind it."""

    value: Value
    winner: Layer | None = None  # None if no layer sets it
    hidden: tuple[Layer, ...] = ()


@dataclass(frozen=True, slots=True)
class LayerConflict:
    """Layers of which any may win, so that the setting of the cohort is not known."""

    layers: tuple[Layer, ...]


EffectiveValue = SettledValue | LayerConflict


@dataclass(frozen=True, slots=True)
class Scene:
    """The inputs of a mechanism: the people, the present settings, and the places of the desired objects."""

    people: Iterable[Collection[str]]  # of each person, the units and groups that the person is in
    empty: Collection[frozenset[str]]  # units with those above them, also where nobody is in one
    layers: tuple[Layer, ...]  # today, ours among them
    places: Mapping[Address, LayerPlace]  # of the objects that the playbooks ask for
    unknown: Mapping[Address, str] = field(default_factory=dict)  # why the audience of an object is not known


@dataclass(frozen=True, slots=True)
class MachineSetting:
    """A setting of a program that a policy sets for a computer and everyone who signs in there."""

    setting: str  # the program and the setting, as chrome_url_blocklist
    name: str  # the policy's
    entries: tuple[str, ...] | None  # None: not known


class MachineSettings(Protocol[C_contra]):
    """A cloud's settings for computers. Stored as `MACHINE` in connectors/<provider>/precedence."""

    def read(self, via: C_contra, wanted: Sequence[Desired]) -> Sequence[MachineSetting]:
        """Read the present settings, and toolkit's as desired. Raise ServiceError if they are not known."""


class Precedence(Protocol[C_contra]):
    """One mechanism of a service by which layers come together."""

    kinds: tuple[str, ...]
    """The kinds whose objects are layers of it, without the provider."""

    inherits: bool
    """Whether a layer replaces all layers behind it, so that toolkit's layer must include their values."""

    nesting: GroupNesting
    """Whether a group's settings also apply to the members of groups inside it."""

    about_place: frozenset[str]
    """Settings that only decide whether an object sets anything at its place."""

    def read(self, via: C_contra, wanted: Sequence[Desired]) -> Scene:
        """Read the people and the present settings for some objects. Raise ServiceError if they are unknown."""

    def is_set(self, settings: Settings) -> bool:
        """Return whether an object with these settings sets anything at its own place."""

    def written(self, wanted: Settings, before: Settings) -> Settings | None:
        """Return an object's settings at its own place after it is written, or None if it sets nothing there."""

    def resolve(self, setting: str, layers: Sequence[Layer]) -> EffectiveValue:
        """Return the value of a setting for a cohort that these layers reach, in order of precedence."""

    def outranking_policies(self, wanted: Desired, machine: Sequence[MachineSetting]) -> Iterable[str]:
        """Return why an object may have no effect on a computer, because another cloud's policy takes precedence."""
