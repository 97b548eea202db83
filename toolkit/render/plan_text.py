"""Render a plan and its outcome as text for an administrator."""

from collections.abc import Container, Iterator, Mapping, Sequence
from shlex import quote

from toolkit.engine.apply.outcome import Outcome, Result
from toolkit.engine.run_report import Report, summarise_plan
from toolkit.engine.runs import command_to_roll_back
from toolkit.planning.change import Delete
from toolkit.planning.coverage import Coverage
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import RealisedControl
from toolkit.planning.plan_states import (
    CHECKED,
    CONFLICT,
    DUPLICATE,
    LOOK_ALIKE,
    MATCHING,
    ORPHANED,
    ORPHANED_SETTING,
    OVERRIDDEN,
    REFUSED,
    UNDECIDED,
    UNKNOWN,
    UNMANAGED,
)
from toolkit.render.attention_text import attention_and_other_lines, count_attention_points
from toolkit.render.change_text import (
    change_lines,
    check_mode_lines,
    check_mode_note,
    first_reach_lines,
    group_identical_changes,
)
from toolkit.render.coverage_text import (
    coverage_lines,
    coverage_of_run,
    kind_count_texts,
    short_coverage_lines,
    summary_lines,
)
from toolkit.render.line import Line, Stage, Tone, extension_lines
from toolkit.render.settings_text import run_heading
from toolkit.render.stops_text import ended_use_lines
from toolkit.render.values_text import count_text
from toolkit.sdk.lending import object_name, without_names
from toolkit.sdk.part import Level

_FEW = 15  # up to this many groups of changes, a plan shows settings
_SHOWN_BEFORE = frozenset({"apply", "rollback", "withdraw"})  # commands that show the whole plan before they write


def run_heading_lines(report: Report) -> Iterator[Line]:
    """Yield the heading of a run: the school, the target, the tenants and the sources of the settings."""
    context = report.context
    yield from run_heading(report.playbooks.school, context.target.name, context.sources, report.tenants)
    if context.command == "rollback":
        yield Line(f"  back to before run {context.command_words[1]}", Tone.QUIET)
        if context.undo and context.undo.redoes:
            redo = f"that run was a rollback of run {context.undo.redoes}, so this makes the changes of that run again"
            yield Line(f"  {redo}", Tone.WARNING)


def plan_lines(report: Report, *, verbose: bool = False) -> Iterator[Line]:
    """Yield the lines of a plan: the points that need attention, the changes, and a summary in a single line.

    A few objects are shown with their settings, and many objects as a line for each control. With `verbose`, all
    objects are shown, with unmanaged objects and the routes to apps that are still open. A plan of `toolkit due` is
    always short.
    """
    plan, narrow = report.plan, report.context.command == "due"
    yield from run_heading_lines(report)
    shows_objects = sum(1 for _ in group_identical_changes((*plan.changes, *plan.checked_changes))) <= _FEW
    urgent, notes = attention_and_other_lines(report, verbose=verbose or shows_objects)
    if urgent:
        yield from (Line(), Line("Needs attention:", Tone.HEADING), *urgent)
    if not narrow:
        yield from ended_use_lines(report.stops, verbose=verbose)
    if notes:
        yield from (Line(), *notes)
    if not shows_objects:
        yield from _summary_lines(report, verbose=verbose)
    if shows_objects or verbose:
        yield from change_lines(plan.changes)
        yield from check_mode_lines(plan.checked_changes)
    detailed = (
        {control.control for control in plan.controls}
        if verbose
        else _controls_with_changes(plan)
        if shows_objects
        else set()
    )
    table = coverage_of_run(report) if not narrow else ()
    if not narrow:
        yield from _coverage_and_unmanaged_lines(report, table, detailed, shows_objects=shows_objects, verbose=verbose)
    yield from extension_lines(report, Stage.PLAN_END)
    if not narrow:
        yield Line()
        yield from _hidden_part_lines(report, table, detailed)
        yield from first_reach_lines(plan)
        yield from _school_lines(plan)
        text = f"Plan: {_outcome_counts(report)}.{_attention_reminder(report)}"
        yield Line(text, Tone.HEADING, essential=True)


def _school_lines(plan: Plan) -> Iterator[Line]:
    """Yield lines about each school of a trust. A lone school has none."""
    if plan.school_reach:
        from toolkit.render.school_reach_text import school_reach_lines

        yield from school_reach_lines(plan)


