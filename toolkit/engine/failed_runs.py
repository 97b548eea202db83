"""Lets the ledger say of a run that came to no answer that it did happen, and why it failed."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING

from toolkit.engine.context import RunContext
from toolkit.engine.journal import Journal
from toolkit.engine.refresh import Survey
from toolkit.engine.run_entries import begin
from toolkit.errors import ServiceError, WrongTenant
from toolkit.playbook.entries import Playbooks

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
