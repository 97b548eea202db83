"""A check as JSON, for programs: names stay, more may be added."""

from toolkit.engine.check import CheckReport
from toolkit.planning.checks.findings import ControlFinding
from toolkit.planning.coverage import coverage
from toolkit.render.answer import FORMAT
from toolkit.render.coverage_text import coverage_answer
from toolkit.render.settings_text import settings_answer
from toolkit.render.undecided_text import undecided_answer
from toolkit.sdk.reason import admin_text
from toolkit.values import Body


def check_answer(report: CheckReport) -> Body:
    """Give everything that check answers with."""
    return {
        "format": FORMAT,
        "target": report.context.target.name,
        "school": report.playbooks.school.name,
        "tenants": dict(report.tenants),
        "now": report.context.now.isoformat(),
        "exit": int(report.exit),
        **settings_answer(report.context.sources),
        "summary": dict(report.summary),
        "undecided": undecided_answer(report.playbooks.undecided),
        "findings": [_finding(one) for one in report.findings],
        "coverage": coverage_answer(coverage(report.controls, report.playbooks.attestations, report.today)),
    }


def _finding(one: ControlFinding) -> Body:
    return {
        "control": one.control,
        "provider": one.provider,
        "subject": one.finding.subject,
        "part": one.part.name if one.part else None,
        "covers": one.part.covers if one.part else None,
        "status": str(one.finding.status),
        "reason": admin_text(one.finding.reason),
        "advice": one.advice or None,
        "measured": one.measured,
        "clauses": list(one.clauses),
        "evidence": dict(one.finding.evidence),
    }
