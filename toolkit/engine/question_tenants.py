"""Open the tenants for a question about them, such as the way of a message or the settings of an account."""

from collections.abc import Iterator
from contextlib import contextmanager

from toolkit.engine.context import RunContext
from toolkit.engine.refresh import open_survey
from toolkit.engine.runs import read_ledger_records
from toolkit.engine.tenants import Tenants, open_tenants
from toolkit.ledger.ledger import Ledger
from toolkit.planning.plan import Plan
from toolkit.playbook.entries import Playbooks
from toolkit.sdk.providers import providers


@contextmanager
def open_for_question(
    context: RunContext, playbooks: Playbooks, ledger: Ledger | None
) -> Iterator[tuple[Tenants, Plan | None]]:
    """Yield the tenants, and the plan for them if a ledger is given. Nothing can be written."""
    if ledger is None:
        with open_tenants(
            playbooks.school, providers(), context.target, identity=context.identity, read_only=True
        ) as reached:
            yield reached, None
        return
    with open_survey(context, playbooks, read_ledger_records(context, ledger)) as survey:
        yield Tenants(survey.connections, survey.tenants, {}), survey.plan
