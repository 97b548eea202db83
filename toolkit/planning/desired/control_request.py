"""A control that a playbook requires on one cloud, and the objects that the control needs there."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime

from toolkit.controls.control import Control
from toolkit.errors import Problem
from toolkit.planning.contribution import Contribution
from toolkit.planning.plan_details import RealisedControl, Refusal, Unknown
from toolkit.playbook.entries import ControlEntry
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.part import CloudControl
from toolkit.sdk.resource import Absent


@dataclass(frozen=True, slots=True)
class CloudCatalogue:
    """The kinds of a provider, and its implementations of controls."""

    name: str
    title: str
    kinds: Mapping[str, Kind[Connection]]
    realisations: Mapping[str, CloudControl]

    @property
    def controls_with_exceptions(self) -> frozenset[str]:
        """Return the controls from which this cloud can exempt a group."""
        return frozenset(name for name, control in self.realisations.items() if control.excepts)


@dataclass(frozen=True, slots=True)
class ControlInPlaybook:
    """A control as a playbook entry requires it, on one provider."""

    entry: ControlEntry
    control: Control
    trade: CloudCatalogue
    school: School
    clauses: Sequence[str]  # of the playbook
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class ControlRequest:
    """The objects that must exist on a provider because of a control, and the objects that must not exist there."""

    contributions: tuple[Contribution, ...] = ()
    absent: tuple[Absent, ...] = ()
    controls: tuple[RealisedControl, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    not_restored: tuple[Refusal, ...] = ()
    problems: tuple[Problem, ...] = field(default=())