def _coverage_and_unmanaged_lines(
    report: Report, table: Sequence[Coverage], detailed: Container[str], *, shows_objects: bool, verbose: bool
) -> Iterator[Line]:
    """Yield lines about manual parts, unmanaged objects and routes to apps, for the controls in `detailed`."""
    plan = report.plan
    lines = [line for control in plan.controls for line in _unset_part_lines(control, detailed)]
    objects = [observed.address for observed in plan.select(UNMANAGED)]
    if objects and (shows_objects or verbose):
        lines.append(Line(f"Unmanaged: {', '.join(kind_count_texts(objects))}", Tone.QUIET))
        lines += (Line(f"  {object_name(address)}", Tone.QUIET) for address in objects if verbose)
    yield from (Line(), *lines) if lines else ()
    yield from coverage_lines(table) if verbose else short_coverage_lines(table, detailed)


def _summary_lines(report: Report, *, verbose: bool) -> Iterator[Line]:
    plan = report.plan
    more = "" if verbose else " (-v names each, and lists its objects)"
    checked = f"Different, but only checked{check_mode_note(plan.checked_changes)}, by control:"
    for title, changes in ((f"Changes by control{more}:", plan.changes), (checked, plan.checked_changes)):
        if changes:
            yield from (Line(), Line(title, Tone.HEADING))
            yield from summary_lines(changes, report, verbose=verbose)


def _attention_reminder(report: Report) -> str:
    """Return a sentence that repeats the number of points that need attention, because the top of the plan may
    have scrolled off the screen.
    """
    number = count_attention_points(report)
    verb = "needs" if number == 1 else "need"
    return f" {count_text(number, 'point')} at the top {verb} attention." if number else ""


_DONE_OF = {"due": "Due", "rollback": "Rolled back"}


def outcome_lines(report: Report) -> Iterator[Line]:
    """Yield lines about each change that was not made, and a line with the number of changes that were made."""
    outcomes: Sequence[Outcome] = report.outcomes or ()
    done = [outcome for outcome in outcomes if outcome.result is Result.DONE]
    for outcome in outcomes:
        if outcome.result is not Result.DONE:
            error = without_names(outcome.address, outcome.error)
            text = f"! {object_name(outcome.address)}: {outcome.action} {outcome.result}: {error}"
            yield Line(text, Tone.WARNING, essential=True)
    yield from extension_lines(report, Stage.OUTCOME)
    yield Line()
    done_of = _DONE_OF.get(report.context.command, "Applied")
    if report.context.undo and report.context.undo.redoes:
        done_of = "Made again"
    again = _attention_reminder(report) if report.context.command in _SHOWN_BEFORE else ""
    if not outcomes:
        kept_from = report.plan.changes or report.plan.refused or report.plan.select(CONFLICT)
        if report.outcomes is None and report.has_work and not report.limits:
            text = f"Not {done_of.lower()}: nothing was written; {unchanged_objects_text(report.plan)}.{again}"
            yield Line(text, Tone.HEADING, essential=True)
            return
        refused = "nothing was written" if kept_from else f"nothing to do{describe_known_part(report)}"
        yield Line(f"{done_of}: {refused}; {unchanged_objects_text(report.plan)}.{again}", Tone.HEADING, essential=True)
        return
    sent = [outcome for outcome in outcomes if outcome.result.may_have_written]
    missed = len(outcomes) - len(done) - len(sent)
    counts = [f"{count_text(len(done), 'change')} done"] if done or not sent else []
    counts += [f"{count_text(len(sent), 'change')} sent but not confirmed as planned"] if sent else []
    counts += [f"{count_text(missed, 'change')} not made"] if missed else []
    if command := command_to_roll_back(report):
        yield Line(f"To undo this run: {command}", Tone.QUIET, command=True)
        yield from _irreversible_lines(report)
    yield from playbooks_lines(report)
    rest = unchanged_objects_text(report.plan)
    yield Line(f"{done_of}: {', '.join(counts)}; {rest}.{again}", Tone.HEADING, essential=True)


def playbooks_lines(report: Report) -> Iterator[Line]:
    """Yield lines that say, after a rollback, whether the next apply would make the same changes again."""
    undo, folder = report.context.undo, quote(str(report.playbooks.root))
    if undo is None:
        return
    if undo.same_playbooks and not undo.redoes:
        again = f"! the playbooks are as run {undo.run} read them, so the next apply makes its changes again"
        yield Line(f"{again}: change the playbooks first", Tone.WARNING)
    else:
        yield Line(f"`toolkit plan {folder}` shows the changes that the playbooks ask for", Tone.QUIET)


