"""Which of several settings a person gets where a service has them in layers: the protocol of a mechanism.

A connector describes where each object takes effect and for whom; the engine compares what people get today with what
they would get after a plan. A mechanism is a module in connectors/<provider>/precedence with a PRECEDENCE.
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
    """Where an object takes effect: in which setting, for which units and groups, and before which others."""

    key: str  # what is set, such as one policy of Chrome
    included: frozenset[str]  # ids of units and groups
    rank: tuple[int, ...] = ()  # the lowest is first
    excluded: frozenset[str] = frozenset()
    bare: bool = field(default=False, compare=False)  # once nothing is asked for there, nothing stays there

    def reaches(self, targets: Collection[str]) -> bool:
        """Return whether it is for people who are in these units and groups."""
        return not self.included.isdisjoint(targets) and self.excluded.isdisjoint(targets)


@dataclass(frozen=True, slots=True)
class Layer:
    """What is set at one place."""

    place: LayerPlace
    name: str  # as an admin knows it
    settings: Settings
    address: Address | None = None  # of an object of the playbooks


@dataclass(frozen=True, slots=True)
class Cohort:
    """All people who are in the same of those units and groups that anything refers to."""

    targets: frozenset[str]
    people: int


@dataclass(frozen=True, slots=True)
class SettledValue:
    """What one setting is for a cohort: the value of the layer that wins, and the layers behind it."""

    value: Value
    winner: Layer | None = None  # None where nothing is set
    hidden: tuple[Layer, ...] = ()


@dataclass(frozen=True, slots=True)
class LayerConflict:
    """Layers of which no one can say which wins: what one setting is for the cohort is not known."""

    layers: tuple[Layer, ...]


EffectiveValue = SettledValue | LayerConflict


@dataclass(frozen=True, slots=True)
class Scene:
    """What was read for one mechanism: who is where, what is set today, and where our objects are."""

    people: Iterable[Collection[str]]  # of each person, the units and groups that the person is in
    empty: Collection[frozenset[str]]  # units with those above them, also where nobody is in one
    layers: tuple[Layer, ...]  # today, ours among them
    places: Mapping[Address, LayerPlace]  # of the objects that the playbooks ask for
    unknown: Mapping[Address, str] = field(default_factory=dict)  # why it is not known for whom an object is


@dataclass(frozen=True, slots=True)
class MachineSetting:
    """A setting of a program that a policy sets for a computer and everyone who signs in there."""

    setting: str  # the program and the setting, as chrome_url_blocklist
    name: str  # the policy's
    entries: tuple[str, ...] | None  # None: not known


class MachineSettings(Protocol[C_contra]):
    """What one cloud sets for computers; found as `MACHINE` in connectors/<provider>/precedence."""

    def read(self, via: C_contra, wanted: Sequence[Desired]) -> Sequence[MachineSetting]:
        """Read what is set, ours as it is wanted; ServiceError where that is not known."""


class Precedence(Protocol[C_contra]):
    """One mechanism of a service by which layers come together."""

    kinds: tuple[str, ...]
    """The kinds whose objects are layers of it, without the provider."""

    inherits: bool
    """Whether a layer takes the place of all that is behind it, so that ours must hold what was there."""

    nesting: GroupNesting
    """Whether what is set for a group is for the members of groups inside it too."""

    about_place: frozenset[str]
    """Settings that say whether an object sets anything at its place, and reach no one."""

    def read(self, via: C_contra, wanted: Sequence[Desired]) -> Scene:
        """Read who is where and what is set in the settings that some objects are about; ServiceError where unknown."""

    def is_set(self, settings: Settings) -> bool:
        """Return whether an object that shows these settings sets anything at its own place."""

    def written(self, wanted: Settings, before: Settings) -> Settings | None:
        """Return what an object has at its own place once it is written; None where it sets nothing there."""

    def resolve(self, setting: str, layers: Sequence[Layer]) -> EffectiveValue:
        """Return what one setting is for a cohort that these layers reach, the first before the others."""

    def outranked(self, wanted: Desired, machine: Sequence[MachineSetting]) -> Iterable[str]:
        """Return why an object may do nothing on a computer, since another cloud's policy there goes before it."""
