"""Render the result of a run as JSON for programs, and the start of a retention change as text and JSON.

Existing keys are never renamed, but new keys may be added.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from toolkit.engine.context import RunContext
from toolkit.engine.retention_start import RequestedChange
from toolkit.engine.run_report import Report, summarise_plan
from toolkit.engine.runs import command_to_roll_back
from toolkit.errors import Exit
from toolkit.ledger.entries import Transition
from toolkit.planning.change import Change, Create, Delete, Move, Update, action_name, changed_fields
from toolkit.planning.coverage import compute_coverage
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import RealisedControl
from toolkit.planning.plan_states import MATCHING, UNVERIFIED
from toolkit.playbook.entries import Playbooks
from toolkit.render.attention_text import override_lines, unfinished_write_lines, unverified_json
from toolkit.render.change_text import change_lines, count_first_reach
from toolkit.render.coverage_text import coverage_json
from toolkit.render.line import FORMAT, Line, Tone, extension_keys, row, rows, to_json
from toolkit.render.plan_text import outcome_lines, run_heading_lines
from toolkit.render.settings_text import setting_sources_json
from toolkit.render.skipped_answer import identity_json, unchanged_objects_json
from toolkit.render.stops_text import ended_uses_json
from toolkit.render.undecided_text import renamed_groups_json
from toolkit.render.values_text import hide_private_fields
from toolkit.sdk.lending import without_names
from toolkit.sdk.verdict import PartKey, PartOutcome, Verdict
from toolkit.values import Body, Json

_LOSS = ("by=subject", "provider", "people", "devices", "whole_roles=roles", "objects=addresses")

ExtraKeys = Callable[[Change], Body]
"""Returns more keys for a change."""


def no_extra_keys(_change_json: Change) -> Body:
    return {}


def report_json(report: Report, extra_keys: ExtraKeys = no_extra_keys) -> Body:
    """Return the result of a plan, apply or drift run as JSON. `extra_keys` adds keys to each change."""
    plan, verdicts = report.plan, report.verdicts
    return {
        **run_conditions_json(report.context, report.playbooks, report.tenants, report.exit),
        "summary": summarise_plan(plan, report.outcomes),
        "changes": changes_json(plan, extra_keys),
        "checked": [_change_json(change, extra_keys) for change in plan.checked_changes],
        "controls": _controls_json(report, verdicts),
        "coverage": coverage_json(compute_coverage(plan.controls, verdicts)),
        **unchanged_objects_json(plan),
        **_run_keys(report),
    }


def rollback_json(report: Report) -> Body:
    """Return the result of a rollback as JSON, with the run that is undone and the objects that need no change."""
    undo = report.context.undo
    return {
        **report_json(report),
        "rolls_back": report.context.command_words[1],
        "as_before": to_json(report.plan.select(MATCHING)),
        "redoes": (undo.redoes if undo else "") or None,
        "same_playbooks": bool(undo and undo.same_playbooks),
    }


def run_conditions_json(context: RunContext, playbooks: Playbooks, tenants: Mapping[str, str], code: Exit) -> Body:
    return {
        "format": FORMAT,
        "target": context.target.name,
        "school": playbooks.school.name,
        "tenants": dict(tenants),
        "now": context.now.isoformat(),
        "exit": int(code),
        **setting_sources_json(context.sources),
    }


def changes_json(plan: Plan, extra_keys: ExtraKeys = no_extra_keys) -> Sequence[Body]:
    """Return the changes of a plan as JSON, in the order in which a run makes them."""
    return [_change_json(change, extra_keys) for change in plan.changes]


def _run_keys(report: Report) -> Body:
    return {
        "renamed": renamed_groups_json(report.renamed),
        "lost_groups": list(report.lost_groups),
        "newcomers": to_json([resource.address for resource in report.newcomers]),
        "half_done": to_json(report.half_done),
        "turned": transitions_json(report.transitions),
        "limits": list(report.limits),
        "approvals": list(report.approvals),
        "stops": ended_uses_json(report.stops),
        "no_longer_covered": rows(
            report.plan.cover_losses, *_LOSS, *(["school?"] if report.plan.ids_of_schools else [])
        ),
        "schools": _schools_json(report.plan),
        "unverified": unverified_json(report.plan.select(UNVERIFIED)),
        "first_time": count_first_reach(report.plan),
        "waiting": [
            {"address": to_json(address), **row(wait, "reason", "until")} for address, wait in report.waiting.items()
        ],
        "override": report.context.override or None,
        "not_reversible": [
            {**identity_json(refusal.address), "reason": refusal.reason} for refusal in report.forecast.not_reversible
        ],
        "rollback_leaves": [
            {**identity_json(address), "residue": residue}
            for residue, addresses in report.forecast.residue.items()
            for address in addresses
        ],
        "way_back": command_to_roll_back(report) or None,
        "missed": [],  # only a drift looks for these
        "failed_runs": [],
        "refused_runs": [],
        **extension_keys(report),
        "outcomes": [
            {
                **identity_json(outcome.address),
                **row(outcome, "action", "result"),
                "error": without_names(outcome.address, outcome.error) or None,
            }
            for outcome in report.outcomes or ()
        ],
    }


def _schools_json(plan: Plan) -> Sequence[Body]:
    """Return the counts of each school of a trust. A lone school has none."""
    if not plan.school_reach:
        return []
    from toolkit.render.school_reach_text import school_reach_json

    return school_reach_json(plan)


def _change_json(change: Change, extra_keys: ExtraKeys) -> Body:
    desired = change.desired if isinstance(change, Create | Update | Move) else None
    return {
        **identity_json(change.address),
        "action": action_name(change),
        "reach": to_json(desired.reach if desired else None),
        "all_devices": desired.all_devices if desired else False,
        "reaches_protected": list(desired.protected) if desired else [],
        "fields": to_json(hide_private_fields(change)),
        "after": str(change.after) if isinstance(change, Move) and change.after else None,
        "remark": change.remark or None,
        "control": ", ".join(desired.made_by) or None if desired else None,
        "origins": _origins_json(change),
        **extra_keys(change),
    }


def _origins_json(change: Change) -> Sequence[Json]:
    if isinstance(change, Delete):
        return [to_json(change.absent.origin)]
    touched = [change.desired.origins.get(field.path) for field in changed_fields(change)]
    return list(map(to_json, dict.fromkeys([change.desired.origin, *filter(None, touched)])))


def _pilot_json(control: RealisedControl) -> Json:
    pilot = control.pilot
    return row(pilot, "for=role", "until", "reach") if pilot and not pilot.is_over else None


def _controls_json(report: Report, verdicts: Iterable[Verdict]) -> Sequence[Body]:
    outcomes = {verdict.key: verdict.outcome for verdict in verdicts}
    return [_control_json(control, outcomes) for control in report.plan.controls]


def _control_json(control: RealisedControl, outcomes: Mapping[PartKey, PartOutcome]) -> Body:
    of = partial(PartKey, control.control, control.audience, control.exception, control.provider)
    return {
        **row(control, "control", "provider", "level=realisation.level", "clauses", "for?=audience", "exception?"),
        "pilot": _pilot_json(control),
        "parts": [
            {
                **row(part, "part=name", "level", "covers", "limits", "cannot", "waits?", "reason?"),
                "outcome": str(outcomes[of(part.name)]),
            }
            for part in control.realisation.parts
        ],
    }


def transitions_json(transitions: Sequence[Transition]) -> Sequence[Json]:
    """Return the exceptions that began or ended in a run as JSON, each with its delay in minutes."""
    return rows(transitions, "exception", "provider", "ended", "minutes_late=minutes")


def retention_start_lines(requested_change: RequestedChange) -> Iterator[Line]:
    """Yield the lines that describe a retention change before it starts: its values, the audience that it
    reaches, and its effects.
    """
    yield from run_heading_lines(requested_change.report)
    yield from unfinished_write_lines(requested_change.report)
    yield from change_lines(requested_change.report.plan.changes)
    yield from override_lines(requested_change.report)
    if requested_change.extent:
        yield Line()
        yield Line(f"It reaches {'; '.join(requested_change.extent.counts) or 'nothing'}.", Tone.HEADING)
        yield from (Line(f"! {effect}", Tone.WARNING) for effect in requested_change.extent.effects)
        yield Line("! no one can undo this change", Tone.WARNING)


def retention_outcome_lines(requested_change: RequestedChange) -> Iterator[Line]:
    """Yield the lines that report the outcome of a retention change."""
    if not requested_change.stop_reason:
        yield from outcome_lines(requested_change.report)
        return
    yield Line()
    tone = Tone.HEADING if requested_change.report.exit is Exit.AS_WANTED else Tone.WARNING
    yield Line(f"Not started: {requested_change.stop_reason}.", tone)


def retention_change_json(requested_change: RequestedChange) -> Body:
    """Return the result of a retention change as JSON: the JSON of an apply, with the reach and effects of the
    change.
    """
    extent = requested_change.extent
    return {
        **report_json(requested_change.report),
        "reason": requested_change.refusal.reason if requested_change.refusal else None,
        "reaches": list(extent.counts) if extent else None,
        "effects": list(extent.effects) if extent else None,
        "stopped": requested_change.stop_reason or None,
    }
