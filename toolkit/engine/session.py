"""Open a session for work on a case, for example a hold or a lost device. A session has no time limit."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit.engine.context import RunContext
from toolkit.engine.journal import Journal
from toolkit.engine.tenants import Tenants, open_tenants
from toolkit.playbook.entries import Playbooks
from toolkit.sdk.limits import RunDeadline
from toolkit.sdk.providers import providers

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


@contextmanager
def open_session(
    context: RunContext, playbooks: Playbooks, ledger: "Ledger", *, clouds: bool = True
) -> Iterator[tuple[Tenants, Journal]]:
    """Connect to the school's tenants for work on a case, or to no tenant if `clouds` is False.

    Record the run without a person's name. The caller has the lease if the run writes. Raise WrongTenant or
    RequestFailed as `open_tenants` does. If the block raises an error, the run is recorded as refused.
    """
    journal = Journal(ledger, context.run, context.now)
    if context.target.deadline:
        context.target.deadline.remove_limit()  # the limit of processor time is lifted too
    target = replace(context.target, deadline=RunDeadline(None))  # so that a case is never left half done
    with ExitStack() as stack:
        tenants = Tenants({}, {}, {})
        if clouds:
            opening = open_tenants(
                playbooks.school, providers(), target, identity=context.identity, read_only=context.read_only
            )
            tenants = stack.enter_context(opening)
        journal.record_start(replace(context, flags=(), override=""), playbooks, tenants.tenants)
        stack.enter_context(journal.recording_refusals())
        yield tenants, journal
