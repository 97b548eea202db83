"""A run that does what the calendar makes due, and nothing else."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit.controls.replies import OUT_OF_OFFICE
from toolkit.engine.apply.outcome import Outcome
from toolkit.engine.context import RunContext
from toolkit.engine.exit_codes import exit_of_apply, worst
from toolkit.engine.refresh import Survey, surveyed
from toolkit.engine.run_entries import answering
from toolkit.engine.run_report import Report, Waiting, waiting
from toolkit.engine.runs import Ask, carried_out, recall
from toolkit.errors import Exit
from toolkit.planning.limits import breaches
from toolkit.planning.matter import Matter, PastOf
from toolkit.planning.plan import Plan
from toolkit.playbook.entries import Playbooks
from toolkit.replies.due import only_due
from toolkit.replies.run import Replies, RepliesResult

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


def due_run(context: RunContext, playbooks: Playbooks, ledger: "Ledger", ask: Ask) -> Report:
    """Make begin and end what the calendar says, once `ask` says so; the caller holds the lease.

    Everything is read and planned as for `apply`, and of that plan only what is due is made. UnsafePlan where a limit
    prevents it.
    """
    surveying = _surveyed(context, playbooks, ledger)
    return carried_out(context, surveying, ledger, ask, judge=exit_of_due, settles_news=False)


def exit_of_due(plan: Plan, outcomes: Sequence[Outcome]) -> Exit:
    """Keep what only waits for a window of the school, and is done later, apart from what is refused."""
    refused = replace(plan, refused=tuple(refusal for refusal in plan.refused if not refusal.waits))
    waits = len(refused.refused) < len(plan.refused)
    return worst([exit_of_apply(refused, outcomes), *([Exit.PENDING] if waits else [])])


@contextmanager
def _surveyed(context: RunContext, playbooks: Playbooks, ledger: "Ledger") -> Iterator[Survey]:
    replies = Replies(ledger if ledger.exists() else None)
    with answering(context, playbooks, ledger, surveyed(context, playbooks, recall(context, ledger))) as survey:
        yield _narrowed(context, survey, replies.past)


def _narrowed(context: RunContext, survey: Survey, past: Callable[[str, str], PastOf]) -> Survey:
    held_back = waiting(context, survey)
    due = [_whole(matter, held_back) for result in survey.results for matter in result.matters]
    plan = only_due(survey.plan, due)
    spoken_of = {change.address for change in plan.changes} | {one.address for one in plan.refused}
    left = [change.address for change in survey.plan.changes if change.address not in spoken_of]
    return replace(
        survey,
        plan=plan,
        breaches=breaches(plan, survey.recalled.known, context.allowed),
        results=[
            replace(_applied(result, past, survey.playbooks.digest), matters=due, left=left)
            if isinstance(result, RepliesResult)
            else result
            for result in survey.results
        ],
    )


def _applied(result: RepliesResult, past: Callable[[str, str], PastOf], digest: str) -> RepliesResult:
    """Leave out the reminders that playbooks ask for which were not applied as they are."""
    never = {one.provider for one in result.reminders if past(digest, one.provider)([OUT_OF_OFFICE.name], "").hindrance}
    return result.without({one.address for one in result.reminders if one.provider in never})


def _whole(matter: Matter, held_back: Waiting) -> Matter:
    """Let all of an exception, or of a pilot, wait where a part of it has to."""
    waits = [held_back[address] for address in matter.addresses if address in held_back]
    if not matter.turns or not waits or matter.blocked:
        return matter
    return replace(matter, blocked=str(waits[0]), waits=True)
