"""The engine's extension for automatic replies, reminders and due changes, and the `due` command."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Self

from toolkit.controls.replies import OUT_OF_OFFICE
from toolkit.engine.apply.outcome import Outcome
from toolkit.engine.context import RunContext
from toolkit.engine.extension import Extension, ExtensionResult, OpenTenant, RunReads, TenantSignals
from toolkit.engine.journal import Journal
from toolkit.engine.refresh import TenantSurvey, open_survey
from toolkit.engine.run_report import Report, Waiting, exit_of_apply, find_waiting_changes, worst
from toolkit.engine.runs import ConfirmPlan, plan_and_apply, read_ledger_records, survey_or_record_failure
from toolkit.errors import Exit
from toolkit.ledger.entries import Transition
from toolkit.planning.audience.resolve import needs_signals
from toolkit.planning.checks.findings import ControlFinding
from toolkit.planning.due_change import ApplyTimes, DueChange, PastOf
from toolkit.planning.limits import find_breaches
from toolkit.planning.matching import LastApplied
from toolkit.planning.plan import Plan
from toolkit.planning.plan_states import REFUSED
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.render.audit_text import transition_lines
from toolkit.render.line import Line, Stage
from toolkit.replies.due import keep_due_changes
from toolkit.replies.due_matters import find_due_changes, finished_transitions
from toolkit.replies.findings import closure_mailbox_findings, reply_findings, unchecked_people
from toolkit.replies.read_signals import read_tenant_signals
from toolkit.replies.remind import (
    Reminder,
    end_replies,
    find_reminders,
    has_waiting_reply_control,
    replies_not_ended,
    send,
    was_sent,
)
from toolkit.replies.text import (
    due_json,
    due_lines,
    due_reminder_lines,
    missing_mailbox_lines,
    reminder_lines,
    sent_lines,
    unchecked_people_lines,
    undue_difference_lines,
)
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.lending import without_person
from toolkit.sdk.reason import Reason, admin_text
from toolkit.sdk.resource import Address, Desired
from toolkit.values import Body, Json, Settings

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class RepliesResult(ExtensionResult):
    """The due changes of a run, and its reminders to people without an automatic reply."""

    reminders: Sequence[Reminder] = ()  # sent or not
    unsent: Sequence[str] = ()  # their errors
    due_changes: Sequence[DueChange] = ()
    other_changes: Sequence[Address] = ()  # other differences, in a run of due changes
    unread_people: Sequence[tuple[str, str, Reason]] = ()  # provider, control and reason
    nowhere: Sequence[ControlFinding] = ()  # mailboxes that should answer and are in no cloud

    @property
    def exit(self) -> Exit:
        if self.reminders or self.due_changes:
            return Exit.PENDING
        return Exit.UNREAD if self.has_acts_of_unknown_outcome else Exit.AS_WANTED

    @property
    def has_acts_of_unknown_outcome(self) -> bool:
        return bool(self.unread_people) or any(matter.has_unknown for matter in self.due_changes)

    @property
    def acts(self) -> Sequence[Reminder]:
        return self.reminders

    @property
    def failures(self) -> Sequence[str]:
        return self.unsent

    def without_acts(self, addresses: Collection[Address]) -> Self:
        return replace(self, reminders=[reminder for reminder in self.reminders if reminder.address not in addresses])

    def perform_acts(self, connections: Mapping[str, Connection], journal: Journal) -> Self:
        return replace(self, unsent=send(self.reminders, connections, journal))

    def transitions(self, outcomes: Sequence[Outcome], now: datetime) -> Sequence[Transition]:
        return finished_transitions(self.due_changes, outcomes, now)

    def lines(self, report: Report, stage: Stage) -> Iterator[Line]:
        match stage:
            case Stage.PLAN:
                if report.context.command != "withdraw":  # its plan gives back all of our replies, due or not
                    yield from due_lines(self.due_changes, report.context.now)
                yield from unchecked_people_lines(self.unread_people)
                yield from missing_mailbox_lines(self.nowhere)
            case Stage.PLAN_END:
                yield from reminder_lines(len(self.reminders))
            case Stage.DRIFT:
                yield from due_lines(self.due_changes, report.context.now)
                yield from due_reminder_lines(len(self.reminders))
                yield from unchecked_people_lines(self.unread_people)
                yield from missing_mailbox_lines(self.nowhere)
            case Stage.OUTCOME:
                yield from sent_lines(len(self.reminders), self.unsent)
                yield from transition_lines(self.transitions(report.outcomes or (), report.context.now))
                yield from undue_difference_lines(self.other_changes)

    def answer(self, report: Report) -> Body:
        return {
            "due": due_json(self.due_changes, report.context.now),
            "left": [str(without_person(address)) for address in self.other_changes],
            "reminders": len(self.reminders),
            "unseen": [
                {"provider": provider, "control": control, "reason": admin_text(reason)}
                for provider, control, reason in self.unread_people
            ],
            "unsent": list(self.unsent),
        }


class Replies(Extension):
    """The extension for automatic replies in one run, with the ledger's records of earlier replies."""

    def __init__(self, ledger: "Ledger | None") -> None:
        from toolkit.ledger.memory import LedgerMemory

        self._memory = LedgerMemory(ledger) if ledger else None

    def signals(self, tenant: OpenTenant) -> TenantSignals:
        return read_tenant_signals(tenant) if needs_signals(tenant.playbooks) else {}

    def findings(
        self,
        provider: str,
        playbooks: Playbooks,
        signals: TenantSignals,
        today: date,  # noqa: ARG002 - the signals have their own time
    ) -> Iterable[ControlFinding]:
        return reply_findings(provider, playbooks, signals)

    def findings_of_school(
        self,
        playbooks: Playbooks,
        signals: Mapping[str, TenantSignals],
        today: date,  # noqa: ARG002 - the signals have their own time
    ) -> Iterable[ControlFinding]:
        return closure_mailbox_findings(playbooks, signals)

    def objects_to_read(self, playbooks: Playbooks, known_objects: Mapping[Address, LastApplied]) -> Sequence[Address]:
        """Return the replies to read.

        None are returned if only one playbook was loaded, because others may require them.
        """
        return () if playbooks.file or has_waiting_reply_control(playbooks) else replies_not_ended(known_objects)

    def desired_objects(self, reads: RunReads, to_read: Sequence[Address]) -> Sequence[Desired]:
        return end_replies(to_read, reads, self._settings_before)

    def controls_of(self, kind: Kind[Connection]) -> frozenset[str]:
        return frozenset({OUT_OF_OFFICE.name}) if kind.temporary else frozenset()

    def result(self, reads: RunReads, plan: Plan) -> RepliesResult:
        return RepliesResult(
            reminders=self._reminders_to_send(reads),
            due_changes=find_due_changes(reads, plan, self.past),
            unread_people=tuple(unchecked_people(reads.playbooks, reads.signals, reads.only)),
            nowhere=tuple(
                finding
                for finding in closure_mailbox_findings(reads.playbooks, reads.signals)
                if not reads.only or finding.control in reads.only
            ),
        )

    def empty_result(self) -> RepliesResult:
        return RepliesResult()

    def past(self, digest: str, provider: str) -> PastOf:
        """Return a function that returns when a run applied an object, for the playbooks with this digest."""
        from toolkit.ledger.last_applied import make_past_reader

        if self._memory is None:
            return lambda _names, _run: ApplyTimes()
        return make_past_reader(self._memory, digest, provider)

    def _settings_before(self, back: Mapping[str, Mapping[str, Json]]) -> Mapping[Address, Settings]:
        return self._memory.settings_before_temporary_changes(back) if self._memory else {}

    def _reminders_to_send(self, reads: RunReads) -> Sequence[Reminder]:
        """Return at most one reminder for each person, or none if `--only` names other controls.

        People who were already reminded about the same absence are left out.
        """
        if reads.only and OUT_OF_OFFICE.name not in reads.only:
            return ()
        by_person: dict[str, list[Reminder]] = {}
        for provider, signals in reads.signals.items():
            for reminder in find_reminders(provider, reads.playbooks, signals):
                by_person.setdefault(reminder.due.person.address.casefold(), []).append(reminder)
        return [
            alike[0] for alike in by_person.values() if not any(was_sent(self._memory, reminder) for reminder in alike)
        ]


