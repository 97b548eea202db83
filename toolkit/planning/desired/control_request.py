"""The controls that a playbook requires on one cloud, and the objects that these controls need there."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
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
    """The kinds of objects that a provider has, and how the provider realises each control."""

    name: str
    title: str
    kinds: Mapping[str, Kind[Connection]]
    realisations: Mapping[str, CloudControl]

    @property
    def controls_with_exceptions(self) -> frozenset[str]:
        """Return the names of the controls from which this cloud can exempt a group."""
        return frozenset(name for name, control in self.realisations.items() if control.excepts)


@dataclass(frozen=True, slots=True)
class ControlInPlaybook:
    """A control as a playbook entry uses it on one provider."""

    entry: ControlEntry
    control: Control
    trade: CloudCatalogue
    school: School
    clauses: Sequence[str]  # of the playbook
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class ControlRequest:
    """The result of expanding a control on one cloud: the objects that must exist, and the objects that must not
    exist.
    """

    contributions: tuple[Contribution, ...] = ()
    absent: tuple[Absent, ...] = ()
    controls: tuple[RealisedControl, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    not_restored: tuple[Refusal, ...] = ()
    problems: tuple[Problem, ...] = field(default=())
    school: str = ""  # the school of a trust for which it is


def label_with_school(requests: Sequence[ControlRequest], school: str) -> Sequence[ControlRequest]:
    """Return the requests of a control, labelled with the school for which they are."""
    return [_label_request(request, school) for request in requests] if school else requests


def _label_request(request: ControlRequest, school: str) -> ControlRequest:
    return replace(
        request,
        contributions=tuple(replace(contribution, schools=(school,)) for contribution in request.contributions),
        controls=tuple(replace(control, school=school) for control in request.controls),
        school=school,
    )
