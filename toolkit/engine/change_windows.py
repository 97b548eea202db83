"""Keeps a run inside the school's windows: what would be written outside them waits."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from toolkit.engine.context import RunContext
from toolkit.engine.refresh import Survey
from toolkit.planning.change import Change, Delete
from toolkit.planning.limits import breaches
from toolkit.planning.plan import Refusal
from toolkit.sdk.address import Address
from toolkit.sdk.resource import Origin
from toolkit.sdk.windows import Wait

Waiting: TypeAlias = Mapping[Address, Wait]
"""What is not written now: changes, and messages to people."""


def waiting(context: RunContext, survey: Survey) -> Waiting:
    """Find what the school's windows and freezes hold back now; nothing where somebody overrides them."""
    windows = survey.playbooks.school.windows
    if windows is None or context.override:
        return {}
    found = {
        change.address: windows.wait(_hands(survey, change.address), change.address.of_kind, context.now)
        for change in survey.plan.changes
    }
    for act in (act for result in survey.results for act in result.acts):
        found[act.address] = windows.wait({act.control}, act.address.of_kind, context.now)
    return {address: wait for address, wait in found.items() if wait}


def inside(context: RunContext, survey: Survey) -> Survey:
    """Refuse what has to wait; the rest of the plan, and its limits, are as if it were not there."""
    held_back = waiting(context, survey)
    if not held_back:
        return survey
    origins = {change.address: _origin(change) for change in survey.plan.changes}
    plan = replace(
        survey.plan,
        changes=tuple(change for change in survey.plan.changes if change.address not in held_back),
        refused=(
            *survey.plan.refused,
            *(Refusal(address, str(wait), origins.get(address), waits=True) for address, wait in held_back.items()),
        ),
    )
    return replace(
        survey,
        plan=plan,
        breaches=breaches(plan, survey.recalled.known, context.allowed),
        results=[result.without(held_back.keys()) for result in survey.results],
    )


def _origin(change: Change) -> Origin:
    return change.absent.origin if isinstance(change, Delete) else change.desired.origin


def _hands(survey: Survey, address: Address) -> frozenset[str]:
    """Return the controls that ask for an object, or those of a feature to which all of its kind belongs."""
    kind = survey.kinds[address.of_kind]
    of_feature = frozenset[str]().union(*(one.controls_of(kind) for one in survey.recalled.extensions))
    return of_feature or survey.plan.wanted.get(address, frozenset()) - {""}
