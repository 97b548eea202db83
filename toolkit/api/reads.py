"""Functions that read the tenants: plan, drift, check and policy."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Unpack

from toolkit.engine.read_tenants import ignore_message
from toolkit.engine.refresh import open_survey
from toolkit.engine.report_json import add_json_writer
from toolkit.engine.run_report import Report
from toolkit.engine.runs import plan_survey, read_ledger_records
from toolkit.engine.selection import EVERYTHING, Selection
from toolkit.features import RunOptions, open_run
from toolkit.playbook.entries import Playbooks
from toolkit.render.answer import report_json

if TYPE_CHECKING:
    from toolkit.drift.run import DriftReport
    from toolkit.engine.account import AccountQuestion, AccountReport
    from toolkit.engine.check import CheckReport
    from toolkit.engine.describe_message import MailQuestion
    from toolkit.engine.message import MessageReport
    from toolkit.engine.policy import PolicyReport
    from toolkit.engine.read_objects import ObjectsReport


def plan(playbooks: Playbooks, selection: Selection = EVERYTHING, **options: Unpack[RunOptions]) -> Report:
    """Return the plan of an `apply`. Nothing is written to a tenant or to the ledger.

    `report.plan.changes` holds each create, update, move and delete, with `address` and `desired`, in the order in
    which `apply` would make them. `plan.unknown` holds everything that could not be read, `plan.refused` the changes
    that `apply` would refuse, and `report.limits` each limit that the plan exceeds. `report.exit` is 0 (nothing to
    do), 3 (changes), 4 (something could not be read) or 5 (something is refused).

        >>> api.plan(school, Selection(provider="microsoft365")).exit
        <Exit.PENDING: 3>
    """
    with open_run(playbooks, selection, command="plan", **options) as run:
        surveying = open_survey(run.context, playbooks, read_ledger_records(run.context, run.ledger))
        report = plan_survey(run.context, surveying, run.ledger)
        return add_json_writer(report, report_json, run.ledger.redactor)


def detect_drift(
    playbooks: Playbooks,
    selection: Selection = EVERYTHING,
    *,
    notify: bool = False,
    **options: Unpack[RunOptions],
) -> "DriftReport":
    """Return the differences between the tenants and the playbooks, and record the run in the ledger.

    `report.run` is a `Report`, as `plan` returns it. `report.remembered` holds the history of each difference: whether
    it is new, its date, its cause, and its author. `report.missed` holds the scheduled runs that were missed.
    `report.run.exit` is 0 (no drift), 3 (drift) or 4 (something could not be read). With `notify`, each channel of the
    school file receives the findings that it has not received before, and `remark` is called with a sentence for each
    channel that could not be reached.

        >>> report = api.detect_drift(school)
        >>> [str(change.address) for change in (*report.run.plan.changes, *report.run.plan.watched)]
    """
    from toolkit.drift.answer import drift_json
    from toolkit.drift.run import run_drift
    from toolkit.notices.notify import send_report_or_error

    sending = send_report_or_error if notify else lambda _run, _remark: nullcontext()
    with (
        open_run(playbooks, selection, command="drift", **options) as run,
        sending(run, options.get("remark", ignore_message)) as send,
    ):
        redactor = run.ledger.redactor
        report = run_drift(run.context, playbooks, run.ledger)
        report = replace(report, run=add_json_writer(report.run, report_json, redactor))
        report = add_json_writer(report, drift_json, redactor)
        if send:
            send(report)
        return report


def check(playbooks: Playbooks, selection: Selection = EVERYTHING, **options: Unpack[RunOptions]) -> "CheckReport":
    """Return the findings about the controls and the expiry dates, and record the check in the ledger.

    `report.findings` holds an entry for each control and provider, with a `finding` that has a `status`.
    `report.summary` is the number of findings by status. `report.board` holds the expiry dates, the most urgent first.
    `report.exit` is 0, 3 (something is overdue, has expired or fails) or 4 (something could not be read).

        >>> [one.control for one in api.check(school).findings if one.finding.status == "fail"]
    """
    from toolkit.engine.check import check_school
    from toolkit.render.check_text import check_json

    with open_run(playbooks, selection, command="check", **options) as run:
        return add_json_writer(check_school(run.context, playbooks, run.ledger), check_json, run.ledger.redactor)


def read_objects(playbooks: Playbooks, kinds: Sequence[str] = (), **options: Unpack[RunOptions]) -> "ObjectsReport":
    """Return the tenants' objects of some kinds. Nothing is recorded.

    Only the school file is needed, so the playbooks can come from `load_school`. `kinds` are names such as
    `microsoft365.transport_rule` or `transport_rule`. Without a name, every kind is read. `report.objects` holds the
    objects by kind, each with `address` and `settings`, and `report.unknown` the kinds and objects that could not be
    read. `report.exit` is 0, or 4 if something could not be read. UsageError for an unknown kind.

        >>> report = api.read_objects(api.load_school("playbooks"), ["transport_rule"])
        >>> [rule.address.name for rule in report.objects["microsoft365.transport_rule"]]
    """
    from toolkit.engine.read_objects import read_objects_of_kinds
    from toolkit.render.objects_answer import tenant_objects_json

    with open_run(playbooks, EVERYTHING, command="read objects", **options) as run:
        report = read_objects_of_kinds(run.context, playbooks, kinds)
        return add_json_writer(report, tenant_objects_json, run.ledger.redactor)


def predict_message(
    playbooks: Playbooks,
    question: "MailQuestion",
    *,
    after_plan: bool = False,
    provider: str | None = None,
    **options: Unpack[RunOptions],
) -> "MessageReport":
    """Return the effect of the rules on a message, for each recipient on each cloud. Nothing is recorded.

    `api.describe_message` returns the `question`. `report.clouds` holds an entry for each cloud, with `results`, one
    for each recipient: `result` (such as `not_stopped`, `rejected` or `unknown`), `by` and `steps`. With `after_plan`,
    `results_after` holds the results after an apply. No result says that a message arrives. `report.exit` is 0 (no
    rule stops it), 3 (a rule stops, delays or diverts it) or 4 (the result is unknown). UsageError if neither the
    sender nor a recipient is at the school.

        >>> question = api.describe_message(school.school, sender="a@b.example", to=["office@example-primary.example"])
        >>> [result.result for cloud in api.predict_message(school, question).clouds for result in cloud.results]
    """
    from toolkit.engine.message import predict_message as predict
    from toolkit.render.message_answer import message_answer

    with open_run(playbooks, Selection(provider=provider), command="message", **options) as run:
        report = predict(run.context, playbooks, question, ledger=run.ledger if after_plan else None)
        return add_json_writer(report, message_answer, run.ledger.redactor)


def evaluate_policy(
    playbooks: Playbooks, selection: Selection = EVERYTHING, **options: Unpack[RunOptions]
) -> "PolicyReport":
    """Return the status of each clause of the policy with its evidence, and record the run in the ledger.

    `report.statuses` holds the clauses in the order of the policy, each with `clause`, `status` and `evidence`.
    `report.summary` is the number of clauses by status. `report.exit` is 0, 3 (a clause fails) or 4 (something could
    not be read). UsageError if the playbooks have no policy.

    Of a trust, the playbooks must come from `load` with one school, and `selection` must have the same school. Each
    tenant of the school is read, unless `selection.tenant` names one. A clause that needs another tenant
    is then never met.

        >>> {one.clause.name: str(one.status) for one in api.evaluate_policy(school).statuses}
    """
    from toolkit.engine.policy import run_policy_report
    from toolkit.render.policy_text import policy_json

    if playbooks.slices.schools:
        from toolkit.trust.school_policy import evaluate_school_policy

        return evaluate_school_policy(playbooks, selection, **options)
    with open_run(playbooks, EVERYTHING, command="policy", **options) as run:
        return add_json_writer(run_policy_report(run.context, playbooks, run.ledger), policy_json, run.ledger.redactor)


def find_account_settings(
    playbooks: Playbooks,
    question: "AccountQuestion",
    *,
    after_plan: bool = False,
    provider: str | None = None,
    **options: Unpack[RunOptions],
) -> "AccountReport":
    """Return the settings that apply to an account and its devices. The ledger records the question under a pseudonym.

    `api.describe_account_question` returns the `question`. `report.clouds` holds an entry for each cloud, with
    `settings`: each has an `outcome` (`value`, `cancelled` or `cannot_tell`), a `value`, `winners` and `losers`.
    `periods` holds exceptions and pilots, without their reasons. With `after_plan`, `settings_after` holds the settings
    after an apply. Legal holds are never part of it. `report.exit` is 0, 3 (the plan changes something, or settings
    cancel each other) or 4 (something is unknown). UsageError if no cloud has the account.

        >>> question = api.describe_account_question(school.school, "head@example-primary.example", "support")
        >>> report = api.find_account_settings(school, question)
        >>> [setting.title for cloud in report.clouds for setting in cloud.settings]
    """
    from toolkit.engine.account import find_account_settings as find
    from toolkit.render.account_answer import account_answer

    with open_run(playbooks, Selection(provider=provider), command="account", **options) as run:
        report = find(run.context, playbooks, question, run.ledger, after_plan=after_plan)
        return add_json_writer(report, account_answer, run.ledger.redactor)
