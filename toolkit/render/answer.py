"""The same run as JSON, for programs: names stay, more may be added."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from toolkit.engine.context import RunContext
from toolkit.engine.exit_codes import summary
from toolkit.engine.run_report import Report
from toolkit.errors import Exit
from toolkit.ledger.entries import Turned
from toolkit.planning.change import Change, Create, Delete, Move, Update, action, fields
from toolkit.planning.plan import Plan, RealisedControl, RollbackConflict, Unknown
from toolkit.playbook.entries import Playbooks
from toolkit.render.change_text import first_reach
from toolkit.render.coverage_text import coverage_answer, covered
from toolkit.render.lent_privacy import shown_conflict, shown_fields
from toolkit.render.section import section_answers
from toolkit.render.serialise import to_json
from toolkit.render.settings_text import settings_answer
from toolkit.render.undecided_text import renamed_answer, undecided_answer
from toolkit.sdk.address import Address
from toolkit.sdk.lending import without_names
from toolkit.sdk.reason import admin_text
from toolkit.sdk.verdict import PartKey, PartOutcome
from toolkit.values import Body, Json, plain

FORMAT = 1

Beside = Callable[[Change], Body]
"""Gives what else is known of a change."""


def nothing_beside(_change: Change) -> Body:
    return {}


def answer(report: Report, beside: Beside = nothing_beside) -> Body:
    """Give everything that plan, apply and drift answer with; `beside` adds to each change."""
    plan = report.plan
    return {
        **run_answer(report.context, report.playbooks, report.tenants, report.exit),
        "summary": summary(plan, report.outcomes),
        "changes": changes_answer(plan, beside),
        "checked": [_change(change, beside) for change in plan.watched],
        "controls": _controls(report),
        "coverage": coverage_answer(covered(report)),
        **_not_touched(plan),
        **_of_run(report),
    }


def run_answer(context: RunContext, playbooks: Playbooks, tenants: Mapping[str, str], code: Exit) -> Body:
    """Give what every answer of a run begins with."""
    return {
        "format": FORMAT,
        "target": context.target.name,
        "school": playbooks.school.name,
        "tenants": dict(tenants),
        "now": context.now.isoformat(),
        "exit": int(code),
        **settings_answer(context.sources),
    }


def changes_answer(plan: Plan, beside: Beside = nothing_beside) -> Sequence[Body]:
    """Give the changes of a plan, in the order in which they would be made."""
    return [_change(change, beside) for change in plan.changes]


def _of_run(report: Report) -> Body:
    return {
        "renamed": renamed_answer(report.renamed),
        "lost_groups": list(report.lost),
        "newcomers": to_json([one.address for one in report.newcomers]),
        "half_done": to_json(report.half_done),
        "turned": turned_answer(report.turned),
        "limits": list(report.limits),
        "first_time": first_reach(report.plan),
        "waiting": [
            {
                "address": to_json(address),
                "reason": wait.reason,
                "until": wait.until.isoformat() if wait.until else None,
            }
            for address, wait in report.waiting.items()
        ],
        "override": report.context.override or None,
        "missed": [],  # only a drift looks for these
        "failed_runs": [],
        "refused_runs": [],
        **section_answers(report),
        "outcomes": [
            {
                **named_address(outcome.address),
                "action": outcome.action,
                "result": str(outcome.result),
                "error": without_names(outcome.address, outcome.error) or None,
            }
            for outcome in report.outcomes or ()
        ],
    }


def _not_touched(plan: Plan) -> Body:
    return {
        "unknown": _unread(plan.unknown),
        "unused": _unread(plan.unused),
        "look_alikes": [
            {
                "address": to_json(one.desired.address),
                "name": one.observed.remote.name,
                "id": one.observed.remote.id,
                "ours": one.ours,
            }
            for one in plan.look_alikes
        ],
        "doubles": [
            {
                "address": to_json(one.desired.address),
                "other": to_json(one.observed.address),
                "job": one.job,
                "ours": one.ours,
            }
            for one in plan.doubles
        ],
        "refused": [
            {
                **named_address(one.address),
                "reason": one.reason,
                "origin": str(one.origin) if one.origin else None,
                "effects": list(one.effects),
            }
            for one in plan.refused
        ],
        "unread_properties": [
            {"kind": item.kind, "property": item.path, "objects": to_json(item.addresses)} for item in plan.unread
        ],
        "remarks": [
            {"address": to_json(one.address), "defeated_by": one.by, "reason": one.text, "whole": one.whole}
            for one in plan.remarks
        ],
        "maybes": [
            {"address": to_json(one.address), "other": one.by or None, "reason": one.text, "whole": one.whole}
            for one in plan.maybes
        ],
        "notes": [{"address": to_json(note.address), "other": note.by, "reason": note.text} for note in plan.notes],
        "unmanaged": to_json([one.address for one in plan.unmanaged]),
        "leftover": to_json([one.address for one in plan.leftover]),
        "dropped": [{"address": to_json(one.address), "path": one.path} for one in plan.dropped],
        "elsewhere": to_json([one.address for one in plan.elsewhere]),
        "conflicts": [_conflict(one) for one in plan.conflicts],
        "contested": [{"address": to_json(one), "paths": sorted(paths)} for one, paths in plan.contested.items()],
        "left": [{"address": to_json(one), "paths": sorted(paths)} for one, paths in plan.ceded.items()],
        "accepted": [
            {
                "address": to_json(one.address),
                "path": one.path or None,
                "until": one.ends.isoformat(),
                "reason": one.reason,
                "by": one.by,
                "origin": str(one.origin),
            }
            for one in plan.accepted
        ],
        "unavailable": [{"kind": kind, "reason": reason} for kind, reason in plan.unavailable.items()],
        "undecided": undecided_answer(plan.undecided),
        "kept": [{"address": to_json(one.address), "reason": one.reason} for one in plan.kept],
    }


def _unread(unread: Sequence[Unknown]) -> Sequence[Body]:
    return [
        {
            "kind": one.kind,
            **named_address(one.address),
            "reason": without_names(one.address, admin_text(one.reason)),
            **({"people_before": one.people_before} if one.people_before is not None else {}),
        }
        for one in unread
    ]


def _conflict(conflict: RollbackConflict) -> Body:
    now, left, before = shown_conflict(conflict)
    told = {"now": plain(now), "left": plain(left), "before": plain(before)}
    return {**named_address(conflict.address), "path": conflict.path, **told}


def named_address(address: Address | None) -> Body:
    """Return the keys that name an object, with whose it is where its name is a person's id."""
    if address is None:
        return {}
    return {"address": to_json(address), **({"of": address.label} if address.label else {})}


