"""The ledger as JSON, for programs."""

from collections.abc import Sequence

from toolkit.ledger.history import RunHistory, RunStep
from toolkit.ledger.verify import Checked
from toolkit.render.answer import FORMAT, turned_answer
from toolkit.render.lent_privacy import shown_changes
from toolkit.values import Body, plain


def runs_answer(runs: Sequence[RunHistory], target: str) -> Body:
    """Give runs with their steps, the last first."""
    return {"format": FORMAT, "target": target, "runs": [_run(told) for told in runs]}


def _run(told: RunHistory) -> Body:
    began, ended = told.began, told.ended
    return {
        "run": began.run,
        "at": began.at.isoformat(),
        "command": began.command,
        "target": began.target,
        "tenants": dict(began.tenants),
        "version": began.version,
        "playbooks": began.playbooks,
        "flags": list(began.flags),
        "override": began.override or None,
        "ended": ended.at.isoformat() if ended else None,
        "exit": ended.exit if ended else None,
        "failed": (ended.failed or None) if ended else None,
        "summary": dict(ended.summary) if ended else None,
        "clauses": dict(ended.statuses) if ended else {},
        "turned": turned_answer(ended.turned if ended else ()),
        "steps": [step_answer(step) for step in told.steps.values()],
    }


def step_answer(step: RunStep) -> Body:
    """Give one act: what it was to change, and how it ended."""
    began = step.began
    return {
        "run": began.run,
        "step": began.step,
        "at": began.at.isoformat(),
        "address": str(began.address),
        "action": str(began.action),
        "state": str(step.state),
        "error": step.error or None,
        "looked_up_by": step.looked_by,
        "fields": [
            {"path": name, "before": plain(before), "after": plain(after)}
            for name, (before, after) in shown_changes(step).items()
        ],
    }


def verified_answer(checked: Checked, target: str) -> Body:
    """Give what a check of the whole ledger found."""
    return {
        "format": FORMAT,
        "target": target,
        "sound": checked.sound,
        "entries": checked.head.count,
        "head": checked.head.hash,
        "faults": [
            {"damage": str(fault.damage), "subject": fault.subject, "message": fault.message}
            for fault in checked.faults
        ],
        "remarks": list(checked.remarks),
    }
