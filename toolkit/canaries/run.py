"""The canaries in a run: which messages a plan would treat differently, from the kinds that the plan has read."""

from collections.abc import Iterator, Sequence

from toolkit.engine.extension import Extension, ExtensionResult, RunReads
from toolkit.engine.run_report import Report
from toolkit.errors import ServiceError
from toolkit.planning.mail_flow.canaries import CanaryChange, changed_canaries, directory_of_run
from toolkit.planning.mail_flow.project_objects import Objects, current_objects, projected_objects
from toolkit.planning.plan import Plan
from toolkit.records import dataclass
from toolkit.render.canary_text import canary_answer, change_lines
from toolkit.render.line import Line, Stage
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import Directory
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.mail_flow import MailFacts, MailFlow
from toolkit.sdk.providers import mail_flow
from toolkit.values import Body


@dataclass(frozen=True, slots=True)
class CanaryChanges(ExtensionResult):
    """The canaries whose result a plan would change."""

    changes: tuple[CanaryChange, ...] = ()
    count: int = 0  # of all canaries

    def lines(self, report: Report, stage: Stage) -> Iterator[Line]:  # noqa: ARG002 - Section's
        """Return the lines about the changed canaries, before the changes of a plan."""
        if stage is Stage.PLAN:
            yield from change_lines(self.changes, self.count)

    def answer(self, report: Report) -> Body:  # noqa: ARG002 - Section's
        """Return the changed canaries as JSON."""
        return {"canaries": [canary_answer(change) for change in self.changes]}


class MailCanaries(Extension):
    """Compares the canaries before and after a plan. Nothing is read for them."""

    def result(self, reads: RunReads, plan: Plan) -> ExtensionResult:
        """Return the canaries that a plan changes. A plan without changes to mail changes none."""
        canaries = reads.playbooks.canaries
        if not canaries or not plan.changes:
            return CanaryChanges(count=len(canaries))
        changes = [
            change
            for provider in reads.playbooks.school.tenants
            if (flow := mail_flow(provider))
            for change in _changes_on_cloud(reads, plan, provider, flow)
        ]
        return CanaryChanges(tuple(changes), len(canaries))

    def empty_result(self) -> ExtensionResult:
        return CanaryChanges()


def _changes_on_cloud(reads: RunReads, plan: Plan, provider: str, flow: MailFlow[Connection]) -> Sequence[CanaryChange]:
    names = {f"{provider}.{kind}" for kind in flow.kinds}
    if not any(change.address.kind_path in names for change in plan.changes):
        return ()
    domains = reads.playbooks.school.domains
    directory = directory_of_run(reads.directories.get(provider, Directory()), domains)

    def compare() -> Sequence[CanaryChange]:
        before = flow.stages(MailFacts(_only(current_objects(reads.observed), flow), {}, directory, reads.now))
        after = flow.stages(MailFacts(_only(projected_objects(reads.observed, plan), flow), {}, directory, reads.now))
        return list(changed_canaries(reads.playbooks.canaries, provider, domains, directory, (before, after)))

    changes = attempt("canaries", compare)
    return () if isinstance(changes, ServiceError) else changes


def _only(objects: Objects, flow: MailFlow[Connection]) -> Objects:
    return {kind: objects[kind] for kind in flow.kinds if kind in objects}