def _change(change: Change, beside: Beside) -> Body:
    desired = change.desired if isinstance(change, Create | Update | Move) else None
    return {
        **named_address(change.address),
        "action": action(change),
        "reach": to_json(desired.reach if desired else None),
        "all_devices": desired.all_devices if desired else False,
        "reaches_protected": list(desired.protected) if desired else [],
        "fields": to_json(shown_fields(change)),
        "after": str(change.after) if isinstance(change, Move) and change.after else None,
        "remark": change.remark or None,
        "control": desired.made_by if desired else None,
        "origins": _origins(change),
        **beside(change),
    }


def _origins(change: Change) -> Sequence[Json]:
    if isinstance(change, Delete):
        return [to_json(change.absent.origin)]
    touched = [change.desired.origins.get(one.path) for one in fields(change)]
    return list(map(to_json, dict.fromkeys([change.desired.origin, *filter(None, touched)])))


def _pilot(control: RealisedControl) -> Json:
    """Give who has a control first; nothing once everybody has it."""
    pilot = control.pilot
    if pilot is None or pilot.over:
        return None
    return {"for": pilot.role, "until": pilot.until.isoformat(), "reach": to_json(pilot.reach)}


def _controls(report: Report) -> Sequence[Body]:
    outcomes = {verdict.key: verdict.outcome for verdict in report.verdicts}
    return [_control(control, outcomes) for control in report.plan.controls]


def _control(control: RealisedControl, outcomes: Mapping[PartKey, PartOutcome]) -> Body:
    of = partial(PartKey, control.control, control.audience, control.exception, control.provider)
    return {
        "control": control.control,
        "provider": control.provider,
        "level": str(control.realisation.level),
        "clauses": list(control.clauses),
        "for": control.audience or None,
        "exception": control.exception or None,
        "pilot": _pilot(control),
        "parts": [
            {
                "part": part.name,
                "level": str(part.level),
                "outcome": str(outcomes[of(part.name)]),
                "covers": part.covers,
                "limits": list(part.limits),
                "cannot": list(part.cannot),
                "waits": part.waits or None,
                "reason": part.reason or None,
            }
            for part in control.realisation.parts
        ],
    }


def turned_answer(turned: Sequence[Turned]) -> Sequence[Json]:
    """Give the exceptions that a run made begin or end; of one that ended late the minutes are its overstay."""
    return [
        {"exception": one.exception, "provider": one.provider, "ended": one.ended, "minutes_late": one.minutes}
        for one in turned
    ]
