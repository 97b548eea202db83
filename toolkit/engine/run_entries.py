"""The ledger entries of a run: its start, its end, and its failure where tenants gave no answer."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit.engine.context import RunContext
from toolkit.engine.exit_codes import UNREAD, exits_of_unknown, summary
from toolkit.engine.journal import Journal
from toolkit.engine.ledger_state import piloted
from toolkit.engine.refresh import Survey
from toolkit.engine.run_report import Report
from toolkit.errors import Exit, ServiceError, WrongTenant
from toolkit.playbook.entries import Playbooks


def begin(journal: Journal, context: RunContext, playbooks: Playbooks, tenants: Mapping[str, str]) -> None:
    """Say under what conditions a run is made; without tenants where none of them gave an answer."""
    journal.began(replace(context, flags=[*context.asked[1:], *context.flags]), playbooks, tenants)


def finish(journal: Journal, report: Report, survey: Survey, *, settles_news: bool) -> None:
    """End the run in the ledger; a kind that was not read whole says nothing of what is unmanaged.

    Unless it `settles_news`, unmanaged objects that are new stay new until a run that does.
    """
    known = survey.recalled.inventory
    unmanaged = {
        kind: [one for one in report.plan.unmanaged if one.address.of_kind == kind]
        for kind in (survey.seen.objects if survey.listed else ())
        if settles_news or kind not in known
    }
    unread = Exit.UNREAD in exits_of_unknown(report.plan) or any(result.unread for result in report.results)
    journal.finished(
        code=report.exit,
        summary={**summary(report.plan, report.outcomes), **({UNREAD: 1} if unread else {})},
        unmanaged=unmanaged,
        groups=survey.groups,
        pilots=piloted(survey.plan),
        turned=report.turned,
    )


if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


@contextmanager
def answering(
    context: RunContext, playbooks: Playbooks, ledger: "Ledger", surveying: AbstractContextManager[Survey]
) -> Iterator[Survey]:
    """Look at everything; where the tenants give no answer that is recorded, and nothing else is."""
    with ExitStack() as stack:
        try:
            survey = stack.enter_context(surveying)
        except (ServiceError, WrongTenant) as error:
            journal = Journal(ledger, context.run, context.now)
            begin(journal, context, playbooks, {})
            journal.finished(code=error.exit, summary={}, unmanaged={}, failed=str(error))
            raise
        yield survey
