"""Render the points of a plan that need attention, such as limits, losses, deletions and protected accounts."""

from collections.abc import Iterable, Iterator, Sequence

from toolkit.engine.run_report import Report
from toolkit.planning.audience.reach import missing_account_message
from toolkit.planning.change import Change, Delete
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import UnverifiedChange
from toolkit.planning.plan_states import NOT_PROTECTED, ORPHANED, ORPHANED_SETTING, UNVERIFIED
from toolkit.render.change_text import object_names_by_warning
from toolkit.render.line import Line, Stage, Tone, extension_lines
from toolkit.render.skipped_text import unchanged_object_lines
from toolkit.render.undecided_text import renamed_group_lines
from toolkit.render.values_text import count_text, format_first_names, group_by
from toolkit.sdk.first_run import VendorFact
from toolkit.sdk.lending import object_name
from toolkit.values import Body

_NAMED = 3


def attention_and_other_lines(report: Report, *, verbose: bool = False) -> tuple[Sequence[Line], Sequence[Line]]:
    """Return two lists of lines about a plan: the lines that need attention, and the lines that only inform."""
    lines = [*_attention_and_other_lines(report, verbose=verbose)]
    urgent = [line for line in lines if line.tone is Tone.WARNING]
    return urgent, [line for line in lines if line.tone is not Tone.WARNING and line.text]


def count_attention_points(report: Report) -> int:
    """Count the points of a plan that need attention. A line that is indented below a point is not counted."""
    return sum(not line.text.startswith(" ") for line in attention_and_other_lines(report)[0])


def unfinished_write_lines(report: Report) -> Iterator[Line]:
    """Yield lines about the writes that an earlier run began but did not finish."""
    for write in report.half_done:
        what, verdict = f"{write.action} {object_name(write.address)}", write.verdict.replace("_", " ")
        yield Line(f"! not finished by run {write.run}: {what}: {verdict}", Tone.WARNING)


def override_lines(report: Report) -> Iterator[Line]:
    """Yield a line with the reason why this run ignores change windows and freezes."""
    if reason := report.context.override:
        yield Line(f"! windows and freezes are overridden: {reason}", Tone.WARNING)


def _attention_and_other_lines(report: Report, *, verbose: bool) -> Iterator[Line]:
    plan = report.plan
    yield from unfinished_write_lines(report)
    yield from (Line(f"! limit: {limit}", Tone.WARNING) for limit in report.limits)
    if report.lacks_approval:
        yield from (Line(f"! needs approval: {approval}", Tone.WARNING) for approval in report.approvals)
    yield from (
        Line(f"{NOT_PROTECTED.sign} {missing_account_message(account)}", Tone.WARNING)
        for account in plan.select(NOT_PROTECTED)
    )
    yield from _waiting_lines(report)
    yield from unverified_lines(plan.select(UNVERIFIED))
    yield from renamed_group_lines(report)
    yield from extension_lines(report, Stage.PLAN)
    yield from (Line(f"! {loss}", Tone.WARNING) for loss in plan.cover_losses)
    yield from _deletion_lines(plan.changes)
    for text, names in object_names_by_warning((*plan.changes, *plan.checked_changes)).items():
        yield Line(f"! {text}", Tone.WARNING)
        yield Line(f"    {format_first_names(names, _NAMED)}", Tone.WARNING)
    yield from _irreversible_lines(report, verbose=verbose)
    yield from unchanged_object_lines(plan, report.playbooks.school.time_zone, verbose=verbose)
    if report.context.command != "due":
        yield from _orphan_lines(plan)


def _irreversible_lines(report: Report, *, verbose: bool) -> Iterator[Line]:
    """Yield lines about the changes that a rollback cannot undo.

    With `verbose`, the reasons and the traces that a rollback leaves are added.
    """
    refusals = report.forecast.not_reversible
    if refusals:
        names = [object_name(refusal.address) for refusal in refusals]
        yield Line(f"* not reversible by `toolkit rollback`: {format_first_names(names, _NAMED)}", Tone.PLAIN)
    if not verbose:
        return
    for reason, alike in group_by(refusals, lambda refusal: refusal.reason).items():
        names = [object_name(refusal.address) for refusal in alike]
        yield Line(f"    {format_first_names(names, _NAMED)}: {reason}", Tone.PLAIN)
    for residue, addresses in report.forecast.residue.items():
        names = [object_name(address) for address in addresses]
        yield Line(f"* a rollback leaves {residue}", Tone.QUIET)
        yield Line(f"    {format_first_names(names, _NAMED)}", Tone.QUIET)


