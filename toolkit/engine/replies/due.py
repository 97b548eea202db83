"""A run that does what the calendar makes due, and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit.controls.mail.out_of_office import CONTROL as OUT_OF_OFFICE
from toolkit.engine.change_windows import Waiting, waiting
from toolkit.engine.context import RunContext
from toolkit.engine.exit_codes import exit_of_due
from toolkit.engine.failed_runs import answering
from toolkit.engine.refresh import Survey, surveyed
from toolkit.engine.run_report import Report
from toolkit.engine.runs import ACTS, Act, Ask, carried_out, recall
from toolkit.planning.calendar.due import Matter, only_due
from toolkit.planning.limits import breaches
from toolkit.playbook.entries import Playbooks

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger

DUE_ACTS: tuple[Act, ...] = ACTS
"""What is due beside changes of objects; a further thing, such as a hold left half done, is one act more."""


def due_run(context: RunContext, playbooks: Playbooks, ledger: "Ledger", ask: Ask) -> Report:
    """Make begin and end what the calendar says, once `ask` says so; the caller holds the lease.

    Everything is read and planned as for `apply`, and of that plan only what is due is made. UnsafePlan where a limit
    stands in the way.
    """
    return carried_out(context, _surveyed(context, playbooks, ledger), ledger, ask, acts=DUE_ACTS, judge=exit_of_due)


@contextmanager
def _surveyed(context: RunContext, playbooks: Playbooks, ledger: "Ledger") -> Iterator[Survey]:
    with answering(context, playbooks, ledger, surveyed(context, playbooks, recall(ledger))) as survey:
        yield _narrowed(context, survey)


def _narrowed(context: RunContext, survey: Survey) -> Survey:
    held_back = waiting(context, survey)
    due = [_whole(one, held_back) for one in survey.due]
    plan = only_due(survey.plan, due)
    spoken_of = {change.address for change in plan.changes} | {one.address for one in plan.refused}
    past, digest = survey.recalled.past, survey.playbooks.digest
    return replace(
        survey,
        plan=plan,
        due=due,
        left=[change.address for change in survey.plan.changes if change.address not in spoken_of],
        breaches=breaches(plan, survey.recalled.known, context.allowed),
        reminders=[
            one for one in survey.reminders if not past(digest, one.provider)([OUT_OF_OFFICE.name], "").hindrance
        ],
    )


def _whole(matter: Matter, held_back: Waiting) -> Matter:
    """Let all of an exception, or of a pilot, wait where a part of it has to."""
    waits = [held_back[address] for address in matter.addresses if address in held_back]
    if not matter.turns or not waits or matter.blocked:
        return matter
    return replace(matter, blocked=str(waits[0]), waits=True)
