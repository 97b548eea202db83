"""Predict the result of a message: read the kinds that decide about mail, and walk through each cloud's mail flow."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime

from toolkit.controls.control import controls
from toolkit.engine.context import RunContext
from toolkit.engine.describe_message import MailQuestion
from toolkit.engine.desired_state import cloud_catalogues, limit_to_provider
from toolkit.engine.question_tenants import open_for_question
from toolkit.engine.read_mail_flow import read_mail_flow
from toolkit.engine.report_json import JsonReport
from toolkit.engine.tenants import Tenants
from toolkit.errors import Exit, ServiceError, UsageError
from toolkit.ledger.ledger import Ledger
from toolkit.planning.expand import expand
from toolkit.planning.mail_flow.project_objects import current_objects, projected_objects
from toolkit.planning.mail_flow.walk import ResultChange, WalkResult, differing_results
from toolkit.planning.plan import Plan
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.mail_flow import MailMessage, MailResult, NotRead
from toolkit.sdk.providers import cloud_titles, mail_flow
from toolkit.sdk.resource import EVERY


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudMail:
    """The prediction for a message on one cloud."""

    provider: str
    title: str
    results: tuple[WalkResult, ...] = ()
    results_after: tuple[WalkResult, ...] | None = None  # after the plan, or None if no plan was asked for
    unread_kinds: Mapping[str, str] = field(default_factory=dict)  # the reason by kind
    not_read: tuple[NotRead, ...] = ()
    failure: str = ""  # why the cloud could not be read at all
    domains: frozenset[str] = frozenset()
    is_concerned: bool = True  # the sender or a recipient has one of these domains

    @property
    def differences(self) -> tuple[ResultChange, ...]:
        """Return the results that the plan would change, before and after."""
        return () if self.results_after is None else differing_results(self.results, self.results_after)


@dataclass(frozen=True, slots=True)
class ServedClauses:
    """The control that asks for an object, and the clauses that the object serves."""

    control: str
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MessageReport(JsonReport):
    """The predicted results of a message on each cloud of the school."""

    context: RunContext
    playbooks: Playbooks
    tenants: Mapping[str, str]
    message: MailMessage
    at: datetime
    clouds: tuple[CloudMail, ...]
    served_clauses: Mapping[str, ServedClauses]  # by the object's address, such as `microsoft365.transport_rule[Name]`
    assumptions: tuple[str, ...] = ()
    has_plan: bool = False

    def find_served(self, provider: str, kind: str, name: str) -> ServedClauses | None:
        """Return the control and clauses of an object, also if an entry names all objects of its kind, or None."""
        names = (f"{provider}.{_RESOURCE_KINDS.get(kind, kind)}[{which}]" for which in (name, EVERY))
        return next((self.served_clauses[address] for address in names if address in self.served_clauses), None)

    @property
    def exit(self) -> Exit:
        """Return 3 if a rule stops, delays or diverts the message, 4 if the result is unknown, and 0 otherwise.

        With a plan, the results after the plan count.
        """
        results = [result for cloud in self.clouds for result in (cloud.results_after or cloud.results)]
        if any(result.is_stopped or result.result in _AFFECTED for result in results):
            return Exit.PENDING
        unread = any(cloud.failure for cloud in self.clouds)
        if unread or any(result.result is MailResult.UNKNOWN for result in results):
            return Exit.UNREAD
        return Exit.AS_WANTED


_RESOURCE_KINDS = {"data_protection_rule": "dlp_rule"}
"""The kinds whose rules have another word in the prediction."""

_AFFECTED = frozenset(MailResult) - {MailResult.NOT_STOPPED, MailResult.UNKNOWN}


def predict_message(
    context: RunContext,
    playbooks: Playbooks,
    question: MailQuestion,
    *,
    ledger: Ledger | None = None,
) -> MessageReport:
    """Return the effect of the rules of each cloud on a message. Nothing is recorded.

    With a `ledger`, the plan is made too, and the results after the plan are added. Raise UsageError if neither the
    sender nor a recipient is at the school.
    """
    playbooks = limit_to_provider(playbooks, context.provider)
    message, moment = question.message, question.at or context.now
    with open_for_question(context, playbooks, ledger) as (reached, plan):
        clouds = [
            _predict_on_cloud(reached, name, message, moment, context=context, plan=plan)
            for name in playbooks.school.tenants
            if mail_flow(name)
        ]
        _refuse_unrelated(message, clouds)
    return MessageReport(
        context, playbooks, reached.tenants, message, moment, tuple(clouds), _served_clauses(playbooks),
        question.assumptions, plan is not None,
    )  # fmt: skip


def _predict_on_cloud(
    reached: Tenants,
    provider: str,
    message: MailMessage,
    at: datetime,
    *,
    context: RunContext,
    plan: Plan | None,
) -> CloudMail:
    title = cloud_titles()[provider]

    def predict() -> CloudMail:
        state = read_mail_flow(reached, provider, [message], context, plan)
        before = state.walk(message, current_objects(state.observed), at)
        after = state.walk(message, projected_objects(state.observed, plan), at) if plan else None
        addresses = (message.sender, *message.recipients)
        return CloudMail(
            provider=provider,
            title=title,
            results=before,
            results_after=after,
            unread_kinds=state.unread_kinds,
            not_read=state.flow.not_read,
            domains=state.directory.domains,
            is_concerned=any(state.directory.is_at_school(address) for address in addresses),
        )

    cloud = attempt(title, predict)
    return CloudMail(provider=provider, title=title, failure=str(cloud)) if isinstance(cloud, ServiceError) else cloud


def _refuse_unrelated(message: MailMessage, clouds: Sequence[CloudMail]) -> None:
    """Raise UsageError if no sender or recipient of a message is at the school."""
    read = [cloud for cloud in clouds if not cloud.failure]
    if read and not any(cloud.is_concerned for cloud in read):
        domains = ", ".join(sorted(frozenset().union(*(cloud.domains for cloud in read))))
        raise UsageError(
            f"neither the sender ({message.sender}) nor a recipient is at the school ({domains}). Check --from and --to"
        )


def _served_clauses(playbooks: Playbooks) -> Mapping[str, ServedClauses]:
    """Return the control and the clauses of each object that the playbooks ask for."""
    served: dict[str, ServedClauses] = {}
    for control in expand(playbooks, cloud_catalogues(list(playbooks.school.tenants)), controls()).controls:
        for part in control.realisation.parts:
            for resource in part.resources:
                address = f"{control.provider}.{resource.kind}[{resource.name}]"
                served.setdefault(address, ServedClauses(control.control, control.clauses))
    for playbook in playbooks.playbooks:
        for entry in playbook.resources:
            served.setdefault(str(entry.address), ServedClauses(entry.address.kind_path, playbook.clauses))
    return served
