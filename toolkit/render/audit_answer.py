"""The ledger as JSON, for programs."""

from collections.abc import Sequence

from toolkit.ledger.history import RunHistory, RunStep
from toolkit.ledger.person_search import PersonEntry
from toolkit.ledger.verify import Checked
from toolkit.render.answer import FORMAT, turned_answer
from toolkit.render.lent_privacy import shown_changes
from toolkit.render.serialise import row, to_body, to_json
from toolkit.sdk.lending import without_names
from toolkit.values import Body


def runs_answer(runs: Sequence[RunHistory], target: str) -> Body:
    """Give runs with their steps, the last first."""
    return {"format": FORMAT, "target": target, "runs": [_run(told) for told in runs]}


def _run(told: RunHistory) -> Body:
    began, ended = told.began, told.ended
    answer = {
        **row(began, "run", "at", "command", "target", "tenants", "version", "playbooks", "flags", "override?"),
        "ended": ended.at if ended else None,
        "exit": ended.exit if ended else None,
        "failed": (ended.failed or None) if ended else None,
        "summary": ended.summary if ended else None,
        "clauses": ended.statuses if ended else {},
        "turned": turned_answer(ended.turned if ended else ()),
        "steps": [step_answer(step) for step in told.steps.values()],
    }
    return to_body(answer)


def step_answer(step: RunStep) -> Body:
    """Give one act: what it was to change, and how it ended."""
    began = step.began
    changes = shown_changes(step).items()
    answer = {
        **row(began, "run", "step", "at", "address", "action"),
        "state": step.state,
        "error": without_names(began.address, step.error) or None,
        "looked_up_by": step.looked_by,
        "fields": [{"path": name, "before": before, "after": after} for name, (before, after) in changes],
    }
    return to_body(answer)


def verified_answer(checked: Checked, target: str) -> Body:
    """Give what a check of the whole ledger found."""
    return {
        "format": FORMAT,
        "target": target,
        **row(checked, "sound", "entries=head.count", "head=head.hash", "faults", "remarks"),
    }


def person_answer(found: Sequence[PersonEntry], target: str) -> Body:
    """Give the entries that name one person."""
    return {"format": FORMAT, "target": target, "entries": to_json(found)}