def _irreversible_lines(report: Report) -> Iterator[Line]:
    number = len(report.forecast.not_reversible)
    if number:
        whose = count_text(number, "change")
        yield Line(f"  it does not undo {whose}, which the plan lists as not reversible", Tone.QUIET)


def _controls_with_changes(plan: Plan) -> set[str]:
    return {control for change in plan.changes if not isinstance(change, Delete) for control in change.desired.made_by}


def _outcome_counts(report: Report) -> str:
    numbers = summarise_plan(report.plan, None)
    verbs = {"create": "to create", "update": "to change", "delete": "to delete", "move": "to move"}
    planned = [f"{numbers[name]} {verb}" for name, verb in verbs.items() if numbers[name]]
    return (
        f"{', '.join(planned) or f'nothing to do{describe_known_part(report)}'}; {unchanged_objects_text(report.plan)}"
    )


def describe_known_part(report: Report) -> str:
    """Return words for the summary such as "among the objects that could be read", or "" if everything could be
    read.
    """
    unknown = report.plan.unknown
    if all(subject.for_whom for subject in unknown) and not any(
        result.has_acts_of_unknown_outcome for result in report.results
    ):
        return " among objects with a known audience" if unknown else ""
    return " among the objects that could be read"


PHRASES: Mapping[str, str] = {
    MATCHING.summary_key: "unchanged",
    CHECKED.summary_key: "checked and different",
    UNMANAGED.summary_key: "unmanaged",
    ORPHANED.summary_key: "managed but not in any playbook",
    ORPHANED_SETTING.summary_key: "",  # named one by one above
    LOOK_ALIKE.summary_key: "unmanaged but doing the same job",
    DUPLICATE.summary_key: "doing the same job as a managed object",
    REFUSED.summary_key: "refused",
    CONFLICT.summary_key: "changed since and left",
    OVERRIDDEN.summary_key: "overridden by others",
    UNKNOWN.summary_key: "unknown",
    UNDECIDED.summary_key: "undecided",
}
"""The words for each number of the summary in the last line of a plan, in their order."""


def unchanged_objects_text(plan: Plan, *, left_out_state: str = "") -> str:
    """Return text with the number of objects in each state that a run leaves unchanged.

    The state named `left_out_state` is left out.
    """
    numbers = {name: number for name, number in summarise_plan(plan, None).items() if name != left_out_state}
    counts = [
        f"{numbers[name]} {phrase}"
        for name, phrase in PHRASES.items()
        if phrase and (numbers.get(name) or name == "matching")
    ]
    return ", ".join(counts)


def _hidden_part_lines(report: Report, table: Sequence[Coverage], detailed: Container[str]) -> Iterator[Line]:
    """Yield a line that counts the parts and apps that are not shown because `detailed` does not name their control."""
    parts = sum(
        part.level is not Level.ENFORCED
        for control in report.plan.controls
        if control.control not in detailed and not control.exception
        for part in control.realisation.parts
    )
    apps = sum(row.control not in detailed for row in table)
    hidden = [f"{count_text(parts, 'part')} not set by toolkit"] if parts else []
    hidden += [f"the ways to {count_text(apps, 'group')} of apps"] if apps else []
    if hidden:
        yield Line(f"-v shows {' and '.join(hidden)}", Tone.QUIET)


def _unset_part_lines(control: RealisedControl, detailed: Container[str]) -> Iterator[Line]:
    """Yield lines about the parts that a control does not set, if `detailed` names the control.

    Parts that wait for the end of a pilot, and exceptions that cannot be made, are always shown.
    """
    who = f"{control.control} on {control.provider}"
    if control.pilot and not control.pilot.is_over:
        yield Line(f"  {who}: {control.pilot}", Tone.QUIET)
    for part in control.realisation.parts:
        if part.level is not Level.ENFORCED and not control.exception and control.control in detailed:
            yield Line(f"  {who}: {part.name}: {part.level}: {part.reason or part.covers}", Tone.QUIET)
        if part.waits:
            yield Line(f"  {who}: {part.name}: {part.waits}", Tone.QUIET)
        for text in part.cannot:
            yield Line(f"  {who}: {part.name}: no exception for {text}", Tone.QUIET)
