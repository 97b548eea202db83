"""Render the prediction for a message as JSON."""

from collections.abc import Sequence

from toolkit.engine.message import CloudMail, MessageReport
from toolkit.planning.mail_flow.walk import OutcomeGroup, Step, WalkResult, group_outcomes
from toolkit.render.answer import run_conditions_json
from toolkit.render.line import to_json
from toolkit.values import Body, Json


def message_answer(report: MessageReport) -> Body:
    """Return the results on each cloud. The subject and the text of the message are left out."""
    return {
        **run_conditions_json(report.context, report.playbooks, report.tenants, report.exit),
        "confidential": True,
        "from": report.message.sender,
        "to": list(report.message.recipients),
        "at": report.at.isoformat(),
        "assumptions": list(report.assumptions),
        "after_plan": report.has_plan,
        "clouds": [_cloud_json(report, cloud) for cloud in report.clouds],
    }


def _cloud_json(report: MessageReport, cloud: CloudMail) -> Body:
    after = cloud.results_after
    return {
        "provider": cloud.provider,
        "unreached": cloud.failure or None,
        "results": [_result_json(result) for result in cloud.results],
        "results_after_plan": None if after is None else [_result_json(result) for result in after],
        "groups": [
            {
                "result": str(group.example.result),
                "by": group.example.by,
                "recipients": list(group.recipients),
                "steps": [_step_json(report, cloud, step) for step in group.example.steps],
            }
            for group in group_outcomes(cloud.results if after is None else after)
        ],
        "differences": [
            {"address": change.address, "before": _groups_json(change.before), "after": _groups_json(change.after)}
            for change in cloud.differences
        ],
        "unread": dict(cloud.unread_kinds),
        "not_read": to_json(cloud.not_read),
    }


def _groups_json(groups: Sequence[OutcomeGroup]) -> list[Json]:
    return [
        {"result": str(group.example.result), "by": group.example.by, "count": len(group.recipients)}
        for group in groups
    ]


def _result_json(result: WalkResult) -> Body:
    return {
        "recipient": result.recipient,
        "via": result.via,
        "result": str(result.result),
        "by": result.by,
        "kind": result.kind,
        "text": result.text,
        "to": list(result.people),
        "stopped": result.is_stopped,
        "reasons": list(result.reasons),
    }


def _step_json(report: MessageReport, cloud: CloudMail, step: Step) -> Body:
    served = report.find_served(cloud.provider, step.kind, step.name)
    return {
        "stage": step.stage,
        "kind": step.kind,
        "name": step.name,
        "matched": step.truth,
        "why": list(step.why),
        "effect": step.effect,
        "only_reports": step.only_reports,
        "control": served.control if served else None,
        "clauses": list(served.clauses) if served else [],
    }