def due_run(context: RunContext, playbooks: Playbooks, ledger: "Ledger", ask: ConfirmPlan) -> Report:
    """Make the changes that are due, once `ask` agrees.

    Raise UnsafePlan if a limit prevents it. The caller holds the lease. Everything is read and planned as for `apply`,
    but only the due changes are made.
    """
    surveying = _survey_due(context, playbooks, ledger)
    return plan_and_apply(context, surveying, ledger, ask, compute_exit_code=due_exit_code, marks_new_as_reported=False)


def due_exit_code(plan: Plan, outcomes: Sequence[Outcome]) -> Exit:
    """Return the exit code of `due`. Changes that wait for a window of the school are pending, not refused."""
    refusals = [refusal for refusal in plan.refused if not refusal.waits]
    refused, waits = plan.replace(REFUSED, refusals), len(refusals) < len(plan.refused)
    return worst([exit_of_apply(refused, outcomes), *([Exit.PENDING] if waits else [])])


@contextmanager
def _survey_due(context: RunContext, playbooks: Playbooks, ledger: "Ledger") -> Iterator[TenantSurvey]:
    replies = Replies(ledger if ledger.exists() else None)
    with survey_or_record_failure(
        context, playbooks, ledger, open_survey(context, playbooks, read_ledger_records(context, ledger))
    ) as survey:
        yield _limit_to_due(context, survey, replies.past)


def _limit_to_due(context: RunContext, survey: TenantSurvey, past: Callable[[str, str], PastOf]) -> TenantSurvey:
    held_back = find_waiting_changes(context, survey)
    due = [_hold_back_whole_change(matter, held_back) for result in survey.results for matter in result.due_changes]
    plan = keep_due_changes(survey.plan, due)
    spoken_of = {change.address for change in plan.changes} | {refusal.address for refusal in plan.refused}
    left = [change.address for change in survey.plan.changes if change.address not in spoken_of]
    return replace(
        survey,
        plan=plan,
        breaches=find_breaches(plan, survey.ledger_state.known_objects, context.allowed),
        results=[
            replace(
                _drop_unapplied_reminders(result, past, survey.playbooks.digest), due_changes=due, other_changes=left
            )
            if isinstance(result, RepliesResult)
            else result
            for result in survey.results
        ],
    )


def _drop_unapplied_reminders(result: RepliesResult, past: Callable[[str, str], PastOf], digest: str) -> RepliesResult:
    """Remove the reminders of controls that were never applied in their present form."""
    never = {
        reminder.provider
        for reminder in result.reminders
        if past(digest, reminder.provider)([OUT_OF_OFFICE.name], "").hindrance
    }
    return result.without_acts({reminder.address for reminder in result.reminders if reminder.provider in never})


def _hold_back_whole_change(matter: DueChange, held_back: Waiting) -> DueChange:
    """Return a matter that waits as a whole if some of its changes must wait, so that an exception is never made in
    part.
    """
    waits = [held_back[address] for address in matter.addresses if address in held_back]
    if not matter.must_change_together or not waits or matter.blocked:
        return matter
    return replace(matter, blocked=str(waits[0]), waits=True)
