"""Interfaces for services in which several layers set the same setting and an order of precedence decides.

A connector describes the place of each object and the people whom it affects. The engine compares people's present
settings with their settings after a plan. Each mechanism is a PRECEDENCE in a module of
connectors/<provider>/precedence.
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
    """The place of a layer of settings: the units and groups to which the layer applies, and its rank."""

    key: str  # the subject of the setting, such as a Chrome policy
    included: frozenset[str]  # ids of units and groups
    rank: tuple[int, ...] = ()  # the lowest rank comes first
    excluded: frozenset[str] = frozenset()
    bare: bool = field(default=False, compare=False)  # whether nothing is left at the place without desired settings

    def reaches(self, targets: Collection[str]) -> bool:
        """Return whether the layer applies to people in these units and groups."""
        return not self.included.isdisjoint(targets) and self.excluded.isdisjoint(targets)


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer: the settings of a single object, which apply to the people at its place."""

    place: LayerPlace
    name: str  # the name that an admin sees
    settings: Settings
    address: Address | None = None  # if it is an object of the playbooks


@dataclass(frozen=True, slots=True)
class Cohort:
    """People who are in the same units and groups, so that they get the same settings."""

    targets: frozenset[str]
    people: int


@dataclass(frozen=True, slots=True)
class SettledValue:
    """The value of a setting for a cohort, with the layer that wins and the layers that the winning layer hides."""

    value: Value
    winner: Layer | None = None  # None if no layer sets the value
    hidden: tuple[Layer, ...] = ()


@dataclass(frozen=True, slots=True)
class LayerConflict:
    """A conflict between layers with equal precedence that set different values, so that the cohort's value is
    unknown.
    """

    layers: tuple[Layer, ...]


EffectiveValue = SettledValue | LayerConflict


@dataclass(frozen=True, slots=True)
class PrecedenceInputs:
    """The inputs to compute people's settings: cohorts, present layers, and the places of desired objects."""

    people: Iterable[Collection[str]]  # the units and groups of each person
    empty: Collection[frozenset[str]]  # each unit with the units above it, including units without people
    layers: tuple[Layer, ...]  # the present layers, including toolkit's
    places: Mapping[Address, LayerPlace]  # the places of desired objects
    unknown: Mapping[Address, str] = field(default_factory=dict)  # why the audience of an object is unknown


@dataclass(frozen=True, slots=True)
class MachineSetting:
    """A setting of a program on a computer.

    A policy applies it to the computer, and so to everyone who signs in there.
    """

    setting: str  # the program and the setting, such as chrome_url_blocklist
    name: str  # the name of the policy
    entries: tuple[str, ...] | None  # None if unknown


class MachineSettings(Protocol[C_contra]):
    """Reads a cloud's settings for computers. Defined as `MACHINE` in connectors/<provider>/precedence."""

    def read(self, connection: C_contra, desired_objects: Sequence[Desired]) -> Sequence[MachineSetting]:
        """Return the present settings, but with the desired values for toolkit's objects.

        Raise ServiceError if they are unknown.
        """


class Precedence(Protocol[C_contra]):
    """A mechanism by which a service combines layers of settings."""

    kinds: tuple[str, ...]
    """The names, without the provider, of kinds whose objects are layers."""

    inherits: bool
    """Whether a layer replaces all layers that it hides, so toolkit's layer must include their values."""

    nesting: GroupNesting
    """Whether a group's settings also apply to the members of groups inside it."""

    about_place: frozenset[str]
    """Settings that only determine whether an object sets anything at its place."""

    def read(self, connection: C_contra, desired_objects: Sequence[Desired]) -> PrecedenceInputs:
        """Read the people whom some desired objects affect, and their present settings.

        Raise ServiceError if they are unknown.
        """

    def is_set(self, settings: Settings) -> bool:
        """Return whether an object with these settings sets any setting at its own place."""

    def settings_after_write(self, desired_settings: Settings, before: Settings) -> Settings | None:
        """Return the settings that an object sets at its own place after a write, or None if it sets nothing there."""

    def resolve(self, setting: str, layers: Sequence[Layer]) -> EffectiveValue:
        """Return the value of a setting for a cohort.

        `layers` are the layers that apply to the cohort, with the strongest first.
        """

    def outranking_policies(self, desired: Desired, machine: Sequence[MachineSetting]) -> Iterable[str]:
        """Return the policies of another cloud that take precedence, so that an object may have no effect on a
        computer.
        """
