"""Write the report of a drift run as JSON."""

from collections import Counter
from collections.abc import Mapping
from functools import partial

from toolkit.drift.model import (
    Difference,
    DriftHistory,
    EndedFinding,
    FindingNovelty,
    FindingWithHistory,
    differences_of_change,
)
from toolkit.drift.run import DriftReport
from toolkit.engine.run_report import summarise_plan
from toolkit.planning.change import Change
from toolkit.render.answer import report_json
from toolkit.render.line import row, to_body
from toolkit.render.skipped_answer import identity_json
from toolkit.sdk.audit_log import Actor
from toolkit.values import Body, Json


def drift_json(drift: DriftReport) -> Body:
    remembered, report = drift.remembrance, drift.run
    more = {
        "summary": {**summarise_plan(report.plan, report.outcomes), **count_findings_by_state(remembered)},
        **findings_json(remembered),
        "missed": [str(fault) for fault in drift.missed_runs],
        "failed_runs": [str(fault) for fault in drift.failed],
        "refused_runs": drift.refused,
        "worth_a_look": [
            {**identity_json(look.address), **row(look, "finding", "path", "people", "known=command")}
            for look in drift.first_look
        ],
    }
    return {**report_json(report, partial(change_history_json, drift_history=remembered)), **to_body(more)}


def change_history_json(change: Change, drift_history: DriftHistory) -> Body:
    """Return as JSON the most important difference of a change, with its history."""
    findings = [
        finding
        for difference in differences_of_change(change)
        if (finding := drift_history.findings.get(difference.id))
    ]
    if not findings:
        return {}
    order = [FindingNovelty.CONTESTED, FindingNovelty.NEW, FindingNovelty.ONGOING]
    most = min(findings, key=lambda entry: order.index(entry.state))
    return to_body(
        {
            **_open_finding_row(most),
            "since": min(entry.since for entry in findings),
            "news": any(entry.news for entry in findings),
            "findings": [entry.difference.id for entry in findings],
        }
    )


def findings_json(drift_history: DriftHistory) -> Body:
    """Return as JSON the findings that are open and the findings that have ended."""
    entries = drift_history.findings.items()
    return to_body(
        {
            "findings": [
                {"id": key, **_difference_row(finding.difference), **_open_finding_row(finding)}
                for key, finding in entries
            ],
            "fixed": [_ended_row(finding) for finding in drift_history.ended],
            "logs_unread": list(dict.fromkeys(drift_history.log_errors)),
        }
    )


def count_findings_by_state(drift_history: DriftHistory) -> Mapping[str, int]:
    """Return the number of findings in each state."""
    states = Counter(finding.state for finding in drift_history.findings.values())
    return {
        **{
            str(state): states[state]
            for state in (FindingNovelty.NEW, FindingNovelty.ONGOING, FindingNovelty.CONTESTED)
        },
        str(FindingNovelty.FIXED): len(drift_history.ended),
    }


def _open_finding_row(finding: FindingWithHistory) -> Body:
    return {**row(finding, "state", "since", "cause", "changed", "news"), "actor": _actor_name(finding.actor)}


def _ended_row(finding: EndedFinding) -> Body:
    return {
        **row(finding, "id", "since", "by=how"),
        **_difference_row(finding.difference),
        "state": str(FindingNovelty.FIXED),
    }


def _difference_row(difference: Difference) -> Body:
    return {**identity_json(difference.address), **row(difference, "path?", "what")}


def _actor_name(actor: Actor | None) -> Json:
    return None if actor is None else {"kind": "person" if actor.person else "application", "name": actor.name}