def _waiting_lines(report: Report) -> Iterator[Line]:
    """Yield a line for each reason why changes wait, with the names of the changes."""
    yield from override_lines(report)
    for wait, addresses in group_by(report.waiting, report.waiting.__getitem__).items():
        named = [*map(object_name, addresses)]
        yield Line(f"* {count_text(len(named), 'change')} would wait: {wait}", Tone.WARNING)
        yield Line(f"    {format_first_names(named, _NAMED)}", Tone.WARNING)


def _deletion_lines(changes: Sequence[Change]) -> Iterator[Line]:
    """Yield lines about the deletions of a plan, grouped by reason."""
    deletes = [change for change in changes if isinstance(change, Delete)]
    for reason, alike in group_by(deletes, lambda change: change.absent.reason).items():
        why = f": {reason}" if reason else ""
        origins = {f" ({delete.absent.origin})" for delete in alike}
        of_all = origins.pop() if len(origins) == 1 else ""
        yield Line(f"! {count_text(len(alike), 'object')} to delete{why}{of_all}", Tone.WARNING)
        for delete in alike:
            origin = "" if of_all else f" ({delete.absent.origin})"
            yield Line(f"    {object_name(delete.address)}{origin}", Tone.WARNING)


def _orphan_lines(plan: Plan) -> Iterator[Line]:
    """Yield lines about the objects and settings that no playbook asks for any more, and about the effect of
    --prune on them.
    """
    orphaned, settings = plan.select(ORPHANED), plan.select(ORPHANED_SETTING)
    if orphaned:
        them, their = ("it", "its") if len(orphaned) == 1 else ("them", "their")
        text = f"{count_text(len(orphaned), 'orphaned object')}, which no playbook asks for any more"
        effect = f"--prune would delete {them} or restore {their} earlier state"
        yield Line(f"{ORPHANED.sign} {text}: {effect}", Tone.WARNING)
        yield from (Line(f"    {object_name(observed.address)}", Tone.WARNING) for observed in orphaned)
    if settings:
        text = f"{count_text(len(settings), 'orphaned setting')}, which no playbook asks for any more"
        effect = f"--prune would restore {'its' if len(settings) == 1 else 'their'} earlier values"
        yield Line(f"{ORPHANED_SETTING.sign} {text}: {effect}", Tone.WARNING)
        for setting in settings:
            stays = f" stays: {setting.stays}" if setting.stays else ""
            yield Line(f"    {setting.address.display_text}: {setting.path}{stays}", Tone.WARNING)


def unverified_lines(unverified: Sequence[UnverifiedChange]) -> Iterator[Line]:
    """Yield lines about the assumptions on a vendor that are not confirmed on this tenant, with the changes that
    wait and how to verify the assumption.
    """
    for (_, fact), changes in _group_by_fact(unverified):
        kinds = sorted({change.address.kind_path for change in changes})
        writes = " or ".join(f"`toolkit apply --unverified {kind}`" for kind in kinds)
        ways = ["run `toolkit doctor --first-run`"] if fact.settle else []
        ways += [f"write one with {writes}"] if fact.shown_by_write or not fact.settle else []
        number = count_text(len(changes), "change")
        yield Line(
            f"{UNVERIFIED.sign} {number} of {' and '.join(kinds)} only compared: not verified on this tenant that "
            f"{fact.says} ({fact.name}); {', or '.join(ways)}",
            Tone.WARNING,
        )


def unverified_json(unverified: Sequence[UnverifiedChange]) -> list[Body]:
    """Return the assumptions on vendors that are not yet confirmed on this tenant as JSON."""
    return [
        {
            "provider": provider,
            "fact": fact.name,
            "says": fact.says,
            "settled_by": "read" if fact.settle else "write",
            "kinds": sorted({change.address.kind_path for change in changes}),
            "changes": len(changes),
        }
        for (provider, fact), changes in _group_by_fact(unverified)
    ]


def _group_by_fact(
    unverified: Sequence[UnverifiedChange],
) -> Iterable[tuple[tuple[str, VendorFact], Sequence[UnverifiedChange]]]:
    return group_by(unverified, lambda change: (change.provider, change.fact)).items()
