"""Keeps a run inside the school's windows: what would be written outside them waits."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from toolkit.controls.mail.out_of_office import CONTROL as OUT_OF_OFFICE
from toolkit.engine.context import RunContext
from toolkit.engine.refresh import Survey
from toolkit.engine.replies.remind import Reminder
from toolkit.planning.change import Change, Delete
from toolkit.planning.limits import breaches
from toolkit.planning.plan import Refusal
from toolkit.sdk.address import Address
from toolkit.sdk.resource import Origin
from toolkit.sdk.windows import Wait, Windows

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
    found.update({one.address: _of_message(one, windows, context) for one in survey.reminders})
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
        reminders=[one for one in survey.reminders if one.address not in held_back],
    )


def _origin(change: Change) -> Origin:
    return change.absent.origin if isinstance(change, Delete) else change.desired.origin


def _hands(survey: Survey, address: Address) -> frozenset[str]:
    """Say which controls ask for an object; a reply is given back by what sets replies."""
    if survey.kinds[address.of_kind].lent:
        return frozenset({OUT_OF_OFFICE.name})
    return survey.plan.wanted.get(address, frozenset()) - {""}


def _of_message(one: Reminder, windows: Windows, context: RunContext) -> Wait | None:
    return windows.wait({OUT_OF_OFFICE.name}, one.address.of_kind, context.now)
